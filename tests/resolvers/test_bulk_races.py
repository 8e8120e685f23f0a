"""Operators, bookers and workers at once on the same Locations: each is served or refused, nobody waits for ever."""

import asyncio
import random
from collections.abc import Awaitable, Sequence

import pytest

from models.db import Database
from models.errors import NotFound, Refusal
from models.rules.booking import Booking
from models.rules.calendars import weekly_calendar
from models.rules.location import RegularHours
from models.rules.weekly import WeeklyHours
from resolvers import bulk_publishing, calendars, withdrawing
from resolvers.changes import CalendarChange, Change, Withdrawal
from tests.factories.catalogue import a_location, a_tariff, an_offer, at
from tests.resolvers.bulk import ANY, a_maintenance, known, publish
from tests.resolvers.requests import a_request, outcome
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITES = [a_location(f"LOC{number}", chargers={"E1": [], "E2": []}) for number in range(20)]
WEEKLY = weekly_calendar("W", 15, WeeklyHours((RegularHours(3, "08:00", "20:00"),), 3))
OFFERS = [an_offer(one, calendars=(WEEKLY,)) for one in SITES]
TARIFFS = [a_tariff("CHARGE"), a_tariff("BOOK")]


async def came(asked: Awaitable[object]) -> object:
    """Return what came of it, or the refusal."""
    try:
        return await asked
    except Refusal as refusal:
        return refusal


async def deadlocks(database: Database) -> int:
    """Return how many deadlocks the database has broken."""
    async with database.reading() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        return int(
            await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )


async def test_writers_of_the_same_objects_in_any_order_all_come_through(world: World) -> None:
    await publish(world, *TARIFFS)
    call = await world.call("cpo")
    await bulk_publishing.locations_publish(call, a_key(), [Change(one) for one in SITES])
    await bulk_publishing.booking_locations_publish(call, a_key(), [Change(one) for one in OFFERS])
    shuffled = random.Random(7)
    work: list[Awaitable[object]] = []
    for number in range(4):
        sites, offers = shuffled.sample(SITES, 15), shuffled.sample(OFFERS, 15)
        edits = [CalendarChange(one.id, WEEKLY) for one in shuffled.sample(OFFERS, 15)]
        works = [Change(a_maintenance(f"W{number}{one.ocpi_id}", location_id=one.id)) for one in sites]
        tariffs = [Change(one) for one in (TARIFFS if number % 2 else reversed(TARIFFS))]
        work += [
            came(bulk_publishing.locations_publish(call, a_key(), [Change(one) for one in sites])),
            came(bulk_publishing.booking_locations_publish(call, a_key(), [Change(one) for one in offers])),
            came(bulk_publishing.calendars_publish(call, a_key(), edits)),
            came(bulk_publishing.maintenance_publish(call, a_key(), works)),
            came(bulk_publishing.tariffs_publish(call, a_key(), tariffs)),
            came(calendars.extend(world.database, at(23))),
        ]

    found = await asyncio.gather(*work)

    assert [one for one in found if not isinstance(one, list | int)] == []
    assert await deadlocks(world.database) == 0


async def test_a_booking_beside_a_withdrawal_is_made_before_it_or_not_at_all(world: World) -> None:
    many: dict[str, Sequence[str]] = {f"E{number}": [f"B{number}"] for number in range(30)}
    site = a_location(chargers=many)
    await publish(world, site, an_offer(site))
    call = await world.call("emsp")

    async def book(delay: float) -> object:
        await asyncio.sleep(delay)
        return await outcome(call, a_request(an_offer(site)))

    async def withdraw() -> object:
        return await withdrawing.locations_withdraw(await world.call("cpo"), a_key(), [Withdrawal(site.id)])

    *found, gone = await asyncio.gather(*(book(number * 0.003) for number in range(20)), withdraw())
    await world.feed.synced()

    assert gone == [site.id]
    assert {type(one) for one in found} <= {Booking, NotFound}
    assert await outcome(call, a_request(an_offer(site))) == NotFound("BookingLocation", ANY)
    assert known(world).booking_locations == ()
