"""What is free at Locations, in a window of time, for one vehicle's demands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.catalogue import Entry
from models.errors import BadInput
from models.queries import allocations
from models.rules.availability import FreeTimeslot, free_timeslots
from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand, fitting
from models.rules.interval import Interval
from models.rules.published import PublishedLocation
from resolvers.call import Call

LONGEST_WINDOW = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Free:
    """What is free of one BookingLocation."""

    booking_location: BookingLocation
    timeslots: tuple[FreeTimeslot, ...]


@dataclass(frozen=True, slots=True)
class Available:
    """What is free at one Location."""

    published: PublishedLocation
    free: tuple[Free, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every Location: when, for how long at least, and by which vehicle."""

    window: Interval
    needed: timedelta
    demand: Demand


Busy = Mapping[str, Mapping[str, Sequence[Interval]]]


def checked_window(window: Interval) -> Interval:
    """Return `window`, or raise BadInput if it is longer than one search may look."""
    if window.duration > LONGEST_WINDOW:
        raise BadInput(f"A window is at most {LONGEST_WINDOW.days} days long.")
    return window


async def busy(call: Call, location_ids: Sequence[str], window: Interval) -> Busy:
    """Return when chargers and bays of those Locations are taken; one statement."""
    async with call.database.reading() as connection:
        return await allocations.busy(connection, location_ids, window)


def available(entry: Entry, asked: Asked, taken: Busy, now: datetime) -> Available:
    """Return what is free at a Location; BookingLocations with nothing free are left out."""
    location_id = entry.published.location.id
    offers = entry.published.booking_locations
    found = (free(entry, offer, asked, taken.get(location_id, {}), now) for offer in offers)
    return Available(entry.published, tuple(one for one in found if one.timeslots))


def free(
    entry: Entry,
    offer: BookingLocation,
    asked: Asked,
    taken: Mapping[str, Sequence[Interval]],
    now: datetime,
) -> Free:
    """Return what is free of one BookingLocation (BUC 1.2)."""
    candidates = fitting(entry.spots[offer.id], offer.booking_option, asked.demand)
    slots: Iterable[FreeTimeslot] = ()
    if candidates:
        slots = free_timeslots(
            offer,
            candidates,
            taken,
            asked.window,
            now=now,
            needed=asked.needed,
            min_power=asked.demand.min_power,
        )
    return Free(offer, tuple(slots))
