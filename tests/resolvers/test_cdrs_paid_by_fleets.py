"""CDRs that an EMSP invoices its fleets, and that they pay: apart from how it stands to operators (BUC 4.5)."""

import asyncio
from dataclasses import replace

import pytest

from models.errors import IdempotencyConflict, NotFound
from models.queries import cdr_payments, invoices
from models.rules.booking_state import CanceledReason
from models.rules.cdr import Creditor, named
from models.rules.payment import Payment, PaymentState
from models.settling_errors import PaymentStateDiffers
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.adding import canceled
from tests.resolvers.lifecycle import booked
from tests.resolvers.paying import CREDITORS, DUE, INVOICED, NOT_YET, PAID, invoiced, noted, paid, three_due, told
from tests.resolvers.quoting import or_refusal
from tests.resolvers.settling import OFFER, fees, issued, open_site, settle
from tests.resolvers.trips import granted, revoked
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

ROWS = "SELECT creditor, state, invoice_id FROM cdr_payment ORDER BY creditor, cpo_id, cdr_id"


@pytest.fixture
async def ids(world: World) -> tuple[str, ...]:
    """The ids of three CDRs of the fleet that are due."""
    return await three_due(world)


async def test_an_emsp_invoices_its_fleet_and_is_paid_while_it_owes_the_operator_still(
    world: World, ids: tuple[str, ...]
) -> None:
    first, second, _ = ids
    await invoiced(world, first, second)
    done = await paid(world, second, second.lower())
    of_fleet = [Payment(INVOICED, "FLEET-1"), Payment(PAID, "FLEET-1"), NOT_YET]

    assert [(one.cdr.object_id, one.standing.payment, one.standing.of_fleet) for one in done] == [
        (second, NOT_YET, of_fleet[1])
    ]
    assert await told(world, "fleet", ids) == [(one, one) for one in of_fleet]
    assert await told(world, "emsp", ids) == [(NOT_YET, one) for one in of_fleet]
    assert await told(world, "cpo", ids) == [(NOT_YET, None)] * 3


async def test_what_the_emsp_paid_the_operator_its_fleet_did_not_pay_it(world: World, ids: tuple[str, ...]) -> None:
    await invoiced(world, *ids, caller="cpo", invoice_id="INV-1")
    await paid(world, *ids, caller="cpo")

    to_operator = Payment(PAID, "INV-1")
    assert await told(world, "cpo", ids) == [(to_operator, None)] * 3
    assert await told(world, "emsp", ids) == [(to_operator, NOT_YET)] * 3
    assert await told(world, "fleet", ids) == [(NOT_YET, NOT_YET)] * 3


async def test_cdrs_are_found_by_the_state_that_the_reader_reads(world: World, ids: tuple[str, ...]) -> None:
    first, second, third = ids
    await invoiced(world, first, second)
    await paid(world, first)
    await invoiced(world, second, third, caller="cpo", invoice_id="INV-1")

    async def found(caller: str) -> list[list[str]]:
        return [[one.object_id for one in await issued(world, caller, states=(state,))] for state in PaymentState]

    assert await found("fleet") == [[third], [second], [first]]
    assert await found("emsp") == await found("cpo") == [[first], [second, third], []]


async def test_neither_creditor_is_kept_from_its_states_by_the_other_one(world: World, ids: tuple[str, ...]) -> None:
    first, second, third = ids
    await invoiced(world, first, second)
    await paid(world, first)

    for asked, refused in (
        (invoiced(world, third, second, invoice_id="FLEET-2"), (second, INVOICED, DUE)),
        (invoiced(world, first), (first, PAID, DUE)),
        (paid(world, second, third), (third, DUE, INVOICED)),
        (paid(world, first), (first, PAID, INVOICED)),
        (paid(world, first, caller="cpo"), (first, DUE, INVOICED)),
    ):
        assert await or_refusal(asked) == PaymentStateDiffers("Cdr", *refused)
    assert await noted(world, Creditor.EMSP, ids) == [Payment(PAID, "FLEET-1"), Payment(INVOICED, "FLEET-1"), NOT_YET]
    await invoiced(world, *ids, caller="cpo", invoice_id="INV-1")
    assert await noted(world, Creditor.CPO, ids) == [Payment(INVOICED, "INV-1")] * 3


