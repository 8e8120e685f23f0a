"""A Booking as a value: what was granted, to whom, on which terms, and every request made on it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.booking_location import BookingOption, BookingTerms, Timeslot
from models.rules.booking_state import (
    CanceledReason,
    Phase,
    RequestKind,
    RequestStatus,
    ReservationStatus,
    cancel_until,
    expires_at,
    phase,
)
from models.rules.estimate import Estimate
from models.rules.identity import part_id
from models.rules.role import Role
from models.rules.tariff import Tariff


@dataclass(frozen=True, slots=True)
class BookingToken:
    """A driver's token that may use a booking (OCPI BookingToken); `uid` and `contract_id` are personal data."""

    country_code: str
    party_id: str
    uid: str
    type: str
    contract_id: str


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """One request on a booking and what came of it (OCPI BookingRequestStatus)."""

    kind: RequestKind
    status: RequestStatus
    request_received: datetime
    decided_at: datetime | None
    role: Role
    requester_id: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking; power in W, length in cm. `reference` is what people type, `revision` counts granted changes."""

    id: UUID
    location_id: str
    booking_location_id: str
    cpo_id: str
    emsp_id: str
    contract_ids: tuple[str, ...]
    request_id: str
    authorization_reference: str
    reference: str
    revision: int
    status: ReservationStatus
    canceled_reason: CanceledReason | None
    who_canceled: Role | None
    timeslot: Timeslot
    evse_id: str
    connector_id: str
    parking_bay_id: str | None
    evse_pinned: bool
    evse_revealed_at: datetime | None
    power_required: int | None
    vehicle_length: int | None
    license_plate: str | None
    booking_option: BookingOption
    booking_terms: BookingTerms
    tariffs: tuple[Tariff, ...]
    reserved_at: datetime
    last_updated: datetime
    tokens: tuple[BookingToken, ...] = ()
    booking_requests: tuple[BookingRequest, ...] = ()
    price: Estimate | None = None
    """The operator's, as it was when the booking was made; None of bookings from before it was kept."""

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns the booking (OCPI Bookings)."""
        return part_id(self.cpo_id, str(self.id))

    @property
    def expires_at(self) -> datetime | None:
        """When it lapses unused."""
        return expires_at(self.timeslot.period, self.booking_terms)

    @property
    def cancel_until(self) -> datetime:
        """The last moment for a cancellation that costs nothing."""
        return cancel_until(self.timeslot.period, self.booking_terms)

    def phase(self, now: datetime) -> Phase:
        """Return where the booking stands at `now`."""
        return phase(self.status, self.timeslot.period, self.booking_terms, now)
