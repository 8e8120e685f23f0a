"""BUC 3.7: an operator is told of a session that ends ahead of time, and the connector is back for whoever waits."""

from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import CREATE
from tests.use_cases.charging_documents import (
    CARD,
    E1,
    FOLLOW,
    OTHERS_CARD,
    STRANGERS,
    begun,
    change,
    ended,
    following,
    on_terms,
    phase,
    read,
    refusal,
    tokens_of_all,
    watching,
    with_card,
)
from tests.use_cases.documents import do, period
from tests.use_cases.following_documents import HOLDERS, clock, cursor_now, round_of_worker
from tests.use_cases.operators import HUB_MCS
from tests.use_cases.remote_documents import ANSWER, STOP, takes_commands
from tests.use_cases.remote_documents import FOLLOW as FOLLOW_REQUESTS
from tests.world import World

pytestmark = pytest.mark.anyio

REST = period("10:30", "11:30")


async def charging(world: World, caller: str = "fleet") -> tuple[Any, Any]:
    """Return a booking from ten to eleven, and the session of it that began at ten."""
    one = await with_card(world, caller)
    return one, await begun(world, E1, "10:00", token=CARD)


async def tried_to_book(world: World, caller: str = "other_emsp") -> Any:
    """Return what comes of booking the rest of that slot, and half an hour more."""
    return await do(world, caller, CREATE, bookingLocationId=HUB_MCS, period=REST)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_7_the_operator_is_told_that_the_driver_stopped_ahead_of_time(
    changing: World, caller: str
) -> None:
    _, session = await charging(changing, caller)

    async with following(changing, "cpo", session) as stream:
        before = (await stream.next())["session"]
        await ended(changing, session, "10:25", kwh="80")
        message = await stream.next()

    told = message["session"]
    assert (before["status"], before["endedEarly"]) == ("ACTIVE", False)
    assert message["at"] == "2026-12-01T10:25:00Z"
    assert (told["id"], told["status"], told["endedEarly"]) == (session["id"], "COMPLETED", True)
    assert (told["endDateTime"], told["slotEnd"]) == ("2026-12-01T10:25:00Z", "2026-12-01T11:00:00Z")
    assert (told["stopReason"], told["stoppedBy"], told["kwh"]) == ("DRIVER", "TO", "80")
    assert told == await read(changing, "cpo", session)


async def test_buc_3_7_the_operator_is_told_of_every_session_of_its_sites_without_naming_one(changing: World) -> None:
    one, session = await charging(changing)
    after = await cursor_now(changing, "cpo", one["id"])
    await ended(changing, session, "10:25")

    async with subscribed(changing, "cpo", FOLLOW, after=after) as stream:
        message = await stream.next()

    assert (message["session"]["id"], message["session"]["endedEarly"]) == (session["id"], True)


async def test_buc_3_7_whoever_waits_is_told_that_the_connector_is_back(changing: World) -> None:
    _, session = await charging(changing)
    changing.later(clock("10:10"))

    async with watching(changing, caller="other_emsp") as emsp, watching(changing, caller=None) as anybody:
        before = [await change(stream) for stream in (emsp, anybody)]
        await ended(changing, session, "10:30")
        after = [await change(stream) for stream in (emsp, anybody)]

    assert before == [(None, [("11:00", "12:00")])] * 2
    assert after == [("EARLY_STOP", [("10:30", "12:00")])] * 2


async def test_buc_3_7_the_rest_of_the_slot_can_be_booked_at_once_and_not_before(changing: World) -> None:
    await tokens_of_all(changing)
    one, session = await charging(changing)
    changing.later(clock("10:29"))

    refused = await tried_to_book(changing)
    await ended(changing, session, "10:30")
    made = await tried_to_book(changing)
    next_session = await begun(changing, E1, "10:35", token=OTHERS_CARD)

    assert refused["__typename"] == "SlotTaken"
    assert (made["__typename"], made["status"]) == ("Booking", "RESERVED")
    assert next_session["bookingId"] == made["id"]
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


