"""Many quotes, bookings and workers at one moment: a slot has one holder, a quote one booking, a hold one end."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from models.db import Database, connected
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.quote import Quote, QuoteOutcome
from resolvers import bookings, quotes
from resolvers.call import Call
from resolvers.quotes import MOST_HOLDS
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.quoting import EXPIRY, LIVE, a_slot, book, or_refusal, quoted
from tests.resolvers.requests import CONNECTIONS, a_request, ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CROWD = 100
DEADLINE = 30.0
CLIENTS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
HELD_TWICE = """
SELECT count(*) FROM allocation a JOIN allocation b
    ON a.location_id = b.location_id AND a.id < b.id AND a.during && b.during
    AND (a.evse_id = b.evse_id OR a.parking_bay_id = b.parking_bay_id)
WHERE a.released_at IS NULL AND b.released_at IS NULL
"""
UNLIKE_THEIR_HOLDER = """
SELECT count(*)
FROM (SELECT * FROM allocation WHERE released_at IS NULL) a
FULL JOIN (
    SELECT id, evse_id, parking_bay_id, during, 'BOOKING' AS kind, NULL::timestamptz AS expires_at FROM booking
    UNION ALL
    SELECT id, evse_id, parking_bay_id, during, 'HOLD', expires_at FROM quote WHERE outcome = 'OPEN'
) h ON h.id = a.holder_id
WHERE (a.evse_id, a.parking_bay_id, a.during, a.kind, a.expires_at)
    IS DISTINCT FROM (h.evse_id, h.parking_bay_id, h.during, h.kind, h.expires_at)
"""
TOLD = "SELECT count(*) FROM event WHERE cause = $1"


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Whatever was raced for, each slot is held once, by whom the rows say, and PostgreSQL broke no deadlock."""
    yield
    async with asyncio.timeout(DEADLINE):
        while await ask(dsn, CLIENTS) > 0:
            pass
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_HOLDER) == 0
    assert await ask(dsn, DEADLOCKS) == 0


@asynccontextmanager
async def crowd(world: World, dsn: str) -> AsyncIterator[list[Call]]:
    """Yield calls of two providers over many connections."""
    async with connected(dsn, connections=CONNECTIONS) as database:
        yield [replace(await world.call(name), database=database) for name in ("emsp", "other_emsp")]


async def an_open_site(world: World, chargers: int = 1) -> BookingLocation:
    place = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(chargers)})
    offer = an_offer(place)
    await world.publish(place, offer)
    return offer


async def all_of(asked: Sequence[Awaitable[Quote | Booking]]) -> list[object]:
    """Return what came of all requests, made at once."""
    return list(await asyncio.gather(*(or_refusal(one) for one in asked)))


def expiring(database: Database, workers: int) -> list[Awaitable[int]]:
    return [quotes.expire(database, EXPIRY) for _ in range(workers)]


async def test_of_quotes_and_bookings_for_one_charger_and_time_one_gets_it(world: World, dsn: str) -> None:
    offer = await an_open_site(world)
    async with crowd(world, dsn) as calls:
        asked: list[Awaitable[Quote | Booking]] = []
        for number in range(CROWD):
            asked.append(quotes.quote(calls[number % 2], a_key(), a_slot(offer)))
            asked.append(bookings.create(calls[number % 2], a_key(), a_request(offer, hours(10.5, 11.5))))
        came = await all_of(asked)

    kinds = Counter(type(one).__name__ for one in came)
    assert kinds["Quote"] + kinds["Booking"] == 1
    assert kinds["SlotTaken"] == 2 * CROWD - 1
    assert await ask(dsn, LIVE) == 1


async def test_twenty_creations_by_one_quote_make_one_booking(world: World, dsn: str) -> None:
    offer = await an_open_site(world)
    one = await quoted(world, offer)
    async with crowd(world, dsn) as (call, _):
        came = await all_of([book(call, one) for _ in range(20)])

    assert Counter(type(each).__name__ for each in came) == {"Booking": 1, "QuoteUsed": 19}
    assert await ask(dsn, "SELECT count(*) FROM booking") == 1


