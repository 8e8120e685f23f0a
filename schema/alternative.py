"""Alternatives to bookings as callers see them (BUC 2.8)."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from models.rules import alternative as rules
from models.rules.booking import Booking
from models.rules.charge import difference
from resolvers.call import Call
from schema.booking_location import BookingLocation, Period
from schema.location import Location
from schema.location import of as location_of
from schema.price import BookingPrice, Price, charge


@strawberry.type(description="A slot in the place of a booking's (BUC 2.8).")
class Alternative:
    """A slot in the place of a booking's."""

    id: strawberry.ID | None = strawberry.field(
        description="To take it by; null of what was looked for with a reach, which `alternativesRenew` offers."
    )
    location: Location
    booking_location: BookingLocation | None = strawberry.field(description="Null once its operator withdrew it.")
    timeslot: Period = strawberry.field(description="As long as what was booked, or longer at a slower charger.")
    distance: int = strawberry.field(description="From the booked Location, as the crow flies, in m.")
    shift_minutes: int = strawberry.field(description="How much later than the booking it begins; below 0, earlier.")
    rank: int = strawberry.field(
        description="From 1. First what the operator suggests, then the same Location, then by distance and shift: a "
        "km counts as a minute."
    )
    price: BookingPrice
    price_difference: Price | None = strawberry.field(
        description="How much more it costs than the booking, below 0 if it is cheaper; null if not known."
    )
    suggested_by: strawberry.ID | None = strawberry.field(description="The operator that added it, if one did.")
    held_until: datetime | None = strawberry.field(
        description="Until then it is held for you; null if whoever comes first gets it."
    )
    taken_at: datetime | None


def alternatives(
    call: Call, of: Booking, found: Sequence[rules.Alternative], *, stored: bool = True
) -> list[Alternative]:
    """Return alternatives to a booking as callers see them; what is not `stored` cannot be taken by its id."""
    return [_alternative(call, of, one, stored=stored) for one in found]


def _alternative(call: Call, of: Booking, one: rules.Alternative, *, stored: bool) -> Alternative:
    entry = call.catalogue.get(one.location_id)
    if entry is None:
        raise LookupError(f"the catalogue lacks Location {one.location_id} of alternative {one.id}")
    place = location_of(entry.published)
    offers = {offer.id: offer for offer in place.booking_locations}
    held = one.held_until is not None and one.held_until > call.now
    return Alternative(
        id=strawberry.ID(str(one.id)) if stored else None,
        location=place,
        booking_location=offers.get(strawberry.ID(one.booking_location_id)),
        timeslot=Period.of(one.period),
        distance=one.distance,
        shift_minutes=one.shift_minutes,
        rank=one.rank,
        price=BookingPrice.of(one.price),
        price_difference=charge(difference(of.price, one.price)),
        suggested_by=strawberry.ID(one.suggested_by) if one.suggested_by else None,
        held_until=one.held_until if held else None,
        taken_at=one.taken_at,
    )