async def test_buc_3_7_the_rest_of_the_slot_can_be_used_at_once_without_booking_too(changing: World) -> None:
    await tokens_of_all(changing)
    _, session = await charging(changing)
    changing.later(clock("10:20"))

    assert await refusal(changing, E1, token=OTHERS_CARD) == ("CHARGER_IN_USE", None)
    await ended(changing, session, "10:20")
    walk_up = await begun(changing, E1, token=OTHERS_CARD)

    assert (walk_up["basis"], walk_up["allowedUntil"]) == ("WALK_UP", None)
    assert await refusal(changing, E1, token=CARD) == ("BOOKING_OVER", None)


async def test_buc_3_7_a_slot_that_was_left_early_is_not_begun_again(changing: World) -> None:
    one, session = await charging(changing)
    await ended(changing, session, "10:20")

    assert await refusal(changing, E1, reference=one["reference"]) == ("BOOKING_OVER", None)
    await round_of_worker(changing)
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_7_it_is_stopped_ahead_of_time_by_the_app_of_provider_or_transport_operator(
    changing: World, caller: str
) -> None:
    await takes_commands(changing)
    _, session = await charging(changing, caller)
    changing.later(clock("10:20"))

    asked = await do(changing, caller, STOP, sessionId=session["id"])
    async with subscribed(changing, "cpo", FOLLOW_REQUESTS) as stream:
        heard = (await stream.next())["request"]
    assert (asked["status"], heard["id"], heard["command"]) == ("PENDING", asked["id"], "STOP")
    await do(changing, "cpo", ANSWER, requestId=asked["id"], accepted=True)
    async with watching(changing) as slots, following(changing, "cpo", session) as sessions:
        assert await change(slots) == (None, [("11:00", "12:00")])
        assert (await sessions.next())["session"]["status"] == "ACTIVE"
        await ended(changing, session, "10:21", "REMOTE")
        free = await change(slots)
        told = (await sessions.next())["session"]

    assert free == ("EARLY_STOP", [("10:30", "12:00")])
    assert (told["endedEarly"], told["stopReason"]) == (True, "REMOTE")
    assert told["stoppedBy"] == {"emsp": "EMSP", "fleet": "TO"}[caller]


async def test_buc_3_7_what_ends_with_its_slot_or_after_it_is_not_ahead_of_time(changing: World) -> None:
    _, session = await charging(changing)
    over = await ended(changing, session, "11:00")

    assert (over["endedEarly"], over["overtimeMinutes"]) == (False, 0)


async def test_buc_3_7_what_a_fault_ended_is_early_and_yet_keeps_the_rest_of_its_slot(changing: World) -> None:
    one, session = await charging(changing)
    over = await ended(changing, session, "10:20", "CHARGER_FAULT")

    assert over["endedEarly"] is True
    assert (await tried_to_book(changing))["__typename"] == "SlotTaken"
    assert (await begun(changing, E1, "10:25", token=CARD))["bookingId"] == one["id"]


async def test_buc_3_7_a_stop_that_is_told_late_frees_what_is_left_from_now_on(changing: World) -> None:
    _, session = await charging(changing)
    changing.later(clock("10:40"))

    async with watching(changing) as stream:
        before = await change(stream)
        over = await ended(changing, session, "10:45", endedAt="2026-12-01T10:15:00Z")
        after = await change(stream)

    assert (over["endDateTime"], over["endedEarly"]) == ("2026-12-01T10:15:00Z", True)
    assert (before, after) == ((None, [("11:00", "12:00")]), ("EARLY_STOP", [("10:45", "12:00")]))


async def test_buc_3_7_an_early_start_that_ends_before_its_slot_frees_all_of_it(changing: World) -> None:
    await on_terms(changing, offer={"bookingOption": {"evseUid": "E1"}}, earlyStartAllowed=True, earlyStartTime=45)
    one = await with_card(changing)
    session = await begun(changing, E1, "09:15", token=CARD)

    async with watching(changing) as stream:
        before = await change(stream)
        over = await ended(changing, session, "09:45")
        after = await change(stream)

    assert (before, after) == ((None, [("11:00", "12:00")]), ("EARLY_STOP", [("09:45", "12:00")]))
    assert over["endedEarly"] is True
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


async def test_buc_3_7_nobody_else_is_told_who_stopped(changing: World) -> None:
    _, session = await charging(changing)
    await ended(changing, session, "10:25")

    for caller in STRANGERS:
        async with following(changing, caller, session) as stream:
            assert (await stream.refusal())[0] == "NOT_FOUND"
