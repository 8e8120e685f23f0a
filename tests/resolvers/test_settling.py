"""What is billed of bookings and sessions, and credited when it does not stand any more (BUC 4.1 to 4.4)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.ocpi.cdr import cdr_document
from models.queries import cdrs, unsettled
from models.rules.bill import BillKind, LineKind
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.cdr import Cdr
from models.rules.interval import Interval
from models.rules.session import StopReason
from resolvers import lapsing, settling
from resolvers.booking_cancel import Cancellation, cancel
from resolvers.session_past import Ended
from tests.factories.catalogue import a_location, an_offer, at
from tests.factories.tokens import published
from tests.ocpi_documents.checking import faults
from tests.resolvers.charging_scenes import WITH_CARD, read, started, stopped
from tests.resolvers.lifecycle import E1, booked, booking_tariff
from tests.resolvers.quoting import charging
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)


async def the_site(world: World) -> None:
    await world.publish(booking_tariff(cancellation="4.00"), charging("0.50"), SITE, OFFER)
    await published(world)


async def settled(world: World) -> int:
    return await settling.settle(await world.call(None))


async def billed(world: World, one: Booking) -> list[Cdr]:
    async with world.database.reading() as connection:
        return await cdrs.billed(connection, one.id)


async def test_the_fee_of_a_booking_is_billed_when_it_is_granted_and_once(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    assert await settled(world) == 1
    assert await settled(world) == 0
    (cdr,) = await billed(world, booking)
    assert (cdr.kind, cdr.total.before_taxes) == (BillKind.BOOKING, Decimal("2.5000"))


async def test_a_session_is_billed_at_its_end(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, E1)
    await settled(world)
    world.later(at(10.5))
    await read(world, session, (at(10.4), "100", None))
    await stopped(world, session, kwh=Decimal("120.5"))
    await settled(world)
    fee, charged = await billed(world, booking)
    assert (fee.kind, charged.kind) == (BillKind.BOOKING, BillKind.SESSION)
    assert charged.total.before_taxes == Decimal("60.2500")
    assert charged.energy == Decimal("120.5")


@pytest.mark.parametrize("whole", [False, True])
async def test_a_session_that_ended_as_it_began_is_billed_for_its_energy(world: World, whole: bool) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.01))
    if whole:
        ended = Ended(at(10), StopReason.DRIVER, kwh=Decimal("2.5"))
        session = await started(world, E1, started_at=at(10), ended=ended)
    else:
        begun = await started(world, E1, started_at=at(10))
        session = await stopped(world, begun, ended_at=at(10), kwh=Decimal("2.5"))
    assert (session.start_date_time, session.end_date_time) == (at(10), at(10))
    await settled(world)
    assert await settled(world) == 0
    fee, charged = await billed(world, booking)
    assert (fee.kind, charged.kind, charged.energy) == (BillKind.BOOKING, BillKind.SESSION, Decimal("2.5"))
    assert [(line.kind, line.price.before_taxes) for line in charged.lines] == [(LineKind.ENERGY, Decimal("1.2500"))]
    assert session.cost is not None
    assert charged.total == session.cost.price
    assert charged.period == Interval(at(10), at(10) + timedelta(microseconds=1))
    assert faults("CDR", cdr_document(charged)) == []
    await world.database.write(lambda connection: unsettled.mark(connection, booking.id, world.now))
    assert await settled(world) == 1
    assert [one.local_id for one in await billed(world, booking)] == [fee.local_id, charged.local_id]


async def test_a_session_of_neither_time_nor_energy_is_not_billed(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    await stopped(world, await started(world, E1))
    await settled(world)
    assert [one.kind for one in await billed(world, booking)] == [BillKind.BOOKING]


async def test_a_no_show_keeps_the_fee(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await settled(world)
    world.later(at(10.6))
    await lapsing.no_shows(await world.call(None))
    await settled(world)
    assert [one.kind for one in await billed(world, booking)] == [BillKind.BOOKING]


async def test_what_is_canceled_is_credited(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await settled(world)
    await cancel(await world.call("emsp"), a_key(), Cancellation(booking.object_id, CanceledReason.TRAFFIC))
    await settled(world)
    assert await billed(world, booking) == []


async def test_a_session_that_is_told_whole_is_billed_beside_the_others_of_its_booking(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.4))
    first = await started(world, E1)
    await settled(world)
    world.later(at(10.45))
    await stopped(world, first, StopReason.POWER_LOSS, kwh=Decimal(2))
    await settled(world)
    ended = Ended(at(10.25), StopReason.POWER_LOSS, kwh=Decimal(10))
    await started(world, E1, started_at=at(10.05), ended=ended)
    await settled(world)
    charged = [one for one in await billed(world, booking) if one.kind is BillKind.SESSION]
    assert sorted(one.energy for one in charged) == [2, 10]
    assert sum(one.total.before_taxes for one in charged) == Decimal("6.0000")
