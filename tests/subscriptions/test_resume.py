"""Continuing behind a cursor: nothing lost, nothing twice; and a plain word where that cannot be."""

import asyncio
import random
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from models.db import Database
from models.events import Cursor, Recorded
from models.rules.booking_location import BookingLocation
from models.rules.location import Status
from resolvers import evses
from resolvers.events import KEEP_EVENTS, PAGE, prune
from resolvers.evses import FaultReport, StatusReport
from schema.live import EventCursor, read_cursor, write_cursor
from schema.pages import to_cursor
from subscriptions.feed import Feed
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.requests import a_request, outcome
from tests.subscriptions.hearing import assert_in_order, following, hearing, position, synced
from tests.subscriptions.streams import FAULTS, SLOTS, subscribed
from tests.subscriptions.writers import BOOKINGS, DEADLINE_SECONDS, many_connections, storm, tell
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

END = "end"
SLOTS_OF_LOC1 = {
    "input": {
        "locationIds": ["NL*ABC*LOC1"],
        "window": {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"},
    }
}
SUBSCRIPTIONS = {"slots": (SLOTS, SLOTS_OF_LOC1), "faults": (FAULTS, {})}
MALFORMED = {
    "empty": "",
    "no base64": "*",
    "not ASCII": "é",
    "no JSON": "eA",
    "a number": "MQ",
    "of another list": to_cursor(("NL*ABC*LOC1",)),
    "of a list by date": to_cursor(("2026-12-01T08:00:00.000000+00:00", "NL*ABC*LOC1")),
    "negative": to_cursor(("1-1", "5", "-1")),
    "letters": to_cursor(("1-1", "x", "5")),
    "a fraction": to_cursor(("1-1", "1", "0.5")),
    "too large a transaction": to_cursor(("1-1", str(2**64), "5")),
    "too large an id": to_cursor(("1-1", "5", str(2**63))),
    "without end": to_cursor(("1-1", "9" * 5000, "5")),
    "four parts": to_cursor(("1-1", "5", "5", "5")),
}


@pytest.fixture
async def offer(world: World) -> BookingLocation:
    """What is watched here: one charger, all day long."""
    site = a_location()
    made = an_offer(site)
    await world.publish(site, made)
    return made


async def report(world: World, status: Status, code: str | None = None) -> None:
    """Tell the state of the charger, and wait until everybody has heard."""
    fault = FaultReport(code, None, None, None) if code else None
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport("NL*ABC*LOC1*E1", status, fault))
    await synced(world.feed)


def of(cursor: str) -> Cursor:
    """Return the place that a client was sent."""
    place = read_cursor(EventCursor(cursor))
    assert place is not None
    return place


async def test_a_listener_that_resumes_behind_any_event_is_told_the_rest_once(database: Database) -> None:
    written: list[str] = []
    async with following(database) as feed, hearing(feed) as heard:
        beginning = position(feed)
        for names in (["a"], ["b", "c", "d"], ["e"], ["f", "g"]):
            await tell(database, *names)
            written += names
        await heard.at_least(7)
        for number, cursor in enumerate([beginning, *(one.cursor for one in heard.recorded[:7])]):
            async with hearing(feed, after=cursor) as resumed:
                await resumed.at_least(len(written) - number)
                await tell(database, f"live {number}")
                written.append(f"live {number}")
                assert await resumed.at_least(len(written) - number) == written[number:]
                assert_in_order(resumed.recorded)


