"""BUC 3.3.3: a transport operator ends charging after its booked time; whoever booked next is told."""

from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import BY_ID, booked, canceled
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.charging_documents import (
    CARD,
    E1,
    E2,
    E3,
    begun,
    change,
    ended,
    following,
    on_terms,
    phase,
    read,
    watching,
    with_card,
)
from tests.use_cases.documents import ask
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.lifecycle_documents import FOLLOW as FOLLOW_BOOKING
from tests.use_cases.lifecycle_documents import OFFERED, TAKE, alternatives, granted, told, where
from tests.use_cases.lifecycle_documents import following as following_booking
from tests.use_cases.operators import HUB_CCS, HUB_MCS
from tests.world import OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

E1_ALONE = {"bookingOption": {"evseUid": "E1"}}
HAZARD = "query ($id: ID!) { booking(id: $id) { hazard status evse { id } } }"


async def passing(world: World, *moments: str) -> None:
    """Let time pass, with a round of a worker at each of the moments."""
    for moment in moments:
        world.later(clock(moment))
        await round_of_worker(world)


async def next_one(world: World, offer_id: str = HUB_MCS, **asked: Any) -> Any:
    """Book the hour after the booking of these tests, for another fleet."""
    others = [of_booking(OTHER_CONTRACT, "CARD-2")]
    return await booked(world, "other_fleet", offer_id, "11:00", "12:00", tokens=others, **asked)


async def hazard(world: World, one: Any) -> tuple[str | None, str]:
    """Return what endangers a booking, and its charger, as its operator sees it."""
    shown = await ask(world, "cpo", HAZARD, id=one["id"])
    return shown["hazard"], shown["evse"]["id"]


async def test_buc_3_3_3_remark_the_operator_stops_the_session_at_the_end_of_the_booked_time(changing: World) -> None:
    await on_terms(changing, offer=E1_ALONE, lateStopAllowed=False, lateStopTime=None)
    one = await with_card(changing)
    session = await begun(changing, E1, "10:00", token=CARD)
    await passing(changing, "10:59", "11:00")

    over = await ended(changing, session, "11:00", "OPERATOR")

    assert (session["allowedUntil"], session["minutesLeft"]) == ("2026-12-01T11:00:00Z", 60)
    assert (over["stopReason"], over["stoppedBy"], over["overtimeMinutes"]) == ("OPERATOR", "CPO", 0)
    assert await phase(changing, one) == ("FULFILLED", "COMPLETED", "CHARGED")


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_3_3_remark_the_operator_lets_it_go_on_until_the_user_ends_it(
    changing: World, caller: str
) -> None:
    one = await with_card(changing, caller)
    session = await begun(changing, E1, "10:00", token=CARD)
    seen = []
    for moment in ("10:58", "10:59", "11:00", "11:10", "11:15", "11:40"):
        await passing(changing, moment)
        shown = await read(changing, caller, session)
        now = await phase(changing, one, caller)
        seen.append((moment, now[1], shown["minutesLeft"], shown["overtimeMinutes"]))

    over = await ended(changing, session, "11:45")

    assert seen == [
        ("10:58", "CHARGING", 17, 0),
        ("10:59", "CHARGING", 16, 0),
        ("11:00", "OVERTIME", 15, 0),
        ("11:10", "OVERTIME", 5, 10),
        ("11:15", "OVERTIME", 0, 15),
        ("11:40", "OVERTIME", 0, 40),
    ]
    assert (over["status"], over["stopReason"], over["endedEarly"]) == ("COMPLETED", "DRIVER", False)
    assert (over["overtimeMinutes"], over["minutesLeft"]) == (45, None)
    assert await phase(changing, one, caller) == ("FULFILLED", "COMPLETED", "CHARGED")


@pytest.mark.parametrize(
    ("terms", "until", "minutes"),
    [
        ({"lateStopAllowed": True, "lateStopTime": 30}, "11:30", 90),
        ({"lateStopAllowed": True, "lateStopTime": None}, "11:00", 60),
        ({"lateStopAllowed": False, "lateStopTime": 30}, "11:00", 60),
        ({"lateStopAllowed": None, "lateStopTime": None}, "11:00", 60),
    ],
)
async def test_buc_3_3_3_how_long_after_the_slot_is_what_the_terms_say(
    changing: World, terms: dict[str, Any], until: str, minutes: int
) -> None:
    await on_terms(changing, offer=E1_ALONE, **terms)
    await with_card(changing)

    session = await begun(changing, E1, "10:00", token=CARD)

    assert (session["allowedUntil"], session["minutesLeft"]) == (f"2026-12-01T{until}:00Z", minutes)


async def test_buc_3_3_3_while_it_goes_on_nobody_can_book_the_charger_and_afterwards_anybody(changing: World) -> None:
    await with_card(changing)
    session = await begun(changing, E1, "10:00", token=CARD)
    changing.later(clock("10:30"))

    async with watching(changing) as stream:
        seen = [await change(stream)]
        for moment in ("10:59", "11:14"):
            await passing(changing, moment)
            seen.append(await change(stream))
        await ended(changing, session, "11:15")
        seen.append(await change(stream))

    assert seen == [
        (None, [("11:00", "12:00")]),
        ("OVERTIME", [("11:15", "12:00")]),
        ("OVERTIME", [("11:30", "12:00")]),
        ("OVERTIME", [("11:15", "12:00")]),
    ]


