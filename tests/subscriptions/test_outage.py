"""The feed through failures of its database: connections cut, no answer for a while, another history behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from models.db import connected
from resolvers import publishing
from resolvers.call import Call
from tests.factories.catalogue import UPDATED, a_location, an_offer, hours
from tests.resolvers.requests import ask
from tests.subscriptions.hearing import following, hearing, position, synced
from tests.subscriptions.streams import SLOTS, subscribed
from tests.subscriptions.writers import DEADLINE_SECONDS, opened, tell
from tests.world import World

pytestmark = pytest.mark.anyio

CUT = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'hdv-booking' AND pid <> ALL($1)
"""
WRITING = "SELECT array_agg(pid) FROM pg_stat_activity WHERE backend_xid IS NOT NULL"


@asynccontextmanager
async def shut(cluster: str, dsn: str) -> AsyncIterator[None]:
    """Let nobody connect to the database for a while."""
    name = await ask(dsn, "SELECT current_database()")
    try:
        await ask(cluster.format("hdv"), f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        yield
    finally:
        await ask(cluster.format("hdv"), f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def test_the_feed_goes_on_when_its_connections_are_cut(dsn: str) -> None:
    async with (
        connected(dsn) as database,
        connected(dsn) as other,
        following(database) as feed,
        hearing(feed) as heard,
    ):
        await tell(other, "before")
        await heard.at_least(1)
        async with other.reading() as connection:
            cut = await connection.fetchval(CUT, [])
            await connection.execute("SELECT 1")
        await tell(other, "after")
        told = await heard.at_least(2)
        await synced(feed)

    assert cut >= 1
    assert told == heard.names == ["before", "after"]


async def test_what_is_committed_while_the_database_refuses_connections_is_told_later(cluster: str, dsn: str) -> None:
    async with (
        connected(dsn) as database,
        connected(dsn) as other,
        following(database) as feed,
        hearing(feed) as heard,
    ):
        written = await opened(other, "meanwhile")
        async with other.reading() as connection:
            kept = await connection.fetchval(WRITING)
            async with shut(cluster, dsn):
                await connection.fetchval(CUT, kept)
                with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
                    await synced(feed)
                await written.commit()
                told_meanwhile = list(heard.names)
        told = await heard.at_least(1)
        await synced(feed)

    assert told_meanwhile == []
    assert told == heard.names == ["meanwhile"]


async def test_the_catalogue_and_the_subscribers_catch_up_after_an_outage(world: World, dsn: str) -> None:
    site = a_location()
    offer = an_offer(site)
    await world.publish(site, offer)
    wanted = {"locationIds": [site.id], "window": window(8, 12)}
    async with subscribed(world, "emsp", SLOTS, input=wanted) as stream, connected(dsn) as other:
        first = await stream.next()
        async with other.reading() as connection:
            await connection.fetchval(CUT, [])
        call = Call(None, world.now, other, world.catalogue)
        shorter = an_offer(site, windows=[hours(8, 10)], last_updated=UPDATED + timedelta(hours=1))
        await publishing.booking_location(call, shorter)
        second = await stream.next()

    assert [one["endDateTime"] for one in first["timeslots"]] == ["2026-12-01T12:00:00Z"]
    assert [one["endDateTime"] for one in second["timeslots"]] == ["2026-12-01T10:00:00Z"]
    assert second["cause"] == "CALENDAR"


@pytest.mark.parametrize("case", ["another history", "an older state"])
async def test_a_database_that_was_set_back_is_read_anew_and_subscribers_are_told_to_do_so(
    world: World, case: str
) -> None:
    site = a_location()
    await world.publish(site, an_offer(site))
    wanted = {"locationIds": [site.id], "window": window(8, 12)}
    async with subscribed(world, None, SLOTS, input=wanted) as stream:
        await stream.next()
        now = world.catalogue.position
        set_back = {"another history": replace(now, epoch="1-1"), "an older state": replace(now, xid=now.xid * 1000)}
        world.catalogue.position = set_back[case]
        told = await stream.next()
        ended = await stream.ended()
        anew = position(world.feed)
    other = a_location("LOC2")
    await world.publish(other, an_offer(other))
    async with subscribed(world, None, SLOTS, input={**wanted, "locationIds": [other.id]}) as stream:
        afresh = await stream.next()

    assert told["__typename"] == "ResyncRequired"
    assert ended
    assert anew.epoch != "1-1"
    assert afresh["location"]["id"] == other.id


async def test_a_feed_that_cannot_be_read_lets_searches_know_that_the_catalogue_lags(
    cluster: str, dsn: str, world: World
) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        await world.feed.synced()
    known = world.catalogue.lags(world.now)
    async with connected(dsn) as other, other.reading() as connection, shut(cluster, dsn):
        await connection.fetchval(CUT, [])
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await world.feed.synced()
        world.later(world.now + timedelta(seconds=6))
        lags = world.catalogue.lags(world.now)

    assert not known
    assert lags


def window(start: float, end: float) -> dict[str, str]:
    period = hours(start, end)
    return {"startDateTime": period.start.isoformat(), "endDateTime": period.end.isoformat()}
