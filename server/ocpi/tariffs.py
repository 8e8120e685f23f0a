"""A Tariff as the standard writes it, and what it becomes (OCPI Tariffs 2.3.0, with Bookings 1.1)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from models.rules.tariff import (
    BookingRestriction,
    DayOfWeek,
    PriceComponent,
    PriceLimit,
    ReservationRestriction,
    Tariff,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
    TaxIncluded,
)
from server.ocpi.complaints import Defect
from server.ocpi.energy_mix import OcpiEnergyMix
from server.ocpi.evses import OcpiDisplayText
from server.ocpi.numbers import Number, Whole
from server.ocpi.texts import Letters, OneOf, OpenEnum, Url, one_of
from server.ocpi.times import MIDNIGHT, Instant, LocalDate, LocalTime, out_of_order
from server.ocpi.wire import Many, OwnedObject, Some, WireObject, converted

TAX_INCLUDED = {"YES": TaxIncluded.YES, "NO": TaxIncluded.NO, "N/A": TaxIncluded.NOT_APPLICABLE}


class OcpiPriceComponent(WireObject):
    """A price per kWh, per hour or once. A step of 0 is met in practice and means no rounding."""

    type: Annotated[TariffDimension, one_of(TariffDimension)]
    price: Annotated[Decimal, Number()]
    vat: Annotated[Decimal | None, Number(low=0)] = None
    step_size: Annotated[int, Whole()]

    def to_domain(self) -> PriceComponent:
        """Return it as a value."""
        return PriceComponent(self.type, self.price, self.vat, self.step_size)


class OcpiTariffRestrictions(WireObject):
    """When an element applies."""

    start_time: Annotated[str | None, LocalTime()] = None
    end_time: Annotated[str | None, LocalTime(day_end=MIDNIGHT)] = None
    start_date: Annotated[str | None, LocalDate()] = None
    end_date: Annotated[str | None, LocalDate()] = None
    min_kwh: Annotated[Decimal | None, Number(low=0)] = None
    max_kwh: Annotated[Decimal | None, Number(low=0)] = None
    min_current: Annotated[Decimal | None, Number(low=0)] = None
    max_current: Annotated[Decimal | None, Number(low=0)] = None
    min_power: Annotated[Decimal | None, Number(low=0)] = None
    max_power: Annotated[Decimal | None, Number(low=0)] = None
    min_duration: Annotated[int | None, Whole()] = None
    max_duration: Annotated[int | None, Whole()] = None
    day_of_week: Many[Annotated[DayOfWeek, one_of(DayOfWeek)]] = ()
    reservation: Annotated[ReservationRestriction | None, one_of(ReservationRestriction)] = None
    booking: Annotated[BookingRestriction | None, one_of(BookingRestriction)] = None

    def to_domain(self) -> TariffRestrictions:
        """Return them as a value; the fields have the same names here."""
        return TariffRestrictions(**{**dict(self), "day_of_week": tuple(day.value for day in self.day_of_week)})


class OcpiTariffElement(WireObject):
    """Price components under one set of restrictions."""

    price_components: Some[OcpiPriceComponent]
    restrictions: OcpiTariffRestrictions | None = None

    def to_domain(self) -> TariffElement:
        """Return it as a value."""
        return TariffElement(
            price_components=tuple(component.to_domain() for component in self.price_components),
            restrictions=converted(self.restrictions),
        )


class OcpiPriceLimit(WireObject):
    """A floor or ceiling of a session's price."""

    before_taxes: Annotated[Decimal, Number()]
    after_taxes: Annotated[Decimal | None, Number()] = None

    def to_domain(self) -> PriceLimit:
        """Return it as a value."""
        return PriceLimit(self.before_taxes, self.after_taxes)


class OcpiTariff(OwnedObject):
    """The prices of one operator in one currency."""

    currency: Annotated[str, Letters(3)]
    type: OpenEnum | None = None
    tariff_alt_text: Many[OcpiDisplayText] = ()
    tariff_alt_url: Annotated[str | None, Url()] = None
    min_price: OcpiPriceLimit | None = None
    max_price: OcpiPriceLimit | None = None
    elements: Some[OcpiTariffElement]
    tax_included: Annotated[TaxIncluded, OneOf(TAX_INCLUDED)]
    start_date_time: Annotated[datetime | None, Instant()] = None
    end_date_time: Annotated[datetime | None, Instant()] = None
    energy_mix: OcpiEnergyMix | None = None

    def defects(self) -> Iterator[Defect]:
        """Yield a validity that ends before it starts."""
        if self.start_date_time and self.end_date_time:
            yield from out_of_order(self.start_date_time, self.end_date_time, "end_date_time")

    def to_domain(self) -> Tariff:
        """Return the Tariff as a value."""
        return Tariff(
            id=self.composite_id,
            country_code=self.country_code,
            party_id=self.party_id,
            ocpi_id=self.id,
            currency=self.currency,
            tax_included=self.tax_included,
            elements=tuple(element.to_domain() for element in self.elements),
            last_updated=self.last_updated,
            type=self.type,
            tariff_alt_text=tuple(text.to_domain() for text in self.tariff_alt_text),
            tariff_alt_url=self.tariff_alt_url,
            min_price=converted(self.min_price),
            max_price=converted(self.max_price),
            start_date_time=self.start_date_time,
            end_date_time=self.end_date_time,
            energy_mix=converted(self.energy_mix),
        )
