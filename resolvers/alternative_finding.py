"""Finding slots in the place of a booking's, at its Location and near it, of any operator (BUC 2.8)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from models.catalogue import Entry
from models.queries import allocations, alternatives
from models.rules.alternative import Alternative, AlternativesPolicy, ranked, replaced_period, shift, shunned, starts
from models.rules.availability import FreeTimeslot, Search
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation, Confirmation
from models.rules.booking_state import ReservationStatus
from models.rules.fit import Demand, fitting
from models.rules.identity import owner
from models.rules.interval import Interval
from models.rules.location import Location
from models.rules.nearby_times import around, closest
from resolvers import access
from resolvers.asked import Asked
from resolvers.call import Call
from resolvers.finding import AT_ONCE
from resolvers.free import Place
from resolvers.taking import needing

Busy = Mapping[str, Sequence[Interval]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the place of a booking's slot, and between which moments it may begin."""

    booking: Booking
    demand: Demand
    search: Search
    earliest: datetime
    latest: datetime

    @classmethod
    def of(cls, booking: Booking, policy: AlternativesPolicy, now: datetime) -> "Wanted":
        """Return what meets the same demand as a booking, for as long as its slot, or what was left of that."""
        booked = booking.timeslot.period
        demand = needing(booking.demand, replaced_period(booking))
        longest = max(demand.minutes or 0, booking.demand.minutes or 0)  # what is held is to meet what was asked
        return cls(booking, replace(demand, minutes=longest), Search(booked, now), *starts(booked, policy, now))

    def best(self, found: Sequence[FreeTimeslot]) -> FreeTimeslot | None:
        """Return the slot that begins nearest to the booking, the earlier one of two, or None if none is in time."""
        booked = self.booking.timeslot.period.start
        inside = [one for one in found if self.earliest <= one.period.start <= self.latest]
        return min(inside, key=lambda one: (abs(one.period.start - booked), one.period.start), default=None)


async def find(call: Call, booking: Booking, policy: AlternativesPolicy) -> list[Alternative]:
    """Return the best alternatives to a booking by rank, one of each BookingLocation at most; one statement.

    What the booking has itself counts as free, save its charger while it is `shunned`: that is what failed.
    """
    booked = booking.timeslot.period
    home = call.catalogue.get(booking.location_id)
    if home is None or booked.end <= call.now:
        return []
    near = _near(call, home, policy)
    ids = [entry.published.location.id for entry, _ in near]
    async with call.database.reading() as connection:
        busy = await allocations.busy(connection, ids, around(booked), call.now, booking.id)
    wanted = Wanted.of(booking, policy, call.now)
    found: list[Alternative] = []
    for number, (entry, distance) in enumerate(near):
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)  # let others be served meanwhile
        taken = dict(busy.get(entry.published.location.id, {}))
        taken[booking.evse_id] = [*taken.get(booking.evse_id, ()), shunned(booking)]
        found += _at(call, entry, distance, wanted, taken)
    return ranked(found, booking.location_id)


async def find_anew(call: Call, booking: Booking, policy: AlternativesPolicy) -> list[Alternative]:
    """Return what `find` does, without what is suggested already, and what was taken and then not confirmed."""
    found = await find(call, booking, policy)
    if not found:
        return []
    async with call.database.reading() as connection:
        known = await alternatives.not_anew(connection, booking.id)
    return [one for one in found if (one.booking_location_id, one.period) not in known]


def _near(call: Call, home: Entry, policy: AlternativesPolicy) -> list[tuple[Entry, int]]:
    """Return the Locations that everybody sees within reach of another, which comes first, and how many m off."""
    place = home.published.location
    near = call.catalogue.near(_point(place), policy.within_km)
    others = [(entry, round(1000 * one.distance_km)) for entry, one in near if entry is not home]
    return [
        (entry, distance)
        for entry, distance in [(home, 0), *others]
        if access.sees_location(call, entry.published.location)
    ]


def _at(call: Call, entry: Entry, distance: int, wanted: Wanted, taken: Busy) -> Iterator[Alternative]:
    """Yield the best slot of each BookingLocation at a Location, if it has one in time."""
    place = Place.of(entry, Asked(demand=wanted.demand), wanted.search, taken)
    for offer in entry.published.booking_locations:
        if _may_leave_with_neither(wanted.booking, offer):
            continue
        slot = wanted.best(_closest(place, offer))
        if slot is None:
            continue
        price = place.pricing.priced(offer, slot).price
        if price is not None:
            yield Alternative(
                id=uuid4(),
                booking_id=wanted.booking.id,
                booking_location_id=offer.id,
                location_id=offer.location_id,
                period=slot.period,
                distance=distance,
                shift_minutes=shift(slot.period, wanted.booking.timeslot.period),
                rank=1,
                price=price.estimate,
                suggested_by=None,
                quote_id=None,
                offered_at=call.now,
            )


def _may_leave_with_neither(booking: Booking, offer: BookingLocation) -> bool:
    """Whether a confirmed booking would end for one elsewhere that its operator has yet to confirm."""
    elsewhere = owner(offer.id) != booking.cpo_id
    confirmed = booking.status is ReservationStatus.RESERVED
    return elsewhere and confirmed and offer.confirmation is Confirmation.OPERATOR


def _closest(place: Place, offer: BookingLocation) -> list[FreeTimeslot]:
    """Return the last free slot that begins before the booking does, and the first that does not."""
    demand = place.asked.demand
    candidates = fitting(place.spots(offer), offer.booking_option, demand)
    return [*closest(offer, candidates, place.busy, place.search, demand, place.site).values()]


def _point(location: Location) -> tuple[float, float]:
    return float(location.latitude), float(location.longitude)