async def test_a_slot_is_at_no_moment_free_while_its_quote_is_booked(world: World, dsn: str) -> None:
    offer = await an_open_site(world)
    one = await quoted(world, offer, "other_emsp")
    async with crowd(world, dsn) as (others, mine):
        asked: list[Awaitable[Quote | Booking]] = [
            bookings.create(others, a_key(), a_request(offer)) for _ in range(CROWD)
        ]
        asked.insert(CROWD // 2, book(mine, one))
        came = await all_of(asked)

    (made,) = [each for each in came if isinstance(each, Booking)]
    assert made.emsp_id == "DE*EMO"
    assert Counter(type(each).__name__ for each in came) == {"Booking": 1, "SlotTaken": CROWD}


async def test_the_limit_of_holds_is_kept_when_all_are_asked_for_at_once(world: World, dsn: str) -> None:
    offer = await an_open_site(world, chargers=MOST_HOLDS + 10)
    async with crowd(world, dsn) as (call, _):
        came = await all_of([quotes.quote(call, a_key(), a_slot(offer)) for _ in range(3 * MOST_HOLDS)])

    assert Counter(type(one).__name__ for one in came) == {"Quote": MOST_HOLDS, "TooManyHolds": 2 * MOST_HOLDS}
    assert await ask(dsn, LIVE) == MOST_HOLDS


async def test_several_workers_end_each_hold_once(world: World, dsn: str) -> None:
    offer = await an_open_site(world, chargers=MOST_HOLDS)
    for _ in range(MOST_HOLDS):
        await quoted(world, offer)
    async with connected(dsn, connections=4) as database:
        ended = await asyncio.gather(*expiring(database, 4))

    assert sum(ended) == MOST_HOLDS
    assert await ask(dsn, TOLD, "EXPIRY") == MOST_HOLDS
    assert await ask(dsn, LIVE) == 0


async def test_a_crowd_after_a_hold_that_expired_gets_one_booking_and_its_end_is_told_once(
    world: World, dsn: str
) -> None:
    offer = await an_open_site(world)
    await quoted(world, offer)
    world.later(EXPIRY)
    async with crowd(world, dsn) as calls:
        asked = [bookings.create(calls[number % 2], a_key(), a_request(offer)) for number in range(CROWD)]
        workers = asyncio.gather(*expiring(calls[0].database, 2))
        came = await all_of(asked)
        await workers

    assert Counter(type(one).__name__ for one in came) == {"Booking": 1, "SlotTaken": CROWD - 1}
    assert await ask(dsn, TOLD, "EXPIRY") == 1


async def test_a_quote_that_is_booked_given_back_and_expires_at_once_meets_one_end(world: World, dsn: str) -> None:
    offer = await an_open_site(world, chargers=MOST_HOLDS)
    held = [await quoted(world, offer) for _ in range(MOST_HOLDS)]
    async with crowd(world, dsn) as (call, _):
        asked: list[Awaitable[Quote | Booking]] = []
        for one in held:
            asked += [book(call, one), quotes.release(call, a_key(), str(one.id))]
        workers = asyncio.gather(*expiring(call.database, 2))
        came = await all_of(asked)
        await workers
        settled = await quotes.many(call, [str(one.id) for one in held])

    outcomes = Counter(one.outcome for one in settled if one)
    made = sum(isinstance(one, Booking) for one in came)
    assert outcomes.total() == MOST_HOLDS
    assert outcomes[QuoteOutcome.OPEN] == 0
    assert outcomes[QuoteOutcome.BOOKED] == made == await ask(dsn, "SELECT count(*) FROM booking")
    assert await ask(dsn, TOLD, "EXPIRY") == MOST_HOLDS - made
    assert await ask(dsn, LIVE) == made
