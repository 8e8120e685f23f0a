"""What can be booked at a Location, on which terms and when, as values (OCPI Bookings module)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.rules.interval import Interval
from models.rules.location import ConnectorFormat, EvsePosition, PowerType
from models.rules.terms_fee import TermsFee
from models.rules.weekly import WeeklyHours

MOST_MINUTES = 365 * 24 * 60
"""No time in the terms of a booking is longer than a year."""


class Confirmation(StrEnum):
    """Whether a request is granted at once or decided by the operator (BUC 2.6)."""

    INSTANT = "INSTANT"
    OPERATOR = "OPERATOR"


class AccessMethod(StrEnum):
    """How a booked vehicle gets on to the site (OCPI AccessMethod)."""

    OPEN = "OPEN"
    TOKEN = "TOKEN"  # noqa: S105 - a value of the standard
    LICENSE_PLATE = "LICENSE_PLATE"
    ACCESS_CODE = "ACCESS_CODE"
    INTERCOM = "INTERCOM"
    PARKING_TICKET = "PARKING_TICKET"


@dataclass(frozen=True, slots=True)
class BookingOption:
    """One charger, or a specification that any of several chargers satisfies (OCPI BookingOption)."""

    evse_uid: str | None = None
    connector_id: str | None = None
    parking_id: str | None = None
    evse_position: tuple[EvsePosition, ...] = ()
    vehicle_types: tuple[str, ...] = ()
    connector_format: tuple[ConnectorFormat, ...] = ()
    connector_types: tuple[str, ...] = ()
    power_types: tuple[PowerType, ...] = ()
    max_vehicle_weight: int | None = None
    max_vehicle_height: int | None = None
    max_vehicle_length: int | None = None
    max_vehicle_width: int | None = None
    min_parking_space_length: int | None = None
    min_parking_space_width: int | None = None
    dangerous_goods_allowed: bool | None = None
    drive_through: bool | None = None
    refrigeration_outlet: bool | None = None


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """The terms a booking is made under; times in minutes, at most MOST_MINUTES (OCPI BookingTerms).

    Ours are the fees, `decide_minutes` (how long the operator takes to decide on a request, BUC 2.6) and
    `reveal_minutes` (how long before the start the charger of a group is told, BUC 2.1).
    """

    supported_access_methods: tuple[AccessMethod, ...]
    change_until_minutes: int
    cancel_until_minutes: int
    rfid_auth_required: bool | None = None
    token_groups_supported: bool | None = None
    remote_auth_supported: bool | None = None
    change_not_allowed: bool | None = None
    early_start_allowed: bool | None = None
    early_start_time: int | None = None
    noshow_timeout: int | None = None
    noshow_fee: bool | None = None
    late_stop_allowed: bool | None = None
    late_stop_time: int | None = None
    overlapping_bookings_allowed: bool | None = None
    min_booking_duration: int | None = None
    max_booking_duration: int | None = None
    booking_terms: str | None = None
    fees: tuple[TermsFee, ...] = ()
    decide_minutes: int | None = None
    reveal_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Timeslot:
    """A published window to cut bookings from; power in W, guaranteed and available (OCPI Timeslot)."""

    period: Interval
    min_power: int | None = None
    max_power: int | None = None
    green_energy_support: bool | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The timeslots an operator offers within one stretch of time; the increment in minutes (OCPI Calendar).

    With `weekly_hours`, its timeslots are generated from them and grow with each day.
    """

    id: str
    covers: Interval
    timeslot_increment: int | None
    available_timeslots: tuple[Timeslot, ...]
    last_updated: datetime
    weekly_hours: WeeklyHours | None = None


@dataclass(frozen=True, slots=True)
class BookingLocation:
    """What an operator lets others book at one Location (OCPI BookingLocation).

    `ad_hoc` is how many walk-up places remain; `withdrawn` marks one that its operator took back.
    """

    id: str
    country_code: str
    party_id: str
    ocpi_id: str
    location_id: str
    booking_option: BookingOption
    reservation_required: bool
    ad_hoc: int | None
    tariff_ids: tuple[str, ...]
    booking_terms: BookingTerms | None
    calendars: tuple[Calendar, ...]
    last_updated: datetime
    confirmation: Confirmation = Confirmation.INSTANT
    withdrawn: bool = False

    @property
    def terms(self) -> BookingTerms:
        """The terms a booking is made under; an operator that publishes none lets it be canceled until the start."""
        return self.booking_terms or NO_TERMS


NO_TERMS = BookingTerms(supported_access_methods=(AccessMethod.OPEN,), change_until_minutes=0, cancel_until_minutes=0)
