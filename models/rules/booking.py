"""A Booking as a value: what was granted, to whom, on which terms, and every request made on it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from models.rules.booking_location import BookingOption, BookingTerms, Confirmation, Timeslot
from models.rules.booking_state import (
    CanceledReason,
    Outcome,
    Phase,
    RequestKind,
    RequestStatus,
    ReservationStatus,
    allowed_until,
    cancel_until,
    change_until,
    opens_at,
    outcome,
    phase,
)
from models.rules.charge import Charge
from models.rules.estimate import Estimate
from models.rules.fit import Demand
from models.rules.hazard import Hazard
from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.parties import Parties
from models.rules.role import Role
from models.rules.tariff import Tariff

GRACE = timedelta(minutes=5)
"""Who begins so soon after the start of a slot is not late."""


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
    """One request on a booking and what came of it (OCPI BookingRequestStatus).

    While it is pending, whoever did not make it, holder or operator, decides on it until `decide_until`; `reason` is
    why it was not granted. `quote_id` has what a change would grant, `fee` is what the request costs. `revision` is
    the booking's when it was made; None of requests of before it was kept.
    """

    kind: RequestKind
    status: RequestStatus
    request_received: datetime
    decided_at: datetime | None
    role: Role
    requester_id: str
    decide_until: datetime | None = None
    reason: str | None = None
    quote_id: UUID | None = None
    fee: Charge | None = None
    position: int = 0
    period: Interval | None = None
    revision: int | None = None
    priced_by: BookingTerms | None = None
    """The terms that price its fee, if terms do."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking. `reference` is what people type, `revision` counts granted changes, `demand` is what was asked.

    `lapses_at` is when it is over if nobody uses it; `booker_id` is who made it on behalf of `emsp_id`.
    """

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
    demand: Demand
    license_plate: str | None
    booking_option: BookingOption
    booking_terms: BookingTerms
    confirmation: Confirmation
    tariffs: tuple[Tariff, ...]
    reserved_at: datetime
    lapses_at: datetime
    last_updated: datetime
    tokens: tuple[BookingToken, ...] = ()
    booking_requests: tuple[BookingRequest, ...] = ()
    price: Estimate | None = None
    """The operator's, as it was when the slot was granted; None of bookings from before it was kept."""
    access_code: str | None = None
    reveal_due_at: datetime | None = None
    """When the holder is to be told the charger; None if that is done."""
    hazard: Hazard | None = None
    alternatives_due_at: datetime | None = None
    booker_id: str | None = None
    mission_id: UUID | None = None
    replaces_id: str | None = None
    """The composite id of the booking that it took the place of, perhaps another operator's."""
    charging_started_at: datetime | None = None
    charging_ended_at: datetime | None = None
    """When its holder was done charging, so that the rest of the slot is not kept."""
    interrupted_at: datetime | None = None
    """Since when a fault keeps its holder from charging on; None while it charges."""
    endangered_since: datetime | None = None
    """Since when something endangers it, one thing after the other; None if nothing does."""
    kept_waiting_until: datetime | None = None
    """When that was over which kept its holder from beginning in time; None if nothing did."""
    mandated_until: datetime | None = field(default=None, compare=False)
    """Until when its booker has a mandate for all its contracts, as it was read; None without one. No part of it."""

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; the operator owns the booking (OCPI Bookings)."""
        return part_id(self.cpo_id, str(self.id))

    @property
    def parties(self) -> Parties:
        """Whom it concerns."""
        return Parties(self.cpo_id, self.emsp_id, self.booker_id, self.contract_ids, self.mandated_until)

    @property
    def expires_at(self) -> datetime | None:
        """When it lapses unused, with its slot at the latest; None if its terms know no no-show."""
        return None if self.booking_terms.noshow_timeout is None else self.lapses_at

    @property
    def opens_at(self) -> datetime:
        """From when on it may be used: its slot, or the early start that its terms allow."""
        return opens_at(self.timeslot.period, self.booking_terms)

    @property
    def closes_at(self) -> datetime:
        """Until when charging may begin: until it lapses; one that a fault hit, or interrupted, to its slot's end."""
        if self.charging_ended_at is not None:
            return self.charging_ended_at
        kept = self.status is ReservationStatus.FULFILLED or self.hazard is not None
        return self.timeslot.period.end if kept else self.lapses_at

    @property
    def allowed_until(self) -> datetime:
        """Until when its terms let somebody charge who began in time: the late stop after the slot (BUC 3.3.3)."""
        return allowed_until(self.timeslot.period, self.booking_terms)

    @property
    def is_charging(self) -> bool:
        """Whether somebody charges on it."""
        return (
            self.status is ReservationStatus.FULFILLED
            and self.charging_started_at is not None
            and self.charging_ended_at is None
            and self.interrupted_at is None
        )

    @property
    def broke_off(self) -> bool:
        """Whether a fault ended its use for good, within its slot, as its holder gave up waiting (BUC 3.10)."""
        return (
            self.status is ReservationStatus.FULFILLED
            and self.interrupted_at is not None
            and self.charging_ended_at is not None
        )

    @property
    def cancel_until(self) -> datetime:
        """The last moment for a cancellation that costs nothing."""
        return cancel_until(self.timeslot.period, self.booking_terms)

    @property
    def change_until(self) -> datetime:
        """The last moment for a change that costs nothing."""
        return change_until(self.timeslot.period, self.booking_terms)

    @property
    def pending(self) -> BookingRequest | None:
        """The request that is being decided on."""
        return next((one for one in self.booking_requests if one.status is RequestStatus.PENDING), None)

    @property
    def granted(self) -> bool:
        """Whether it was ever granted; one that its operator declined, or never answered, was not."""
        return any(
            one.kind is RequestKind.CREATE and one.status is RequestStatus.ACCEPTED for one in self.booking_requests
        )

    @property
    def outcome(self) -> Outcome:
        """What became of it (BUC 2.11)."""
        return outcome(self.status, self.who_canceled is Role.CPO)

    def phase(self, now: datetime) -> Phase:
        """Return where the booking stands at `now`."""
        changing = self.pending is not None
        if self.status is ReservationStatus.FULFILLED and self.charging_ended_at is None:
            return self._phase_in_use(now)
        return phase(self.status, self.timeslot.period, self.booking_terms, now, changing=changing)

    def _phase_in_use(self, now: datetime) -> Phase:
        """Return where a booking stands that was begun to be used and not ended; an interrupted one is due again."""
        within = now < self.timeslot.period.end
        if self.interrupted_at is not None:
            return Phase.DUE if within else Phase.COMPLETED
        if self.charging_started_at is None:
            return Phase.COMPLETED
        return Phase.CHARGING if within else Phase.OVERTIME


def relieved(one: Booking, now: datetime) -> Booking:
    """Return a booking that nothing endangers any more; its holder waited until now if it was to begin meanwhile."""
    begin = one.timeslot.period.start
    waited = one.hazard is not None and (one.endangered_since or begin) <= begin + GRACE and now > begin
    return replace(
        one,
        hazard=None,
        alternatives_due_at=None,
        endangered_since=None,
        kept_waiting_until=now if waited else one.kept_waiting_until,
        last_updated=now,
    )
