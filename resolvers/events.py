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


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some events in order; `complete_before` is the transaction before which no event can still come."""

    recorded: Sequence[Recorded]
    complete_before: int


async def after(database: Database, cursor: Cursor) -> Stretch:
    """Return the next events behind `cursor`; two statements."""
    async with database.reading() as connection:
        horizon = await events.horizon(connection)
        recorded = await events.after(connection, cursor, horizon, PAGE)
    if len(recorded) == PAGE:
        horizon = min(horizon, recorded[-1].cursor.xid)
    return Stretch(recorded, horizon)


async def feed(database: Database) -> Feed:
    """Return where the feed begins and ends."""
    async with database.reading() as connection:
        return await events.feed(connection)


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
