"""Operators' invoices beside their CDRs: what agrees, differs, is missing, and is there twice (BUC 4.4)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.db import Connection
from models.errors import BadInput, Forbidden, NotFound
from models.queries import cdrs, invoices
from models.rules.bill import BillKind
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.interval import Interval
from models.rules.reconciliation import Amount, InvoiceLine, InvoiceLineOutcome, OtherInvoice, compared
from models.rules.statement import to_cents
from resolvers import cdr_payments, reconciling, settling
from resolvers.cdr_payments import Invoicing
from resolvers.reconciling import Invoice
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer, at, hours
from tests.resolvers.lifecycle import E1, booked, booking_tariff
from tests.resolvers.settling import issued, open_site, overstayed, refunded, settle
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
ALL = Interval(at(0), at(24))
AMOUNT = Amount(Decimal("3.0250"), "EUR")
M, D, X, U = (
    InvoiceLineOutcome.MATCH,
    InvoiceLineOutcome.DIFFERENCE,
    InvoiceLineOutcome.DOUBLE,
    InvoiceLineOutcome.UNKNOWN,
)


def a_line(cdr_id: str, amount: str = "3.0250", currency: str = "EUR") -> InvoiceLine:
    return InvoiceLine(cdr_id, Decimal(amount), currency)


def test_a_line_agrees_exactly_or_to_two_decimals() -> None:
    known = {"A": AMOUNT}
    lines = [a_line("A"), a_line("A", "3.03"), a_line("A", "3.02"), a_line("A", currency="CHF"), a_line("B")]
    assert [one.outcome for line in lines for one in compared("NL*ABC", [line], known, {})] == [M, M, D, D, U]


def test_a_line_names_a_cdr_by_its_id_or_the_operators_own_and_not_that_of_another_operator() -> None:
    for given, own_id in (
        ("NL*ABC*F-1", "F-1"),
        (" nl*abc*f-1 ", "F-1"),
        ("F-1", "F-1"),
        ("f-1", "F-1"),
        ("DE*XYZ*F-1", None),
        ("NL*ABC", None),
        ("NL*ABC*F-1*2", None),
        ("NL*ABC*", ""),
    ):
        assert a_line(given).own_id("NL*ABC") == own_id


def test_one_cdr_is_there_twice_however_it_is_named() -> None:
    lines = [a_line("NL*ABC*A"), a_line("a"), a_line("nl*abc*a"), a_line("DE*XYZ*A")]
    assert [one.outcome for one in compared("NL*ABC", lines, {"A": AMOUNT}, {})] == [M, X, X, U]


def test_of_two_invoices_with_one_cdr_the_later_one_asks_for_it_twice() -> None:
    known = {"A": AMOUNT}
    for line, earlier, outcome in (
        (a_line("A"), True, X),
        (a_line("A", "9.99"), True, X),
        (a_line("A"), False, M),
        (a_line("A", "9.99"), False, D),
    ):
        (found,) = compared("NL*ABC", [line], known, {"A": OtherInvoice("I-1", earlier)})
        assert (found.outcome, found.other_invoice_id) == (outcome, "I-1")
    (unknown,) = compared("NL*ABC", [a_line("B")], known, {"B": OtherInvoice("I-1", earlier=True)})
    assert (unknown.outcome, unknown.other_invoice_id) == (U, None)


async def three_cdrs(world: World) -> list[str]:
    """Return the ids of three CDRs of 2.50 before 21 % VAT."""
    await world.publish(booking_tariff(), a_tariff("CHARGE", elements=booking_tariff().elements), SITE, OFFER)
    made: list[Booking] = [await booked(world, OFFER, hours(hour, hour + 1), evse_id=E1) for hour in (10, 12, 14)]
    await settling.settle(await world.call(None))
    found: list[Cdr] = []
    async with world.database.reading() as connection:
        for one in made:
            found += await cdrs.billed(connection, one.id)
    return [one.object_id for one in found]


async def invoiced(world: World, invoice: Invoice, caller: str = "emsp") -> list[InvoiceLineOutcome]:
    reconciled = await reconciling.reconcile(await world.call(caller), a_key(), invoice)
    return [one.outcome for one in reconciled.compared]


async def told(world: World, invoice_id: str) -> list[tuple[InvoiceLineOutcome, str | None]]:
    """Return how the lines of an invoice compare now, and in which other one their CDRs stand."""
    found = await reconciling.get(await world.call("emsp"), "NL*ABC", invoice_id, None)
    return [(one.outcome, one.other_invoice_id) for one in found.compared]


async def test_an_invoice_is_compared_line_by_line_and_what_lacks_is_told(world: World) -> None:
    one, two, three = await three_cdrs(world)
    unknown = f"{one[:-4]}0000"
    invoice = Invoice("nl*abc", "I-1", (a_line(one), a_line(two, "9.99"), a_line(two), a_line(unknown)), ALL)
    found = await reconciling.reconcile(await world.call("emsp"), a_key(), invoice)
    assert [line.outcome for line in found.compared] == [M, D, X, U]
    assert found.missing == (three,)
    second = await reconciling.reconcile(
        await world.call("emsp"), a_key(), Invoice("NL*ABC", "I-2", (a_line(one), a_line(three)))
    )
    assert [(line.outcome, line.other_invoice_id) for line in second.compared] == [(X, "I-1"), (M, None)]


async def test_an_invoice_that_is_sent_again_takes_the_place_of_the_first(world: World) -> None:
    one, two, _ = await three_cdrs(world)
    assert await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(one), a_line(one)))) == [M, X]
    assert await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(one), a_line(two)))) == [M, M]
    page = await reconciling.page(await world.call("emsp"), None, first=10, after=None)
    assert [(received.invoice_id, received.lines) for received, _ in page.items] == [("I-1", 2)]


async def test_the_invoice_that_came_first_keeps_its_outcomes_when_others_ask_for_the_same(world: World) -> None:
    one, two, three = await three_cdrs(world)
    assert await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(one), a_line(two, "9.99")))) == [M, D]
    world.later(at(7))
    assert await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(one), a_line(two), a_line(three)))) == [X, X, M]
    assert await told(world, "I-2") == [(M, "I-1"), (D, "I-1")]
    world.later(at(8))
    assert await invoiced(world, Invoice("NL*ABC", "I-0", (a_line(one), a_line(three)))) == [X, X]
    assert await told(world, "I-2") == [(M, "I-1"), (D, "I-1")]
    assert await told(world, "I-1") == [(X, "I-2"), (X, "I-2"), (M, "I-0")]
    assert await told(world, "I-0") == [(X, "I-2"), (X, "I-1")]


async def test_an_invoice_that_is_sent_again_keeps_its_place_before_those_that_came_after_it(world: World) -> None:
    one, two, _ = await three_cdrs(world)
    await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(one, "9.99"),)))
    world.later(at(7))
    assert await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(one), a_line(two)))) == [X, M]
    world.later(at(8))
    assert await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(one), a_line(two)))) == [M, M]
    assert await told(world, "I-1") == [(X, "I-2"), (X, "I-2")]
    page = await reconciling.page(await world.call("emsp"), None, first=1, after=None)
    ((first, position),) = page.items
    assert (first.invoice_id, first.first_received_at, first.received_at) == ("I-2", NOW, at(8))
    rest = await reconciling.page(await world.call("emsp"), None, first=9, after=position)
    assert [(received.invoice_id, received.received_at) for received, _ in rest.items] == [("I-1", at(7))]


async def test_invoices_are_listed_page_by_page_each_once_also_those_that_came_at_one_moment(world: World) -> None:
    one, *_ = await three_cdrs(world)
    for invoice_id in ("I-3", "i-2", "I-1"):
        await invoiced(world, Invoice("NL*ABC", invoice_id, (a_line(one),)))
    await invoiced(world, Invoice("DE*XYZ", "I-2", (a_line(one), a_line(one))))
    world.later(at(7))
    await invoiced(world, Invoice("DE*XYZ", "I-0", (a_line(one),)))

    emsp = await world.call("emsp")
    listed: list[tuple[str, str, int]] = []
    after: tuple[str, ...] | None = None
    while len(listed) < 9:
        page = await reconciling.page(emsp, None, first=1, after=after)
        ((found, after),) = page.items
        listed.append((found.cpo_id, found.invoice_id, found.lines))
        if not page.has_next:
            break

    assert listed == [
        ("DE*XYZ", "I-2", 2),
        ("NL*ABC", "I-1", 1),
        ("NL*ABC", "i-2", 1),
        ("NL*ABC", "I-3", 1),
        ("DE*XYZ", "I-0", 1),
    ]
    of_one = await reconciling.page(emsp, "de*xyz", first=9, after=None)
    assert [found.invoice_id for found, _ in of_one.items] == ["I-2", "I-0"]
    with pytest.raises(BadInput):
        await reconciling.page(emsp, None, first=9, after=(NOW.isoformat(), "NL*ABC I-1"))


async def test_what_names_no_cdr_of_the_operator_comes_back_as_it_was_received(world: World) -> None:
    one, *_ = await three_cdrs(world)
    own_id = one.removeprefix("NL*ABC*")
    given = ("DE*XYZ*1", f"DE*XYZ*{own_id}", "nl*abc", f"{one}*1", "100%", own_id, one.lower())
    invoice = Invoice("NL*ABC", "I-1", tuple(map(a_line, given)))
    found = await reconciling.reconcile(await world.call("emsp"), a_key(), invoice)
    assert [line.line.cdr_id for line in found.compared] == [*given]
    assert [line.outcome for line in found.compared] == [U, U, U, U, U, M, X]


async def test_an_invoice_is_the_same_one_in_upper_and_lower_case_and_told_as_it_was_written_last(
    world: World,
) -> None:
    one, two, three = await three_cdrs(world)
    await cdr_payments.invoice(await world.call("cpo"), a_key(), Invoicing((one, three), "Inv-1"))
    await invoiced(world, Invoice("NL*ABC", "INV-1", (a_line(one), a_line(two))))
    world.later(at(7))
    found = await reconciling.reconcile(
        await world.call("emsp"), a_key(), Invoice("NL*ABC", "inv-1", (a_line(one), a_line(two)))
    )
    assert ([line.outcome for line in found.compared], found.missing) == ([M, M], (three,))
    assert await told(world, "INV-1") == await told(world, "iNV-1") == [(M, None), (M, None)]
    page = await reconciling.page(await world.call("emsp"), None, first=9, after=None)
    assert [(one.invoice_id, one.first_received_at) for one, _ in page.items] == [("inv-1", NOW)]
    assert (await reconciling.get(await world.call("emsp"), "NL*ABC", "INV-1", None)).invoice_id == "inv-1"
    await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(one),)))
    assert await told(world, "I-2") == [(X, "inv-1")]


async def test_an_invoice_of_nobody_or_of_one_who_is_no_operator_is_not_taken(world: World) -> None:
    for cpo_id in ("NL*AAA", "NL*EMS", "DE*EMO", "anything"):
        with pytest.raises(NotFound) as refused:
            await invoiced(world, Invoice(cpo_id, "I-1", (a_line("A"),)))
        assert refused.value == NotFound("Party", cpo_id)
    assert (await reconciling.page(await world.call("emsp"), None, first=9, after=None)).items == []


async def test_of_two_invoices_that_came_at_one_moment_the_first_by_its_id_is_the_earlier(world: World) -> None:
    one, *_ = await three_cdrs(world)
    assert await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(one),))) == [M]
    assert await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(one),))) == [M]
    assert await told(world, "I-1") == [(M, "I-2")]
    assert await told(world, "I-2") == [(X, "I-1")]


async def test_what_was_billed_credited_and_billed_anew_is_compared_each_by_itself(world: World) -> None:
    await open_site(world)
    await overstayed(world)
    (first,) = await issued(world, kinds=(BillKind.SESSION,))
    world.later(at(12))
    await refunded(world, first, "0.3333")
    await settle(world)
    amounts = {one.object_id: one.total.after_taxes for one in await issued(world, kinds=(BillKind.SESSION,))}
    original, credit, corrected = sorted(amounts, key=lambda one: (one != first.object_id, amounts[one]))
    assert amounts[credit] == -amounts[original] < 0 < amounts[corrected] < amounts[original]

    exact = [a_line(one, str(amounts[one])) for one in (original, credit, corrected)]
    assert await invoiced(world, Invoice("NL*ABC", "I-1", tuple(exact))) == [M, M, M]
    cents = (replace(line, after_taxes=to_cents(line.after_taxes)) for line in exact)
    assert await invoiced(world, Invoice("NL*ABC", "I-1", tuple(cents))) == [M, M, M]
    positive = a_line(credit, str(amounts[original]))
    assert await invoiced(world, Invoice("NL*ABC", "I-1", (exact[0], positive, exact[2], exact[1]))) == [M, D, M, X]
    short = Invoice("NL*ABC", "I-1", (exact[0],), ALL)
    lacking = (await reconciling.reconcile(await world.call("emsp"), a_key(), short)).missing
    assert {credit, corrected} < {*lacking}


async def test_a_comparison_is_of_one_moment_whatever_is_received_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = await three_cdrs(world)
    await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(one), a_line(two))))
    known = invoices.known

    async def meanwhile(connection: Connection, *asked: Any) -> dict[str, Amount]:
        monkeypatch.undo()
        await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(two),)))
        await cdr_payments.invoice(await world.call("cpo"), a_key(), Invoicing((one,), "I-2"))
        await invoiced(world, Invoice("NL*ABC", "I-2", (a_line(two),)))
        return await known(connection, *asked)

    monkeypatch.setattr(invoices, "known", meanwhile)
    found = await reconciling.get(await world.call("emsp"), "NL*ABC", "I-2", None)
    assert [(line.outcome, line.other_invoice_id) for line in found.compared] == [(M, None), (M, None)]
    assert await told(world, "I-2") == [(X, "I-1")]


async def test_what_lacks_is_told_behind_however_many_that_do_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST_MISSING", 1)
    found = await three_cdrs(world)
    await cdr_payments.invoice(await world.call("cpo"), a_key(), Invoicing(tuple(found), "I-1"))
    one, two, three = [each.object_id for each in await issued(world)]
    invoice = Invoice("NL*ABC", "I-1", (a_line(one), a_line(two)))
    assert (await reconciling.reconcile(await world.call("emsp"), a_key(), invoice)).missing == (three,)


async def test_nobody_else_learns_of_it(world: World) -> None:
    one, *_ = await three_cdrs(world)
    await invoiced(world, Invoice("NL*ABC", "I-1", (a_line(one),)))
    with pytest.raises(NotFound):
        await reconciling.get(await world.call("other_emsp"), "NL*ABC", "I-1", None)
    with pytest.raises(Forbidden):
        await reconciling.get(await world.call("cpo"), "NL*ABC", "I-1", None)
    assert await invoiced(world, Invoice("NL*ABC", "I-9", (a_line(one),)), "other_emsp") == [U]


async def test_an_invoice_has_lines(world: World) -> None:
    empty = Invoice("NL*ABC", "I-1", ())
    with pytest.raises(BadInput):
        await invoiced(world, empty)
    with pytest.raises(NotFound):
        await reconciling.get(await world.call("emsp"), "NL*ABC", replace(empty, invoice_id="I-2").invoice_id, None)
