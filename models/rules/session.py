"""A Session of charging as a value, what its charger reports of it, and how it ends (OCPI Sessions)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from models.rules.booking import BookingToken
from models.rules.charge import Charge
from models.rules.charging import ChargingBasis, ChargingRefusal
from models.rules.identity import part_id
from models.rules.parties import Parties
from models.rules.role import Role
from models.rules.tariff import Tariff


class SessionStatus(StrEnum):
    """The state of a Session (OCPI SessionStatus); INVALID is void and never billed."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    INVALID = "INVALID"


class AuthMethod(StrEnum):
    """By what a Session was allowed (OCPI AuthMethod)."""

    AUTH_REQUEST = "AUTH_REQUEST"
    COMMAND = "COMMAND"
    WHITELIST = "WHITELIST"


class StopReason(StrEnum):
    """Why a Session ended. After a fault or a power loss the booking keeps the rest of its slot."""

    DRIVER = "DRIVER"
    REMOTE = "REMOTE"
    VEHICLE = "VEHICLE"
    OPERATOR = "OPERATOR"
    NO_LONGER_ALLOWED = "NO_LONGER_ALLOWED"
    TARGET_REACHED = "TARGET_REACHED"
    CHARGER_FAULT = "CHARGER_FAULT"
    POWER_LOSS = "POWER_LOSS"
    OTHER = "OTHER"


INTERRUPTIONS = frozenset({StopReason.CHARGER_FAULT, StopReason.POWER_LOSS})
"""Ends that nobody wanted: the booking may be used again until its slot is over."""


class ReadingOutcome(StrEnum):
    """What became of one reading of a charger's meter.

    LATE is one older than the newest, which goes where it belongs in time; KNOWN was told before. These count for
    nothing: BACKWARDS would make the meter run backwards, CONTRADICTS tells otherwise than before of the same moment,
    OUTSIDE lies before the start, after the end, or in the future.
    """

    TAKEN = "TAKEN"
    LATE = "LATE"
    KNOWN = "KNOWN"
    BACKWARDS = "BACKWARDS"
    CONTRADICTS = "CONTRADICTS"
    OUTSIDE = "OUTSIDE"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a charger measured at one moment: energy since the start in kWh, power in W, state of charge in %.

    One without its energy tells the rest only.
    """

    at: datetime
    kwh: Decimal | None
    power: int | None = None
    state_of_charge: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A Session. `kwh`, `power` and `state_of_charge` are as last read; `cost` is what it costs so far.

    `booking_id` is the booking that is used, None for a walk-up. `slot_end` is when its slot ends, `allowed_until`
    until when charging is allowed (None while nothing limits it), and `occupied_until` until when it keeps the
    charger, while it lasts. `irregularity` is why it would have been refused, if it is told of afterwards only.
    """

    id: UUID
    location_id: str
    evse_id: str
    connector_id: str | None
    parking_bay_id: str | None
    booking_id: UUID | None
    parties: Parties
    token: BookingToken | None
    auth_method: AuthMethod
    authorization_reference: str | None
    basis: ChargingBasis
    status: SessionStatus
    start_date_time: datetime
    end_date_time: datetime | None
    stop_reason: StopReason | None
    stopped_by: Role | None
    meter_id: str | None
    meter_start: Decimal | None
    kwh: Decimal
    power: int | None
    state_of_charge: int | None
    read_at: datetime | None
    tariffs: tuple[Tariff, ...]
    cost: Charge | None
    slot_end: datetime | None
    allowed_until: datetime | None
    occupied_until: datetime | None
    target_state_of_charge: int | None
    irregularity: ChargingRefusal | None
    last_updated: datetime

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns the session (OCPI Sessions)."""
        return part_id(self.parties.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str | None:
        """The composite id of the booking that is used."""
        return None if self.booking_id is None else part_id(self.parties.cpo_id, str(self.booking_id))

    @property
    def holder_id(self) -> UUID:
        """Who holds the charger: the booking, or of a walk-up the session itself."""
        return self.booking_id or self.id

    @property
    def active(self) -> bool:
        """Whether it goes on."""
        return self.status is SessionStatus.ACTIVE

    def time_left(self, now: datetime) -> timedelta | None:
        """Return how long charging is still allowed, nothing at the least; None if nothing limits it, or it ended."""
        if not self.active or self.allowed_until is None:
            return None
        return max(self.allowed_until - now, timedelta(0))

    @property
    def ended_early(self) -> bool:
        """Whether it ended before its slot did, so that the rest of that is free (BUC 3.7)."""
        return self.end_date_time is not None and self.slot_end is not None and self.end_date_time < self.slot_end

    def overtime(self, now: datetime) -> timedelta:
        """Return for how long it has lasted beyond the slot by `now`, or until its end."""
        if self.slot_end is None:
            return timedelta(0)
        return max((self.end_date_time or now) - self.slot_end, timedelta(0))
