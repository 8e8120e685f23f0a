"""The states of a Booking and of its requests, and what may follow what (OCPI Bookings)."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from models.rules.booking_location import BookingTerms
from models.rules.interval import Interval, shifted


class ReservationStatus(StrEnum):
    """The state of a Booking on the wire (OCPI ReservationStatus)."""

    PENDING = "PENDING"
    RESERVED = "RESERVED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    NO_SHOW = "NO_SHOW"
    FULFILLED = "FULFILLED"


class RequestStatus(StrEnum):
    """The state of one request on a Booking (OCPI ReservationRequestStatus)."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    FAILED = "FAILED"


class RequestKind(StrEnum):
    """What a request on a Booking asks for; an operator alone reassigns it to another charger of its group."""

    CREATE = "CREATE"
    CHANGE = "CHANGE"
    CANCEL = "CANCEL"
    REASSIGN = "REASSIGN"


class CanceledReason(StrEnum):
    """Why a Booking was canceled (OCPI CanceledReason); MAINTENANCE and CHANGED are ours, UNKNOWN on the wire."""

    POWER_OUTAGE = "POWER_OUTAGE"
    BROKEN_CHARGER = "BROKEN_CHARGER"
    FULL = "FULL"
    BLOCKED = "BLOCKED"
    TRAFFIC = "TRAFFIC"
    BROKEN_VEHICLE = "BROKEN_VEHICLE"
    NO_CANCELED = "NO_CANCELED"
    MAINTENANCE = "MAINTENANCE"
    CHANGED = "CHANGED"
    UNKNOWN = "UNKNOWN"


HOLDER_REASONS = frozenset(
    {
        CanceledReason.BLOCKED,
        CanceledReason.BROKEN_CHARGER,
        CanceledReason.TRAFFIC,
        CanceledReason.BROKEN_VEHICLE,
        CanceledReason.NO_CANCELED,
        CanceledReason.UNKNOWN,
    }
)
"""What the holder of a Booking may give as a reason; CHANGED is given to one that another booking replaced."""

OPERATOR_REASONS = frozenset(
    {
        CanceledReason.POWER_OUTAGE,
        CanceledReason.BROKEN_CHARGER,
        CanceledReason.FULL,
        CanceledReason.BLOCKED,
        CanceledReason.MAINTENANCE,
    }
)
"""What an operator may give as a reason (BUC 2.7)."""


class Outcome(StrEnum):
    """What became of a Booking (BUC 2.11); OPEN while that is not decided."""

    OPEN = "OPEN"
    CHARGED = "CHARGED"
    NO_SHOW = "NO_SHOW"
    CANCELED_BY_HOLDER = "CANCELED_BY_HOLDER"
    CANCELED_BY_OPERATOR = "CANCELED_BY_OPERATOR"
    REJECTED = "REJECTED"
    FAILED = "FAILED"


class Phase(StrEnum):
    """Where a Booking stands now, finer than its status."""

    AWAITING_OPERATOR = "AWAITING_OPERATOR"
    CHANGE_PENDING = "CHANGE_PENDING"
    CONFIRMED = "CONFIRMED"
    DUE = "DUE"
    LATE = "LATE"
    CHARGING = "CHARGING"
    OVERTIME = "OVERTIME"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    NO_SHOW = "NO_SHOW"


LIVE = frozenset({ReservationStatus.PENDING, ReservationStatus.RESERVED})
"""States in which a Booking keeps its slot before charging starts."""


def phase(
    status: ReservationStatus, period: Interval, terms: BookingTerms, now: datetime, *, changing: bool = False
) -> Phase:
    """Return the phase of a booking at `now`; DUE begins with the early start that the terms allow.

    It is CHANGE_PENDING while a change is being decided on (`changing`), until it is due.
    """
    if status is ReservationStatus.PENDING:
        return Phase.AWAITING_OPERATOR
    if status is ReservationStatus.FULFILLED:
        return Phase.COMPLETED
    if status is not ReservationStatus.RESERVED:
        return Phase(status.value)
    if now < opens_at(period, terms):
        return Phase.CHANGE_PENDING if changing else Phase.CONFIRMED
    return Phase.DUE if now < period.start else Phase.LATE


def opens_at(period: Interval, terms: BookingTerms) -> datetime:
    """Return from when on a booking may be used: its start, or the early start that its terms allow (BUC 3.3.2)."""
    return shifted(period.start, -_early(terms))


def allowed_until(period: Interval, terms: BookingTerms) -> datetime:
    """Return until when the terms let somebody charge: the end of the slot, and the late stop (BUC 3.3.3)."""
    return shifted(period.end, (terms.late_stop_time or 0) if terms.late_stop_allowed else 0)


def expires_at(period: Interval, terms: BookingTerms, free_at: datetime | None = None) -> datetime | None:
    """Return when an unused booking lapses: start plus no-show timeout (BUC 2.1); None without a timeout.

    `free_at` is when its charger was left by whoever stayed there into its slot, if somebody did.
    """
    if terms.noshow_timeout is None:
        return None
    return shifted(max(period.start, free_at or period.start), terms.noshow_timeout)


def lapses_at(period: Interval, terms: BookingTerms, free_at: datetime | None = None) -> datetime:
    """Return when a booking nobody used is over: as it expires, or with its slot if its terms know no no-show."""
    return min(expires_at(period, terms, free_at) or period.end, period.end)


def revealed_at(period: Interval, terms: BookingTerms, now: datetime) -> datetime:
    """Return when the charger of a group is told to the holder: so long before as the terms say (BUC 2.1).

    Without that, with the early start that the terms allow: at the latest on arrival. Never earlier than now.
    """
    return max(now, shifted(period.start, -max(_early(terms), terms.reveal_minutes or 0)))


def change_until(period: Interval, terms: BookingTerms) -> datetime:
    """Return the last moment for a change that costs nothing (BUC 2.9, `change_until_minutes`)."""
    return shifted(period.start, -terms.change_until_minutes)


def cancel_until(period: Interval, terms: BookingTerms) -> datetime:
    """Return the last moment for a cancellation that costs nothing (BUC 2.9, `cancel_until_minutes`)."""
    return shifted(period.start, -terms.cancel_until_minutes)


def outcome(status: ReservationStatus, by_operator: bool) -> Outcome:
    """Return what became of a booking; `by_operator` tells who canceled it, if it is."""
    if status is ReservationStatus.CANCELED:
        return Outcome.CANCELED_BY_OPERATOR if by_operator else Outcome.CANCELED_BY_HOLDER
    return _OUTCOMES.get(status, Outcome.OPEN)


def ended(outcomes: Collection[Outcome]) -> list[tuple[ReservationStatus, bool]]:
    """Return in which states, and whether canceled by the operator, bookings are of which one of those came."""
    return [(one, by) for one in ReservationStatus for by in (False, True) if outcome(one, by) in outcomes]


def _early(terms: BookingTerms) -> int:
    """Return how many minutes before its start a booking may be used."""
    return (terms.early_start_time or 0) if terms.early_start_allowed else 0


_OUTCOMES = {
    ReservationStatus.FULFILLED: Outcome.CHARGED,
    ReservationStatus.NO_SHOW: Outcome.NO_SHOW,
    ReservationStatus.REJECTED: Outcome.REJECTED,
    ReservationStatus.FAILED: Outcome.FAILED,
}
