"""Many workers, takers and bookers at one moment: alternatives are offered once, and one of them is taken once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from models.db import connected
from models.rules.booking import Booking
from resolvers import alternatives, bookings, quotes
from resolvers.alternative_taking import TakenAlternative
from resolvers.call import Call
from tests.factories.catalogue import hours
from tests.resolvers.endangered import AT_HERE, AT_NEAR, canceled, endangered, offered, open_sites, places
from tests.resolvers.lifecycle import E1, HELD_TWICE, UNLIKE_THEIR_BOOKING, booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import CONNECTIONS, a_request, ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CROWD = 20
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
TOLD = "SELECT count(*) FROM event WHERE kind = 'ALTERNATIVES_OFFERED'"
TAKEN = "SELECT count(*) FROM alternative WHERE taken_at IS NOT NULL"


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Whatever was raced for, each slot is held once, by whom the rows say, and PostgreSQL broke no deadlock."""
    yield
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0
    assert await ask(dsn, DEADLOCKS) == 0


@asynccontextmanager
async def crowd(world: World, dsn: str, caller: str | None = None) -> AsyncIterator[Call]:
    """Yield a call over many connections."""
    async with connected(dsn, connections=CONNECTIONS) as database:
        yield replace(await world.call(caller), database=database)


async def test_several_workers_offer_for_each_booking_once(world: World, dsn: str) -> None:
    await open_sites(world)
    made = [await booked(world, AT_HERE, hours(start, start + 1), evse_id=E1) for start in range(8, 14)]
    for one in made:
        await endangered(world, dsn, one)
    async with crowd(world, dsn) as call:
        done = await asyncio.gather(*(alternatives.offer(call) for _ in range(4)))
        left = await alternatives.offer(call)

    assert (sum(done), left) == (len(made), 0)
    assert await ask(dsn, TOLD) == len(made)
    twice = "SELECT count(*) - count(DISTINCT (booking_id, booking_location_id)) FROM alternative"
    assert await ask(dsn, twice) == 0


async def test_what_is_booked_while_it_is_looked_for_is_not_offered_as_held(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    async with crowd(world, dsn, "other_emsp") as others:
        worker = replace(others, caller=None)
        race = (or_refusal(bookings.create(others, a_key(), a_request(AT_NEAR))) for _ in range(CROWD))
        await asyncio.gather(alternatives.offer(worker), *race)

    found = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]
    is_booked = await ask(dsn, "SELECT count(*) FROM booking WHERE booking_location_id = $1", AT_NEAR.id) == 1
    assert found[0].held_until is not None
    if is_booked:  # it may still be offered later or earlier that day, but not as it was booked
        assert all(each.period != one.timeslot.period for each in found if each.location_id == AT_NEAR.location_id)
    else:
        assert (places(found)[0], found[0].period) == ("NEAR", one.timeslot.period)


@pytest.mark.parametrize("by_operator", [False, True])
async def test_of_many_takers_one_gets_one_of_the_alternatives(world: World, dsn: str, by_operator: bool) -> None:
    await open_sites(world)
    one = await (canceled(world) if by_operator else endangered(world, dsn))
    found = await offered(world, one)
    async with crowd(world, dsn, "emsp") as call:
        wishes = [TakenAlternative(str(found[number % 2].id)) for number in range(CROWD)]
        came = await asyncio.gather(*(or_refusal(alternatives.take(call, a_key(), wish)) for wish in wishes))

    kinds = Counter(type(each).__name__ for each in came)
    assert kinds["Booking"] == 1
    assert kinds.total() == CROWD
    assert await ask(dsn, TAKEN) == 1
    assert await ask(dsn, "SELECT count(*) FROM booking WHERE status = 'RESERVED'") == 1


async def test_a_hold_that_expires_while_it_is_taken_is_taken_or_granted_anew(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best = (await offered(world, one))[0]
    expiry = world.now + timedelta(minutes=15)
    async with crowd(world, dsn, "emsp") as call:
        take = alternatives.take(replace(call, now=expiry), a_key(), TakenAlternative(str(best.id)))
        came, *_ = await asyncio.gather(
            or_refusal(take), *(quotes.expire(call.database, expiry) for _ in range(3)), return_exceptions=False
        )

    assert isinstance(came, Booking)
    assert (came.location_id, came.timeslot.period) == (AT_NEAR.location_id, best.period)
    live = "SELECT count(*) FROM allocation WHERE released_at IS NULL"
    assert await ask(dsn, live) == 1
