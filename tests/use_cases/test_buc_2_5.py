"""BUC 2.5: whoever booked a charger that fails is told before arrival and during the slot, and offered another."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import FAULTS, subscribed
from tests.use_cases.booking_documents import BY_ID, booked
from tests.use_cases.documents import REPORT, ask, do, place
from tests.use_cases.lifecycle_documents import (
    E1,
    E2,
    E3,
    HOLDERS,
    NINE_TO_TEN,
    OFFERED,
    STRANGERS,
    TAKE,
    breaks,
    following,
    forbidden,
    free,
    granted,
    passes,
    repaired,
    told,
    where,
)
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS, PARK
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

OF_OTHERS = f"{PARK}*E1"
HAZARD = "query ($id: ID!) { booking(id: $id) { hazard evse { id } } }"
BROKEN = {"code": "E-17", "severity": "OUT_OF_USE", "description": "No voltage."}


async def alerts(world: World, stack: AsyncExitStack, *callers: str) -> dict[str, Any]:
    """Return how each is told of faults; nothing is wrong yet."""
    return {one: await stack.enter_async_context(subscribed(world, one, FAULTS)) for one in callers}


async def by(world: World, caller: str, offer_id: str = HUB_MCS, start: str = "09:00", **asked: Any) -> Any:
    """Book for the fleet: by itself, or by its provider on its behalf."""
    end = f"{int(start[:2]) + 1:02}{start[2:]}"
    return await booked(world, caller, offer_id, start, end, contractId=FLEET_CONTRACT, **asked)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_5_msp_and_to_are_told_before_arrival_and_nobody_else_of_the_booking(
    changing: World, caller: str
) -> None:
    booking = await by(changing, caller)

    async with AsyncExitStack() as stack:
        streams = await alerts(changing, stack, *HOLDERS, "other_emsp", "other_fleet", "nsp", "nap", "cpo")
        followers = await stack.enter_async_context(following(changing, booking))
        await breaks(changing, E1, **BROKEN)
        heard = {one: await stream.next() for one, stream in streams.items()}
        now = await told(followers, "id", "status", "hazard", "phase")

    hit = {name: [one["id"] for one in alert["bookings"]] for name, alert in heard.items()}
    assert hit == {name: [booking["id"]] if name in (*HOLDERS, "cpo") else [] for name in heard}
    for alert in heard.values():
        fault = alert["fault"]
        assert (fault["evse"]["id"], fault["status"], fault["repairedAt"]) == (E1, "OUTOFORDER", None)
        assert {name: fault[name] for name in BROKEN} == BROKEN
    assert now == (booking["id"], "RESERVED", "FAULT", "CONFIRMED")


@pytest.mark.parametrize("caller", ["nsp", "nap", "other_emsp", None])
async def test_buc_2_5_the_malfunction_is_seen_at_the_location_and_nothing_is_offered_of_the_charger(
    changing: World, caller: str | None
) -> None:
    await by(changing, "fleet", start="08:00")
    before = await free(changing, HUB_MCS, caller)

    await breaks(changing, E1)
    broken = {one["uid"]: one["status"] for one in (await place(changing, caller, HUB))["evses"]}
    gone = await free(changing, HUB_MCS, caller)
    await repaired(changing, E1)
    works = {one["uid"]: one["status"] for one in (await place(changing, caller, HUB))["evses"]}

    assert broken == {**dict.fromkeys(("E2", "E3", "E4"), "AVAILABLE"), "E1": "OUTOFORDER"}
    assert set(works.values()) == {"AVAILABLE"}
    assert before == await free(changing, HUB_MCS, caller) == [("09:00", "12:00")]
    assert gone == []


async def test_buc_2_5_only_the_operator_that_monitors_a_charger_reports_on_it(changing: World) -> None:
    for caller in (*HOLDERS, "other_cpo", "nsp", None):
        answer = await forbidden(changing, caller, REPORT, evseId=E1, status="OUTOFORDER")
        assert answer, caller
    assert (await place(changing, "nsp", HUB))["evses"][0]["status"] == "AVAILABLE"


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_5_msp_and_to_are_told_while_the_slot_runs_and_of_the_repair(
    changing: World, caller: str
) -> None:
    booking = await by(changing, caller, start="07:00")
    changing.later(moment(7.25))

    async with AsyncExitStack() as stack:
        streams = await alerts(changing, stack, *HOLDERS)
        followers = await stack.enter_async_context(following(changing, booking))
        await breaks(changing, E1, **BROKEN)
        failed = [await stream.next() for stream in streams.values()]
        endangered = await told(followers, "phase", "hazard")
        await repaired(changing, E1)
        works = [await stream.next() for stream in streams.values()]
        relieved = await told(followers, "phase", "hazard")

    assert [[one["id"] for one in alert["bookings"]] for alert in (*failed, *works)] == [[booking["id"]]] * 4
    assert {alert["fault"]["repairedAt"] for alert in failed} == {None}
    assert {alert["fault"]["repairedAt"][:19] for alert in works} == {"2026-12-01T07:15:00"}
    assert (endangered, relieved) == (("LATE", "FAULT"), ("LATE", None))


async def test_buc_2_5_whoever_could_not_charge_for_the_fault_is_no_no_show_and_is_told(changing: World) -> None:
    booking = await by(changing, "fleet", start="07:00")
    changing.later(moment(7.25))

    async with following(changing, booking) as streams:
        await breaks(changing, E1)
        assert await told(streams, "hazard") == "FAULT"
        await passes(changing, moment(7.5))
        over = await told(streams, "status", "outcome", "canceled")

    reason = {"cancellationReason": "BROKEN_CHARGER", "whoCanceled": "CPO"}
    assert over == ("CANCELED", "CANCELED_BY_OPERATOR", reason)


async def test_buc_2_5_a_fault_that_is_over_by_then_endangers_no_booking(changing: World) -> None:
    soon, later = [await by(changing, "fleet", start=start) for start in ("08:00", "11:00")]

    await breaks(changing, E1, expectedEnd="2026-12-01T10:00:00Z")

    seen = [await ask(changing, "cpo", HAZARD, id=one["id"]) for one in (soon, later)]
    assert [one["hazard"] for one in seen] == ["FAULT", None]


async def test_buc_2_5_of_a_group_that_is_full_the_one_whose_charger_fails_is_told(changing: World) -> None:
    bookings = [await by(changing, "fleet", HUB_CCS) for _ in range(2)]

    await breaks(changing, E2)

    seen = [await ask(changing, "cpo", HAZARD, id=one["id"]) for one in bookings]
    assert {(one["evse"]["id"], one["hazard"]) for one in seen} == {(E2, "FAULT"), (E3, None)}


async def test_buc_2_5_who_booked_any_of_a_group_with_room_is_moved_without_being_troubled(changing: World) -> None:
    booking = await by(changing, "fleet", HUB_CCS)
    had = (await ask(changing, "cpo", BY_ID, id=booking["id"]))["evse"]["id"]

    await breaks(changing, had)

    now = await ask(changing, "cpo", BY_ID, id=booking["id"])
    assert now["evse"]["id"] in {E2, E3} - {had}
    assert (now["reference"], now["revision"], now["status"]) == (booking["reference"], 1, "RESERVED")


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_5_alternatives_are_offered_with_the_fault_and_can_be_taken(changing: World, caller: str) -> None:
    booking = await by(changing, caller)

    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(subscribed(changing, one, OFFERED)) for one in HOLDERS]
        first = [await stack.enter_async_context(following(changing, booking, [one])) for one in HOLDERS]
        await breaks(changing, E1)
        offered = [await stream.next() for stream in streams]
        assert [await told(one, "hazard") for one in first] == ["FAULT"] * 2
    taken = await granted(changing, caller, TAKE, alternativeId=offered[0]["alternatives"][0]["id"])

    assert offered[0] == offered[1]
    assert offered[0]["booking"]["id"] == booking["id"]
    assert where(offered[0]["alternatives"]) == [(HUB_CCS, NINE_TO_TEN[0])]
    assert (taken["id"], taken["bookingLocation"]["id"], taken["hazard"]) == (booking["id"], HUB_CCS, None)


@pytest.mark.parametrize("caller", STRANGERS)
async def test_buc_2_5_whoever_has_no_booking_there_is_told_of_no_booking(changing: World, caller: str) -> None:
    await by(changing, "fleet")
    await breaks(changing, E1)

    async with subscribed(changing, caller, FAULTS) as stream:
        await do(changing, "other_cpo", REPORT, evseId=OF_OTHERS, status="BLOCKED")
        heard = [await stream.next() for _ in range(1 if caller == "other_cpo" else 2)]

    chargers = [OF_OTHERS] if caller == "other_cpo" else [E1, OF_OTHERS]
    assert {one["fault"]["evse"]["id"] for one in heard} == set(chargers)
    assert [one["bookings"] for one in heard] == [[]] * len(chargers)
