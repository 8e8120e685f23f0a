"""What those who take part in a simulated day publish before it: sites with their prices, cards, providers' fees."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from benchmarks.day_plan import MINUTE, Site, Truck
from benchmarks.day_prices import PRICES, Element, PriceList, Prices, ProviderPrices
from models.rules.booking_location import AccessMethod, BookingLocation
from models.rules.energy_mix import EnergyMix
from models.rules.location import Location
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    PriceLimit,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
    TaxIncluded,
)
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.catalogue import TERMS, a_location, a_tariff, an_evse, an_offer

COMMANDED = ("RFID_READER", "REMOTE_START_STOP_CAPABLE")


def tariffs() -> list[Tariff]:
    """Return the tariffs of all price lists."""
    known = {one.name: one for one in PRICES}.values()
    return [
        tariff
        for one in known
        for tariff in (_tariff(_booking(one), one.booking), _tariff(_charging(one), one.charging))
    ]


def site(one: Site) -> tuple[Location, BookingLocation]:
    """Return a site as its operator publishes it."""
    prices, location_id = one.prices, one.location_id
    evses = tuple(an_evse(location_id, uid, list(bays), capabilities=COMMANDED) for uid, bays in one.chargers.items())
    plugged = tuple(
        replace(
            evse, connectors=tuple(replace(plug, tariff_ids=(_id(_charging(prices)),)) for plug in evse.connectors)
        )
        for evse in evses
    )
    green = EnergyMix(is_green_energy=True) if one.green else None
    place = a_location(one.name, chargers=one.chargers, evses=plugged, energy_mix=green)
    terms = replace(
        TERMS,
        supported_access_methods=(AccessMethod(one.access),),
        change_until_minutes=prices.change_until,
        cancel_until_minutes=prices.cancel_until,
        noshow_timeout=int(one.timeout / MINUTE),
        early_start_allowed=bool(one.early),
        early_start_time=int(one.early / MINUTE) or None,
        late_stop_allowed=bool(one.late),
        late_stop_time=int(one.late / MINUTE) or None,
        token_groups_supported=True,
        fees=tuple(_fees(prices)),
    )
    offer = an_offer(place, terms=terms, reservation_required=one.booking_only, tariff_ids=(_id(_booking(prices)),))
    return place, offer


def cards(truck: Truck) -> list[dict[str, Any]]:
    """Return what the provider of a truck publishes of its driver's cards, one of which was lost."""
    fleet = truck.caller.endswith("fleet")
    own = {"type": "RFID", "contractId": truck.contract_id, "issuer": "A provider", "groupId": f"GROUP{truck.name}"}
    uids = [truck.card, truck.group_card]
    vehicle = [] if fleet else [own | {"type": "EMAID", "uid": truck.contract_id}]
    lost = {"type": "RFID", "contractId": truck.contract_id, "issuer": "A provider", "uid": f"LOST{truck.name}"}
    return [*(own | {"uid": uid} for uid in uids), *vehicle, lost]


def provider_fees(prices: Sequence[ProviderPrices]) -> list[dict[str, Any]]:
    """Return what a provider publishes of its own fees."""
    return [
        {
            "id": one.fee_id,
            "name": f"Fee {one.fee_id}",
            "currency": one.currency,
            "perBooking": str(one.per_booking),
            "percentage": str(one.percentage),
            "perMonth": str(one.per_month),
            "vat": None if one.vat is None else str(one.vat),
            "contractIds": list(one.contract_ids),
        }
        for one in prices
    ]


def _booking(prices: Prices) -> str:
    return f"BOOK-{prices.name}"


def _charging(prices: Prices) -> str:
    return f"CHARGE-{prices.name}"


def _id(name: str) -> str:
    return a_tariff(name).id


def _tariff(name: str, prices: PriceList) -> Tariff:
    return a_tariff(
        name,
        currency=prices.currency,
        tax_included=TaxIncluded.YES if prices.tax_included else TaxIncluded.NO,
        elements=tuple(_element(one, prices.vat) for one in prices.elements),
        max_price=PriceLimit(prices.most) if prices.most is not None else None,
    )


def _element(one: Element, vat: Decimal) -> TariffElement:
    component = PriceComponent(TariffDimension(one.dimension), one.price, vat, one.step)
    fee = BookingRestriction(one.fee) if one.fee else None
    if fee is None and one.from_kwh is None and one.to_kwh is None:
        return TariffElement((component,))
    return TariffElement((component,), TariffRestrictions(booking=fee, min_kwh=one.from_kwh, max_kwh=one.to_kwh))


def _fees(prices: Prices) -> list[TermsFee]:
    given = {FeeKind.MODIFICATION: prices.modification, FeeKind.LATE_ARRIVAL: prices.late_arrival}
    listed = prices.booking
    return [
        TermsFee(kind, amount, listed.currency, listed.vat) for kind, amount in given.items() if amount is not None
    ]