async def test_a_credit_is_due_by_itself_to_both_and_what_it_takes_back_stays_where_it_was(
    world: World, ids: tuple[str, ...]
) -> None:
    await invoiced(world, *ids)
    await paid(world, *ids)
    await invoiced(world, *ids, caller="cpo", invoice_id="INV-1")
    one = await booked(world, OFFER, hours(14, 15), "fleet")
    await settle(world)
    (fee,) = await issued(world, booking_ids=(one.object_id,))
    await invoiced(world, fee.object_id, invoice_id="FLEET-2")

    await canceled(world, one, "cpo", CanceledReason.FULL)
    await settle(world)

    (credit,) = await issued(world, "fleet", credits=True)
    both = (fee.object_id, credit.object_id)
    assert await told(world, "fleet", both) == [(Payment(INVOICED, "FLEET-2"),) * 2, (NOT_YET, NOT_YET)]
    assert await told(world, "cpo", both) == [(NOT_YET, None)] * 2
    await invoiced(world, credit.object_id, invoice_id="FLEET-3")
    await paid(world, credit.object_id)
    assert await noted(world, Creditor.EMSP, both) == [Payment(INVOICED, "FLEET-2"), Payment(PAID, "FLEET-3")]


async def test_who_books_by_a_mandate_is_not_the_emsp_and_owes_nobody(world: World) -> None:
    await open_site(world)
    mandate = await granted(world)
    await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    await settle(world)
    (one,) = await issued(world, "other_emsp")
    for asked in (
        invoiced(world, one.object_id, caller="other_emsp"),
        paid(world, one.object_id, caller="other_emsp"),
    ):
        assert await or_refusal(asked) == NotFound("Cdr", one.object_id)
    await invoiced(world, one.object_id)
    await invoiced(world, one.object_id, caller="cpo", invoice_id="INV-1")

    assert await told(world, "other_emsp", (one.object_id,)) == [(Payment(INVOICED, "INV-1"), None)]
    assert await told(world, "emsp", (one.object_id,)) == [(Payment(INVOICED, "INV-1"), Payment(INVOICED, "FLEET-1"))]
    await revoked(world, mandate)
    assert await told(world, "other_emsp", (one.object_id,)) == []


async def test_one_invoice_to_a_fleet_has_cdrs_of_several_operators(world: World, ids: tuple[str, ...]) -> None:
    tariff = replace(fees(), id="DE*XYZ*FEES", ocpi_id="FEES", country_code="DE", party_id="XYZ")
    there = replace(a_location("THERE"), id="DE*XYZ*THERE", country_code="DE", party_id="XYZ")
    offer = replace(an_offer(there, tariff_ids=(tariff.id,)), id="DE*XYZ*ANY", country_code="DE", party_id="XYZ")
    await world.publish(tariff, there, offer)
    await booked(world, offer, hours(14, 15), "fleet", evse_id=None)
    await settle(world)
    (abroad,) = await issued(world, "other_cpo")
    every = (*ids, abroad.object_id)

    await invoiced(world, *every)
    orders = [every, every[::-1], every[2:] + every[:2]]
    came = await asyncio.gather(*(or_refusal(paid(world, *order)) for order in orders))

    assert sum(isinstance(one, list) for one in came) == 1
    assert sum(isinstance(one, PaymentStateDiffers) for one in came) == 2
    assert await noted(world, Creditor.EMSP, every) == [Payment(PAID, "FLEET-1")] * 4
    assert await or_refusal(invoiced(world, *every, caller="cpo")) == NotFound("Cdr", abroad.object_id)
    assert await noted(world, Creditor.CPO, every) == [NOT_YET] * 4


