"""The whole demo network as OCPI documents, made anew for the present time from the tables beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.demo.hours import rfc3339
from server.demo.offers import SHARED_BAY, SHOWN_FIRST, booking_locations, terms_at
from server.demo.operators import OPERATORS, tariffs
from server.demo.places import PLACES
from server.demo.sites import location

SHOWCASE_LOCATION = "NL*DMN*SANDELINGEN"
"""Four chargers near Rotterdam, bookable at any hour for 30 to 240 minutes in steps of 15."""
SHOWCASE_BOOKING_LOCATION = f"{SHOWCASE_LOCATION}-CCS"

SHARED_BAY_LOCATION = "DE*DEM*RENCHTAL"
"""Two chargers on the Upper Rhine, bookable at any hour, that share one bay: only one can be used at a time."""
SHARED_BAY_BOOKING_LOCATION = f"{SHARED_BAY_LOCATION}-CCS"

_FIXED_TERMS = {"sandelingen": SHOWN_FIRST, "renchtal": SHARED_BAY}


@dataclass(frozen=True, slots=True)
class Documents:
    """OCPI 2.3.0 objects with Bookings 1.1, as JSON has them."""

    tariffs: list[dict[str, Any]]
    locations: list[dict[str, Any]]
    booking_locations: list[dict[str, Any]]


def documents(now: datetime) -> Documents:
    """Return the network as its operators would publish it at `now`, bookable from midnight UTC for 60 days.

    The same `now` gives the same documents, and a later one newer ones. Raises ValueError if `now` has no offset.
    """
    if now.utcoffset() is None:
        raise ValueError("The time that the demo network is made for has no offset. Give it in UTC.")
    begin = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    updated = rfc3339(now)
    return Documents(
        tariffs=[tariff for operator in OPERATORS for tariff in tariffs(operator, updated)],
        locations=[location(place, begin, updated, spotless=place.slug in _FIXED_TERMS) for place in PLACES],
        booking_locations=[
            offer
            for place in PLACES
            for offer in booking_locations(place, begin, updated, _FIXED_TERMS.get(place.slug) or terms_at(place))
        ],
    )
