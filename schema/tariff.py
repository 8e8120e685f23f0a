"""Tariffs as callers see them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
import strawberry.federation

from models.ocpi.tariff import tariff_document
from models.rules import tariff as rules
from models.rules.location import DisplayText as DisplayTextValue
from models.rules.tariff import BookingRestriction, DayOfWeek, ReservationRestriction, TariffDimension, TaxIncluded
from schema.energy_mix import EnergyMix, energy_mix
from schema.ocpi import TARIFF, OcpiDocument


@strawberry.type(description="A text for people, in one language (ISO 639-1).")
class DisplayText:
    """A text for people."""

    language: str
    text: str

    @classmethod
    def of(cls, one: DisplayTextValue) -> "DisplayText":
        """Return a text as callers see it."""
        return cls(language=one.language, text=one.text)


@strawberry.type(description="A price per kWh, per hour or once.")
class PriceComponent:
    """A price per kWh, per hour or once."""

    type: TariffDimension
    price: Decimal
    vat: Decimal | None = strawberry.field(description="Value added tax in percent.")
    step_size: int = strawberry.field(description="The smallest amount billed: Wh for ENERGY, seconds for times.")


@strawberry.type(
    description="When an element applies; all given ones must hold. Times and dates are local to the Location."
)
class TariffRestrictions:
    """When an element applies."""

    start_time: str | None
    end_time: str | None
    start_date: str | None
    end_date: str | None
    min_kwh: Decimal | None
    max_kwh: Decimal | None
    min_current: Decimal | None = strawberry.field(description="A.")
    max_current: Decimal | None = strawberry.field(description="A.")
    min_power: Decimal | None = strawberry.field(description="kW, as the standard has it in tariffs.")
    max_power: Decimal | None = strawberry.field(description="kW, as the standard has it in tariffs.")
    min_duration: int | None = strawberry.field(description="Seconds.")
    max_duration: int | None = strawberry.field(description="Seconds.")
    day_of_week: list[DayOfWeek]
    reservation: ReservationRestriction | None
    booking: BookingRestriction | None


@strawberry.type(description="Price components under one set of restrictions; the first that matches wins.")
class TariffElement:
    """Price components under one set of restrictions."""

    price_components: list[PriceComponent]
    restrictions: TariffRestrictions | None


@strawberry.type(description="A floor or ceiling of a session's price.")
class PriceLimit:
    """A floor or ceiling of a session's price."""

    before_taxes: Decimal
    after_taxes: Decimal | None


@strawberry.type
class Prices:
    """What a tariff and the memory of one share."""

    currency: str = strawberry.field(description="ISO 4217.")
    type: str | None = strawberry.field(description="Which sessions it is for; all, if absent.")
    tax_included: TaxIncluded
    tariff_alt_text: list[DisplayText]
    tariff_alt_url: str | None
    min_price: PriceLimit | None
    max_price: PriceLimit | None
    elements: list[TariffElement]
    start_date_time: datetime | None
    end_date_time: datetime | None
    energy_mix: EnergyMix | None
    last_updated: datetime


@strawberry.federation.type(keys=["id"], description="The prices of one operator in one currency.")
class Tariff(Prices):
    """The prices of one operator in one currency."""

    id: strawberry.ID
    ocpi_id: str = strawberry.field(description="Its id with the operator.")
    value: strawberry.Private[rules.Tariff]

    @strawberry.field(description=TARIFF)
    def ocpi(self) -> OcpiDocument:
        """Return the document."""
        return OcpiDocument(tariff_document(self.value))

    @classmethod
    def of(cls, tariff: rules.Tariff) -> "Tariff":
        """Return a tariff as callers see it."""
        return cls(id=strawberry.ID(tariff.id), ocpi_id=tariff.ocpi_id, value=tariff, **_prices(tariff))


@strawberry.type(description="A tariff as it was when a booking was made under it; no entity, it never changes.")
class BookedTariff(Prices):
    """A tariff as it was when a booking was made under it."""

    tariff_id: strawberry.ID = strawberry.field(description="The tariff that it was.")

    @classmethod
    def of(cls, tariff: rules.Tariff) -> "BookedTariff":
        """Return a remembered tariff as callers see it."""
        return cls(tariff_id=strawberry.ID(tariff.id), **_prices(tariff))


def _prices(tariff: rules.Tariff) -> dict[str, Any]:
    return {
        "currency": tariff.currency,
        "type": tariff.type,
        "tax_included": tariff.tax_included,
        "tariff_alt_text": [DisplayText.of(one) for one in tariff.tariff_alt_text],
        "tariff_alt_url": tariff.tariff_alt_url,
        "min_price": _limit(tariff.min_price),
        "max_price": _limit(tariff.max_price),
        "elements": [_element(one) for one in tariff.elements],
        "start_date_time": tariff.start_date_time,
        "end_date_time": tariff.end_date_time,
        "energy_mix": energy_mix(tariff.energy_mix),
        "last_updated": tariff.last_updated,
    }


def _limit(limit: rules.PriceLimit | None) -> PriceLimit | None:
    return PriceLimit(before_taxes=limit.before_taxes, after_taxes=limit.after_taxes) if limit else None


def _element(element: rules.TariffElement) -> TariffElement:
    return TariffElement(
        price_components=[
            PriceComponent(type=one.type, price=one.price, vat=one.vat, step_size=one.step_size)
            for one in element.price_components
        ],
        restrictions=restrictions_of(element.restrictions) if element.restrictions else None,
    )


def restrictions_of(one: rules.TariffRestrictions) -> TariffRestrictions:
    """Return restrictions as callers see them."""
    return TariffRestrictions(
        start_time=one.start_time,
        end_time=one.end_time,
        start_date=one.start_date,
        end_date=one.end_date,
        min_kwh=one.min_kwh,
        max_kwh=one.max_kwh,
        min_current=one.min_current,
        max_current=one.max_current,
        min_power=one.min_power,
        max_power=one.max_power,
        min_duration=one.min_duration,
        max_duration=one.max_duration,
        day_of_week=[DayOfWeek(day) for day in one.day_of_week],
        reservation=one.reservation,
        booking=one.booking,
    )
