"""How long a session that goes on keeps its charger when somebody has booked that soon: until then (BUC 3.3.3)."""

import pytest

from models.rules.hazard import Hazard
from models.rules.session import Session
from resolvers import overstaying, sessions
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import STRANGER, WITH_CARD, seen, started
from tests.resolvers.lifecycle import E1, LIVE, booked, replace_terms
from tests.resolvers.quoting import charging
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE, increment=5, terms=replace_terms(late_stop_allowed=True, late_stop_time=15))
NEXT = (11 + 10 / 60, 11 + 40 / 60)
"""When the next one has the charger, ten minutes after the first one."""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with one charger, and the cards of two providers."""
    await world.publish(a_tariff(), charging("0.50"), SITE, OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


async def live(world: World) -> list[tuple[object, ...]]:
    async with world.database.reading() as connection:
        return [tuple(row) for row in await connection.fetch(LIVE)]


async def round_at(world: World, hour: float, one: Session) -> Session:
    """Let a worker come by, and return the session as it is then."""
    world.later(at(hour))
    await overstaying.prolong(await world.call(None))
    return await sessions.get(await world.call("cpo"), one.object_id)


async def test_a_walk_up_goes_on_until_the_next_booking_though_that_is_less_than_a_step_away(world: World) -> None:
    world.later(at(8.8))
    one = await started(world, E1, STRANGER)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    assert (one.occupied_until, one.allowed_until) == (at(9.8), None)

    kept = await round_at(world, 9.6, one)

    assert (kept.occupied_until, kept.allowed_until) == (at(10), at(10))
    assert ("WALK_UP", E1, "09:48", "10:00") in await live(world)
    assert (await seen(world, booking)).hazard is None
    assert await round_at(world, 9.9, kept) == kept
    await round_at(world, 10, kept)
    assert (await seen(world, booking)).hazard is Hazard.OVERSTAY


async def test_who_may_stop_late_goes_on_until_the_next_booking_though_that_is_less_than_a_step_away(
    world: World,
) -> None:
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    one = await started(world, E1)
    next_one = await booked(world, OFFER, hours(*NEXT), "other_emsp", evse_id=E1)

    kept = await round_at(world, 10.99, one)

    assert (kept.occupied_until, kept.allowed_until) == (at(NEXT[0]), at(NEXT[0]))
    assert (await seen(world, next_one, "other_emsp")).hazard is None


async def test_who_may_not_stop_late_is_in_the_way_of_the_next_booking_from_the_end_of_the_slot_on(
    world: World,
) -> None:
    strict = an_offer(SITE, "STRICT", increment=5)
    await world.publish(strict)
    await booked(world, strict, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    one = await started(world, E1)
    next_one = await booked(world, OFFER, hours(*NEXT), "other_emsp", evse_id=E1)

    before = await round_at(world, 10.99, one)
    assert before == one
    now = await round_at(world, 11, one)

    assert now.allowed_until == at(11)
    assert ("OVERTIME", E1, "11:00", "11:10") in await live(world)
    assert (await seen(world, next_one, "other_emsp")).hazard is Hazard.OVERSTAY
