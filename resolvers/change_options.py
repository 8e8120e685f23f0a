"""What a booking could be changed to: what is free at a Location if the booking itself were not there (BUC 2.3.1)."""

from dataclasses import dataclass, replace

from models.errors import BadInput, NotFound
from models.queries import allocations
from models.rules.availability import Search
from models.rules.booking import Booking
from models.rules.fit import Demand
from models.rules.identity import normalized, owner
from models.rules.interval import Interval
from models.rules.nearby_times import around
from resolvers import access, provider_fees
from resolvers.asked import Asked, SlotForm, checked
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.finding import checked_window
from resolvers.free import Available, Place, available
from resolvers.taking import needing


@dataclass(frozen=True, slots=True)
class WantedOptions:
    """Where and when to look, and what for; None is where the booking is, close to its time, for what it is."""

    booking_id: str
    location_id: str | None = None
    window: Interval | None = None
    demand: Demand | None = None
    form: SlotForm = SlotForm.WINDOWS


async def change_options(call: Call, wanted: WantedOptions) -> tuple[Booking, Available]:
    """Return a booking, and what is free for it at one Location of its operator, with prices.

    What the booking has, and what quotes hold for it, counts as free. Raise NotFound or BadInput.
    """
    booking = await get(call, wanted.booking_id)
    location_id = booking.location_id if wanted.location_id is None else normalized(wanted.location_id)
    return booking, await _look(call, booking, location_id, wanted)


async def _look(call: Call, booking: Booking, location_id: str, wanted: WantedOptions) -> Available:
    entry = call.catalogue.get(location_id)
    if entry is None or not access.sees_location(call, entry.published.location):
        raise NotFound("Location", location_id)
    location = entry.published.location
    if owner(location.id) != booking.cpo_id:
        raise BadInput("`locationId` is another operator's; search there, and move the booking by `bookingMove`.")
    window = checked_window(wanted.window or around(booking.timeslot.period))
    asked = _asked(booking, wanted)
    fees = await provider_fees.seen(call)
    async with call.database.reading() as connection:
        near = around(window)
        busy = await allocations.busy(connection, [location_id], near, call.now, booking.id)
    return available(Place.of(entry, asked, Search(window, call.now), busy.get(location_id, {}), fees))


def _asked(booking: Booking, wanted: WantedOptions) -> Asked:
    demand = wanted.demand or needing(booking.demand, booking.timeslot.period)
    if wanted.form is SlotForm.STARTS and demand.minutes is None and demand.energy is None:
        demand = replace(demand, minutes=needing(demand, booking.timeslot.period).minutes)
    return checked(Asked(demand=demand, form=wanted.form))
