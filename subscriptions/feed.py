"""The one reader of the event feed in a process: keeps the catalogue up and tells the hub, in this order."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from datetime import datetime

import structlog

from models.catalogue import Catalogue
from models.db import Database
from models.events import Cursor, Recorded
from resolvers import catalogue as catalogues
from resolvers import events
from resolvers.events import Resync, Stretch
from subscriptions.hub import Hub, Subscriber, Topic, topics_of

POLL_SECONDS = 0.1
AFTER_FAILURE_SECONDS = 1.0
log = structlog.get_logger()


class Feed:
    """Events as they become complete, in order; woken by commits of this process, polling for those of others."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        """Take what to read from and whom to keep up; `following` starts it."""
        self.hub = Hub()
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._woken = asyncio.Event()
        self._moved = asyncio.Condition()
        self._complete_before = 0
        self._looks = 0
        self._awaited: tuple[int, datetime] | None = None
        self._ending = asyncio.Event()

    @asynccontextmanager
    async def following(self) -> AsyncIterator["Feed"]:
        """Load the catalogue, then follow the feed until the end."""
        self._ending.clear()
        await events.adopt(self._database)
        await catalogues.load(self._database, self._catalogue, self._clock())
        self._database.after_commit = self._woken.set
        task = asyncio.create_task(self._follow(), name="event feed")
        try:
            yield self
        finally:
            self._database.after_commit = _nothing
            self._ending.set()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def synced(self) -> None:
        """Wait until everything that is committed by now has reached the catalogue and the hub."""
        newest = await events.newest(self._database)
        for _ in range(2):  # a look that is under way may have begun before now
            looks = self._looks
            self._woken.set()
            async with self._moved:
                await self._moved.wait_for(lambda: self._looks > looks and self._complete_before >= newest)  # noqa: B023

    @contextmanager
    def listening(self, topics: Iterable[Topic]) -> Iterator["Listener"]:
        """Yield a listener to `topics`; whatever becomes complete from now on reaches it."""
        wanted = frozenset(topics)
        with self.hub.subscribed(wanted) as subscriber:
            yield Listener(self._database, subscriber, wanted, self._catalogue.position)

    async def _follow(self) -> None:
        while not self._ending.is_set():
            try:
                await self._advance()
            except Exception:
                if self._ending.is_set():  # a connection that is cut makes a failure of the cancellation
                    return
                log.exception("the event feed cannot read the database; trying again")
                await asyncio.sleep(AFTER_FAILURE_SECONDS)

    async def _advance(self) -> None:
        self._woken.clear()
        began = self._clock()
        try:
            stretch = await events.after(self._database, self._catalogue.position)
        except Resync as resync:
            await self._begin_anew(resync)
            return
        if stretch.recorded:
            await catalogues.follow(self._database, self._catalogue, stretch.recorded)
            self._catalogue.position = stretch.recorded[-1].cursor
            for recorded in stretch.recorded:
                self.hub.send(recorded)
        if len(stretch.recorded) == events.PAGE:
            return
        self._note(stretch, began)
        async with self._moved:
            self._complete_before = stretch.complete_before
            self._looks += 1
            self._moved.notify_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):  # wait_for could lose the cancellation that ends the feed
                await self._woken.wait()

    def _note(self, stretch: Stretch, began: datetime) -> None:
        """Note that the catalogue is as new as a moment, once all that was under way at that moment is complete."""
        if stretch.complete_before >= stretch.newest:
            self._catalogue.caught_up_at, self._awaited = began, None
        elif self._awaited is None:
            self._awaited = stretch.newest, began
        elif stretch.complete_before >= self._awaited[0]:
            self._catalogue.caught_up_at, self._awaited = self._awaited[1], (stretch.newest, began)

    async def _begin_anew(self, resync: Resync) -> None:
        """Read everything again, because the database was set back or is another one, and let clients do so too."""
        log.warning("the event feed begins anew", reason=resync.reason)
        await events.adopt(self._database)
        self._awaited = None
        await catalogues.load(self._database, self._catalogue, self._clock())
        self.hub.end(resync)
        await asyncio.sleep(POLL_SECONDS)


class Listener:
    """Events of some topics from `position` on, and if asked those behind a cursor before them."""

    def __init__(
        self, database: Database, subscriber: Subscriber, topics: frozenset[Topic], position: Cursor
    ) -> None:
        """Take a subscriber that has waited since `position`."""
        self.position = position
        self._database = database
        self._subscriber = subscriber
        self._topics = topics

    async def events(self, after: Cursor | None) -> AsyncGenerator[Recorded, None]:
        """Yield events in order, each once. Raise Resync if those behind `after` are gone, later FellBehind."""
        told = self.position
        if after is not None:
            told = max(told, after)
            async with aclosing(self._missed(after)) as missed:
                async for recorded in missed:
                    yield recorded
        async with aclosing(self._subscriber.taken()) as live:
            async for recorded in live:
                if recorded.cursor > told:
                    yield recorded

    async def _missed(self, after: Cursor) -> AsyncGenerator[Recorded, None]:
        """Yield what came before `position`; the rest reaches the subscriber once the catalogue knows of it too."""
        cursor, more = after, True
        while more:
            stretch = await events.after(self._database, cursor)
            more = len(stretch.recorded) == events.PAGE
            for recorded in stretch.recorded:
                cursor = recorded.cursor
                if cursor > self.position:
                    return
                if not self._topics.isdisjoint(topics_of(recorded.event)):
                    yield recorded


def _nothing() -> None:
    return None
