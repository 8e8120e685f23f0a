"""Tariffs as operators write them, whole."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

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
from schema.publishing.changing import EXPECTED, OWN_ID
from schema.publishing.limits import (
    LOCAL_ID,
    MIDNIGHT,
    OPEN_ENUM,
    Letters,
    LocalDate,
    LocalTime,
    Many,
    Number,
    Url,
    Whole,
)
from schema.publishing.parts import DisplayTextInput, EnergyMixInput
from schema.publishing.reading import NOT_YET, At

NOT_NEGATIVE = Number(low=0)


@strawberry.input(description="A price per kWh, per hour or once.")
class PriceComponentInput:
    """A price per kWh, per hour or once."""

    type: TariffDimension
    price: Annotated[Decimal, Number()]
    vat: Annotated[Decimal | None, NOT_NEGATIVE] = strawberry.field(
        default=None, description="Value added tax in percent."
    )
    step_size: Annotated[int, Whole()] = strawberry.field(
        description="The smallest amount billed: Wh for ENERGY, seconds for times."
    )

    def to_domain(self, at: At) -> PriceComponent:
        """Return it as a value."""
        return PriceComponent(**at.read(self))


@strawberry.input(
    description="When an element applies; all given ones must hold. Times and dates are local to the Location."
)
class TariffRestrictionsInput:
    """When an element applies."""

    start_time: Annotated[str | None, LocalTime()] = strawberry.field(default=None, description="HH:MM.")
    end_time: Annotated[str | None, LocalTime(day_end=MIDNIGHT)] = strawberry.field(
        default=None, description="HH:MM; may pass midnight."
    )
    start_date: Annotated[str | None, LocalDate()] = strawberry.field(default=None, description="YYYY-MM-DD.")
    end_date: Annotated[str | None, LocalDate()] = strawberry.field(
        default=None, description="YYYY-MM-DD; the first day on which it applies no more."
    )
    min_kwh: Annotated[Decimal | None, NOT_NEGATIVE] = None
    max_kwh: Annotated[Decimal | None, NOT_NEGATIVE] = None
    min_current: Annotated[Decimal | None, NOT_NEGATIVE] = strawberry.field(default=None, description="A.")
    max_current: Annotated[Decimal | None, NOT_NEGATIVE] = strawberry.field(default=None, description="A.")
    min_power: Annotated[Decimal | None, NOT_NEGATIVE] = strawberry.field(default=None, description="kW.")
    max_power: Annotated[Decimal | None, NOT_NEGATIVE] = strawberry.field(default=None, description="kW.")
    min_duration: Annotated[int | None, Whole()] = strawberry.field(default=None, description="Seconds.")
    max_duration: Annotated[int | None, Whole()] = strawberry.field(default=None, description="Seconds.")
    day_of_week: list[DayOfWeek] = strawberry.field(default_factory=list)
    reservation: ReservationRestriction | None = None
    booking: BookingRestriction | None = None

    def to_domain(self, at: At) -> TariffRestrictions:
        """Return them as a value."""
        return TariffRestrictions(**at.read(self))


@strawberry.input(description="Price components under one set of restrictions; the first that matches wins.")
class TariffElementInput:
    """Price components under one set of restrictions."""

    price_components: Annotated[list[PriceComponentInput], Many(100, least=1)]
    restrictions: TariffRestrictionsInput | None = None

    def to_domain(self, at: At) -> TariffElement:
        """Return it as a value."""
        return TariffElement(**at.read(self))


@strawberry.input(description="A floor or ceiling of a session's price.")
class PriceLimitInput:
    """A floor or ceiling of a session's price."""

    before_taxes: Annotated[Decimal, Number()]
    after_taxes: Annotated[Decimal | None, Number()] = None

    def to_domain(self, at: At) -> PriceLimit:
        """Return it as a value."""
        return PriceLimit(**at.read(self))


@strawberry.input(description="Prices in one currency, whole.")
class TariffInput:
    """Prices in one currency."""

    ocpi_id: Annotated[str, LOCAL_ID] = strawberry.field(description=OWN_ID)
    expected_last_updated: datetime | None = strawberry.field(default=None, description=EXPECTED)
    currency: Annotated[str, Letters(3)] = strawberry.field(description="ISO 4217.")
    type: Annotated[str | None, OPEN_ENUM] = strawberry.field(
        default=None, description="Which sessions it is for, such as REGULAR or AD_HOC_PAYMENT; all, if absent."
    )
    tax_included: TaxIncluded
    tariff_alt_text: list[DisplayTextInput] = strawberry.field(default_factory=list)
    tariff_alt_url: Annotated[str | None, Url()] = None
    min_price: PriceLimitInput | None = None
    max_price: PriceLimitInput | None = None
    elements: Annotated[list[TariffElementInput], Many(500, least=1)]
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    energy_mix: EnergyMixInput | None = None

    def to_domain(self, at: At) -> Tariff:
        """Return it as a value, or raise BadInput."""
        if self.start_date_time is not None and self.end_date_time is not None:
            at.check_order(self.start_date_time, self.end_date_time, "endDateTime")
        return Tariff(
            **at.read(self),
            id=at.object_id(self.ocpi_id),
            country_code=at.country_code,
            party_id=at.party_id,
            last_updated=NOT_YET,
        )
