"""What can be booked, on which terms and when, as callers see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry.federation

from models.rules import booking_location as rules
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_mode import BookingMode, mode_of
from models.rules.fee_schedule import ScheduledFee
from models.rules.interval import Interval
from models.rules.location import ConnectorFormat, EvsePosition, PowerType
from models.rules.spot import Spot
from models.rules.terms_fee import FeeKind
from models.rules.weekly import WeeklyHours as WeeklyHoursValue
from schema.fee import Fee
from schema.opening_times import RegularHours, regular_hours
from schema.tariff import Tariff

if TYPE_CHECKING:
    from schema.location import Location


@strawberry.type(description="A stretch of time that holds its start and not its end.")
class Period:
    """A stretch of time."""

    start_date_time: datetime
    end_date_time: datetime

    @classmethod
    def of(cls, period: Interval) -> "Period":
        """Return an interval as callers see it."""
        return cls(start_date_time=period.start, end_date_time=period.end)


@strawberry.type(description="A window that its operator offers, or that a booking was granted.")
class Timeslot:
    """A window that its operator offers."""

    start_date_time: datetime
    end_date_time: datetime
    min_power: int | None = strawberry.field(description="The power that is guaranteed, in W.")
    max_power: int | None = strawberry.field(description="The power that is available, in W.")
    green_energy_support: bool | None

    @classmethod
    def of(cls, timeslot: rules.Timeslot) -> "Timeslot":
        """Return a timeslot as callers see it."""
        return cls(
            start_date_time=timeslot.period.start,
            end_date_time=timeslot.period.end,
            min_power=timeslot.min_power,
            max_power=timeslot.max_power,
            green_energy_support=timeslot.green_energy_support,
        )


@strawberry.type(description="Hours that are offered in each week, as far ahead as the horizon, which moves daily.")
class WeeklyHours:
    """Hours that are offered in each week."""

    regular_hours: list[RegularHours]
    horizon_days: int
    min_power: int | None = strawberry.field(description="The power that is guaranteed, in W.")
    max_power: int | None = strawberry.field(description="The power that is available, in W.")
    green_energy_support: bool | None

    @classmethod
    def of(cls, weekly: WeeklyHoursValue) -> "WeeklyHours":
        """Return weekly hours as callers see them."""
        return cls(
            regular_hours=regular_hours(weekly.regular_hours),
            horizon_days=weekly.horizon_days,
            min_power=weekly.min_power,
            max_power=weekly.max_power,
            green_energy_support=weekly.green_energy_support,
        )


@strawberry.type(description="The timeslots offered within one stretch of time, before what is taken is subtracted.")
class Calendar:
    """The timeslots offered within one stretch of time."""

    id: strawberry.ID = strawberry.field(description="Its name within the BookingLocation.")
    period: Period
    timeslot_increment: int | None = strawberry.field(
        description="Minutes; starts and lengths are multiples of it, counted from the timeslot's start."
    )
    available_timeslots: list[Timeslot]
    weekly_hours: WeeklyHours | None = strawberry.field(description="What the timeslots are generated from, if so.")
    last_updated: datetime


@strawberry.type(description="One charger, or a specification that any of several chargers satisfies.")
class BookingOption:
    """One charger, or a specification."""

    evse_uid: str | None
    connector_id: str | None
    parking_id: str | None
    evse_position: list[EvsePosition]
    vehicle_types: list[str]
    connector_format: list[ConnectorFormat]
    connector_types: list[str]
    power_types: list[PowerType]
    max_vehicle_weight: int | None = strawberry.field(description="kg.")
    max_vehicle_height: int | None = strawberry.field(description="cm.")
    max_vehicle_length: int | None = strawberry.field(description="cm.")
    max_vehicle_width: int | None = strawberry.field(description="cm.")
    min_parking_space_length: int | None = strawberry.field(description="cm.")
    min_parking_space_width: int | None = strawberry.field(description="cm.")
    dangerous_goods_allowed: bool | None
    drive_through: bool | None
    refrigeration_outlet: bool | None

    @classmethod
    def of(cls, one: rules.BookingOption) -> "BookingOption":
        """Return a booking option as callers see it."""
        return cls(
            evse_uid=one.evse_uid,
            connector_id=one.connector_id,
            parking_id=one.parking_id,
            evse_position=list(one.evse_position),
            vehicle_types=list(one.vehicle_types),
            connector_format=list(one.connector_format),
            connector_types=list(one.connector_types),
            power_types=list(one.power_types),
            max_vehicle_weight=one.max_vehicle_weight,
            max_vehicle_height=one.max_vehicle_height,
            max_vehicle_length=one.max_vehicle_length,
            max_vehicle_width=one.max_vehicle_width,
            min_parking_space_length=one.min_parking_space_length,
            min_parking_space_width=one.min_parking_space_width,
            dangerous_goods_allowed=one.dangerous_goods_allowed,
            drive_through=one.drive_through,
            refrigeration_outlet=one.refrigeration_outlet,
        )


@strawberry.type(description="A flat fee that no tariff can carry.")
class TermsFee:
    """A flat fee that no tariff can carry."""

    kind: FeeKind
    amount: Decimal = strawberry.field(description="Before taxes.")
    currency: str = strawberry.field(description="ISO 4217.")
    vat: Decimal | None = strawberry.field(description="Value added tax in percent.")


@strawberry.type(description="The terms a booking is made under; times in minutes.")
class BookingTerms:
    """The terms a booking is made under."""

    supported_access_methods: list[AccessMethod]
    change_until_minutes: int = strawberry.field(description="Before the start.")
    cancel_until_minutes: int = strawberry.field(description="Before the start.")
    change_not_allowed: bool | None
    rfid_auth_required: bool | None
    token_groups_supported: bool | None
    remote_auth_supported: bool | None
    early_start_allowed: bool | None
    early_start_time: int | None = strawberry.field(description="Before the start.")
    noshow_timeout: int | None = strawberry.field(description="After the start; an unused booking lapses then.")
    noshow_fee: bool | None
    late_stop_allowed: bool | None
    late_stop_time: int | None = strawberry.field(description="After the end.")
    overlapping_bookings_allowed: bool | None
    min_booking_duration: int | None
    max_booking_duration: int | None
    booking_terms: str | None = strawberry.field(description="A link to the terms in words.")
    fees: list[TermsFee] = strawberry.field(description="Those that the terms state, beside those of tariffs.")
    decide_minutes: int | None = strawberry.field(
        description="How long the operator takes to decide on a request, where it confirms; 30 if absent."
    )
    reveal_minutes: int | None = strawberry.field(
        description="Before the start: when the charger of a group is told; at the latest, and if absent, with the "
        "early start that the terms allow, else at the start."
    )

    @classmethod
    def of(cls, terms: rules.BookingTerms) -> "BookingTerms":
        """Return terms as callers see them."""
        return cls(
            supported_access_methods=list(terms.supported_access_methods),
            change_until_minutes=terms.change_until_minutes,
            cancel_until_minutes=terms.cancel_until_minutes,
            change_not_allowed=terms.change_not_allowed,
            rfid_auth_required=terms.rfid_auth_required,
            token_groups_supported=terms.token_groups_supported,
            remote_auth_supported=terms.remote_auth_supported,
            early_start_allowed=terms.early_start_allowed,
            early_start_time=terms.early_start_time,
            noshow_timeout=terms.noshow_timeout,
            noshow_fee=terms.noshow_fee,
            late_stop_allowed=terms.late_stop_allowed,
            late_stop_time=terms.late_stop_time,
            overlapping_bookings_allowed=terms.overlapping_bookings_allowed,
            min_booking_duration=terms.min_booking_duration,
            max_booking_duration=terms.max_booking_duration,
            booking_terms=terms.booking_terms,
            fees=[
                TermsFee(kind=fee.kind, amount=fee.amount, currency=fee.currency, vat=fee.vat) for fee in terms.fees
            ],
            decide_minutes=terms.decide_minutes,
            reveal_minutes=terms.reveal_minutes,
        )


@strawberry.federation.type(keys=["id"], description="What an operator lets others book at one Location.")
class BookingLocation:
    """What an operator lets others book at one Location."""

    id: strawberry.ID
    ocpi_id: str = strawberry.field(description="Its id with the operator.")
    location: Annotated["Location", strawberry.lazy("schema.location")]
    booking_option: BookingOption
    booking_mode: BookingMode
    reservation_required: bool = strawberry.field(description="Whether it can be used with a booking only.")
    ad_hoc: int | None = strawberry.field(description="How many walk-up places remain.")
    confirmation: Confirmation
    booking_terms: BookingTerms
    fees: list[Fee] = strawberry.field(description="What booking, changing, staying away and overstaying cost.")
    tariffs: list[Tariff]
    tariff_ids: list[strawberry.ID] = strawberry.field(description="Those that are not published yet too.")
    calendars: list[Calendar]
    last_updated: datetime


def booking_location(
    offer: rules.BookingLocation,
    spots: Sequence[Spot],
    location: "Location",
    tariffs: dict[str, Tariff],
    fees: Iterable[ScheduledFee],
) -> BookingLocation:
    """Return what can be booked at `location` as callers see it; `spots` are those that satisfy its option."""
    return BookingLocation(
        id=strawberry.ID(offer.id),
        ocpi_id=offer.ocpi_id,
        location=location,
        booking_option=BookingOption.of(offer.booking_option),
        booking_mode=mode_of(offer, spots),
        reservation_required=offer.reservation_required,
        ad_hoc=offer.ad_hoc,
        confirmation=offer.confirmation,
        booking_terms=BookingTerms.of(offer.terms),
        fees=[Fee.of(one) for one in fees],
        tariffs=[tariffs[one] for one in offer.tariff_ids if one in tariffs],
        tariff_ids=[strawberry.ID(one) for one in offer.tariff_ids],
        calendars=[
            Calendar(
                id=strawberry.ID(calendar.id),
                period=Period.of(calendar.covers),
                timeslot_increment=calendar.timeslot_increment,
                available_timeslots=[Timeslot.of(one) for one in calendar.available_timeslots],
                weekly_hours=WeeklyHours.of(calendar.weekly_hours) if calendar.weekly_hours else None,
                last_updated=calendar.last_updated,
            )
            for calendar in offer.calendars
        ],
        last_updated=offer.last_updated,
    )
