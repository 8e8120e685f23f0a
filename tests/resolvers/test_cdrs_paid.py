"""CDRs that are due, invoiced and paid to operators, only as records; and how they are numbered (BUC 4.4)."""

import asyncio

import pytest

from models.errors import BadInput, Forbidden, NotFound, Unauthenticated
from models.rules.cdr import CdrNumbering
from models.rules.payment import PaymentState
from models.settling_errors import PaymentStateDiffers
from resolvers import cdr_numbering, cdrs
from resolvers.cdr_numbering import Numbering
from resolvers.cdrs import Invoicing, KnownCdr, Paying
from tests.factories.catalogue import hours
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.settling import OFFER, issued, numbered, open_site, settle
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

DUE, INVOICED, PAID = PaymentState.DUE, PaymentState.INVOICED, PaymentState.PAID
INVOICE = """
mutation ($input: CdrsInvoiceInput!) {
  cdrsInvoice(input: $input) {
    __typename
    ... on CdrsInvoiced { cdrs { id state invoiceId } }
    ... on PaymentStateDiffers { kind id paymentState message }
  }
}
"""
NUMBERING = "{ cdrNumbering { prefix lastNumber } }"


@pytest.fixture
async def ids(world: World) -> tuple[str, ...]:
    """The ids of three CDRs that are due."""
    await open_site(world)
    for start in (10, 11, 12):
        await booked(world, OFFER, hours(start, start + 1), "fleet")
    await settle(world)
    return tuple(one.object_id for one in await issued(world))


async def invoiced(world: World, *ids: str, caller: str | None = "cpo", invoice_id: str = "INV-1") -> list[KnownCdr]:
    return await cdrs.invoice(await world.call(caller), a_key(), Invoicing(ids, invoice_id))


async def paid(world: World, *ids: str, caller: str | None = "cpo") -> list[KnownCdr]:
    return await cdrs.pay(await world.call(caller), a_key(), Paying(ids))


async def states(world: World, caller: str, ids: tuple[str, ...]) -> list[tuple[PaymentState, str | None]]:
    found = await cdrs.many(await world.call(caller), ids)
    payments = [one.standing.payment for one in found if one is not None]
    return [(one.state, one.invoice_id) for one in payments]


@pytest.mark.parametrize("caller", ["cpo", "emsp"])
async def test_what_is_due_is_invoiced_and_then_paid_as_operator_and_emsp_see(
    world: World, ids: tuple[str, ...], caller: str
) -> None:
    first, second, third = ids
    await invoiced(world, first, second)
    done = await paid(world, second, second.lower())

    assert [one.cdr.object_id for one in done] == [second]
    assert await states(world, caller, ids) == [(INVOICED, "INV-1"), (PAID, "INV-1"), (DUE, None)]
    assert [one.object_id for one in await issued(world, caller, states=(DUE,))] == [third]


async def test_whatever_is_not_in_the_state_for_it_is_refused_and_then_nothing_changes(
    world: World, ids: tuple[str, ...]
) -> None:
    first, second, third = ids
    await invoiced(world, first, second)
    await paid(world, first)

    for asked, refused in (
        (invoiced(world, third, second, invoice_id="INV-2"), (second, INVOICED, DUE)),
        (invoiced(world, first), (first, PAID, DUE)),
        (paid(world, second, third), (third, DUE, INVOICED)),
        (paid(world, first), (first, PAID, INVOICED)),
    ):
        assert await or_refusal(asked) == PaymentStateDiffers("Cdr", *refused)
    assert await states(world, "cpo", ids) == [(PAID, "INV-1"), (INVOICED, "INV-1"), (DUE, None)]


async def test_two_invoices_at_once_hold_a_cdr_once(world: World, ids: tuple[str, ...]) -> None:
    orders = [ids, ids[::-1], ids[1:] + ids[:1]]

    came = await asyncio.gather(
        *(or_refusal(invoiced(world, *order, invoice_id=f"INV-{n}")) for n, order in enumerate(orders))
    )

    assert sum(isinstance(one, list) for one in came) == 1
    assert sum(isinstance(one, PaymentStateDiffers) for one in came) == 2
    assert len({name for _, name in await states(world, "cpo", ids)}) == 1


