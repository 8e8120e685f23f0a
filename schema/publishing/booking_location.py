"""What can be booked and on which terms, as operators write it, whole."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from models.rules.booking_location import (
    MOST_MINUTES,
    AccessMethod,
    BookingLocation,
    BookingOption,
    BookingTerms,
    Confirmation,
)
from models.rules.location import ConnectorFormat, EvsePosition, PowerType
from models.rules.terms_fee import OF_TERMS, FeeKind, TermsFee
from schema.publishing.calendar import CalendarInput
from schema.publishing.changing import EXPECTED, OWN_ID
from schema.publishing.limits import LOCAL_ID, OPEN_ENUM, Letters, Many, Number, Url, Whole
from schema.publishing.reading import NAMED, NOT_YET, OWN_OR_API_ID, OWN_TARIFF, At

WITHIN_A_YEAR = Whole(high=MOST_MINUTES)
A_MINUTE_AT_LEAST = Whole(low=1, high=MOST_MINUTES)


@strawberry.input(description="One charger, or a specification that any of several chargers satisfies.")
class BookingOptionInput:
    """One charger, or a specification."""

    evse_uid: Annotated[str | None, LOCAL_ID] = None
    connector_id: Annotated[str | None, LOCAL_ID] = None
    parking_id: Annotated[str | None, LOCAL_ID] = strawberry.field(default=None, description="A bay's `ocpiId`.")
    evse_position: list[EvsePosition] = strawberry.field(default_factory=list)
    vehicle_types: list[Annotated[str, OPEN_ENUM]] = strawberry.field(default_factory=list)
    connector_format: list[ConnectorFormat] = strawberry.field(default_factory=list)
    connector_types: list[Annotated[str, OPEN_ENUM]] = strawberry.field(default_factory=list)
    power_types: list[PowerType] = strawberry.field(default_factory=list)
    max_vehicle_weight: Annotated[int | None, Whole()] = strawberry.field(default=None, description="kg.")
    max_vehicle_height: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    max_vehicle_length: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    max_vehicle_width: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    min_parking_space_length: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    min_parking_space_width: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    dangerous_goods_allowed: bool | None = None
    drive_through: bool | None = None
    refrigeration_outlet: bool | None = None

    def to_domain(self, at: At) -> BookingOption:
        """Return it as a value."""
        return BookingOption(**at.read(self))


@strawberry.input(description="A flat fee that no tariff can carry.")
class TermsFeeInput:
    """A flat fee that no tariff can carry."""

    kind: FeeKind = strawberry.field(description="MODIFICATION or LATE_ARRIVAL; a tariff carries the others.")
    amount: Annotated[Decimal, Number(low=0)] = strawberry.field(description="Before taxes.")
    currency: Annotated[str, Letters(3)] = strawberry.field(description="ISO 4217.")
    vat: Annotated[Decimal | None, Number(low=0)] = strawberry.field(
        default=None, description="Value added tax in percent."
    )

    def to_domain(self, at: At) -> TermsFee:
        """Return it as a value, or raise BadInput."""
        if self.kind not in OF_TERMS:
            at.refuse("kind", f"is {' or '.join(sorted(OF_TERMS))}; a tariff carries the others")
        return TermsFee(**at.read(self))


@strawberry.input(description="The terms bookings are made under; times in minutes, at most a year.")
class BookingTermsInput:
    """The terms bookings are made under."""

    supported_access_methods: Annotated[list[AccessMethod], Many(10, least=1)]
    change_until_minutes: Annotated[int, WITHIN_A_YEAR] = strawberry.field(description="Before the start.")
    cancel_until_minutes: Annotated[int, WITHIN_A_YEAR] = strawberry.field(description="Before the start.")
    change_not_allowed: bool | None = None
    rfid_auth_required: bool | None = None
    token_groups_supported: bool | None = None
    remote_auth_supported: bool | None = None
    early_start_allowed: bool | None = None
    early_start_time: Annotated[int | None, WITHIN_A_YEAR] = strawberry.field(
        default=None, description="Before the start."
    )
    noshow_timeout: Annotated[int | None, WITHIN_A_YEAR] = strawberry.field(
        default=None, description="After the start; an unused booking lapses then."
    )
    noshow_fee: bool | None = None
    late_stop_allowed: bool | None = None
    late_stop_time: Annotated[int | None, WITHIN_A_YEAR] = strawberry.field(
        default=None, description="After the end."
    )
    overlapping_bookings_allowed: bool | None = None
    min_booking_duration: Annotated[int | None, WITHIN_A_YEAR] = None
    max_booking_duration: Annotated[int | None, A_MINUTE_AT_LEAST] = None
    booking_terms: Annotated[str | None, Url()] = strawberry.field(
        default=None, description="A link to the terms in words."
    )
    fees: list[TermsFeeInput] = strawberry.field(default_factory=list, description="Each kind once.")
    decide_minutes: Annotated[int | None, A_MINUTE_AT_LEAST] = strawberry.field(
        default=None, description="How long you take to decide on a request; 30 if absent."
    )
    reveal_minutes: Annotated[int | None, WITHIN_A_YEAR] = strawberry.field(
        default=None,
        description="Before the start: when the charger of a group is told; at the latest, and if absent, with the "
        "early start that the terms allow, else at the start.",
    )

    def to_domain(self, at: At) -> BookingTerms:
        """Return them as a value, or raise BadInput."""
        read = BookingTerms(**at.read(self))
        at.check_distinct("fees", "kind", (fee.kind for fee in self.fees))
        if read.max_booking_duration is not None and read.max_booking_duration < (read.min_booking_duration or 0):
            at.refuse("maxBookingDuration", "is below `minBookingDuration`")
        return read


@strawberry.input(description="What others may book at one of your Locations, whole.")
class BookingLocationInput:
    """What others may book at one Location."""

    ocpi_id: Annotated[str, LOCAL_ID] = strawberry.field(description=OWN_ID)
    expected_last_updated: datetime | None = strawberry.field(default=None, description=EXPECTED)
    location_id: Annotated[strawberry.ID, NAMED] = strawberry.field(description=OWN_OR_API_ID)
    booking_option: BookingOptionInput
    reservation_required: bool = strawberry.field(
        default=False, description="Whether it can be used with a booking only."
    )
    ad_hoc: Annotated[int | None, Whole()] = strawberry.field(
        default=None, description="How many walk-up places remain."
    )
    confirmation: Confirmation = strawberry.field(
        default=Confirmation.INSTANT,
        description="Of one that is new; `confirmationSet` changes it.",
    )
    tariff_ids: list[Annotated[strawberry.ID, OWN_TARIFF]] = strawberry.field(
        default_factory=list, description=OWN_OR_API_ID
    )
    booking_terms: BookingTermsInput | None = strawberry.field(
        default=None, description="Without them bookings may be canceled until they start."
    )
    calendars: list[CalendarInput] = strawberry.field(default_factory=list)

    def to_domain(self, at: At) -> BookingLocation:
        """Return it as a value, or raise BadInput."""
        at.check_distinct("calendars", "id", (one.id for one in self.calendars))
        return BookingLocation(
            **at.read(self),
            id=at.object_id(self.ocpi_id),
            country_code=at.country_code,
            party_id=at.party_id,
            last_updated=NOT_YET,
        )
