"""A process whose catalogue is behind the feed: whoever resumes there is told late, never wrongly and never twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from models.catalogue import Catalogue
from models.db import Connection, Database, connected
from models.events import AvailabilityCause
from models.rules.booking_location import BookingLocation
from resolvers import events, publishing
from resolvers.call import Call
from schema.live import write_cursor
from tests.factories.catalogue import NOW, UPDATED, a_location, an_offer, hours
from tests.resolvers.requests import a_request, ask, outcome
from tests.subscriptions.hearing import position, synced
from tests.subscriptions.streams import DEADLINE_SECONDS, SLOTS, subscribed
from tests.world import World

pytestmark = pytest.mark.anyio

INPUT = {
    "locationIds": ["NL*ABC*LOC1"],
    "window": {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"},
}
KEEP_FROM_READING = "LOCK TABLE parking_bay IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
async def offer(world: World) -> BookingLocation:
    """What is watched here: one charger, all day long."""
    site = a_location()
    made = an_offer(site)
    await world.publish(site, made)
    return made


class Locking(Database):
    """A database where a lock is taken just before each commit."""

    def __init__(self, database: Database, locking: Connection) -> None:
        """Take the connection that takes the lock, in a transaction of its own."""
        super().__init__(database._pool, database._engine)
        self._locking = locking

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction."""
        async with super().transaction() as connection:
            yield connection
            await self._locking.execute(KEEP_FROM_READING)


@asynccontextmanager
async def unread(elsewhere: Database, new: BookingLocation) -> AsyncIterator[None]:
    """Publish calendars by another process, while no process can read them until the end.

    The lock is taken by a younger transaction than the one that publishes, so it does not hold the event back.
    """
    async with elsewhere.transaction() as locking:
        call = Call(None, NOW, Locking(elsewhere, locking), Catalogue())
        await publishing.booking_location(call, new)
        yield


def shorter(offer: BookingLocation) -> BookingLocation:
    return an_offer(a_location(), windows=[hours(8, 10)], last_updated=UPDATED + timedelta(hours=1))


async def listening(world: World, dsn: str) -> None:
    """Wait until somebody listens in the process, and has asked the database for what it missed."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not len(world.feed.hub):
            await ask(dsn, "SELECT 1")
    for _ in range(3):
        await ask(dsn, "SELECT 1")


async def test_what_is_free_is_told_once_the_process_knows_the_calendars_behind_an_event(
    world: World, dsn: str, offer: BookingLocation
) -> None:
    last = write_cursor(position(world.feed))
    async with connected(dsn) as elsewhere, subscribed(world, None, SLOTS, input=INPUT, after=last) as stream:
        async with unread(elsewhere, shorter(offer)):
            message = asyncio.create_task(stream.next())
            await listening(world, dsn)
        told = await message

    assert told["cause"] == "CALENDAR"
    assert [one["endDateTime"] for one in told["timeslots"]] == ["2026-12-01T10:00:00Z"]


async def test_a_client_that_comes_from_a_process_further_ahead_is_told_nothing_twice(
    world: World, dsn: str, offer: BookingLocation
) -> None:
    async with connected(dsn) as elsewhere, AsyncExitStack() as streams:
        async with unread(elsewhere, shorter(offer)):
            ahead = (await events.after(elsewhere, position(world.feed))).recorded[-1]
            open_stream = subscribed(world, None, SLOTS, input=INPUT, after=write_cursor(ahead.cursor))
            stream = await streams.enter_async_context(open_stream)
            message = asyncio.create_task(stream.next())
            await listening(world, dsn)
        await synced(world.feed)
        await outcome(await world.call("emsp"), a_request(offer, hours(8, 9)))
        told = await message

    assert ahead.event.cause is AvailabilityCause.CALENDAR
    assert told["cause"] == "BOOKING"
    assert told["timeslots"] == [
        {"startDateTime": "2026-12-01T09:00:00Z", "endDateTime": "2026-12-01T10:00:00Z", "available": 1}
    ]
