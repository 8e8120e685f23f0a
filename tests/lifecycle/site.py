"""Two small sites of one operator on which bookings live: published for the product, and told to the model."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from models.rules.booking_location import BookingLocation, BookingOption, Confirmation
from models.rules.identity import object_id
from models.rules.interval import Interval
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
)
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.catalogue import CPO, TERMS, UPDATED, a_location, a_tariff, an_offer, at
from tests.lifecycle.model import Edition, Offer, Span

SHARED = a_location("LOC1", chargers={"E1": ["B1", "B2"], "E2": ["B2", "B1"], "E3": ["B2"]})
PLAIN = a_location("LOC2", chargers={"E1": ["B1"], "E2": ["B2"]})
CROSSED = (("E1", "B1"), ("E1", "B2"), ("E2", "B2"), ("E2", "B1"), ("E3", "B2"))
STRAIGHT = (("E1", "B1"), ("E2", "B2"))

ANY = Offer("ANY", "LOC1", CROSSED, instant=True, pinned=False, reveal=60)
FIRST = Offer("FIRST", "LOC2", STRAIGHT[:1], instant=True, pinned=True)
ASKED = Offer("ASKED", "LOC2", STRAIGHT, instant=False, pinned=False)
OFFERS = (ANY, FIRST, ASKED)
CHARGERS = {"LOC1": ("E1", "E2", "E3"), "LOC2": ("E1", "E2")}
PLACES = ("LOC1", "LOC2")
FAILING = ("E1", "E2")
"""Chargers of either site that are reported out of order, and worked on."""

EDITIONS = (
    Edition(0, "2.50", cut_off=60, no_show=30, fees=False),
    Edition(1, "4.00", cut_off=180, no_show=45, fees=True),
)


def offered(offer: Offer, edition: Edition, number: int) -> BookingLocation:
    """Return what the operator publishes of an offer, for the `number`th time."""
    fee = TermsFee(FeeKind.MODIFICATION, Decimal("5.00"), "EUR", Decimal(21))
    terms = replace(
        TERMS,
        change_until_minutes=edition.cut_off,
        cancel_until_minutes=edition.cut_off,
        noshow_timeout=edition.no_show,
        reveal_minutes=offer.reveal or None,
        fees=(fee,) if edition.fees else (),
    )
    return an_offer(
        SHARED if offer.place == "LOC1" else PLAIN,
        offer.name,
        terms=terms,
        option=BookingOption(evse_uid="E1") if offer.pinned else None,
        confirmation=Confirmation.INSTANT if offer.instant else Confirmation.OPERATOR,
        last_updated=UPDATED + timedelta(seconds=number),
    )


def tariff(edition: Edition, number: int) -> Tariff:
    """Return the booking tariff that the operator publishes for the `number`th time."""

    def element(price: str, fee: BookingRestriction) -> TariffElement:
        component = PriceComponent(TariffDimension.FLAT, Decimal(price), Decimal(21), 1)
        return TariffElement((component,), TariffRestrictions(booking=fee))

    elements = [element(edition.price, BookingRestriction.BOOKING)]
    if edition.fees:
        elements.append(element("10.00", BookingRestriction.BOOKING_CANCELLATION_FEES))
    return a_tariff(elements=tuple(elements), last_updated=UPDATED + timedelta(seconds=number))


def offer_id(offer: Offer) -> str:
    return object_id(*CPO, f"{offer.place}-{offer.name}")


def offer_of(booking_location_id: str) -> Offer:
    return next(one for one in OFFERS if offer_id(one) == booking_location_id)


def evse_id(place: str, evse: str) -> str:
    return f"NL*ABC*{place}*{evse}"


def minute(moment: datetime) -> int:
    """Return how many minutes after midnight that is; tests know whole minutes only."""
    minutes = (moment - at(0)) / timedelta(minutes=1)
    assert minutes == int(minutes)
    return int(minutes)


def moment(minutes: int) -> datetime:
    return at(0) + timedelta(minutes=minutes)


def interval(span: Span) -> Interval:
    return Interval(moment(span[0]), moment(span[1]))


def span_of(period: Interval) -> Span:
    return minute(period.start), minute(period.end)
