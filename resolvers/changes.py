"""What operators publish, change and withdraw, many objects at a time, each as of how it was last read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from models.rules.booking_location import Calendar, Confirmation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """An object to publish; unless None, `expected_last_updated` is that of the version the caller read."""

    value: T
    expected_last_updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """A Calendar to add to a BookingLocation, or to put in place of the one of its id."""

    booking_location_id: str
    calendar: Calendar
    expected_last_updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationChange:
    """How a BookingLocation is to confirm."""

    booking_location_id: str
    confirmation: Confirmation
    expected_last_updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An object to take back."""

    id: str
    expected_last_updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarWithdrawal:
    """A Calendar to take from a BookingLocation."""

    booking_location_id: str
    calendar_id: str
    expected_last_updated: datetime | None = None
