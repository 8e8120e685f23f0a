"""Operators' invoices beside their CDRs: what agrees, differs, is missing, and is there twice (BUC 4.4)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.errors import BadInput, Forbidden, NotFound
from models.queries import cdrs
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.interval import Interval
from models.rules.reconciliation import Amount, InvoiceLine, InvoiceLineOutcome, compared
from resolvers import cdr_payments, reconciling, settling
from resolvers.cdr_payments import Invoicing
from resolvers.reconciling import Invoice
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.resolvers.lifecycle import E1, booked, booking_tariff
from tests.resolvers.settling import issued
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
ALL = Interval(at(0), at(24))
M, D, X, U = (
    InvoiceLineOutcome.MATCH,
    InvoiceLineOutcome.DIFFERENCE,
    InvoiceLineOutcome.DOUBLE,
    InvoiceLineOutcome.UNKNOWN,
)


def a_line(cdr_id: str, amount: str = "3.0250", currency: str = "EUR") -> InvoiceLine:
    return InvoiceLine(cdr_id, Decimal(amount), currency)


def test_a_line_agrees_exactly_or_to_two_decimals() -> None:
    known = {"A": Amount(Decimal("3.0250"), "EUR")}
    lines = [a_line("A"), a_line("A", "3.03"), a_line("A", "3.02"), a_line("A", currency="CHF"), a_line("B")]
    assert [one.outcome for line in lines for one in compared([line], known, {})] == [M, M, D, D, U]
    assert [one.outcome for one in compared([a_line("A"), a_line("A")], known, {})] == [M, X]
    (twice,) = compared([a_line("A")], known, {"A": "I-1"})
    assert (twice.outcome, twice.other_invoice_id) == (X, "I-1")


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