async def test_a_key_is_for_one_input_of_one_creditor(world: World, ids: tuple[str, ...]) -> None:
    key = a_key()
    first = await invoiced(world, *ids, key=key)
    await paid(world, ids[0])

    again = await invoiced(world, *ids, key=key)

    assert [one.cdr for one in again] == [one.cdr for one in first]
    assert await noted(world, Creditor.EMSP, ids[:2]) == [Payment(PAID, "FLEET-1"), Payment(INVOICED, "FLEET-1")]
    refused = await or_refusal(invoiced(world, *ids, invoice_id="FLEET-2", key=key))
    assert isinstance(refused, IdempotencyConflict)
    await invoiced(world, *ids, caller="cpo", invoice_id="INV-1", key=key)
    assert await noted(world, Creditor.CPO, ids) == [Payment(INVOICED, "INV-1")] * 3


async def test_both_creditors_invoice_at_once_and_each_holds_a_cdr_once(world: World, ids: tuple[str, ...]) -> None:
    asked = [
        invoiced(world, *ids[:: 1 if turn % 2 else -1], caller=caller, invoice_id=f"{caller}-{turn}")
        for turn in range(4)
        for caller in CREDITORS
    ]

    came = await asyncio.gather(*(or_refusal(one) for one in asked))

    assert sum(isinstance(one, list) for one in came) == 2
    assert sum(isinstance(one, PaymentStateDiffers) for one in came) == 6
    for caller, creditor in CREDITORS.items():
        (on,) = set(await noted(world, creditor, ids))
        assert (on.state, str(on.invoice_id).split("-")[0]) == (INVOICED, caller)


async def test_each_creditor_is_paid_once_when_all_say_so_at_once(world: World, ids: tuple[str, ...]) -> None:
    for caller in CREDITORS:
        await invoiced(world, *ids, caller=caller, invoice_id=caller)

    came = await asyncio.gather(
        *(
            or_refusal(paid(world, *order, caller=caller))
            for caller in CREDITORS
            for order in (ids, ids[::-1], ids[:1])
        )
    )

    assert all(isinstance(one, list | PaymentStateDiffers) for one in came)
    for caller, creditor in CREDITORS.items():
        records = await noted(world, creditor, ids)
        assert {one.invoice_id for one in records} == {caller}
        assert records[0].state is PAID
    assert sum(isinstance(one, list) for one in came) == 2


async def test_without_the_lock_two_invoices_would_both_find_a_cdr_due(world: World, ids: tuple[str, ...]) -> None:
    key = named(ids[0])
    assert key is not None
    async with world.database.transaction() as one, world.database.transaction() as other:
        both = [await cdr_payments.records(connection, [key]) for connection in (one, other)]
    assert [found[key].of[Creditor.EMSP] for found in both] == [NOT_YET, NOT_YET]

    async with world.database.transaction() as one:
        await cdr_payments.lock(one, Creditor.EMSP, "NL*EMS", [key])
        waiting = asyncio.create_task(or_refusal(invoiced(world, ids[0], invoice_id="FLEET-2")))
        await cdr_payments.put(one, Creditor.EMSP, [(key, Payment(INVOICED, "FLEET-1"))], world.now)
    assert await waiting == PaymentStateDiffers("Cdr", ids[0], INVOICED, DUE)
    assert await noted(world, Creditor.EMSP, ids[:1]) == [Payment(INVOICED, "FLEET-1")]


async def test_an_emsps_invoice_is_not_taken_for_the_operators_of_the_same_name(
    world: World, ids: tuple[str, ...]
) -> None:
    await invoiced(world, *ids[:2], invoice_id="1")
    await invoiced(world, *ids[1:], caller="cpo", invoice_id="1")

    async with world.database.reading() as connection:
        expected = await invoices.expected(connection, "NL*EMS", "NL*ABC", "1", None, 10)

    assert sorted(expected) == sorted(ids[1:])
