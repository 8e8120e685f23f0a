"""Bookings whose charger somebody does not leave: moved elsewhere, relieved, and given time to begin (BUC 3.3.3)."""

import pytest

from models.errors import SlotTaken
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.hazard import Hazard
from models.rules.interval import Interval
from models.rules.session import Session
from resolvers import bookings, lapsing, overstaying
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import STRANGER, WITH_CARD, seen, started, stopped
from tests.resolvers.hazards import told
from tests.resolvers.lifecycle import E1, E2, booked, replace_terms
from tests.resolvers.quoting import charging
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE, increment=5, booking_terms=replace_terms(reveal_minutes=0))
DAY = overstaying.LONGEST
TEN_PAST = hours(10 + 1 / 6, 11)


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with two chargers, and the cards of two providers."""
    await world.publish(a_tariff(), charging("0.50"), SITE, OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


async def worked(world: World, hour: float) -> int:
    world.later(at(hour))
    return await overstaying.prolong(await world.call(None))


async def staying(world: World) -> Session:
    """Return a session whose slot is from nine to ten on the first charger."""
    await booked(world, OFFER, hours(9, 10), evse_id=E1, whom=WITH_CARD)
    world.later(at(9))
    return await started(world, E1)


async def any_of_group(world: World, period: Interval = TEN_PAST) -> tuple[Booking, Booking]:
    """Return a booking of each charger, neither of which was asked for, that of the first charger first."""
    both = [await booked(world, OFFER, period, caller="other_emsp") for _ in range(2)]
    first, second = sorted(both, key=lambda one: one.evse_id)
    assert (first.evse_id, second.evse_id) == (E1, E2)
    return first, second


async def test_nobody_is_moved_to_the_charger_that_somebody_does_not_leave(world: World) -> None:
    first, second = await any_of_group(world)
    await staying(world)

    for hour in (9.99, 10, 10.05, 10.1):
        await worked(world, hour)

    now = [await seen(world, one, "other_emsp") for one in (first, second)]
    assert [one.evse_id for one in now] == [E1, E2]
    assert await told(world, second) == [1]


async def test_who_is_believed_to_be_gone_endangers_nobody(world: World) -> None:
    world.later(at(10))
    await started(world, E1, STRANGER)
    world.later(at(20))
    tomorrow = Interval(at(10) + DAY, at(11) + DAY)
    after = await booked(world, OFFER, tomorrow, caller="other_emsp", evse_id=E1)

    await worked(world, 34)
    flagged = await seen(world, after, "other_emsp")
    await worked(world, 34.3)

    assert flagged.hazard is Hazard.OVERSTAY
    assert (await seen(world, after, "other_emsp")).hazard is None


async def test_whoever_waited_for_a_charger_has_time_to_begin_once_it_is_free(world: World) -> None:
    session = await staying(world)
    waiting = await booked(world, OFFER, hours(10, 11), caller="other_emsp", evse_id=E1)
    await worked(world, 10)
    assert (await seen(world, waiting, "other_emsp")).hazard is Hazard.OVERSTAY
    world.later(at(10.49))
    await stopped(world, session)

    world.later(at(10.55))
    await lapsing.no_shows(await world.call(None))

    now = await seen(world, waiting, "other_emsp")
    assert (now.status, now.hazard) == (ReservationStatus.RESERVED, None)
    assert now.closes_at == at(10.99)


async def test_whoever_booked_the_bay_that_somebody_does_not_leave_is_told_though_that_one_charges_beside(
    world: World,
) -> None:
    shared = a_location("SHARED", chargers={"E1": ["B1"], "E2": ["B1"]})
    offer = an_offer(shared, increment=5)
    await world.publish(shared, offer)
    charger, beside = (evse.id for evse in shared.evses)
    await booked(world, offer, hours(9, 10), evse_id=charger, whom=WITH_CARD)
    waiting = await booked(world, offer, hours(10, 11), caller="other_emsp", evse_id=beside)
    world.later(at(9))
    session = await started(world, charger)

    await worked(world, 10)
    endangered = await seen(world, waiting, "other_emsp")
    await stopped(world, session)

    assert endangered.hazard is Hazard.OVERSTAY
    assert (await seen(world, waiting, "other_emsp")).hazard is None


async def test_a_charger_that_whoever_waited_has_given_up_is_nobody_elses_while_somebody_stays(world: World) -> None:
    session = await staying(world)
    waiting = await booked(world, OFFER, hours(10, 11), caller="other_emsp", evse_id=E1)
    await worked(world, 10)
    world.later(at(10.01))
    given_up = Cancellation(waiting.object_id, CanceledReason.BROKEN_CHARGER)
    await bookings.cancel(await world.call("other_emsp"), a_key(), given_up)

    assert [await worked(world, 10.02) for _ in range(2)] == [1, 0]

    with pytest.raises(SlotTaken):
        await booked(world, OFFER, hours(10.25, 11), caller="other_emsp", evse_id=E1)
    await stopped(world, session)
    assert (await booked(world, OFFER, hours(10.25, 11), caller="other_emsp", evse_id=E1)).hazard is None
