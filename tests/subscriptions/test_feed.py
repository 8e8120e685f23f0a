"""The tail of the event feed on PostgreSQL: every event once and in order, whoever commits when."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest
from httpx2 import ASGITransport, AsyncClient

from models.catalogue import Catalogue
from models.db import Database
from models.events import Cursor, EventKind, Recorded
from models.queries import events as stored
from resolvers import events
from resolvers.events import PAGE
from server import health
from subscriptions.feed import Feed
from tests.factories.catalogue import NOW
from tests.resolvers.requests import ask
from tests.subscriptions.hearing import assert_in_order, following, hearing, position, synced
from tests.subscriptions.writers import DEADLINE_SECONDS, Naive, many_connections, opened, storm, tell

pytestmark = pytest.mark.anyio

INSERT_AT = """
INSERT INTO event (xid, kind, object_id, at) VALUES ($1::text::xid8, 'BOOKING_CHANGED', $2, $3)
"""


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_committed_event_is_told_once_and_in_order_though_ids_are_committed_in_another(
    dsn: str, seed: int
) -> None:
    names = [f"booking {number}" for number in range(200)]
    async with many_connections(dsn) as database, following(database) as feed, hearing(feed) as heard:
        naive = Naive(database)
        committed = await storm(database, names, seed, naive.read)
        told = await heard.at_least(len(committed))
        await synced(feed)
        await naive.read()

    assert 150 < len(committed) < 200
    assert sorted(told) == sorted(committed)
    assert_in_order(heard.recorded)
    assert len(naive.told) < len(committed), "no id was committed late, so the storm proves nothing"


async def test_thirty_two_writers_that_run_freely_are_all_heard(dsn: str) -> None:
    async def write(writer: int) -> None:
        for number in range(10):
            await tell(database, f"{writer} {number}", f"{writer} {number} again")

    async with many_connections(dsn) as database, following(database) as feed, hearing(feed) as heard:
        await asyncio.gather(*(write(writer) for writer in range(32)))
        told = await heard.at_least(640)
        await synced(feed)

    assert len(told) == len(set(told)) == 640
    assert_in_order(heard.recorded)


async def test_more_events_of_one_transaction_than_are_read_at_once_are_told_in_order(database: Database) -> None:
    names = [f"booking {number}" for number in range(2 * PAGE)]

    async with following(database) as feed, hearing(feed) as heard:
        await tell(database, *names)
        told = await heard.at_least(len(names))
        await synced(feed)

    assert told == names


async def test_an_event_vanishes_with_a_cause_that_is_rolled_back(database: Database, dsn: str) -> None:
    async with following(database) as feed, hearing(feed) as heard:
        undone = await opened(database, "undone")
        await undone.roll_back()
        await tell(database, "done")
        told = await heard.at_least(1)
        await synced(feed)

    assert told == heard.names == ["done"]
    assert await ask(dsn, "SELECT count(*) FROM event WHERE object_id = 'undone'") == 0


async def test_transactions_are_ordered_as_numbers_and_not_as_texts(database: Database) -> None:
    written = [1000, 99_999_999_999, 999, 10_000]
    async with database.reading() as connection:
        for xid in written:
            await connection.execute(INSERT_AT, str(xid), f"of {xid}", NOW)
        whole = await stored.after(connection, Cursor("", 0, 0), 10**12, 10)
        paged: list[Recorded] = []
        cursor = Cursor("", 0, 0)
        while page := await stored.after(connection, cursor, 10**12, 1):
            paged, cursor = paged + page, page[-1].cursor
        complete = await stored.after(connection, Cursor("", 0, 0), 10_000, 10)

    assert [one.cursor.xid for one in whole] == [999, 1000, 10_000, 99_999_999_999]
    assert [one.event.object_id for one in whole] == ["of 999", "of 1000", "of 10000", "of 99999999999"]
    assert paged == whole == sorted(whole, key=lambda one: one.cursor)
    assert complete == whole[:2]


async def test_an_open_transaction_holds_back_what_is_committed_behind_it(database: Database, dsn: str) -> None:
    async with following(database) as feed, hearing(feed) as heard:
        await synced(feed)
        first, second = await opened(database, "first"), await opened(database, "second")
        await second.commit()
        held = await events.after(database, position(feed))
        stored_while_held = await ask(dsn, "SELECT count(*) FROM event")
        told_while_held = list(heard.names)
        await first.commit()
        told = await heard.at_least(2)

    assert stored_while_held == 1
    assert list(held.recorded) == []
    assert told_while_held == []
    assert told == ["first", "second"]


async def test_health_tells_of_the_transaction_that_holds_the_feed_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue()
    app = health.Health(database, catalogue, lambda: NOW)
    async with (
        Feed(database, catalogue, lambda: NOW).following(),
        AsyncClient(transport=ASGITransport(app), base_url="http://server") as client,
    ):
        well = await client.get("/health")
        holder = await opened(database, "open")
        earlier = await events.oldest_writer(database)
        later = await events.oldest_writer(database)
        monkeypatch.setattr(health, "MOST_HELD_BACK_SECONDS", 0.0)
        ill = await client.get("/health")
        await holder.commit()
        over = await events.oldest_writer(database)

    assert (well.status_code, well.json()) == (200, {"status": "ok", "warnings": []})
    assert 0 < earlier < later
    assert over < later
    assert ill.status_code == 200
    assert ill.json() == {"status": "warning", "warnings": ["a transaction open for 0 s holds the live feed back"]}


async def test_a_catalogue_whose_feed_is_held_back_lags_until_it_has_caught_up(database: Database) -> None:
    catalogue, now = Catalogue(), [NOW]
    async with Feed(database, catalogue, lambda: now[0]).following() as feed, hearing(feed) as heard:
        await synced(feed)
        holder = await opened(database, "open")
        await tell(database, "behind it")
        now[0] = NOW + timedelta(seconds=6)
        held_back = catalogue.lags(now[0])
        await holder.commit()
        for number in range(3, 6):
            await tell(database, f"number {number}")
            await heard.at_least(number)
        caught_up = catalogue.lags(now[0])

    assert held_back
    assert not caught_up


async def test_two_processes_on_one_database_each_tell_what_the_other_commits(dsn: str) -> None:
    async with (
        many_connections(dsn) as one,
        many_connections(dsn) as other,
        following(one) as feed_of_one,
        following(other) as feed_of_other,
        hearing(feed_of_one) as heard_by_one,
        hearing(feed_of_other) as heard_by_other,
    ):
        await tell(one, "of one")
        await heard_by_other.at_least(1)
        await tell(other, "of the other")
        await heard_by_one.at_least(2)
        committed = await storm(other, [f"storm {number}" for number in range(60)], 4, lambda: None)
        told = [await heard.at_least(2 + len(committed)) for heard in (heard_by_one, heard_by_other)]
        await synced(feed_of_one)
        await synced(feed_of_other)

    assert told[0] == told[1]
    assert told[0][:2] == ["of one", "of the other"]
    assert heard_by_one.recorded == heard_by_other.recorded
    assert_in_order(heard_by_one.recorded)


async def test_only_the_kinds_that_somebody_waits_for_are_told(database: Database) -> None:
    async with following(database) as feed, hearing(feed) as heard:
        await tell(database, "fault", kind=EventKind.FAULT_CHANGED)
        await tell(database, "booking")
        told = await heard.at_least(1)
        await synced(feed)

    assert told == heard.names == ["booking"]


async def test_a_feed_that_is_woken_at_the_moment_it_is_ended_ends(database: Database) -> None:
    for before, after in product(range(4), range(6)):
        async with asyncio.timeout(DEADLINE_SECONDS), following(database) as feed:
            await feed.synced()
            await passing(before)
            database.after_commit()
            await passing(after)

    assert not [task for task in asyncio.all_tasks() if task.get_name() == "event feed"]


async def passing(turns: int) -> None:
    """Let everything else that is ready go on, so many times."""
    for _ in range(turns):
        await asyncio.sleep(0)


class CutWhileEnding(Feed):
    """A feed whose connection is cut at the moment it is told to end, so that it fails instead."""

    async def _advance(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("the connection was cut") from None


async def test_a_feed_whose_connection_is_cut_while_it_ends_ends(database: Database) -> None:
    feed = CutWhileEnding(database, Catalogue(), lambda: NOW)
    ended = False

    async with asyncio.timeout(DEADLINE_SECONDS):
        async with feed.following():
            await asyncio.sleep(0)
        ended = True

    assert ended
