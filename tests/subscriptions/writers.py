"""Transactions that write events and commit in another order than they began, and readers that follow them."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from models.db import Database, connected
from models.events import Event, EventKind
from models.queries import events
from subscriptions.hub import Topic, of_kind
from tests.factories.catalogue import NOW

WRITERS = 32
DEADLINE_SECONDS = 10.0
BOOKINGS: list[Topic] = [of_kind(EventKind.BOOKING_CHANGED)]


class RolledBack(Exception):
    """The cause of an event did not happen."""


def an_event(name: str, kind: EventKind = EventKind.BOOKING_CHANGED, location_id: str | None = None) -> Event:
    """Return an event about an object of that name; nobody reads the object again."""
    return Event(kind, name, location_id)


async def tell(database: Database, *names: str, kind: EventKind = EventKind.BOOKING_CHANGED) -> None:
    """Write events in one transaction and commit it."""
    async with database.transaction() as connection:
        await events.add(connection, [an_event(name, kind) for name in names], NOW)


@asynccontextmanager
async def many_connections(dsn: str) -> AsyncIterator[Database]:
    """Yield a database with a connection for every writer and some more."""
    async with connected(dsn, connections=WRITERS + 8) as database:
        yield database


@dataclass
class Open:
    """A transaction that has written its event and waits to be told how it ends."""

    name: str
    _ending: asyncio.Future[bool]
    _done: asyncio.Task[None]

    async def commit(self) -> None:
        """Let the event be."""
        self._ending.set_result(True)
        await self._done

    async def roll_back(self) -> None:
        """Let the event never have been."""
        self._ending.set_result(False)
        await self._done


async def opened(database: Database, name: str) -> Open:
    """Begin a transaction that writes one event, and return it open."""
    loop = asyncio.get_running_loop()
    written: asyncio.Future[None] = loop.create_future()
    ending: asyncio.Future[bool] = loop.create_future()

    async def run() -> None:
        with suppress(RolledBack):
            async with database.transaction() as connection:
                await events.add(connection, [an_event(name)], NOW)
                written.set_result(None)
                if not await ending:
                    raise RolledBack

    task = asyncio.create_task(run())
    await asyncio.wait({task, written}, return_when=asyncio.FIRST_COMPLETED)
    return Open(name, ending, task)


async def storm(database: Database, names: Iterable[str], seed: int, between: Callable[[], object]) -> set[str]:
    """Let 32 transactions at a time be open, end them in a random order, one in ten in vain.

    `between` is called, and awaited if it wants to be, after each. Return what was committed.
    """
    chance, waiting, committed = random.Random(seed), list(names), set[str]()
    going: list[Open] = []
    while waiting or going:
        while waiting and len(going) < WRITERS:
            going.append(await opened(database, waiting.pop(0)))
        one = going.pop(chance.randrange(len(going)))
        if chance.random() < 0.1:
            await one.roll_back()
        else:
            await one.commit()
            committed.add(one.name)
        came = between()
        if asyncio.iscoroutine(came):
            await came
    return committed


@dataclass
class Naive:
    """A reader that asks for `id > last`, as one would who believes that ids are committed in order."""

    database: Database
    told: list[str] = field(default_factory=list)
    _last: int = 0

    async def read(self) -> None:
        """Take what is new."""
        async with self.database.reading() as connection:
            rows = await connection.fetch("SELECT id, object_id FROM event WHERE id > $1 ORDER BY id", self._last)
        for row in rows:
            self._last = row["id"]
            self.told.append(row["object_id"])
