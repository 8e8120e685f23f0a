"""BUC 2.3: a transport operator manages its bookings by its MSP UID: it finds and changes its own, no others."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import (
    BY_ID,
    CANCEL,
    CHANGE,
    CHANGE_QUOTE,
    LISTED,
    MOVE,
    OPTIONS,
    TOKENS_ADD,
    a_token,
    booked,
    canceled,
    change_quoted,
    changed,
    found,
    hidden,
    history,
    named,
    quoted,
    when,
)
from tests.use_cases.documents import ask, do, period
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, HUB_CCS, HUB_MCS, PARK_ANY
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

CARD, OTHER_CARD = a_token(FLEET_CONTRACT), a_token(OTHER_CONTRACT, "CARD-2")
OTHERS = ("other_fleet", "other_emsp", "other_cpo", "nsp", None)


async def everything_tried(world: World, caller: str, booking: Any) -> set[str]:
    """Return what comes of all that a caller may try with a booking."""
    elsewhere = await quoted(world, caller, HUB_CCS, "12:00", "13:00")
    one: dict[str, Any] = {"bookingId": booking["id"]}
    came = [
        await do(world, caller, CHANGE_QUOTE, **one, period=period("14:00", "15:00")),
        await do(world, caller, CANCEL, **one),
        await do(world, caller, MOVE, **one, quoteId=elsewhere["id"]),
        await do(world, caller, TOKENS_ADD, **one, tokens=[OTHER_CARD]),
    ]
    return {each["__typename"] for each in came}


async def test_buc_2_3_a_to_finds_its_bookings_by_its_uid_by_reference_by_place_and_by_state(changing: World) -> None:
    mine = [
        await booked(changing, "fleet", DEPOT_ANY, "11:00", "12:00"),
        await booked(changing, "fleet", HUB_MCS, "09:00", "10:00"),
        await booked(changing, "emsp", PARK_ANY, "14:00", "15:00", tokens=[CARD]),
    ]
    await booked(changing, "other_fleet", HUB_CCS, "09:00", "10:00")
    await booked(changing, "other_emsp", HUB_CCS, "09:00", "10:00")
    by_depot, by_hub, by_msp = (one["reference"] for one in mine)
    await canceled(changing, "fleet", mine[0])

    assert named(await ask(changing, "fleet", LISTED)) == [by_hub, by_depot, by_msp]
    assert named(await ask(changing, "fleet", LISTED, statuses=["RESERVED"])) == [by_hub, by_msp]
    assert named(await ask(changing, "fleet", LISTED, locationId=DEPOT)) == [by_depot]
    assert named(await ask(changing, "fleet", LISTED, references=[by_msp.lower(), by_hub])) == [by_hub, by_msp]
    assert (await found(changing, "fleet", by_msp))["id"] == mine[2]["id"]


async def test_buc_2_3_nobody_else_finds_or_changes_it(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    quote = await change_quoted(changing, "fleet", made, period=period("09:30", "10:30"))

    for caller in OTHERS:
        assert await hidden(changing, caller, made["reference"])
        for document, asked in ((BY_ID, {"id": made["id"]}), (OPTIONS, {"input": {"bookingId": made["id"]}})):
            answer = await changing.execute(caller, document, **asked)
            assert [code for code, _ in answer.errors] == ["UNAUTHENTICATED" if caller is None else "NOT_FOUND"]
    for caller in ("other_fleet", "other_emsp"):
        assert named(await ask(changing, caller, LISTED, references=[made["reference"]])) == []
        assert await everything_tried(changing, caller, made) == {"NotFound"}
        stolen = await do(changing, caller, CHANGE, quoteId=quote["quote"]["id"])
        assert stolen["__typename"] == "NotFound"
    assert history(await found(changing, "fleet", made["reference"])) == [("CREATE", "ACCEPTED", "TO", "NL*EMS")]


async def test_buc_2_3_a_to_manages_what_its_msp_booked_for_it_as_its_own(changing: World) -> None:
    made = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD])

    after = await changed(
        changing, "fleet", await change_quoted(changing, "fleet", made, period=period("10:00", "11:00"))
    )
    gone = await canceled(changing, "fleet", made)

    assert when(after) == ("10:00", "11:00")
    assert history(gone) == [
        ("CREATE", "ACCEPTED", "EMSP", "NL*EMS"),
        ("CHANGE", "ACCEPTED", "TO", "NL*EMS"),
        ("CANCEL", "ACCEPTED", "TO", "NL*EMS"),
    ]
    assert gone["canceled"] == {"cancellationReason": "NO_CANCELED", "whoCanceled": "TO"}
    assert (await found(changing, "emsp", made["reference"]))["outcome"] == "CANCELED_BY_HOLDER"


async def test_buc_2_3_a_to_sees_but_does_not_change_what_is_for_other_contracts_too(changing: World) -> None:
    made = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD, OTHER_CARD])

    assert (await found(changing, "fleet", made["reference"]))["tokens"] == [CARD]
    assert await everything_tried(changing, "fleet", made) == {"NotAllowed"}
    assert when(await found(changing, "emsp", made["reference"])) == ("09:00", "10:00")


async def test_buc_2_3_a_to_names_no_contract_that_its_uid_does_not_cover(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", tokens=[CARD])
    quote = await change_quoted(changing, "fleet", made, period=period("10:00", "11:00"))

    added = await do(changing, "fleet", TOKENS_ADD, bookingId=made["id"], tokens=[OTHER_CARD])
    handed_over = await do(changing, "fleet", CHANGE, quoteId=quote["quote"]["id"], tokens=[OTHER_CARD])
    own = await do(changing, "fleet", TOKENS_ADD, bookingId=made["id"], tokens=[a_token(FLEET_CONTRACT, "CARD-3")])

    assert (added["__typename"], handed_over["__typename"]) == ("NotAllowed", "NotAllowed")
    assert [one["uid"] for one in own["tokens"]] == ["CARD-1", "CARD-3"]
    assert own["location"]["id"] == HUB