@pytest.mark.parametrize(
    ("caller", "refused"),
    [
        ("fleet", Forbidden),
        ("nsp", Forbidden),
        ("admin", Forbidden),
        (None, Unauthenticated),
        ("other_cpo", NotFound),
        ("other_emsp", NotFound),
    ],
)
async def test_nobody_but_their_operator_and_emsp_notes_what_became_of_cdrs(
    world: World, ids: tuple[str, ...], caller: str | None, refused: type[Exception]
) -> None:
    for asked in (invoiced(world, *ids, caller=caller), paid(world, *ids, caller=caller)):
        with pytest.raises(refused):
            await asked
    for reader in ("cpo", "fleet"):
        assert await states(world, reader, ids) == [(DUE, None)] * 3


async def test_one_to_five_hundred_cdrs_are_named_and_all_of_them_are_known(
    world: World, ids: tuple[str, ...]
) -> None:
    for named in ((), tuple(f"NL*ABC*{number}" for number in range(501))):
        with pytest.raises(BadInput, match="1 to 500"):
            await invoiced(world, *named)
    for unknown in ("NL*ABC*NONE", "NONSENSE", "DE*XYZ*1"):
        with pytest.raises(NotFound):
            await invoiced(world, *ids, unknown)
    assert await states(world, "cpo", ids) == [(DUE, None)] * 3


async def test_an_invoice_is_noted_and_refused_through_the_contract(world: World, ids: tuple[str, ...]) -> None:
    async def sent() -> object:
        wanted = {"idempotencyKey": a_key(), "cdrIds": [ids[0]], "invoiceId": "INV-1"}
        return (await world.execute("cpo", INVOICE, input=wanted)).data["cdrsInvoice"]

    assert await sent() == {
        "__typename": "CdrsInvoiced",
        "cdrs": [{"id": ids[0], "state": "INVOICED", "invoiceId": "INV-1"}],
    }
    assert await sent() == {
        "__typename": "PaymentStateDiffers",
        "kind": "Cdr",
        "id": ids[0],
        "paymentState": "INVOICED",
        "message": f"Cdr {ids[0]} is INVOICED, and has to be DUE for that; nothing was changed.",
    }


async def test_numbers_go_on_under_another_prefix_and_what_was_issued_before_has_none(
    world: World, ids: tuple[str, ...]
) -> None:
    assert (await world.execute("cpo", NUMBERING)).data == {"cdrNumbering": None}
    for hour, prefix in ((13, "abc-"), (14, "ABC-"), (15, "2026_")):
        await numbered(world, prefix)
        await booked(world, OFFER, hours(hour, hour + 1))
        await settle(world)

    found = [(one.local_id, one.number) for one in await issued(world) if one.object_id not in ids]

    assert sorted(found, key=str) == [("2026_000000003", 3), ("ABC-000000001", 1), ("ABC-000000002", 2)]
    assert await cdr_numbering.get(await world.call("cpo")) == CdrNumbering("2026_", 3)
    assert await cdr_numbering.get(await world.call("other_cpo")) is None
    assert (await cdrs.get(await world.call("emsp"), "nl*abc*abc-000000001")).cdr.number == 1


@pytest.mark.parametrize("prefix", ["", "A1", "A*", "A B", "A" * 21, "Ä", "A\n"])
async def test_a_prefix_ends_with_no_digit_and_leaves_room_for_every_number(world: World, prefix: str) -> None:
    with pytest.raises(BadInput, match="prefix"):
        await cdr_numbering.set(await world.call("cpo"), a_key(), Numbering(prefix))


@pytest.mark.parametrize("caller", ["emsp", "fleet", "nsp"])
async def test_only_operators_number_cdrs(world: World, caller: str) -> None:
    with pytest.raises(Forbidden):
        await cdr_numbering.set(await world.call(caller), a_key(), Numbering("A-"))
    with pytest.raises(Forbidden):
        await cdr_numbering.get(await world.call(caller))
