"""What can change, as events: ids and causes only, so that whoever hears of one reads the object again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.rules.interval import Interval


class EventKind(StrEnum):
    """What an event tells."""

    LOCATION_PUBLISHED = "LOCATION_PUBLISHED"
    TARIFF_PUBLISHED = "TARIFF_PUBLISHED"
    BOOKING_LOCATION_PUBLISHED = "BOOKING_LOCATION_PUBLISHED"
    EVSE_STATUS_CHANGED = "EVSE_STATUS_CHANGED"
    FAULT_CHANGED = "FAULT_CHANGED"
    MAINTENANCE_CHANGED = "MAINTENANCE_CHANGED"
    BOOKING_CHANGED = "BOOKING_CHANGED"
    BOOKING_REQUESTED = "BOOKING_REQUESTED"
    ALTERNATIVES_OFFERED = "ALTERNATIVES_OFFERED"
    REMINDER_DUE = "REMINDER_DUE"
    SESSION_CHANGED = "SESSION_CHANGED"
    SESSION_REQUESTED = "SESSION_REQUESTED"
    SESSION_ALERT = "SESSION_ALERT"
    CHARGING_REFUSED = "CHARGING_REFUSED"
    DRIVER_MESSAGE_SENT = "DRIVER_MESSAGE_SENT"
    PROBLEM_REPORTED = "PROBLEM_REPORTED"
    CDR_ISSUED = "CDR_ISSUED"
    AVAILABILITY_CHANGED = "AVAILABILITY_CHANGED"


class AvailabilityCause(StrEnum):
    """Why what can be booked at a Location changed (BUC 1.2.3).

    HOLD is a quote's. EXPIRY is the end of one that was not booked, by its time or because it was released. CHANGE is
    a booking's that got another slot, or another charger. EARLY_START takes the time before a slot, EARLY_STOP gives
    back what is left of it, WALK_UP is a use without a booking, OVERTIME one that goes on after its slot.
    """

    BOOKING = "BOOKING"
    HOLD = "HOLD"
    EXPIRY = "EXPIRY"
    CANCELLATION = "CANCELLATION"
    CHANGE = "CHANGE"
    NO_SHOW = "NO_SHOW"
    EARLY_START = "EARLY_START"
    EARLY_STOP = "EARLY_STOP"
    WALK_UP = "WALK_UP"
    OVERTIME = "OVERTIME"
    CALENDAR = "CALENDAR"
    PUBLICATION = "PUBLICATION"
    FAULT = "FAULT"
    REPAIR = "REPAIR"
    MAINTENANCE = "MAINTENANCE"
    WITHDRAWAL = "WITHDRAWAL"


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `object_id` names the object to read again; the other ids say whom it concerns.

    `during` bounds the change of availability; None means any time. `booker_id` is who acts for `party_id`.
    """

    kind: EventKind
    object_id: str
    location_id: str | None = None
    party_id: str | None = None
    cause: AvailabilityCause | None = None
    during: Interval | None = None
    booker_id: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the feed: which history of the database, then the transaction, then the row."""

    epoch: str
    xid: int
    id: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the feed."""

    cursor: Cursor
    at: datetime
    event: Event