async def test_buc_3_3_3_its_holders_hear_once_that_overtime_began(changing: World) -> None:
    one = await with_card(changing)
    session = await begun(changing, E1, "10:00", token=CARD)
    changing.later(clock("10:30"))

    async with following_booking(changing, {**one, "status": "FULFILLED"}) as streams:
        await passing(changing, "10:59")
        await passing(changing, "11:00")
        began = await told(streams, "id", "phase")
        await passing(changing, "11:05", "11:14")
        await ended(changing, session, "11:20")
        ended_then = await told(streams, "id", "phase")

    assert (began, ended_then) == ((one["id"], "OVERTIME"), (one["id"], "COMPLETED"))


async def test_buc_3_3_3_its_holders_hear_that_it_goes_on(changing: World) -> None:
    await with_card(changing)
    session = await begun(changing, E1, "10:00", token=CARD)

    async with following(changing, "fleet", session) as fleet, following(changing, "emsp", session) as emsp:
        for stream in (fleet, emsp):
            await stream.next()
        await passing(changing, "11:00")
        heard = [(await stream.next())["session"] for stream in (fleet, emsp)]

    for one in heard:
        assert (one["id"], one["status"], one["minutesLeft"]) == (session["id"], "ACTIVE", 15)


async def test_buc_3_3_3_the_next_holder_is_told_offered_alternatives_and_relieved_when_it_ends(
    changing: World,
) -> None:
    await with_card(changing)
    following_one = await next_one(changing)
    session = await begun(changing, E1, "10:00", token=CARD)

    async with (
        subscribed(changing, "other_fleet", FOLLOW_BOOKING, references=[following_one["reference"]]) as stream,
        subscribed(changing, "other_fleet", OFFERED) as offers,
    ):
        assert (await stream.next())["booking"]["hazard"] is None
        await passing(changing, "10:59", "11:00")
        endangered = (await stream.next())["booking"]
        offered = await offers.next()
        changing.later(clock("11:05"))
        await ended(changing, session, "11:05")
        relieved = (await stream.next())["booking"]

    assert session["allowedUntil"] == "2026-12-01T11:00:00Z"
    assert (endangered["hazard"], endangered["status"], relieved["hazard"]) == ("OVERSTAY", "RESERVED", None)
    assert offered["booking"]["id"] == following_one["id"]
    assert offered["alternatives"] != []
    assert await alternatives(changing, "other_fleet", following_one) == []
    assert (await begun(changing, E1, token={"uid": "CARD-2", "type": "RFID"}))["bookingId"] == following_one["id"]


async def test_buc_3_3_3_the_next_holder_takes_an_alternative_and_the_one_who_stays_keeps_the_charger(
    changing: World,
) -> None:
    await with_card(changing)
    following_one = await next_one(changing)
    session = await begun(changing, E1, "10:00", token=CARD)
    await passing(changing, "10:59", "11:00")
    (first, *_) = await alternatives(changing, "other_fleet", following_one)

    taken = await granted(changing, "other_fleet", TAKE, alternativeId=first["id"])
    async with watching(changing) as stream:
        await change(stream)
        await passing(changing, "11:15")
        kept = await change(stream)

    assert where([first]) == [(HUB_CCS, "11:00")]
    hit, charger = await hazard(changing, taken)
    assert (taken["status"], hit) == ("RESERVED", None)
    assert charger in (E2, E3), "one of the two chargers of the offer, whichever it is"
    assert (await read(changing, "cpo", session))["status"] == "ACTIVE"
    assert kept == ("OVERTIME", [("11:30", "12:00")])


async def test_buc_3_3_3_whoever_booked_any_of_the_group_next_is_moved_and_never_notices(changing: World) -> None:
    await with_card(changing, offer_id=HUB_CCS, evseId=E2)
    beside = await next_one(changing, HUB_CCS, evseId=E3)
    following_one = await next_one(changing, HUB_CCS)
    await canceled(changing, "other_fleet", beside)
    assert (await hazard(changing, following_one))[1] == E2
    session = await begun(changing, E2, "10:00", token=CARD)
    assert session["allowedUntil"] == "2026-12-01T11:00:00Z"
    await passing(changing, "10:59", "11:00")

    assert await hazard(changing, following_one) == (None, E3)
    assert (await read(changing, "cpo", session))["allowedUntil"] == "2026-12-01T11:15:00Z"
    seen = await ask(changing, "other_fleet", BY_ID, id=following_one["id"])
    assert (seen["status"], seen["evse"]["id"]) == ("RESERVED", E3)


async def test_buc_3_3_3_whoever_charges_is_told_in_time_that_somebody_booked_the_time_after(changing: World) -> None:
    await with_card(changing)
    session = await begun(changing, E1, "10:00", token=CARD)
    changing.later(clock("10:20"))
    after = await next_one(changing)
    await passing(changing, "10:59")

    shown = await read(changing, "fleet", session)

    assert session["allowedUntil"] == "2026-12-01T11:15:00Z"
    assert (shown["allowedUntil"], shown["minutesLeft"]) == ("2026-12-01T11:00:00Z", 1)
    assert await hazard(changing, after) == (None, E1)
