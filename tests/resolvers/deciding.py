"""Bookings whose operator decides on each request, and what is decided."""

from typing import Any

from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation, Confirmation
from models.rules.interval import Interval
from models.rules.location import Location
from resolvers import bookings, deciding
from resolvers.call import Call
from resolvers.deciding import Decision, Declined
from resolvers.proposing import Proposal
from tests.factories.catalogue import an_offer
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import TEN_TO_ELEVEN
from tests.world import World, a_key


def asked_of(location: Location, **changes: Any) -> BookingLocation:
    """Return what can be booked at a Location if its operator agrees."""
    return an_offer(location, confirmation=Confirmation.OPERATOR, **changes)


async def accepted(world: World, booking: Booking, caller: str = "cpo") -> Booking:
    """Return the booking once its operator granted what is asked; a refusal is raised."""
    return await bookings.accept(await world.call(caller), a_key(), Decision(booking.object_id))


async def declined(world: World, booking: Booking, reason: str = "Full.", caller: str = "cpo") -> Booking:
    """Return the booking once its operator declined what is asked; a refusal is raised."""
    return await bookings.decline(await world.call(caller), a_key(), Declined(booking.object_id, reason))


async def confirmed(
    world: World, offer: BookingLocation, period: Interval = TEN_TO_ELEVEN, caller: str = "emsp", **changes: Any
) -> Booking:
    """Return a booking that its operator granted."""
    return await accepted(world, await booked(world, offer, period, caller, **changes))


async def proposed(world: World, booking: Booking, period: Interval, caller: str = "cpo", **changes: Any) -> Booking:
    """Return the booking once its operator has proposed another slot; a refusal is raised."""
    wanted = Proposal(booking.object_id, period, **changes)
    return await bookings.propose(await world.call(caller), a_key(), wanted)


async def lapsed(world: World) -> int:
    """Let go of what nobody decided on by now, as a worker does, and return how much that was."""
    return await deciding.lapse(Call(None, world.now, world.database, world.catalogue))
