"""The states of a Booking and of its requests, and what may follow what (OCPI Bookings)."""

from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.booking_location import BookingTerms
from models.rules.interval import Interval


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
    """What a request on a Booking asks for."""

    CREATE = "CREATE"
    CHANGE = "CHANGE"
    CANCEL = "CANCEL"


class CanceledReason(StrEnum):
    """Why a Booking was canceled (OCPI CanceledReason)."""

    POWER_OUTAGE = "POWER_OUTAGE"
    BROKEN_CHARGER = "BROKEN_CHARGER"
    FULL = "FULL"
    BLOCKED = "BLOCKED"
    TRAFFIC = "TRAFFIC"
    BROKEN_VEHICLE = "BROKEN_VEHICLE"
    NO_CANCELED = "NO_CANCELED"
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
"""What the holder of a Booking may give as a reason; the rest is the operator's."""


class Phase(StrEnum):
    """Where a Booking stands now, finer than its status."""

    AWAITING_OPERATOR = "AWAITING_OPERATOR"
    CONFIRMED = "CONFIRMED"
    DUE = "DUE"
    LATE = "LATE"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    NO_SHOW = "NO_SHOW"


LIVE = frozenset({ReservationStatus.PENDING, ReservationStatus.RESERVED})
"""States in which a Booking keeps its slot before charging starts."""


def phase(status: ReservationStatus, period: Interval, terms: BookingTerms, now: datetime) -> Phase:
    """Return the phase of a booking at `now`; DUE begins with the early start that the terms allow."""
    if status is ReservationStatus.PENDING:
        return Phase.AWAITING_OPERATOR
    if status is ReservationStatus.FULFILLED:
        return Phase.COMPLETED
    if status is not ReservationStatus.RESERVED:
        return Phase(status.value)
    early = timedelta(minutes=(terms.early_start_time or 0) if terms.early_start_allowed else 0)
    if now < period.start - early:
        return Phase.CONFIRMED
    return Phase.DUE if now < period.start else Phase.LATE


def expires_at(period: Interval, terms: BookingTerms) -> datetime | None:
    """Return when an unused booking lapses: start plus no-show timeout (BUC 2.1); None without a timeout."""
    if terms.noshow_timeout is None:
        return None
    return period.start + timedelta(minutes=terms.noshow_timeout)


def cancel_until(period: Interval, terms: BookingTerms) -> datetime:
    """Return the last moment for a cancellation that costs nothing (BUC 2.9, `cancel_until_minutes`)."""
    return period.start - timedelta(minutes=terms.cancel_until_minutes)
