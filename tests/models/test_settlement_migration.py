"""A database of bookings goes up to 0008 and back: what is ahead or in use is billed, and what is over is not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from models import migrations
from models.db import connected
from models.rules.bill import BillKind
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.session import Session
from resolvers import bookings, cdr_numbering, lapsing
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.models.databases import COLUMNS, CONSTRAINTS, INDEXES, described, made, run
from tests.models.furnishing import furnish
from tests.resolvers.charging_scenes import STRANGER, WITH_CARD, started, stopped
from tests.resolvers.deciding import accepted, asked_of
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import charging
from tests.resolvers.reminding import by_worker
from tests.resolvers.settling import fees, issued, numbered, settle, waived
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

DEADLINE = 10.0
SITE = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, 5)})
E1, E2, E3, E4 = [evse.id for evse in SITE.evses]
OFFER, CONFIRMED = an_offer(SITE), asked_of(SITE, name="CONFIRMED")
UNSETTLED = """
SELECT id FROM booking WHERE unsettled_at IS NOT NULL UNION ALL SELECT id FROM session WHERE unsettled_at IS NOT NULL
"""
MOVED = """
UPDATE booking SET during = tstzrange(lower(during) + late, upper(during) + late), lapses_at = lapses_at + late
FROM make_interval(secs => $1) AS late
"""
TOLD = "SELECT count(*) FROM event WHERE kind = 'CDR_ISSUED'"
FLOOR = "SELECT bool_and(e.xid < f.xid) FROM event e, event_floor f"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'location'::regclass"


@asynccontextmanager
async def again(dsn: str, before: World) -> AsyncIterator[World]:
    """Yield the world in a database as another release left it."""
    async with connected(dsn) as database:
        world = World(database)
        world.secrets, world.now = before.secrets, before.now
        async with world.feed.following():
            yield world


async def upgraded(dsn: str, now: datetime) -> list[UUID]:
    """Upgrade a database whose clock shows `now`, and return what is unsettled then."""
    ((today,),) = await run(dsn, "SELECT now()")
    assert isinstance(today, datetime)
    late = round((today - now).total_seconds())
    await run(dsn, MOVED, late)  # the server's clock cannot be set, so all else is moved
    await migrations.upgrade(dsn)
    await run(dsn, MOVED, -late)
    return [UUID(str(one)) for (one,) in await run(dsn, UNSETTLED)]


async def open_site(world: World) -> None:
    """Publish a site with fees whose operator grants some bookings at once and others later, and cards."""
    await world.publish(fees(), charging("0.50"), SITE, OFFER, CONFIRMED)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


async def ended(world: World) -> Booking:
    """Let bookings be over by noon: charged on, missed, canceled, and gone by unnoticed; return the missed one."""
    await booked(world, OFFER, hours(8, 9), evse_id=E1, whom=WITH_CARD)
    missed = await booked(world, OFFER, hours(8, 9), evse_id=E2)
    canceled = await booked(world, OFFER, hours(14, 15), evse_id=E2)
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(canceled.object_id, CanceledReason.TRAFFIC))
    world.later(at(8))
    session = await started(world, E1)
    world.later(at(9))
    await stopped(world, session, kwh=Decimal(10))
    assert await lapsing.no_shows(by_worker(world)) == 1
    await booked(world, OFFER, hours(10, 11), evse_id=E3)
    return missed


async def in_use(world: World) -> tuple[Booking, Session, Session]:
    """Return a booking that is charged on at noon, its session, and that of somebody who did not book."""
    one = await booked(world, OFFER, hours(11.75, 12.5), evse_id=E1, whom=WITH_CARD)
    world.later(at(12))
    return one, await started(world, E1), await started(world, E4, STRANGER)


async def billed(world: World) -> Counter[tuple[BillKind, UUID | None]]:
    """Return what CDRs bill, of which bookings, and how often."""
    return Counter((one.kind, one.booking_id) for one in await issued(world))


async def test_what_is_ahead_or_in_use_is_billed_and_what_is_over_stays_settled(dsn: str) -> None:
    async with connected(dsn) as database, World(database).living() as world:
        await open_site(world)
        await ended(world)
        used, session, walk_up = await in_use(world)
        ahead = await booked(world, OFFER, hours(15, 16), evse_id=E1)
        pending = await booked(world, CONFIRMED, hours(15, 16), evse_id=E2)
    await migrations.downgrade(dsn, "0007")

    assert set(await upgraded(dsn, world.now)) == {used.id, ahead.id}

    async with again(dsn, world) as world:
        assert await settle(world) == 2
        fees_of = [(BillKind.BOOKING, used.id), (BillKind.BOOKING, ahead.id)]
        assert await billed(world) == Counter(fees_of)
        await accepted(world, pending)
        world.later(at(12.5))
        for one in (session, walk_up):
            await stopped(world, one, kwh=Decimal(10))
        assert await settle(world) == 3
        more = [(BillKind.BOOKING, pending.id), (BillKind.SESSION, used.id), (BillKind.SESSION, None)]
        assert await billed(world) == Counter([*fees_of, *more])


async def test_what_was_over_is_billed_once_something_touches_it(dsn: str) -> None:
    async with connected(dsn) as database, World(database).living() as world:
        await open_site(world)
        missed = await ended(world)
        world.later(at(12))
    await migrations.downgrade(dsn, "0007")
    assert await upgraded(dsn, world.now) == []

    async with again(dsn, world) as world:
        await waived(world, missed)
        assert await settle(world) == 1
        assert await billed(world) == Counter([(BillKind.BOOKING, missed.id)])


async def test_what_was_billed_is_lost_when_the_tables_shrink_and_what_is_ahead_is_billed_again(dsn: str) -> None:
    async with connected(dsn) as database, World(database).living() as world:
        await open_site(world)
        await numbered(world)
        await ended(world)
        ahead = await booked(world, OFFER, hours(15, 16), evse_id=E1)
        assert await settle(world) == 5
    await migrations.downgrade(dsn, "0007")

    assert await run(dsn, TOLD) == [(0,)]
    assert await run(dsn, FLOOR) == [(True,)]
    world.now = at(12)
    assert await upgraded(dsn, world.now) == [ahead.id]
    async with again(dsn, world) as world:
        assert await issued(world) == []
        assert await cdr_numbering.get(await world.call("cpo")) is None
        assert await settle(world) == 1
        assert [one.booking_id for one in await issued(world)] == [ahead.id]
    assert await run(dsn, TOLD) == [(1,)]


async def test_a_row_in_every_table_goes_and_every_table_comes_again(dsn: str, cluster: str) -> None:
    await furnish(dsn, hold=True)
    assert await run(dsn, TOLD) != [(0,)]

    await migrations.downgrade(dsn, "0007")

    assert await run(dsn, TOLD) == [(0,)]
    assert await run(dsn, FLOOR) == [(True,)]
    assert await run(dsn, "SELECT proname FROM pg_proc WHERE proname = 'cdr_stays'") == []
    async with made(cluster) as fresh:
        await migrations.upgrade(fresh, "0007")
        for statement in (CONSTRAINTS, INDEXES, COLUMNS):
            assert await described(dsn, statement) == await described(fresh, statement)
    await migrations.upgrade(dsn)
    assert await migrations.differences(dsn) == []
    assert await run(dsn, "SELECT count(*) FROM cdr") == [(0,)]


async def test_who_writes_a_location_and_then_its_bookings_is_waited_for_and_not_in_the_way(dsn: str) -> None:
    await furnish(dsn)
    await migrations.downgrade(dsn, "0007")
    writer = await asyncpg.connect(dsn)
    try:
        async with writer.transaction():
            await writer.execute("UPDATE location SET id = id")
            upgrading = asyncio.create_task(migrations.upgrade(dsn))
            async with asyncio.timeout(DEADLINE):
                while await run(dsn, WAITING) == [(0,)]:
                    pass
            await writer.execute("UPDATE booking SET id = id")
        await upgrading
    finally:
        await writer.close()

    assert await migrations.current(dsn) == migrations.head()
