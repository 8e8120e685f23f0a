"""Many requests at one moment: no charger and no bay is ever held twice, and none of them waits in a circle."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product

import pytest

from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from resolvers import bookings
from resolvers.booking_create import NewBooking
from resolvers.quotes import HOLD_MINUTES
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.quoting import a_slot, or_refusal, quoted
from tests.resolvers.requests import Outcome, a_request, ask, counted, outcome, rush
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CROWD = 200
DEADLINE = 30.0
CLIENTS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
BOOKINGS = "SELECT count(*) FROM booking"
ALLOCATIONS = "SELECT count(*) FROM allocation WHERE released_at IS NULL"
HELD_TWICE = """
SELECT count(*) FROM allocation a JOIN allocation b
    ON a.location_id = b.location_id AND a.id < b.id AND a.during && b.during
    AND (a.evse_id = b.evse_id OR a.parking_bay_id = b.parking_bay_id)
WHERE a.released_at IS NULL AND b.released_at IS NULL
"""
UNLIKE_THEIR_BOOKING = """
SELECT count(*) FROM allocation a FULL JOIN booking b ON b.location_id = a.location_id AND b.id = a.holder_id
WHERE (a.evse_id, a.parking_bay_id, a.during) IS DISTINCT FROM (b.evse_id, b.parking_bay_id, b.during)
"""
NOT_SERVED = """
SELECT count(*) FROM allocation a
WHERE NOT EXISTS (
    SELECT FROM evse_parking p
    WHERE p.location_id = a.location_id AND p.evse_id = a.evse_id AND p.parking_bay_id = a.parking_bay_id
)
"""
DROP_THE_CONSTRAINTS = """
ALTER TABLE allocation
    DROP CONSTRAINT allocation_one_holder_per_evse, DROP CONSTRAINT allocation_one_holder_per_bay
"""
CROSSED = {"E1": ["B1", "B2"], "E2": ["B2", "B1"]}
FOUR = {f"E{number}": [f"B{number}"] for number in range(1, 5)}


@pytest.fixture(autouse=True)
async def _no_deadlock(dsn: str) -> AsyncIterator[None]:
    """PostgreSQL had to break no deadlock; it knows once every connection has ended and told its figures."""
    yield
    async with asyncio.timeout(DEADLINE):
        while await ask(dsn, CLIENTS) > 0:
            pass
    assert await ask(dsn, DEADLOCKS) == 0


async def an_open_site(world: World, chargers: dict[str, list[str]]) -> BookingLocation:
    location = a_location(chargers=dict(chargers))
    offer = an_offer(location)
    await world.publish(location, offer)
    return offer


async def assert_stored(dsn: str, outcomes: list[Outcome]) -> None:
    """What was answered is what is stored, and no charger and no bay is held twice."""
    made = sum(isinstance(one, Booking) for one in outcomes)
    assert await ask(dsn, BOOKINGS) == made
    assert await ask(dsn, ALLOCATIONS) == made
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0
    assert await ask(dsn, NOT_SERVED) == 0


async def test_two_hundred_requests_for_one_charger_and_time_make_one_booking(world: World, dsn: str) -> None:
    offer = await an_open_site(world, {"E1": ["B1"]})

    outcomes = await rush(world, dsn, [a_request(offer)] * CROWD)

    assert counted(outcomes) == {"Booking": 1, "SlotTaken": CROWD - 1}
    await assert_stored(dsn, outcomes)


async def test_two_hundred_requests_that_overlap_in_part_make_one_booking(world: World, dsn: str) -> None:
    offer = await an_open_site(world, {"E1": ["B1"]})
    overlapping = [hours(9, 11), hours(10, 11), hours(10.25, 10.75), hours(10.5, 13)]

    outcomes = await rush(world, dsn, [a_request(offer, period) for period in overlapping * (CROWD // 4)])

    assert counted(outcomes) == {"Booking": 1, "SlotTaken": CROWD - 1}
    await assert_stored(dsn, outcomes)


async def test_two_hundred_requests_for_the_last_place_of_a_group_of_four_make_one_booking(
    world: World, dsn: str
) -> None:
    offer = await an_open_site(world, FOUR)
    taken = [await outcome(await world.call("emsp"), a_request(offer)) for _ in range(3)]

    outcomes = await rush(world, dsn, [a_request(offer)] * CROWD)

    assert counted(taken) == {"Booking": 3}
    assert counted(outcomes) == {"Booking": 1, "SlotTaken": CROWD - 1}
    await assert_stored(dsn, taken + outcomes)


async def test_two_hundred_requests_for_a_group_of_four_make_four_bookings(world: World, dsn: str) -> None:
    offer = await an_open_site(world, FOUR)

    outcomes = await rush(world, dsn, [a_request(offer)] * CROWD)

    assert counted(outcomes) == {"Booking": 4, "SlotTaken": CROWD - 4}
    await assert_stored(dsn, outcomes)


async def test_crossed_pairs_of_charger_and_bay_are_never_held_twice(world: World, dsn: str) -> None:
    offer = await an_open_site(world, CROSSED)
    chargers = ["NL*ABC*LOC1*E1", None, "NL*ABC*LOC1*E2", None]
    periods = [hours(10, 11), hours(10.5, 11.5)]
    crossed = [a_request(offer, period, evse_id=name) for name, period in product(chargers, periods)]

    outcomes = await rush(world, dsn, crossed * (CROWD // len(crossed)))

    made = [one for one in outcomes if isinstance(one, Booking)]
    assert counted(outcomes) == {"Booking": 2, "SlotTaken": CROWD - 2}
    assert {one.evse_id for one in made} == {"NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"}
    assert {one.parking_bay_id for one in made} == {"NL*ABC*LOC1*B1", "NL*ABC*LOC1*B2"}
    await assert_stored(dsn, outcomes)


async def test_without_the_constraints_two_hundred_requests_make_more_than_one_booking(
    world: World, dsn: str
) -> None:
    offer = await an_open_site(world, {"E1": ["B1"]})
    await ask(dsn, DROP_THE_CONSTRAINTS)

    outcomes = await rush(world, dsn, [a_request(offer)] * CROWD)

    assert counted(outcomes)["Booking"] > 1
    assert await ask(dsn, HELD_TWICE) > 0


async def test_repeats_at_one_moment_do_not_wait_in_a_circle_where_an_expired_hold_is_in_the_way(
    world: World, dsn: str
) -> None:
    """Each repeat is done anew with the Location to itself; whoever has the key must not wait for the Location."""
    offer = await an_open_site(world, {"E1": ["B1"]})
    for number in range(4):
        period = hours(8 + number, 9 + number)
        await quoted(world, offer, "other_emsp", period=period)
        world.later(world.now + timedelta(minutes=HOLD_MINUTES))
        call, key = await world.call("emsp"), a_key()
        wanted = NewBooking(a_slot(offer, period))

        came = await asyncio.gather(*(or_refusal(bookings.create(call, key, wanted)) for _ in range(8)))

        assert {one.id for one in came if isinstance(one, Booking)} == {came[0].id}  # type: ignore[union-attr]
        assert all(isinstance(one, Booking) for one in came)
