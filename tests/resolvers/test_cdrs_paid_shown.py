"""How operator, EMSP and fleet each stand to CDRs, as the contract tells them, and who notes what (BUC 4.1, 4.5)."""

from typing import Any

import pytest

from models.rules.payment import Payment
from server.auth import beginning
from tests.api.landscape import EVERYBODY
from tests.factories.catalogue import hours
from tests.models.databases import run
from tests.resolvers.lifecycle import booked
from tests.resolvers.paying import INVOICED, invoiced, paid, three_due, told
from tests.resolvers.settling import OFFER, issued, settle
from tests.statements import Counting
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

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
    return await three_due(world)


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
