"""Which kinds of OCPI objects are imported, how each is recognised, and its shape on the wire."""

from collections.abc import Mapping
from enum import StrEnum

from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.tariff import Tariff
from server.ocpi.booking_locations import OcpiBookingLocation
from server.ocpi.locations import OcpiLocation
from server.ocpi.tariffs import OcpiTariff

Value = Tariff | Location | BookingLocation


class Kind(StrEnum):
    """The importable kinds, in the order in which they are published: each may refer to those before it."""

    TARIFF = "Tariff"
    LOCATION = "Location"
    BOOKING_LOCATION = "BookingLocation"


SHAPES: Mapping[Kind, type[OcpiTariff] | type[OcpiLocation] | type[OcpiBookingLocation]] = {
    Kind.TARIFF: OcpiTariff,
    Kind.LOCATION: OcpiLocation,
    Kind.BOOKING_LOCATION: OcpiBookingLocation,
}

IDENTITY = frozenset({"country_code", "party_id", "id"})
"""A whole object shows a part of its identity at least; a fragment of a PATCH, and an EVSE, shows none."""

ELSEWHERE = frozenset(
    {
        "auth_id",
        "auth_method",
        "booking_requests",
        "cdr_token",
        "request_id",
        "reservation_status",
        "terminal_id",
        "token",
        "uid",
    }
)
"""Fields of Bookings, BookingRequests, Sessions, CDRs, Tokens, Terminals, Credentials and EVSEs alone."""

OWN = {
    Kind.BOOKING_LOCATION: frozenset(
        {"booking_option", "booking_terms", "bookable_parking_options", "calendars", "calenders", "policy"}
    ),
    Kind.TARIFF: frozenset({"elements", "tax_included"}),
    Kind.LOCATION: frozenset({"address", "coordinates", "evses", "parking_places", "publish", "time_zone"}),
}
"""Fields that no other kind has; some are slips that senders make."""


def kind_of(raw: object) -> Kind | None:
    """Return the kind of a JSON value, or None if it is no object of an importable kind."""
    if not isinstance(raw, dict):
        return None
    keys = {key.strip() for key in raw}
    if keys.isdisjoint(IDENTITY) or not keys.isdisjoint(ELSEWHERE):
        return None
    return next((kind for kind, own in OWN.items() if not keys.isdisjoint(own)), None)
