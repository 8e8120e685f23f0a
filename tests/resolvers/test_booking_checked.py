"""A booking is decided by what the database holds, whatever the catalogue in memory remembers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.catalogue import Catalogue
from models.errors import ChargerUnusable, DoesNotFit, NotFound, OutsideCalendar, Refusal
from models.queries import catalogue as queries
from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand
from models.rules.location import Location, Status
from models.rules.tariff import PriceComponent, TariffDimension, TariffElement
from models.rules.vehicle import Vehicle
from resolvers import bookings, evses, publishing
from resolvers import catalogue as catalogues
from resolvers.call import Call
from resolvers.evses import StatusReport
from tests.factories.catalogue import UPDATED, a_bay, a_location, a_tariff, an_offer, hours
from tests.resolvers.requests import a_request
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

LATER = UPDATED + timedelta(hours=1)
PLACE = a_location()
OFFER = an_offer(PLACE)
WANTED = a_request(OFFER, demand=Demand(vehicle=Vehicle(length=1650)))


async def call_that_remembers(world: World, caller: str) -> Call:
    """Return a call whose catalogue stays as things are now."""
    remembered = Catalogue()
    await catalogues.load(world.database, remembered, world.now)
    return replace(await world.call(caller), catalogue=remembered)


async def publish(world: World, value: Location | BookingLocation) -> None:
    """Publish without telling any catalogue."""
    call = await world.call(None)
    if isinstance(value, Location):
        await publishing.location(call, value)
    else:
        await publishing.booking_location(call, value)


def shorter_bay() -> Location:
    """Return the Location with a bay that takes shorter vehicles."""
    return replace(PLACE, parking_bays=(a_bay(PLACE.id, "B1", max_vehicle_length=1200),), last_updated=LATER)


def unpublished() -> Location:
    """Return the Location withdrawn from the public."""
    return replace(PLACE, publish=False, last_updated=LATER)


def broken() -> Location:
    """Return the Location with its charger out of order."""
    return replace(PLACE, evses=(replace(PLACE.evses[0], status=Status.OUTOFORDER),), last_updated=LATER)


def afternoons() -> BookingLocation:
    """Return the offer for the afternoon only."""
    return replace(an_offer(PLACE, windows=[hours(12, 18)]), last_updated=LATER)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        (shorter_bay, DoesNotFit),
        (unpublished, NotFound),
        (broken, ChargerUnusable),
        (afternoons, OutsideCalendar),
    ],
)
async def test_what_was_published_since_counts(
    world: World, changed: Callable[[], Location | BookingLocation], refusal: type[Refusal]
) -> None:
    await world.publish(PLACE, OFFER)
    call = await call_that_remembers(world, "emsp")

    await publish(world, changed())

    with pytest.raises(refusal):
        await bookings.create(call, a_key(), WANTED)


async def test_a_fault_reported_since_counts(world: World) -> None:
    await world.publish(PLACE, OFFER)
    call = await call_that_remembers(world, "emsp")

    await evses.report_status(
        await world.call("cpo"), a_key(), StatusReport(PLACE.evses[0].id, Status.INOPERATIVE, None)
    )

    with pytest.raises(ChargerUnusable):
        await bookings.create(call, a_key(), WANTED)


async def test_a_tariff_published_since_is_the_one_that_is_frozen(world: World) -> None:
    await world.publish(PLACE, OFFER, a_tariff())
    call = await call_that_remembers(world, "emsp")

    dearer = (TariffElement((PriceComponent(TariffDimension.FLAT, Decimal("9.99"), None, 1),)),)
    await publishing.tariff(await world.call(None), a_tariff(elements=dearer, last_updated=LATER))
    made = await bookings.create(call, a_key(), WANTED)

    assert [tariff.elements for tariff in made.tariffs] == [dearer]


async def test_what_is_remembered_is_not_read_again_while_it_is_true(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(PLACE, OFFER)
    call = await call_that_remembers(world, "emsp")

    async def never(*_: Any) -> Any:
        raise AssertionError("the Location was read again")

    monkeypatch.setattr(queries, "published", never)
    made = await bookings.create(call, a_key(), WANTED)

    assert made.evse_id == PLACE.evses[0].id
