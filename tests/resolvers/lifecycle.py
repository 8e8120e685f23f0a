"""A site on which bookings are made, changed and canceled, with fees for being late; and what is stored of them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation, BookingTerms
from models.rules.interval import Interval
from models.rules.quote import Quote
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
)
from models.rules.terms_fee import FeeKind, TermsFee
from resolvers import bookings
from resolvers.booking_change import QuotedChange, WantedChange
from resolvers.booking_create import NewBooking
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import TERMS, a_tariff
from tests.resolvers.quoting import TEN_TO_ELEVEN, a_slot
from tests.world import World, a_key

E1, E2 = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"
MODIFICATION = TermsFee(FeeKind.MODIFICATION, Decimal("5.00"), "EUR", Decimal(21))

LIVE = """
SELECT kind, evse_id, to_char(lower(during) AT TIME ZONE 'UTC', 'HH24:MI'),
    to_char(upper(during) AT TIME ZONE 'UTC', 'HH24:MI')
FROM allocation WHERE released_at IS NULL ORDER BY kind, evse_id, during
"""
HELD_TWICE = """
SELECT count(*) FROM allocation a JOIN allocation b
    ON a.location_id = b.location_id AND a.id < b.id AND a.during && b.during AND a.holder_id <> b.holder_id
    AND (a.evse_id = b.evse_id OR a.parking_bay_id = b.parking_bay_id)
WHERE a.released_at IS NULL AND b.released_at IS NULL
"""
UNLIKE_THEIR_BOOKING = """
SELECT count(*) FROM booking b
LEFT JOIN allocation a ON a.holder_id = b.id AND a.released_at IS NULL AND a.kind = 'BOOKING'
WHERE CASE WHEN b.status IN ('PENDING', 'RESERVED')
    THEN (a.location_id, a.evse_id, a.parking_bay_id, a.during)
        IS DISTINCT FROM (b.location_id, b.evse_id, b.parking_bay_id, b.during)
    ELSE a.id IS NOT NULL END
"""


def terms_with_fee(**changes: Any) -> BookingTerms:
    """Return terms under which a late change costs 5.00 before taxes."""
    return replace_terms(fees=(MODIFICATION,), **changes)


def replace_terms(**changes: Any) -> BookingTerms:
    """Return the usual terms, changed by naming what matters."""
    return replace(TERMS, **changes)


def booking_tariff(*, cancellation: str | None = None) -> Tariff:
    """Return the tariff of 2.50 per booking and, if given, so much for a late cancellation, before taxes."""

    def element(price: str, fee: BookingRestriction) -> TariffElement:
        component = PriceComponent(TariffDimension.FLAT, Decimal(price), Decimal(21), 1)
        return TariffElement((component,), TariffRestrictions(booking=fee))

    elements = [element("2.50", BookingRestriction.BOOKING)]
    if cancellation is not None:
        elements.append(element(cancellation, BookingRestriction.BOOKING_CANCELLATION_FEES))
    return a_tariff(elements=tuple(elements))


async def booked(
    world: World,
    offer: BookingLocation,
    period: Interval = TEN_TO_ELEVEN,
    caller: str = "emsp",
    *,
    whom: ForWhom | None = None,
    **changes: Any,
) -> Booking:
    """Return a booking of a slot; a refusal is raised."""
    wanted = NewBooking(a_slot(offer, period, **changes), whom or ForWhom())
    return await bookings.create(await world.call(caller), a_key(), wanted)


async def change_quoted(world: World, booking: Booking, caller: str = "emsp", **changes: Any) -> Quote:
    """Return a quote of a change of a booking; a refusal is raised."""
    wanted = WantedChange(booking.object_id, **changes)
    return await bookings.quote_change(await world.call(caller), a_key(), wanted)


async def changed(world: World, quote: Quote, caller: str = "emsp", **changes: Any) -> Booking:
    """Return the booking changed as quoted; a refusal is raised."""
    return await bookings.change(await world.call(caller), a_key(), QuotedChange(str(quote.id), **changes))
