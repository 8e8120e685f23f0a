"""Reading the event feed, and letting what is too old go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.db import Database
from models.events import Cursor, Recorded
from models.queries import events, idempotency
from models.queries.events import Feed

PAGE = 500
KEEP_EVENTS = timedelta(days=7)
KEEP_KEYS = timedelta(days=7)
BATCH = 1000


class Resync(Exception):
    """Events behind a cursor may be missing; whoever followed reads afresh and begins anew."""

    def __init__(self, reason: str) -> None:
        """Take why, in one sentence."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some events in order; before the transaction `complete_before` none can still come, `newest` starts next."""

    recorded: Sequence[Recorded]
    complete_before: int
    newest: int


async def after(database: Database, cursor: Cursor) -> Stretch:
    """Return the next events behind `cursor`, or raise Resync if some may be missing; three statements at most."""
    async with database.reading() as connection:
        feed = await events.feed(connection)
        _check(feed, cursor)
        recorded = await events.after(connection, cursor, feed.end.xid, PAGE)
        if recorded:
            _check(await events.feed(connection), cursor)  # retention may have taken some before they were read
    complete_before = recorded[-1].cursor.xid if len(recorded) == PAGE else feed.end.xid
    return Stretch(recorded, complete_before, feed.newest)


async def adopt(database: Database) -> bool:
    """Make the feed one of this database if it was restored from another; return whether it was."""
    return await database.write(events.adopt)


def _check(feed: Feed, cursor: Cursor) -> None:
    lost = feed.lost(cursor)
    if lost is not None:
        raise Resync(lost)


async def newest(database: Database) -> int:
    """Return the transaction before which everything lies that is committed by now."""
    async with database.reading() as connection:
        return await events.newest(connection)


async def oldest_writer(database: Database) -> float:
    """Return for how many seconds the oldest open transaction has held the feed back."""
    async with database.reading() as connection:
        return await events.oldest_writer(connection)


async def prune(database: Database, now: datetime) -> int:
    """Let go of a batch of events and of idempotency keys past their keeping; return how many."""
    gone = await database.write(lambda connection: events.prune(connection, now, KEEP_EVENTS, BATCH))
    return gone + await database.write(lambda connection: idempotency.prune(connection, now, KEEP_KEYS, BATCH))
