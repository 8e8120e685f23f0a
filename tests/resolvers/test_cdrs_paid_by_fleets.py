"""CDRs that an EMSP invoices its fleets, and that they pay: apart from how it stands to operators (BUC 4.5)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from models.errors import IdempotencyConflict, NotFound
from models.queries import cdr_payments, invoices
from models.rules.booking_state import CanceledReason
from models.rules.cdr import Creditor, named
from models.rules.payment import Payment, PaymentState
from models.settling_errors import PaymentStateDiffers
from resolvers import cdrs
from resolvers.cdrs import Invoicing, KnownCdr, Paying
from resolvers.for_whom import ForWhom
from server.auth import beginning
from tests.api.landscape import EVERYBODY
from tests.factories.catalogue import a_location, an_offer, hours
from tests.models.databases import run
from tests.resolvers.adding import canceled
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.settling import OFFER, fees, issued, open_site, settle
from tests.resolvers.trips import granted, revoked
from tests.statements import Counting
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

DUE, INVOICED, PAID = PaymentState.DUE, PaymentState.INVOICED, PaymentState.PAID
NOT_YET = Payment()
CREDITORS = {"cpo": Creditor.CPO, "emsp": Creditor.EMSP}
SHOWN = "id state invoiceId fleetState fleetInvoiceId"
LISTED = f"query ($states: [PaymentState!]) {{ cdrs(states: $states) {{ edges {{ node {{ {SHOWN} }} }} }} }}"
INVOICE = f"""
mutation ($input: CdrsInvoiceInput!) {{
  cdrsInvoice(input: $input) {{
    __typename
    ... on CdrsInvoiced {{ cdrs {{ {SHOWN} }} }}
    ... on PaymentStateDiffers {{ id paymentState }}
    ... on NotFound {{ kind id }}
  }}
}}
"""
PAY = f"""
mutation ($input: CdrsPayInput!) {{
  cdrsPay(input: $input) {{ __typename ... on CdrsPaid {{ cdrs {{ {SHOWN} }} }} ... on NotFound {{ kind id }} }}
}}
"""
ENTITIES = f"""
query ($representations: [_Any!]!) {{ _entities(representations: $representations) {{ ... on Cdr {{ {SHOWN} }} }} }}
"""
ROWS = "SELECT creditor, state, invoice_id FROM cdr_payment ORDER BY creditor, cpo_id, cdr_id"


@pytest.fixture
async def ids(world: World) -> tuple[str, ...]:
    """The ids of three CDRs of the fleet that are due."""
    await open_site(world)
    for start in (10, 11, 12):
        await booked(world, OFFER, hours(start, start + 1), "fleet")
    await settle(world)
    return tuple(one.object_id for one in await issued(world))


async def invoiced(
    world: World, *ids: str, caller: str = "emsp", invoice_id: str = "FLEET-1", key: str | None = None
) -> list[KnownCdr]:
    return await cdrs.invoice(await world.call(caller), key or a_key(), Invoicing(ids, invoice_id))


async def paid(world: World, *ids: str, caller: str = "emsp", key: str | None = None) -> list[KnownCdr]:
    return await cdrs.pay(await world.call(caller), key or a_key(), Paying(ids))


async def told(world: World, caller: str, ids: tuple[str, ...]) -> list[tuple[Payment, Payment | None]]:
    """Return how a caller stands to CDRs, and what it is told of how their EMSP stands to its fleet."""
    found = await cdrs.many(await world.call(caller), ids)
    return [(one.standing.payment, one.standing.of_fleet) for one in found if one is not None]


async def noted(world: World, creditor: Creditor, ids: tuple[str, ...]) -> list[Payment]:
    """Return what a creditor noted of CDRs."""
    keys = [key for key in map(named, ids) if key is not None]
    async with world.database.reading() as connection:
        found = await cdr_payments.records(connection, keys)
    return [found[key].of[creditor] for key in keys]


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


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_each_role_is_told_its_own_side_through_the_contract(
    world: World, ids: tuple[str, ...], caller: str | None
) -> None:
    first, second, _ = ids
    await invoiced(world, first, second)
    await paid(world, first)
    await invoiced(world, second, caller="cpo", invoice_id="INV-1")
    to_operator = [("DUE", None), ("INVOICED", "INV-1"), ("DUE", None)]
    to_emsp = [("PAID", "FLEET-1"), ("INVOICED", "FLEET-1"), ("DUE", None)]
    shown = {
        "cpo": [(*one, None, None) for one in to_operator],
        "emsp": [(*one, *of_fleet) for one, of_fleet in zip(to_operator, to_emsp, strict=True)],
        "fleet": [(*one, *one) for one in to_emsp],
    }.get(caller or "", [])

    def read(found: list[Any]) -> list[tuple[Any, ...]]:
        return [(one["state"], one["invoiceId"], one["fleetState"], one["fleetInvoiceId"]) for one in found]

    listed = await world.execute(caller, LISTED)
    entities = await world.execute(
        caller, ENTITIES, representations=[{"__typename": "Cdr", "id": one} for one in ids]
    )

    assert [code for code, _ in listed.errors] == ([] if caller else ["UNAUTHENTICATED"])
    assert read([edge["node"] for edge in listed.data["cdrs"]["edges"]] if caller else []) == shown
    assert read([one for one in (entities.data or {}).get("_entities", []) if one is not None]) == shown
    if caller:
        due = (await world.execute(caller, LISTED, states=["DUE"])).data["cdrs"]["edges"]
        assert [edge["node"]["state"] for edge in due] == [one[0] for one in shown if one[0] == "DUE"]


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one not in ("cpo", "emsp")])
async def test_through_the_contract_nobody_but_operator_and_emsp_notes_anything(
    world: World, ids: tuple[str, ...], dsn: str, caller: str | None
) -> None:
    for document, root, more in ((INVOICE, "cdrsInvoice", {"invoiceId": "MINE"}), (PAY, "cdrsPay", {})):
        sent = {"idempotencyKey": a_key(), "cdrIds": [ids[0]], **more}
        answer = await world.execute(caller, document, input=sent)
        if caller in ("other_cpo", "other_emsp"):
            assert answer.data[root] == {"__typename": "NotFound", "kind": "Cdr", "id": ids[0]}
        else:
            assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]

    assert await run(dsn, ROWS) == []


async def test_through_the_contract_an_emsp_is_answered_with_both_of_its_sides(
    world: World, ids: tuple[str, ...]
) -> None:
    sent = {"idempotencyKey": a_key(), "cdrIds": [ids[0]]}

    put = (await world.execute("emsp", INVOICE, input={**sent, "invoiceId": "FLEET-1"})).data["cdrsInvoice"]
    again = {"idempotencyKey": a_key(), "cdrIds": [ids[0]], "invoiceId": "FLEET-2"}
    refused = (await world.execute("emsp", INVOICE, input=again)).data["cdrsInvoice"]
    done = (await world.execute("emsp", PAY, input={**sent, "idempotencyKey": a_key()})).data["cdrsPay"]

    one = {"id": ids[0], "state": "DUE", "invoiceId": None, "fleetInvoiceId": "FLEET-1"}
    assert put == {"__typename": "CdrsInvoiced", "cdrs": [{**one, "fleetState": "INVOICED"}]}
    assert refused == {"__typename": "PaymentStateDiffers", "id": ids[0], "paymentState": "INVOICED"}
    assert done == {"__typename": "CdrsPaid", "cdrs": [{**one, "fleetState": "PAID"}]}


async def test_a_fleet_is_told_of_its_own_cdrs_and_not_of_another_ones(world: World, ids: tuple[str, ...]) -> None:
    await booked(world, OFFER, hours(14, 15), "other_fleet")
    await settle(world)
    (other,) = await issued(world, "other_fleet")
    await invoiced(world, other.object_id, ids[0])

    assert [(one.cdr.contract_id, one.standing.of_fleet) for one in await invoiced(world, ids[1])] == [
        (FLEET_CONTRACT, Payment(INVOICED, "FLEET-1"))
    ]
    assert other.contract_id == OTHER_CONTRACT
    assert await told(world, "fleet", (other.object_id, ids[0])) == [(Payment(INVOICED, "FLEET-1"),) * 2]
    assert await told(world, "other_fleet", (other.object_id, ids[0])) == [(Payment(INVOICED, "FLEET-1"),) * 2]


@pytest.mark.parametrize("caller", ["cpo", "emsp", "fleet"])
async def test_both_records_are_read_by_as_many_statements_for_one_cdr_as_for_three(
    world: World, ids: tuple[str, ...], caller: str
) -> None:
    await invoiced(world, *ids)
    await invoiced(world, *ids, caller="cpo")
    database = Counting(world.database)
    world.begin = beginning(database, world.catalogue, lambda: world.now)

    asked = []
    for states in (["INVOICED"], ["PAID", "INVOICED", "DUE"]):
        answer = await world.execute(caller, LISTED, states=states)
        assert len(answer.data["cdrs"]["edges"]) == 3
        asked.append([one for one in database.since() if "cdr" in one])

    assert [len(one) for one in asked] == [2, 2]
