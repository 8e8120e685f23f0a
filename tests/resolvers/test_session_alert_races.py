"""Warnings of sessions are sent once each by several workers at once, whatever ends or moves meanwhile (BUC 3.5)."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from models.db import Connection
from models.queries import events, sessions
from models.queries import session_alerts as stored
from models.rules.session import Session
from models.rules.session_alert import AlertKind
from resolvers import session_alerts
from resolvers.call import Call
from tests.factories.catalogue import a_location, an_offer, at
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.warning import stopped, to_come, told, walked_up, wished
from tests.world import World

pytestmark = pytest.mark.anyio

CHARGERS = [f"E{number}" for number in range(1, 13)]
SITE = a_location(chargers={one: [f"B{one}"] for one in CHARGERS})
WORKERS = 4
MINUTES = (61, 62, 63, 64, 65)
DUE = """
SELECT a.session_id, a.minutes_before FROM session_alert a WHERE a.sent_at IS NULL AND a.due_at <= $1
"""
SENT = "UPDATE session_alert SET sent_at = $1 WHERE sent_at IS NULL AND due_at <= $1"


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of many chargers, at eleven."""
    await world.publish(SITE, an_offer(SITE))
    world.later(at(10))
    return world


async def going_on(world: World, charger: str = "E1") -> Session:
    """Let a session go on that may until twelve, and is to be warned five times by eleven."""
    one = await walked_up(world, evse_id=f"{SITE.id}*{charger}", slot_end=None, allowed_until=at(12))
    await wished(world, one, *MINUTES)
    return one


async def many_warnings(world: World) -> list[str]:
    """Let a session go on at every charger, and return the names of all their warnings that are due by eleven."""
    found = [await going_on(world, charger) for charger in CHARGERS]
    world.later(at(11))
    return names(*found)


def names(*found: Session) -> list[str]:
    return sorted(f"{one.object_id}#SLOT_ENDING#{minutes}" for one in found for minutes in MINUTES)


async def test_several_workers_at_once_send_every_warning_once(site: World, dsn: str) -> None:
    wanted = await many_warnings(site)

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, WORKERS, stack)
        shares = await asyncio.gather(*(session_alerts.send(call) for call in calls))

    assert sum(shares) == len(wanted)
    assert sorted(await told(dsn)) == wanted
    assert await session_alerts.send(by_worker(site)) == 0


async def test_two_workers_that_read_what_is_due_without_locking_it_send_it_twice(site: World, dsn: str) -> None:
    one = await going_on(site)
    site.later(at(11))
    both_have_read = asyncio.Barrier(2)

    async def careless(call: Call) -> None:
        async def work(connection: Connection) -> None:
            due = await connection.fetch(DUE, call.now)
            await both_have_read.wait()
            kind = AlertKind.SLOT_ENDING
            sent = [session_alerts._told(one.object_id, kind, row[1], SITE.id, one.parties) for row in due]
            await events.add(connection, sent, call.now)
            await connection.execute(SENT, call.now)

        await call.database.write(work)

    async with AsyncExitStack() as stack:
        await asyncio.gather(*(careless(call) for call in await by_workers(site, dsn, 2, stack)))

    assert sorted(await told(dsn)) == sorted(names(one) * 2)


async def test_a_worker_that_ends_at_any_moment_loses_no_warning_and_repeats_none(site: World, dsn: str) -> None:
    wanted = await many_warnings(site)

    async with AsyncExitStack() as stack:
        for number, call in enumerate(await by_workers(site, dsn, WORKERS, stack)):
            round_ = asyncio.create_task(session_alerts.send(call))
            await asyncio.wait([round_], timeout=0.002 * number)
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
        await session_alerts.send(by_worker(site))

    assert sorted(await told(dsn)) == wanted


async def test_what_was_read_but_not_committed_is_sent_by_the_next_worker(site: World, dsn: str) -> None:
    one = await going_on(site)
    site.later(at(11))

    async def dies(connection: Connection) -> None:
        settled = await stored.settle_due(connection, site.now, 10)
        assert [due.object_id for due in settled or []] == [one.object_id] * len(MINUTES)
        assert await session_alerts.send(by_worker(site)) == 0  # another worker leaves what this one has locked
        raise RuntimeError("the worker dies before it commits")

    with pytest.raises(RuntimeError):
        await site.database.write(dies)

    assert await session_alerts.send(by_worker(site)) == len(MINUTES)
    assert sorted(await told(dsn)) == names(one)


async def test_warnings_of_a_session_that_is_being_ended_wait_and_are_then_not_sent(site: World, dsn: str) -> None:
    one = await going_on(site)
    site.later(at(11))

    async def ends(connection: Connection) -> int:
        locked = await sessions.locked(connection, one.location_id, one.id)
        assert locked is not None
        meanwhile = await session_alerts.send(by_worker(site))
        await session_alerts.over(await site.call("cpo"), connection, locked)
        return meanwhile

    assert await site.database.write(ends) == 0
    assert await session_alerts.send(by_worker(site)) == 0
    assert (await told(dsn), await to_come(dsn)) == ([], [])


async def test_ending_and_sending_and_wishing_at_once_send_each_warning_at_most_once(site: World, dsn: str) -> None:
    found = [await going_on(site, charger) for charger in CHARGERS[:6]]
    site.later(at(11))

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, 2, stack)
        rounds = [session_alerts.send(call) for call in calls]
        ended = [stopped(site, one) for one in found[:3]]
        again = [wished(site, one, *MINUTES, 60 + number) for number, one in enumerate(found[3:], 1)]
        await asyncio.gather(*ended, *again, *rounds)
        await session_alerts.send(calls[0])
    heard = await told(dsn)

    assert len(heard) == len({*heard})
    assert {*names(*found[3:])} <= {*heard} <= {*names(*found)}
