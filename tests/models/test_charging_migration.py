"""A database of bookings goes up to 0007 and back, with bookings of every status, and while vehicles charge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from models import migrations
from models.db import connected
from models.errors import NotFound
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, Phase, ReservationStatus
from models.rules.hazard import Hazard
from resolvers import bookings, lapsing, overstaying, sessions
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.models.databases import COLUMNS, CONSTRAINTS, INDEXES, described, made, run
from tests.models.earlier import before_settlement
from tests.models.furnishing import furnish
from tests.resolvers.charging_scenes import STRANGER, WITH_CARD, read, started, stopped
from tests.resolvers.deciding import accepted, asked_of, declined, lapsed
from tests.resolvers.lifecycle import HELD_TWICE, booked
from tests.resolvers.messaging import messaged, shared
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, 9)})
OFFER = an_offer(SITE)
CONFIRMED = replace(asked_of(SITE), id="NL*ABC*LOC1-ASKED", ocpi_id="LOC1-ASKED")
E1, E2, E3, E4, *_ = [evse.id for evse in SITE.evses]
LIVE = "SELECT kind, evse_id FROM allocation WHERE released_at IS NULL ORDER BY kind, evse_id"
SESSIONS_TOLD = "SELECT count(*) FROM event WHERE kind LIKE 'SESSION%' OR cause IN ('WALK_UP', 'OVERTIME')"
FLOOR = "SELECT bool_and(e.xid < f.xid) FROM event e, event_floor f"


class Site:
    """A database that is looked at by one World after the other, as one release follows another."""

    def __init__(self, dsn: str) -> None:
        """Take an empty, migrated database."""
        self.dsn = dsn
        self.now = at(6)
        self.secrets: dict[str | None, str | None] = {}

    @asynccontextmanager
    async def first(self) -> AsyncIterator[World]:
        """Yield the world in it, with everything published."""
        async with connected(self.dsn) as database, World(database).living() as world:
            await world.publish(SITE, a_tariff(), OFFER, CONFIRMED)
            await published(world)
            await published(world, a_token("FFFF0000"), caller="other_emsp")
            yield world
            self.secrets, self.now = world.secrets, world.now

    @asynccontextmanager
    async def again(self) -> AsyncIterator[World]:
        """Yield the world in it as it was left."""
        async with connected(self.dsn) as database:
            world = World(database)
            world.secrets, world.now = self.secrets, self.now
            async with world.feed.following():
                yield world

    async def bookings(self) -> dict[ReservationStatus, Booking]:
        """Return the bookings as their operator reads them, by status; there is one of each."""
        ids = [f"NL*ABC*{row[0]}" for row in await run(self.dsn, "SELECT id FROM booking")]
        async with self.again() as world:
            found = await bookings.many(await world.call("cpo"), ids)
        return {one.status: one for one in found if one is not None}


@pytest.fixture
async def site(dsn: str) -> Site:
    """A site whose chargers are booked and used."""
    return Site(dsn)


async def one_of_each(world: World) -> None:
    """Make a booking of each status; the one that is used has been charged on."""
    canceled = await booked(world, OFFER, hours(15, 16))
    wanted = Cancellation(canceled.object_id, CanceledReason.TRAFFIC)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)
    await declined(world, await booked(world, CONFIRMED, hours(15, 16)))
    await booked(world, CONFIRMED, hours(8, 9))
    world.later(at(7.9))
    assert await lapsed(world) == 1
    await booked(world, OFFER, hours(9, 10))
    world.later(at(9.5))
    assert await lapsing.no_shows(await world.call(None)) == 1
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    used = await started(world, E1)
    await read(world, used, (at(10), "0", 20))
    world.later(at(10.5))
    await stopped(world, used, kwh=Decimal(40))
    await accepted(world, await booked(world, CONFIRMED, hours(16, 17)))
    await booked(world, CONFIRMED, hours(17, 18))


async def test_bookings_of_every_status_go_back_and_up_again_as_they_were_but_for_what_was_charged(
    site: Site,
) -> None:
    async with site.first() as world:
        await one_of_each(world)
    before = await site.bookings()
    assert set(before) == set(ReservationStatus)

    await migrations.downgrade(site.dsn, "0006")
    await migrations.upgrade(site.dsn)

    after = await site.bookings()
    used = before.pop(ReservationStatus.FULFILLED)
    left = after.pop(ReservationStatus.FULFILLED)
    assert after == {status: before_settlement(one) for status, one in before.items()}
    assert left == replace(before_settlement(used), charging_started_at=None, charging_ended_at=None)
    assert left.phase(at(10.6)) is Phase.COMPLETED
    assert await migrations.differences(site.dsn) == []


async def test_what_is_charged_when_the_tables_shrink_is_lost_and_its_charger_is_free(
    site: Site, cluster: str
) -> None:
    async with site.first() as world:
        mine = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
        waiting = await booked(world, OFFER, hours(12, 13), evse_id=E2)
        world.later(at(10))
        used = await started(world, E1)
        await messaged(world, used)
        await shared(world, waiting)
        world.later(at(11.5))
        walked = await started(world, E2, STRANGER)
        world.later(at(12.1))
        assert await overstaying.prolong(await world.call(None)) == 2
        (endangered,) = await bookings.many(await world.call("cpo"), [waiting.object_id])
        assert endangered is not None
        assert endangered.hazard is Hazard.OVERSTAY
    kinds = {kind for kind, _ in await run(site.dsn, LIVE)}
    assert kinds >= {"BOOKING", "OVERTIME", "WALK_UP"}

    await migrations.downgrade(site.dsn, "0006")

    assert {kind for kind, _ in await run(site.dsn, LIVE)} <= {"BOOKING", "HOLD"}
    assert await run(site.dsn, "SELECT hazard FROM booking WHERE hazard IS NOT NULL") == []
    assert await run(site.dsn, SESSIONS_TOLD) == [(0,)]
    assert await run(site.dsn, FLOOR) == [(True,)]
    async with made(cluster) as fresh:
        await migrations.upgrade(fresh, "0006")
        for statement in (CONSTRAINTS, INDEXES, COLUMNS):
            assert await described(site.dsn, statement) == await described(fresh, statement)

    await migrations.upgrade(site.dsn)
    async with site.again() as world:
        for gone in (used, walked):
            with pytest.raises(NotFound):
                await sessions.get(await world.call("cpo"), gone.object_id)
        await published(world)
        world.later(at(12.2))
        again = await booked(world, OFFER, hours(13, 14), evse_id=E1, whom=WITH_CARD)
        world.later(at(13))
        assert (await started(world, E1)).booking_id == again.id
        assert await bookings.many(await world.call("cpo"), [mine.object_id]) != [None]
    assert await run(site.dsn, HELD_TWICE) == [(0,)]


async def test_a_row_in_every_table_goes_and_every_table_comes_again(dsn: str, cluster: str) -> None:
    await furnish(dsn, hold=True)

    await migrations.downgrade(dsn, "0006")

    async with made(cluster) as fresh:
        await migrations.upgrade(fresh, "0006")
        assert await described(dsn, COLUMNS) == await described(fresh, COLUMNS)
    await migrations.upgrade(dsn)
    assert await migrations.differences(dsn) == []
    assert await run(dsn, "SELECT count(*) FROM session") == [(0,)]
