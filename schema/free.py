"""What is free at one Location, as callers see it: slots with their prices, near misses, walk-up chargers."""

from datetime import datetime
from typing import Any

import strawberry

from models.rules.misfit import Misfit
from models.rules.nearby_times import Closeness
from resolvers import free as values
from resolvers.pricing import PricedTimeslot
from schema.booking_location import BookingLocation
from schema.evse import Evse
from schema.location import Location, of
from schema.price import SlotPrice


@strawberry.type(description="How many vehicles could book a part of a window.")
class FreeCount:
    """How many vehicles could book a part of a window."""

    start_date_time: datetime
    end_date_time: datetime
    available: int


@strawberry.type(
    description="A free window to cut a booking from: any stretch of it on the calendar's grid that "
    "is as long as the terms allow. Of STARTS it is one booking, as long as asked."
)
class FreeTimeslot:
    """A free window."""

    start_date_time: datetime
    end_date_time: datetime
    min_power: int | None = strawberry.field(description="The power that is guaranteed, in W.")
    max_power: int | None = strawberry.field(description="The power that is available, in W.")
    green_energy_support: bool | None
    available: int = strawberry.field(description="How many vehicles could book all of it.")
    counts: list[FreeCount] = strawberry.field(
        description="Of windows, part by part: how many vehicles could book it; some chargers are free in parts only."
    )
    closeness: Closeness | None = strawberry.field(
        description="On which side of the time asked for it lies; none if it lies in it."
    )
    price: SlotPrice | None

    @classmethod
    def of(cls, one: PricedTimeslot) -> "FreeTimeslot":
        """Return a free timeslot as callers see it."""
        slot = one.slot
        return cls(
            start_date_time=slot.period.start,
            end_date_time=slot.period.end,
            min_power=slot.min_power,
            max_power=slot.max_power,
            green_energy_support=slot.green_energy_support,
            available=slot.available,
            counts=[
                FreeCount(start_date_time=part.period.start, end_date_time=part.period.end, available=part.available)
                for part in slot.counts
            ],
            closeness=one.closeness,
            price=SlotPrice.of(one.price),
        )


@strawberry.type(description="What is free of one BookingLocation.")
class BookingLocationAvailability:
    """What is free of one BookingLocation."""

    booking_location: BookingLocation
    compliant_evses: list[Evse] = strawberry.field(description="The chargers that fit what was asked, free or not.")
    timeslots: list[FreeTimeslot]
    closest: list[FreeTimeslot] = strawberry.field(
        description="Where nothing is free in the time asked for: the last slot before it and the first after."
    )


@strawberry.type(description="A BookingLocation that is not for the vehicle and its demands, and why.")
class NearMiss:
    """A BookingLocation that does not fit."""

    booking_location: BookingLocation
    reasons: list[Misfit]


@strawberry.type(description="A charger that fits and cannot be booked; whoever comes first may use it.")
class WalkUpCharger:
    """A charger that cannot be booked."""

    evse: Evse
    price: SlotPrice | None


@strawberry.type
class FreeAtLocation:
    """What is free at one Location; every answer of a search has it."""

    location: Location
    booking_locations: list[BookingLocationAvailability]
    near_misses: list[NearMiss]
    walk_up: list[WalkUpCharger]


def slots(found: tuple[PricedTimeslot, ...]) -> list[FreeTimeslot]:
    """Return free timeslots as callers see them."""
    return [FreeTimeslot.of(one) for one in found]


def free_at(available: values.Available) -> dict[str, Any]:
    """Return the fields of FreeAtLocation."""
    location = of(available.published)
    offers: dict[str, BookingLocation] = {one.id: one for one in location.booking_locations}
    evses: dict[str, Evse] = {one.id: one for one in location.evses}
    return {
        "location": location,
        "booking_locations": [
            BookingLocationAvailability(
                booking_location=offers[one.booking_location.id],
                compliant_evses=[evses[name] for name in dict.fromkeys(spot.evse.id for spot in one.spots)],
                timeslots=slots(one.timeslots),
                closest=slots(one.closest),
            )
            for one in available.free
        ],
        "near_misses": [
            NearMiss(booking_location=offers[one.booking_location.id], reasons=list(one.reasons))
            for one in available.near_misses
        ],
        "walk_up": [
            WalkUpCharger(evse=evses[one.spot.evse.id], price=SlotPrice.of(one.price)) for one in available.walk_up
        ],
    }
