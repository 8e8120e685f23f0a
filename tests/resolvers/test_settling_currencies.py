"""What is billed of a session whose overtime has a price in another currency: two CDRs that tell all of it once."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.ocpi.cdr import cdr_document
from models.queries import cdrs
from models.rules.bill import BillKind
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.tariff import BookingRestriction
from models.rules.terms_fee import FeeKind
from resolvers import settling
from tests.factories.catalogue import a_location, an_offer, at
from tests.factories.tokens import published
from tests.ocpi_documents.checking import faults
from tests.resolvers.charging_scenes import WITH_CARD, started, stopped
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.quoting import charging
from tests.resolvers.settling import waived
from tests.rules.tariffs import tariff, time, when
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_location()
FRANCS = tariff(
    when(time("60.00", "8", 1), booking=BookingRestriction.BOOKING_OVERTIME),
    id="NL*ABC*FRANCS",
    ocpi_id="FRANCS",
    currency="CHF",
)
ENERGY = charging("0.50")
OFFER = replace(an_offer(SITE), tariff_ids=(ENERGY.id, FRANCS.id))


async def overstayed(world: World) -> Booking:
    """Return a booking from ten to eleven whose session went on for half an hour, and is settled."""
    await world.publish(ENERGY, FRANCS, SITE, OFFER)
    await published(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, E1, meter_id="METER-7")
    world.later(at(11.5))
    await stopped(world, session, kwh=Decimal(90))
    await settling.settle(await world.call(None))
    return booking


async def of_session(world: World, one: Booking) -> list[Cdr]:
    """Return the CDRs that bill the session of a booking now, the one with its energy first."""
    async with world.database.reading() as connection:
        found = await cdrs.billed(connection, one.id)
    return [cdr for cdr in found if cdr.kind is BillKind.SESSION]


async def test_overtime_in_another_currency_is_left_to_its_own_cdr(world: World) -> None:
    euros, francs = await of_session(world, await overstayed(world))

    assert (euros.currency, euros.energy, euros.bill.timed_until) == ("EUR", Decimal(90), at(11))
    assert (francs.currency, francs.energy, francs.bill.timed_until) == ("CHF", Decimal(0), None)
    for one in (euros, francs):
        assert faults("CDR", cdr_document(one)) == []
        assert one.place.meter_id == "METER-7"


async def test_its_minutes_are_charging_again_when_overtime_is_waived(world: World) -> None:
    booking = await overstayed(world)
    before, _ = await of_session(world, booking)
    await waived(world, booking, FeeKind.OVERTIME)
    await settling.settle(await world.call(None))

    (after,) = await of_session(world, booking)

    assert (after.total, after.bill.lines) == (before.total, before.bill.lines)
    assert (after.local_id != before.local_id, after.bill.timed_until) == (True, None)
    assert await settling.settle(await world.call(None)) == 0
