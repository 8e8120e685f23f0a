"""Reminders are sent once each by several workers at once, whatever ends or changes meanwhile (BUC 2.10)."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from models.db import Connection
from models.queries import reminders as stored
from resolvers import reminders
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.resolvers.lifecycle import E1, booked, change_quoted, changed
from tests.resolvers.reminding import by_worker, by_workers, sent, to_come, told
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
WORKERS = 6
CANCELED = """
UPDATE booking SET status = 'CANCELED', canceled_reason = 'UNKNOWN', who_canceled = 'EMSP' WHERE id = $1
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers."""
    await world.publish(SITE, OFFER)
    return world


async def many_reminders(world: World) -> list[str]:
    """Book both chargers all day, each booking with five reminders that are due by 9, and return their names."""
    periods = [hours(start, start + 1) for start in range(10, 22)]
    minutes = (61, 62, 63, 64, 65)
    names = []
    for number, period in enumerate(periods * 2):
        extra = 60 * (number % len(periods))
        wanted = tuple(one + extra for one in minutes)
        one = await booked(world, OFFER, period, whom=ForWhom(reminders=wanted))
        names += [f"{one.object_id}#{each}" for each in wanted]
    return names


async def test_several_workers_at_once_send_every_reminder_once(site: World, dsn: str) -> None:
    names = await many_reminders(site)
    site.later(at(9))

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, WORKERS, stack)
        shares = await asyncio.gather(*(reminders.send(call) for call in calls))

    assert sum(shares) == len(names)
    assert sorted(await told(dsn)) == sorted(names)
    assert await reminders.send(by_worker(site)) == 0


async def test_a_worker_that_ends_at_any_moment_loses_no_reminder_and_repeats_none(site: World, dsn: str) -> None:
    names = await many_reminders(site)
    site.later(at(9))

    async with AsyncExitStack() as stack:
        for number, call in enumerate(await by_workers(site, dsn, WORKERS, stack)):
            round_ = asyncio.create_task(reminders.send(call))
            await asyncio.wait([round_], timeout=0.002 * number)
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
        await reminders.send(by_worker(site))

    assert sorted(await told(dsn)) == sorted(names)


async def test_what_was_read_but_not_committed_is_sent_by_the_next_worker(site: World, dsn: str) -> None:
    one = await booked(site, OFFER, whom=ForWhom(reminders=(60,)))
    site.later(at(9))

    async def dies(connection: Connection) -> None:
        settled = await stored.settle_due(connection, site.now, 10)
        assert [due.object_id for due in settled or []] == [one.object_id]
        assert await reminders.send(by_worker(site)) == 0  # another worker leaves what this one has locked
        raise RuntimeError("the worker dies before it commits")

    with pytest.raises(RuntimeError):
        await site.database.write(dies)

    assert await reminders.send(by_worker(site)) == 1
    assert await told(dsn) == [f"{one.object_id}#60"]


async def test_a_reminder_of_a_booking_that_is_being_canceled_waits_and_is_then_not_sent(
    site: World, dsn: str
) -> None:
    one = await booked(site, OFFER, whom=ForWhom(reminders=(60,)))
    site.later(at(9))

    async def cancels(connection: Connection) -> int:
        await connection.execute("SELECT 1 FROM booking WHERE id = $1 FOR UPDATE", one.id)
        meanwhile = await reminders.send(by_worker(site))
        await connection.execute(CANCELED, one.id)
        return meanwhile

    assert await site.database.write(cancels) == 0
    assert await reminders.send(by_worker(site)) == 0
    assert (await told(dsn), await to_come(dsn)) == ([], [])


async def test_sending_and_changing_at_once_reminds_of_the_new_start_and_at_most_once_of_the_old(
    site: World, dsn: str
) -> None:
    starts = range(10, 16)
    made = [
        await booked(site, OFFER, hours(start, start + 1), whom=ForWhom(reminders=(60 * (start - 7),)), evse_id=E1)
        for start in starts
    ]
    site.later(at(6.95))
    quotes = [await change_quoted(site, one, period=hours(16 + n, 17 + n)) for n, one in enumerate(made)]
    site.later(at(7))

    async with AsyncExitStack() as stack:
        workers = await by_workers(site, dsn, 3, stack)
        rounds = [reminders.send(call) for call in workers]
        await asyncio.gather(*(changed(site, quote) for quote in quotes), *rounds)
    before = await told(dsn)
    for hour in range(8, 24):
        await sent(site, at(hour))

    names = [f"{one.object_id}#{60 * (start - 7)}" for one, start in zip(made, starts, strict=True)]
    assert len(before) == len(set(before))
    assert sorted((await told(dsn))[len(before) :]) == sorted(names)
