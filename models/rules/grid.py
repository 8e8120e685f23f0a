"""Where bookings of a timeslot may start and end (OCPI Calendar.timeslot_increment)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.interval import Interval


@dataclass(frozen=True, slots=True)
class Grid:
    """Where bookings of one timeslot may start and end: every `step` from `origin`."""

    origin: datetime
    step: timedelta

    def holds(self, period: Interval) -> bool:
        """Whether both ends lie on the grid."""
        return not (period.start - self.origin) % self.step and not (period.end - self.origin) % self.step

    def within(self, period: Interval) -> Interval | None:
        """Return the longest stretch of the grid inside `period`, or None."""
        before, over = (self.origin - period.start) % self.step, (period.end - self.origin) % self.step
        if not before and not over:
            return period
        start, end = period.start + before, period.end - over
        return Interval(start, end) if start < end else None

    def rounded_up(self, duration: timedelta) -> timedelta:
        """Return the shortest stretch of the grid that is at least `duration` long."""
        return -(-duration // self.step) * self.step

    def first_from(self, moment: datetime) -> datetime:
        """Return the first step at `moment` or after it."""
        return self.origin - (self.origin - moment) // self.step * self.step

    def last_before(self, moment: datetime) -> datetime:
        """Return the last step before `moment`."""
        return self.first_from(moment) - self.step
