"""Sessions that a charger tells of once it is in touch again: they have happened, whatever came of it meanwhile."""

import pytest

from models.charging_errors import ChargingRefused
from models.rules.booking import Booking
from models.rules.booking_state import Phase, ReservationStatus
from models.rules.charging import ChargingBasis
from models.rules.session import StopReason
from models.rules.token import TokenType
from resolvers import lapsing, overstaying
from resolvers.charging_scene import Credential
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import STRANGER, WITH_CARD, seen, started, stopped
from tests.resolvers.lifecycle import E1, booked, replace_terms
from tests.resolvers.quoting import charging
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE, increment=15, booking_terms=replace_terms(early_start_allowed=True, early_start_time=30))
UNKNOWN = Credential("00000000", TokenType.RFID)


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with one charger, and the cards of two providers."""
    await world.publish(a_tariff(), charging("0.50"), SITE, OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


async def a_no_show(world: World) -> Booking:
    """Return a booking from ten to eleven that a worker took for a no-show at 10:36."""
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.6))
    assert await lapsing.no_shows(await world.call(None)) == 1
    return booking


async def test_whoever_nobody_knows_is_told_of_only_once_the_charger_is_used_by_nobody_else(world: World) -> None:
    world.later(at(10))
    running = await started(world, E1, STRANGER)
    world.later(at(10.5))

    with pytest.raises(ChargingRefused) as refused:
        await started(world, E1, UNKNOWN, started_at=at(9))

    assert refused.value.reason == "CHARGER_IN_USE"
    await stopped(world, running)
    late = await started(world, E1, UNKNOWN, started_at=at(9))
    assert late.irregularity == "TOKEN_UNKNOWN"


async def test_one_without_a_booking_that_had_the_charger_until_a_booking_is_told_of_when_that_is_over(
    world: World,
) -> None:
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.2))

    late = await started(world, E1, STRANGER, started_at=at(9))

    assert (late.basis, late.booking_id) == (ChargingBasis.WALK_UP, None)
    assert late.allowed_until == at(10)
    assert await overstaying.prolong(await world.call(None)) == 1


async def test_who_charged_in_time_is_no_no_show_though_the_rest_of_the_slot_was_booked_by_another(
    world: World,
) -> None:
    booking = await a_no_show(world)
    await booked(world, OFFER, hours(10.75, 11.75), caller="other_emsp", evse_id=E1)

    late = await started(world, E1, started_at=at(10.1))
    now = await seen(world, booking)
    world.later(at(10.7))
    over = await stopped(world, late, StopReason.DRIVER, ended_at=at(10.5))

    assert late.booking_id == booking.id
    assert (now.status, now.charging_started_at) == (ReservationStatus.FULFILLED, at(10.1))
    assert over.end_date_time == at(10.5)
    assert (await seen(world, booking)).phase(world.now) is Phase.COMPLETED


async def test_a_first_session_is_told_of_after_the_second_of_its_booking(world: World) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.2))
    second = await started(world, E1)
    world.later(at(10.3))
    await stopped(world, second, StopReason.CHARGER_FAULT)

    first = await started(world, E1, started_at=at(10.05))
    over = await stopped(world, first, ended_at=at(10.1))

    assert (first.booking_id, over.end_date_time) == (booking.id, at(10.1))
    now = await seen(world, booking)
    assert (now.charging_started_at, now.outcome.value) == (at(10.05), "CHARGED")
