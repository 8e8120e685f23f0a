"""What is charged on a simulated day, as plain data: the product is told it, the rules reckon by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a tariff: of what `fee`, None for charging; per kWh, per hour or once.

    The step is in Wh or seconds. With `from_kwh` it applies from so much energy on, with `to_kwh` until then.
    """

    fee: str | None
    dimension: str
    price: Decimal
    step: int = 1
    from_kwh: Decimal | None = None
    to_kwh: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """What one tariff charges, in one currency, with VAT in percent; a session costs `most` before taxes at most."""

    currency: str
    vat: Decimal
    tax_included: bool
    elements: Sequence[Element]
    most: Decimal | None = None

    def of(self, fee: str | None) -> list[tuple[int, Element]]:
        """Return what prices a fee, or charging, each with its place in the tariff."""
        return [(number, one) for number, one in enumerate(self.elements) if one.fee == fee]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a site charges: by the tariff of its offers, by that of its connectors, and by its terms.

    The fees of the terms are before taxes, at the rate and in the currency of `booking`; a late change or
    cancellation is one after so many minutes before the slot.
    """

    name: str
    booking: PriceList
    charging: PriceList
    change_until: int
    cancel_until: int
    modification: Decimal | None
    late_arrival: Decimal | None

    def list_for(self, fee: str | None) -> PriceList | None:
        """Return which tariff of a booking prices a fee, or charging, if one does."""
        return next((one for one in (self.booking, self.charging) if one.of(fee)), None)


@dataclass(frozen=True, slots=True)
class ProviderPrices:
    """What an EMSP takes from its fleets: before taxes for a booking and a month, and in percent of CDRs.

    It is for those contracts, or for all if there are none.
    """

    fee_id: str
    currency: str
    per_booking: Decimal
    percentage: Decimal
    per_month: Decimal
    vat: Decimal | None
    contract_ids: tuple[str, ...] = ()


def _list(currency: str, vat: str, *elements: Element, included: bool = False, most: str | None = None) -> PriceList:
    return PriceList(currency, Decimal(vat), included, elements, Decimal(most) if most else None)


def _once(fee: str | None, price: str) -> Element:
    return Element(fee, "FLAT", Decimal(price))


def _hour(fee: str | None, price: str, step: int = 1) -> Element:
    return Element(fee, "TIME", Decimal(price), step)


def _parked(price: str, step: int = 1) -> Element:
    return Element(None, "PARKING_TIME", Decimal(price), step)


def _kwh(price: str, step: int = 1, *, begin: int | None = None, end: int | None = None) -> Element:
    limits = (None if one is None else Decimal(one) for one in (begin, end))
    return Element(None, "ENERGY", Decimal(price), step, *limits)


LATE_CANCELLATION = "BOOKING_CANCELLATION_FEES"
OVERTIME, NO_SHOW, BOOKING = "BOOKING_OVERTIME", "BOOKING_EXPIRES", "BOOKING"

_FULL = Prices(
    "FULL",
    _list(
        "EUR",
        "21",
        _once(BOOKING, "2.50"),
        _hour(BOOKING, "1.2345"),
        _once(LATE_CANCELLATION, "4.00"),
        _once(NO_SHOW, "10.00"),
        _hour(NO_SHOW, "3.10"),
        _hour(OVERTIME, "6.15", 60),
    ),
    _list("EUR", "21", _once(None, "0.35"), _kwh("0.5537"), _hour(None, "1.19", 60), _parked("9.07", 300)),
    change_until=90,
    cancel_until=60,
    modification=Decimal("3.00"),
    late_arrival=Decimal("5.25"),
)
_TIERS = Prices(
    "TIERS",
    _list("EUR", "21", _once(BOOKING, "1.99"), _once(OVERTIME, "8.00")),
    _list("EUR", "21", _kwh("0.6171", 500, end=80), _kwh("0.4949", 500, begin=80), _parked("6.03"), most="75"),
    change_until=45,
    cancel_until=30,
    modification=None,
    late_arrival=None,
)
_FRANCS = Prices(
    "FRANCS",
    _list(
        "CHF",
        "8.1",
        _once(BOOKING, "3.20"),
        _once(LATE_CANCELLATION, "5.40"),
        _hour(LATE_CANCELLATION, "1.10"),
        _once(NO_SHOW, "12.00"),
        _hour(OVERTIME, "7.77", 60),
        included=True,
    ),
    _list("CHF", "8.1", _kwh("0.7123"), _hour(None, "0.91"), _parked("4.44", 60), included=True),
    change_until=120,
    cancel_until=120,
    modification=Decimal("2.10"),
    late_arrival=Decimal("4.05"),
)
_MIXED = Prices(
    "MIXED", _FRANCS.booking, _FULL.charging, 120, 120, modification=Decimal("2.10"), late_arrival=Decimal("4.05")
)
_FREE = Prices(
    "FREE",
    _list("EUR", "21", _once(NO_SHOW, "7.00"), _hour(OVERTIME, "5.05")),
    _list("EUR", "21", _kwh("0.4999", 1000)),
    change_until=60,
    cancel_until=0,
    modification=Decimal("1.05"),
    late_arrival=None,
)
PRICES: Sequence[Prices] = (_FULL, _TIERS, _FRANCS, _FULL, _MIXED, _FREE)
"""What sites charge, one after the other."""

PROVIDER_PRICES: Mapping[str, Sequence[ProviderPrices]] = {
    "emsp": (
        ProviderPrices("ALL", "EUR", Decimal("0.75"), Decimal("2.5"), Decimal("5.00"), Decimal(21)),
        ProviderPrices(
            "FLEET", "EUR", Decimal("0.10"), Decimal(0), Decimal("9.90"), Decimal(21), ("NL-EMS-C00000001-A",)
        ),
    ),
    "other_emsp": (ProviderPrices("SHARE", "CHF", Decimal(0), Decimal("3.333"), Decimal(0), None),),
    "third_emsp": (ProviderPrices("EACH", "EUR", Decimal("1.25"), Decimal("1.01"), Decimal(0), Decimal(20)),),
    "fourth_emsp": (),
}


def prices_at(place: int) -> Prices:
    """Return what the site charges that is the so-manieth."""
    return PRICES[place % len(PRICES)]
