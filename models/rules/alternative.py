"""An Alternative as a value: a slot in the place of a booking's, how they are ranked, how far one looks (BUC 2.8)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from models.rules.booking import Booking
from models.rules.booking_state import LIVE, CanceledReason, ReservationStatus
from models.rules.estimate import Estimate
from models.rules.interval import Interval
from models.rules.nearby_times import around
from models.rules.role import Role

WITHIN_KM = 25
SHIFT_MINUTES = 120
HOLD_MINUTES = 15
"""What holds of an operator that has set nothing else; an operator may have its own (BUC 2.8, 4a and 4b)."""

MOST_KM = 300
MOST_SHIFT_MINUTES = 720
MOST_HOLD_MINUTES = 120
MOST_ALTERNATIVES = 10
METRES_PER_MINUTE = 1000
"""A truck takes about a minute for a km: so far away is as good as a minute earlier or later."""

CHARGER_FAILED = frozenset({CanceledReason.BLOCKED, CanceledReason.BROKEN_CHARGER})
"""Why a holder gives up a booking whose charger it cannot use."""


@dataclass(frozen=True, slots=True)
class AlternativesPolicy:
    """How far from a booking, and how long before and after its start, alternatives are looked for (BUC 2.8).

    The best one is held for `hold_minutes`.
    """

    within_km: int = WITHIN_KM
    shift_minutes: int = SHIFT_MINUTES
    hold_minutes: int = HOLD_MINUTES

    @property
    def shift(self) -> timedelta:
        """How much earlier or later than the booking an alternative may begin."""
        return timedelta(minutes=self.shift_minutes)


USUAL = AlternativesPolicy()


@dataclass(frozen=True, slots=True)
class Alternative:
    """A slot that is offered in the place of a booking's; `distance` in m, `shift_minutes` less than 0 is earlier.

    `rank` counts from 1. `suggested_by` is the operator that added it, if one did. Its quote holds it until
    `held_until`, if one does; whoever comes later gets it if it is still free.
    """

    id: UUID
    booking_id: UUID
    booking_location_id: str
    location_id: str
    period: Interval
    distance: int
    shift_minutes: int
    rank: int
    price: Estimate
    suggested_by: str | None
    quote_id: UUID | None
    offered_at: datetime
    taken_at: datetime | None = None
    withdrawn_at: datetime | None = None
    held_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still be taken."""
        return self.taken_at is None and self.withdrawn_at is None


def ranked(found: Iterable[Alternative], location_id: str) -> list[Alternative]:
    """Return the best alternatives to a booking at a Location, ranked from 1.

    Those at the Location itself come first. Then the lowest score counts: the minutes that it takes to get there and
    the minutes by which it begins earlier or later. Of two that are as good the one that begins earlier is first.
    """

    def order(one: Alternative) -> tuple[bool, float, datetime, str]:
        return one.location_id != location_id, score(one), one.period.start, one.booking_location_id

    best = sorted(found, key=order)[:MOST_ALTERNATIVES]
    return [replace(one, rank=rank) for rank, one in enumerate(best, 1)]


def score(one: Alternative) -> float:
    """Return how far an alternative is from what was booked, in minutes: by the road and by the clock."""
    return one.distance / METRES_PER_MINUTE + abs(one.shift_minutes)


def shift(period: Interval, booked: Interval) -> int:
    """Return how many minutes later than what was booked a slot begins; less than 0 if earlier."""
    return int((period.start - booked.start) / timedelta(minutes=1))


def starts(booked: Interval, policy: AlternativesPolicy, now: datetime) -> tuple[datetime, datetime]:
    """Return between which moments an alternative begins: never before now, and in time after it if that is late."""
    return max(booked.start - policy.shift, now), max(booked.start, now) + policy.shift


def looks_elsewhere(one: Booking) -> bool:
    """Whether a booking has a right to alternatives: its charger fails it, or its operator canceled it.

    Also if its holder gave it up because its charger is blocked or broken, before or while it was used (BUC 3.10).
    """
    if one.broke_off:
        return True
    if one.status is ReservationStatus.CANCELED:
        return one.who_canceled is Role.CPO or _given_up(one)
    return one.status in LIVE and one.hazard is not None


def shunned(one: Booking) -> Interval:
    """Return when the charger of a booking is not offered in its place: while it was booked.

    Of one that its holder gave up because its charger is blocked or broken also before and after: until its operator
    has seen to it nobody knows how long. An operator tells that by the charger's status.
    """
    booked = one.timeslot.period
    return around(booked) if _given_up(one) else booked


def _given_up(one: Booking) -> bool:
    canceled = one.status is ReservationStatus.CANCELED and one.who_canceled is not Role.CPO
    return one.broke_off or (canceled and one.canceled_reason in CHARGER_FAILED)


def replaced_period(one: Booking) -> Interval:
    """Return what alternatives to a booking are to last as long as: its slot, or what was left of it at the fault."""
    period = one.timeslot.period
    if not one.broke_off or one.interrupted_at is None:
        return period
    return period.clipped(Interval(one.interrupted_at, period.end)) or period
