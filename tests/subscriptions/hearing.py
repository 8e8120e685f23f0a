"""A listener to the feed of a process, and what it was told so far."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from models.catalogue import Catalogue
from models.db import Database
from models.events import Cursor, Recorded
from subscriptions.feed import Feed
from tests.factories.catalogue import NOW
from tests.subscriptions.writers import BOOKINGS, DEADLINE_SECONDS


class Heard:
    """What a listener to bookings was told since it began."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.recorded: list[Recorded] = []
        self._more = asyncio.Condition()

    @property
    def names(self) -> list[str]:
        """What the events are about, in the order in which they were told."""
        return [one.event.object_id for one in self.recorded]

    async def at_least(self, number: int) -> list[str]:
        """Wait for so many events and return the names of all that came."""
        async with asyncio.timeout(DEADLINE_SECONDS), self._more:
            await self._more.wait_for(lambda: len(self.recorded) >= number)
        return self.names

    async def add(self, recorded: Recorded) -> None:
        """Note an event."""
        async with self._more:
            self.recorded.append(recorded)
            self._more.notify_all()


@asynccontextmanager
async def hearing(feed: Feed, after: Cursor | None = None) -> AsyncIterator[Heard]:
    """Listen to bookings until the end."""
    heard = Heard()
    with feed.listening(BOOKINGS) as listener:

        async def listen() -> None:
            async with aclosing(listener.events(after)) as told:
                async for recorded in told:
                    await heard.add(recorded)

        task = asyncio.create_task(listen())
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def following(database: Database) -> AsyncIterator[Feed]:
    """Follow the feed of a database, as one process does."""
    async with Feed(database, Catalogue(), lambda: NOW).following() as feed:
        yield feed


async def synced(feed: Feed) -> None:
    """Wait until the process has heard of everything that is committed."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        await feed.synced()


def position(feed: Feed) -> Cursor:
    """Return how far the process has read."""
    with feed.listening(BOOKINGS) as listener:
        return listener.position


def assert_in_order(recorded: Sequence[Recorded]) -> None:
    """Assert that events came in the order of the feed, none twice."""
    places = [(one.cursor.xid, one.cursor.id) for one in recorded]
    assert places == sorted(set(places))
