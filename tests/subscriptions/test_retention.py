"""What is let go of after its keeping: events and idempotency keys, in batches, the oldest first."""

from datetime import datetime, timedelta

import pytest

from models.catalogue import Catalogue
from models.db import Database
from models.queries import events as stored
from models.queries import idempotency
from resolvers import events
from resolvers.call import Call
from resolvers.events import BATCH, KEEP_EVENTS, KEEP_KEYS
from server import worker
from tests.factories.catalogue import NOW
from tests.resolvers.requests import ask
from tests.subscriptions.hearing import following, hearing, position
from tests.subscriptions.writers import an_event, opened, tell

pytestmark = pytest.mark.anyio

TOO_OLD = timedelta(seconds=1)
LEFT = "SELECT array_agg(object_id ORDER BY xid, id) FROM event"


async def told_at(database: Database, at: datetime, *names: str) -> None:
    async with database.transaction() as connection:
        await stored.add(connection, [an_event(name) for name in names], at)


async def test_events_past_their_keeping_go_in_batches_and_newer_ones_stay(database: Database, dsn: str) -> None:
    await told_at(database, NOW - KEEP_EVENTS - TOO_OLD, *[f"old {number}" for number in range(2 * BATCH + 7)])
    await told_at(database, NOW - KEEP_EVENTS, "just kept")
    await told_at(database, NOW, "new")

    batches = [await events.prune(database, NOW) for _ in range(4)]

    assert batches == [BATCH, BATCH, 7, 0]
    assert await ask(dsn, LEFT) == ["just kept", "new"]


async def test_the_worker_prunes_until_nothing_old_is_left(database: Database, dsn: str) -> None:
    await told_at(database, NOW - KEEP_EVENTS - TOO_OLD, *[f"old {number}" for number in range(BATCH + 1)])
    await told_at(database, NOW, "new")

    gone = await worker.prune(Call(None, NOW, database, Catalogue()))

    assert gone == BATCH + 1
    assert await ask(dsn, LEFT) == ["new"]


async def test_an_old_event_that_nobody_may_have_read_yet_stays(database: Database, dsn: str) -> None:
    holder = await opened(database, "open")
    await told_at(database, NOW - KEEP_EVENTS - TOO_OLD, "behind it")

    while_open = await events.prune(database, NOW)
    await holder.roll_back()
    afterwards = await events.prune(database, NOW)

    assert (while_open, afterwards) == (0, 1)


async def test_a_process_goes_on_after_all_that_it_has_read_was_pruned(database: Database) -> None:
    async with following(database) as feed, hearing(feed) as heard:
        await told_at(database, NOW - KEEP_EVENTS - TOO_OLD, "old")
        await heard.at_least(1)
        read = position(feed)
        await events.prune(database, NOW)
        await tell(database, "new")
        told = await heard.at_least(2)

    assert told == ["old", "new"]
    assert read == heard.recorded[0].cursor


async def test_the_floor_never_sinks(database: Database, dsn: str) -> None:
    await told_at(database, NOW, "kept, though before the newest that goes")
    await told_at(database, NOW - KEEP_EVENTS - TOO_OLD, "old")
    await events.prune(database, NOW)
    async with database.reading() as connection:
        high = (await stored.feed(connection)).floor
    await events.prune(database, NOW + KEEP_EVENTS + TOO_OLD)
    async with database.reading() as connection:
        low = (await stored.feed(connection)).floor

    assert await ask(dsn, "SELECT count(*) FROM event") == 0
    assert low == high


async def test_idempotency_keys_past_their_keeping_go_in_batches_and_newer_ones_stay(
    database: Database, dsn: str
) -> None:
    async with database.transaction() as connection:
        for number in range(BATCH + 3):
            use = idempotency.Use("NL*EMS EMSP", f"old {number}", "bookingCreate", b"")
            await idempotency.claim(connection, use, {}, NOW - KEEP_KEYS - TOO_OLD)
        for name, age in (("just kept", KEEP_KEYS), ("new", timedelta(0))):
            await idempotency.claim(connection, idempotency.Use("NL*EMS EMSP", name, "", b""), {}, NOW - age)

    batches = [await events.prune(database, NOW) for _ in range(3)]

    assert batches == [BATCH, 3, 0]
    left = await ask(dsn, "SELECT array_agg(idempotency_key ORDER BY used_at) FROM idempotency")
    assert left == ["just kept", "new"]
