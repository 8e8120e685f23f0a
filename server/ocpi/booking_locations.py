"""A BookingLocation as the standard writes it, and what it becomes (OCPI Bookings 1.1)."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from models.rules.booking_location import MOST_MINUTES, AccessMethod, BookingLocation, BookingOption, BookingTerms
from models.rules.location import ConnectorFormat, EvsePosition, PowerType
from server.ocpi.calendars import OcpiCalendar
from server.ocpi.complaints import Defect
from server.ocpi.numbers import Ceiling, Floor
from server.ocpi.texts import Id, OpenEnum, Url, one_of
from server.ocpi.wire import Many, OwnedObject, Some, WireObject, converted


class OcpiBookingOption(WireObject):
    """One charger, or a specification that any of several satisfies; weight in kg, sizes in cm."""

    renamed: ClassVar = {"formats": "connector_format"}

    evse_uid: Annotated[str | None, Id(36)] = None
    connector_id: Annotated[str | None, Id(36)] = None
    parking_id: Annotated[str | None, Id(36)] = None
    evse_position: Many[Annotated[EvsePosition, one_of(EvsePosition)]] = ()
    vehicle_types: Many[OpenEnum] = ()
    connector_format: Many[Annotated[ConnectorFormat, one_of(ConnectorFormat)]] = ()
    connector_types: Many[OpenEnum] = ()
    power_types: Many[Annotated[PowerType, one_of(PowerType)]] = ()
    max_vehicle_weight: Annotated[int | None, Floor()] = None
    max_vehicle_height: Annotated[int | None, Floor()] = None
    max_vehicle_length: Annotated[int | None, Floor()] = None
    max_vehicle_width: Annotated[int | None, Floor()] = None
    min_parking_space_length: Annotated[int | None, Floor()] = None
    min_parking_space_width: Annotated[int | None, Floor()] = None
    dangerous_goods_allowed: bool | None = None
    drive_through: bool | None = None
    refrigeration_outlet: bool | None = None

    def to_domain(self) -> BookingOption:
        """Return it as a value; the fields have the same names here."""
        return BookingOption(**dict(self))


class OcpiBookingTerms(WireObject):
    """The terms a booking is made under; times in minutes, at most a year."""

    renamed: ClassVar = {
        "RFID_auth_required": "rfid_auth_required",
        "access_methods": "supported_access_methods",
    }

    rfid_auth_required: bool | None = None
    token_groups_supported: bool | None = None
    remote_auth_supported: bool | None = None
    supported_access_methods: Some[Annotated[AccessMethod, one_of(AccessMethod)]]
    change_until_minutes: Annotated[int, Ceiling(MOST_MINUTES)]
    cancel_until_minutes: Annotated[int, Ceiling(MOST_MINUTES)]
    change_not_allowed: bool | None = None
    early_start_allowed: bool | None = None
    early_start_time: Annotated[int | None, Floor(MOST_MINUTES)] = None
    noshow_timeout: Annotated[int | None, Floor(MOST_MINUTES)] = None
    noshow_fee: bool | None = None
    late_stop_allowed: bool | None = None
    late_stop_time: Annotated[int | None, Floor(MOST_MINUTES)] = None
    overlapping_bookings_allowed: bool | None = None
    min_booking_duration: Annotated[int | None, Ceiling(MOST_MINUTES)] = None
    max_booking_duration: Annotated[int | None, Floor(MOST_MINUTES)] = None
    booking_terms: Annotated[str | None, Url()] = None

    def defects(self) -> Iterator[Defect]:
        """Yield durations that no booking can have."""
        shortest, longest = self.min_booking_duration or 0, self.max_booking_duration
        if longest is not None and longest < max(shortest, 1):
            yield ("max_booking_duration",), f"{longest} minutes is shorter than the shortest booking, {shortest}"

    def to_domain(self) -> BookingTerms:
        """Return them as a value; the fields have the same names here."""
        return BookingTerms(**dict(self))


class OcpiPolicy(WireObject):
    """Whether one may come without a booking."""

    reservation_required: bool
    ad_hoc: Annotated[int | None, Floor()] = None


class OcpiBookingLocation(OwnedObject):
    """What an operator lets others book at one Location.

    The standard demands a `booking_option` or an `evse_uid`, and has the latter only inside the former.
    """

    renamed: ClassVar = {
        "bookable": "policy",
        "bookable_parking_options": "booking_option",
        "calenders": "calendars",
        "connector_id": "booking_option.connector_id",
        "evse_uid": "booking_option.evse_uid",
        "parking_id": "booking_option.parking_id",
        "tariff_id": "tariff_ids",
    }
    unique: ClassVar = {"calendars": "id"}

    location_id: Annotated[str, Id(36)]
    booking_option: OcpiBookingOption
    policy: OcpiPolicy | None = None
    tariff_ids: Many[Annotated[str, Id(36)]] = ()
    booking_terms: OcpiBookingTerms | None = None
    calendars: Many[OcpiCalendar] = ()

    def to_domain(self) -> BookingLocation:
        """Return the BookingLocation as a value."""
        return BookingLocation(
            id=self.composite_id,
            country_code=self.country_code,
            party_id=self.party_id,
            ocpi_id=self.id,
            location_id=self.sibling(self.location_id),
            booking_option=self.booking_option.to_domain(),
            reservation_required=self.policy is not None and self.policy.reservation_required,
            ad_hoc=self.policy.ad_hoc if self.policy else None,
            tariff_ids=self.siblings(self.tariff_ids),
            booking_terms=converted(self.booking_terms),
            calendars=tuple(calendar.to_domain() for calendar in self.calendars),
            last_updated=self.last_updated,
        )
