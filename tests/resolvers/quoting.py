"""Quotes of slots, bookings by them, and what came of each; and the site and the questions of their tests."""

from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from models.errors import Refusal
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.quote import Quote
from models.rules.tariff import PriceComponent, Tariff, TariffDimension, TariffElement
from resolvers import bookings, quotes
from resolvers.booking_create import QuotedBooking
from resolvers.call import Call
from resolvers.for_whom import ForWhom
from resolvers.granting import WantedSlot
from resolvers.quotes import HOLD_MINUTES
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer, hours
from tests.world import World, a_key

TEN_TO_ELEVEN = hours(10, 11)
EXPIRY = NOW + timedelta(minutes=HOLD_MINUTES)
"""When what is quoted at the moment of the tests expires."""

SITE = a_location()
OFFER = an_offer(SITE)
E1 = "NL*ABC*LOC1*E1"
ENERGY = Demand(energy=Decimal(100))
LIVE = "SELECT count(*) FROM allocation WHERE released_at IS NULL"
CAUSES = "SELECT array_agg(cause ORDER BY xid, id) FROM event WHERE cause IN ('HOLD', 'EXPIRY', 'BOOKING')"
HOLDING = "SELECT kind || ' ' || holder_id FROM allocation WHERE released_at IS NULL"

T = TypeVar("T")


def charging(price: str, **changes: Any) -> Tariff:
    """Return a tariff for charging by the kWh, before 21 % VAT."""
    component = PriceComponent(TariffDimension.ENERGY, Decimal(price), Decimal(21), 1)
    return a_tariff("CHARGE", elements=(TariffElement((component,)),), **changes)


def a_slot(offer: BookingLocation, period: Interval = TEN_TO_ELEVEN, **changes: Any) -> WantedSlot:
    """Return the wish for any charger of `offer` for an hour, changed by naming what matters."""
    plain: dict[str, Any] = {"booking_location_id": offer.id, "period": period, "demand": Demand()}
    return WantedSlot(**{**plain, **changes})


async def quoted(world: World, offer: BookingLocation, caller: str = "emsp", **changes: Any) -> Quote:
    """Return a quote of a slot; a refusal is raised."""
    return await quotes.quote(await world.call(caller), a_key(), a_slot(offer, **changes))


async def book(call: Call, quote: Quote, **changes: Any) -> Booking:
    """Return the booking made by a quote; a refusal is raised."""
    return await bookings.create(call, a_key(), QuotedBooking(str(quote.id), ForWhom(**changes)))


async def or_refusal(asked: Awaitable[T]) -> T | Refusal:
    """Return what was asked for, or the refusal; whatever else is raised is a fault and is not caught."""
    try:
        return await asked
    except Refusal as refusal:
        return refusal
