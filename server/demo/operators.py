"""The operators of the demo network, and their prices."""

from dataclasses import dataclass
from typing import Any

from server.demo.place import Place

ENERGY, DAY_AND_NIGHT, MEGAWATT = "ENERGY", "DAY-AND-NIGHT", "MEGAWATT"
BOOKING_FLAT, BOOKING_HOURLY, BOOKING_FREE = "BOOKING-FLAT", "BOOKING-HOURLY", "BOOKING-FREE"

SOUTH_OF_THE_MAIN = 50.0
"""The latitude at which the sites in Germany change hands."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A made-up party with the CPO role; the energy price is per kWh, VAT in percent, both as published."""

    country_code: str
    party_id: str
    name: str
    currency: str
    vat: float
    energy: float
    green: bool
    tax_included: bool = False

    @property
    def id(self) -> str:
        """Its composite id, such as NL*DMN."""
        return f"{self.country_code}*{self.party_id}"


NORTH = Operator("NL", "DMN", "Demo Operator North", "EUR", 21.0, 0.52, green=True)
LOWER_RHINE = Operator("DE", "DMR", "Demo Operator Lower Rhine", "EUR", 19.0, 0.58, green=False)
UPPER_RHINE = Operator("DE", "DEM", "Demo Operator Upper Rhine", "EUR", 19.0, 0.55, green=True)
ALSACE = Operator("FR", "DMF", "Demo Operator Alsace", "EUR", 20.0, 0.49, green=False)
ALPS = Operator("CH", "DMA", "Demo Operator Alps", "CHF", 8.1, 0.62, green=True)
SOUTH = Operator("IT", "DMS", "Demo Operator South", "EUR", 22.0, 0.79, green=False, tax_included=True)

OPERATORS = (NORTH, LOWER_RHINE, UPPER_RHINE, ALSACE, ALPS, SOUTH)
_BY_COUNTRY = {"NLD": NORTH, "FRA": ALSACE, "CHE": ALPS, "ITA": SOUTH}


def operator_of(place: Place) -> Operator:
    """Return who runs the site at `place`."""
    if place.country == "DEU":
        return LOWER_RHINE if place.latitude > SOUTH_OF_THE_MAIN else UPPER_RHINE
    return _BY_COUNTRY[place.country]


def tariffs(operator: Operator, updated: str) -> list[dict[str, Any]]:
    """Return the operator's OCPI Tariffs: three for charging, three for booking."""
    return [
        _tariff(operator, ENERGY, updated, [_energy(operator), _parking(operator, 9.0)], type="REGULAR"),
        _tariff(operator, DAY_AND_NIGHT, updated, _day_and_night(operator), type="REGULAR"),
        _tariff(operator, MEGAWATT, updated, _megawatt(operator), type="REGULAR", min_price=_least(operator)),
        _tariff(operator, BOOKING_FLAT, updated, _booking_flat(operator)),
        _tariff(operator, BOOKING_HOURLY, updated, _booking_hourly(operator)),
        _tariff(operator, BOOKING_FREE, updated, _booking_free(operator)),
    ]


def _tariff(
    operator: Operator, name: str, updated: str, elements: list[dict[str, Any]], **more: object
) -> dict[str, Any]:
    return {
        "country_code": operator.country_code,
        "party_id": operator.party_id,
        "id": name,
        "currency": operator.currency,
        "tax_included": "YES" if operator.tax_included else "NO",
        **more,
        "elements": elements,
        "last_updated": updated,
    }


def _element(operator: Operator, what: str, price: float, step: int, **restrictions: object) -> dict[str, Any]:
    component = {"type": what, "price": round(price, 4), "vat": operator.vat, "step_size": step}
    if not restrictions:
        return {"price_components": [component]}
    return {"price_components": [component], "restrictions": restrictions}


def _energy(operator: Operator, factor: float = 1.0, **restrictions: object) -> dict[str, Any]:
    return _element(operator, "ENERGY", operator.energy * factor, 1, **restrictions)


def _parking(operator: Operator, hourly: float) -> dict[str, Any]:
    return _element(operator, "PARKING_TIME", hourly, 300)


def _day_and_night(operator: Operator) -> list[dict[str, Any]]:
    """Cheap at weekends, dearest at the evening peak, cheap at night; the first match counts."""
    return [
        _energy(operator, 0.85, day_of_week=["SATURDAY", "SUNDAY"]),
        _energy(operator, 1.25, start_time="16:30", end_time="20:30"),
        _energy(operator, 0.8, start_time="22:00", end_time="06:00"),
        _energy(operator),
        _parking(operator, 12.0),
    ]


def _megawatt(operator: Operator) -> list[dict[str, Any]]:
    return [_energy(operator, 1.15), _parking(operator, 24.0)]


def _least(operator: Operator) -> dict[str, float]:
    """A session at a megawatt charger costs at least ten, in the operator's currency."""
    tax = 1 + operator.vat / 100
    before, after = (10 / tax, 10.0) if operator.tax_included else (10.0, 10 * tax)
    return {"before_taxes": round(before, 2), "after_taxes": round(after, 2)}


def _booking_flat(operator: Operator) -> list[dict[str, Any]]:
    return [
        _element(operator, "FLAT", 4.0, 1, booking="BOOKING"),
        _element(operator, "FLAT", 20.0, 1, booking="BOOKING_EXPIRES"),
        _element(operator, "FLAT", 8.0, 1, booking="BOOKING_CANCELLATION_FEES"),
        _element(operator, "TIME", 45.0, 300, booking="BOOKING_OVERTIME"),
    ]


def _booking_hourly(operator: Operator) -> list[dict[str, Any]]:
    """The fee grows with the booked time, and so does what a no-show costs."""
    return [
        _element(operator, "TIME", 6.0, 900, booking="BOOKING"),
        _element(operator, "TIME", 18.0, 900, booking="BOOKING_EXPIRES"),
        _element(operator, "FLAT", 12.0, 1, booking="BOOKING_CANCELLATION_FEES"),
        _element(operator, "TIME", 60.0, 300, booking="BOOKING_OVERTIME"),
    ]


def _booking_free(operator: Operator) -> list[dict[str, Any]]:
    return [
        _element(operator, "FLAT", 0.0, 1, booking="BOOKING"),
        _element(operator, "TIME", 30.0, 300, booking="BOOKING_OVERTIME"),
    ]