async def test_more_missed_events_than_are_read_at_once_are_all_told(database: Database) -> None:
    names = [f"booking {number}" for number in range(2 * PAGE + 3)]
    async with following(database) as feed:
        beginning = position(feed)
        await tell(database, *names)
        await synced(feed)
        async with hearing(feed, after=beginning) as resumed:
            await resumed.at_least(len(names))
            await tell(database, "live")
            told = await resumed.at_least(len(names) + 1)

    assert told == [*names, "live"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_client_that_keeps_breaking_off_in_a_storm_of_writers_misses_nothing(dsn: str, seed: int) -> None:
    chance = random.Random(seed)
    told: list[Recorded] = []

    async def follow(feed: Feed, cursor: Cursor) -> None:
        while not told or told[-1].event.object_id != END:
            with feed.listening(BOOKINGS) as listener:
                async with aclosing(listener.events(cursor)) as heard:
                    async for recorded in heard:
                        told.append(recorded)
                        cursor = recorded.cursor
                        if recorded.event.object_id == END or chance.random() < 0.2:
                            break

    async with many_connections(dsn) as database, following(database) as feed:
        client = asyncio.create_task(follow(feed, position(feed)))
        committed = await storm(database, [f"booking {number}" for number in range(200)], seed, lambda: None)
        await tell(database, END)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await client

    assert sorted(one.event.object_id for one in told) == sorted({*committed, END})
    assert_in_order(told)


async def test_a_client_that_was_away_is_told_of_every_fault_since_and_goes_on(
    world: World, offer: BookingLocation
) -> None:
    await report(world, Status.INOPERATIVE, "first")
    async with subscribed(world, "emsp", FAULTS) as stream:
        first = await stream.next()
    for code in ("second", "third"):
        await report(world, Status.OUTOFORDER, code)
    await report(world, Status.AVAILABLE)

    async with subscribed(world, "emsp", FAULTS, after=first["cursor"]) as stream:
        missed = [await stream.next() for _ in range(3)]
        await report(world, Status.BLOCKED, "fourth")
        live = await stream.next()
    async with subscribed(world, "emsp", FAULTS, after=missed[1]["cursor"]) as stream:
        again = [await stream.next() for _ in range(2)]

    assert first["fault"]["code"] == "first"
    assert [one["fault"]["code"] for one in missed] == ["third"] * 3
    assert live["fault"]["code"] == "fourth"
    assert [one["cursor"] for one in again] == [missed[2]["cursor"], live["cursor"]]
    places = [of(one["cursor"]) for one in (first, *missed, live)]
    assert places == sorted(set(places))


async def test_a_dashboard_that_was_away_is_told_what_is_free_now_once(world: World, offer: BookingLocation) -> None:
    async with subscribed(world, None, SLOTS, **SLOTS_OF_LOC1) as stream:
        first = await stream.next()
    for period in (hours(8, 9), hours(9, 10)):
        await outcome(await world.call("emsp"), a_request(offer, period))
    await synced(world.feed)

    async with subscribed(world, None, SLOTS, **SLOTS_OF_LOC1, after=first["cursor"]) as stream:
        missed = await stream.next()
        await outcome(await world.call("emsp"), a_request(offer, hours(11, 12)))
        live = await stream.next()

    assert starts(first) == ["2026-12-01T08:00:00Z"]
    assert (missed["cause"], starts(missed)) == ("BOOKING", ["2026-12-01T10:00:00Z"])
    assert [one["endDateTime"] for one in live["timeslots"]] == ["2026-12-01T11:00:00Z"]


async def test_the_first_cursor_of_a_process_that_has_read_no_event_leads_back(
    world: World, offer: BookingLocation
) -> None:
    async with World(world.database).living() as restarted:
        async with subscribed(restarted, None, SLOTS, **SLOTS_OF_LOC1) as stream:
            first = await stream.next()
        await outcome(await world.call("emsp"), a_request(offer))
        await synced(restarted.feed)
        async with subscribed(restarted, None, SLOTS, **SLOTS_OF_LOC1, after=first["cursor"]) as stream:
            missed = await stream.next()

    assert missed["cause"] == "BOOKING"


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("another epoch", "The cursor belongs to another history of the database."),
        ("ahead", "The cursor lies ahead of the database."),
        ("below the floor", "The cursor is older than the events that are kept."),
    ],
)
async def test_a_cursor_that_leads_nowhere_is_answered_by_a_resync_and_the_end(
    world: World, offer: BookingLocation, subscription: str, case: str, reason: str
) -> None:
    now = position(world.feed)
    await tell(world.database, "later")
    await synced(world.feed)
    lost = {
        "another epoch": replace(now, epoch="1-1"),
        "ahead": replace(now, xid=now.xid + 1_000_000),
        "below the floor": now,
    }
    if case == "below the floor":
        await prune(world.database, world.now + KEEP_EVENTS * 2)
    document, variables = SUBSCRIPTIONS[subscription]

    async with subscribed(world, "emsp", document, **variables, after=write_cursor(lost[case])) as stream:
        told = await stream.next()
        ended = await stream.ended()

    assert told == {"__typename": "ResyncRequired", "reason": reason}
    assert ended


async def test_a_cursor_at_the_floor_has_lost_nothing(world: World, offer: BookingLocation) -> None:
    await report(world, Status.INOPERATIVE, "first")
    async with subscribed(world, "emsp", FAULTS) as stream:
        last = await stream.next()
    await prune(world.database, world.now + KEEP_EVENTS * 2)
    await report(world, Status.INOPERATIVE, "second")

    async with subscribed(world, "emsp", FAULTS, after=last["cursor"]) as stream:
        missed = await stream.next()

    assert missed["fault"]["code"] == "second"


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
async def test_a_malformed_cursor_is_bad_input(world: World, offer: BookingLocation, subscription: str) -> None:
    document, variables = SUBSCRIPTIONS[subscription]
    answered = {}

    for case, cursor in MALFORMED.items():
        async with subscribed(world, "emsp", document, **variables, after=cursor) as stream:
            code, message = await stream.refusal()
        answered[case] = code, message.startswith("`after` is no cursor")

    assert answered == dict.fromkeys(MALFORMED, ("BAD_USER_INPUT", True))


def starts(message: dict[str, Any]) -> list[str]:
    """Return when the free timeslots of a message begin."""
    return [one["startDateTime"] for one in message["timeslots"]]
