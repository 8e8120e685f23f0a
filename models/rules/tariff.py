"""A Tariff as the standard writes it, as values; what it costs is another module's matter (OCPI Tariffs)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from models.rules.energy_mix import EnergyMix
from models.rules.location import DisplayText


class TariffDimension(StrEnum):
    """What a price component bills: kWh, once, hours parked without charging, hours charged or booked."""

    ENERGY = "ENERGY"
    FLAT = "FLAT"
    PARKING_TIME = "PARKING_TIME"
    TIME = "TIME"


class TaxIncluded(StrEnum):
    """Whether prices hold the taxes; the standard's `N/A` is NOT_APPLICABLE here."""

    YES = "YES"
    NO = "NO"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class DayOfWeek(StrEnum):
    """A weekday (OCPI DayOfWeek)."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class BookingRestriction(StrEnum):
    """The fee an element of a booking tariff carries (OCPI BookingRestrictionType)."""

    BOOKING = "BOOKING"
    BOOKING_EXPIRES = "BOOKING_EXPIRES"
    BOOKING_CANCELLATION_FEES = "BOOKING_CANCELLATION_FEES"
    BOOKING_OVERTIME = "BOOKING_OVERTIME"


class ReservationRestriction(StrEnum):
    """The fee an element carries for an immediate reservation (OCPI ReservationRestrictionType)."""

    RESERVATION = "RESERVATION"
    RESERVATION_EXPIRES = "RESERVATION_EXPIRES"


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """A price per kWh, per hour or once, with VAT in percent; the step in Wh or seconds."""

    type: TariffDimension
    price: Decimal
    vat: Decimal | None
    step_size: int


@dataclass(frozen=True, slots=True)
class TariffRestrictions:
    """When an element applies; all given ones must hold. Times local, energy kWh, power kW, durations seconds."""

    start_time: str | None = None
    end_time: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    day_of_week: tuple[str, ...] = ()
    reservation: ReservationRestriction | None = None
    booking: BookingRestriction | None = None


@dataclass(frozen=True, slots=True)
class TariffElement:
    """Price components under one set of restrictions; the first matching element of a dimension wins."""

    price_components: tuple[PriceComponent, ...]
    restrictions: TariffRestrictions | None = None


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """A floor or ceiling of a session's price, before and after taxes."""

    before_taxes: Decimal
    after_taxes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices of one operator in one currency (OCPI Tariff)."""

    id: str
    country_code: str
    party_id: str
    ocpi_id: str
    currency: str
    tax_included: TaxIncluded
    elements: tuple[TariffElement, ...]
    last_updated: datetime
    type: str | None = None
    tariff_alt_text: tuple[DisplayText, ...] = ()
    tariff_alt_url: str | None = None
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    energy_mix: EnergyMix | None = None
