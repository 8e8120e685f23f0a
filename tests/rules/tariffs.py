"""Tariffs and sessions for tests of prices, written as shortly as people speak of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.rules.interval import Interval
from models.rules.price import Price
from models.rules.tariff import (
    PriceComponent,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
    TaxIncluded,
)
from models.rules.usage import Stretch

AMOUNTS = {"min_kwh", "max_kwh", "min_power", "max_power", "min_current", "max_current"}


def energy(price: str, vat: str | None = None, step: int = 1) -> PriceComponent:
    return _component(TariffDimension.ENERGY, price, vat, step)


def flat(price: str, vat: str | None = None) -> PriceComponent:
    return _component(TariffDimension.FLAT, price, vat, 1)


def time(price: str, vat: str | None = None, step: int = 1) -> PriceComponent:
    return _component(TariffDimension.TIME, price, vat, step)


def parking(price: str, vat: str | None = None, step: int = 1) -> PriceComponent:
    return _component(TariffDimension.PARKING_TIME, price, vat, step)


def when(*components: PriceComponent, **restrictions: Any) -> TariffElement:
    """Return components under restrictions; amounts of energy, power and current as text."""
    exact: dict[str, Any] = {
        name: Decimal(value) if name in AMOUNTS else value for name, value in restrictions.items()
    }
    return TariffElement(components, TariffRestrictions(**exact))


def always(*components: PriceComponent) -> TariffElement:
    return TariffElement(components)


def tariff(*elements: TariffElement, **changes: Any) -> Tariff:
    """Return a tariff in EUR before taxes, save for what changes."""
    return Tariff(
        **{
            "id": "NL*ABC*T",
            "country_code": "NL",
            "party_id": "ABC",
            "ocpi_id": "T",
            "currency": "EUR",
            "tax_included": TaxIncluded.NO,
            "elements": elements,
            "last_updated": datetime(2026, 11, 30, tzinfo=UTC),
            **changes,
        }
    )


def utc(day: str, clock: str) -> datetime:
    """Return a moment in UTC of a date and a time of day."""
    return datetime.fromisoformat(f"{day}T{clock}:00+00:00")


def lasting(start: datetime, minutes: float) -> Interval:
    return Interval(start, start + timedelta(minutes=minutes))


def session(start: datetime, *parts: tuple[float, str | None], current: str | None = None) -> list[Stretch]:
    """Return a session of parts one after the other: minutes, with kWh charged, or None for parked."""
    found: list[Stretch] = []
    for minutes, kwh in parts:
        period = lasting(start, minutes)
        drawn = Decimal(current) if current is not None and kwh is not None else None
        found.append(Stretch(period, Decimal(kwh or 0), charging=kwh is not None, current=drawn))
        start = period.end
    return found


def amounts(price: Price | None) -> tuple[str, str] | None:
    """Return before and after taxes, without needless zeros."""
    return None if price is None else (_short(price.before_taxes), _short(price.after_taxes))


def _short(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


def _component(kind: TariffDimension, price: str, vat: str | None, step: int) -> PriceComponent:
    return PriceComponent(kind, Decimal(price), None if vat is None else Decimal(vat), step)
