"""A second opinion on opening hours, for tests only: it reads the clock of the place minute by minute."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from models.rules.interval import Interval
from models.rules.location import Location, RegularHours

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TO_MIDNIGHT = ("24:00", "00:00", "23:59")

Shown = dict[datetime, tuple[datetime, datetime, datetime]]


@cache
def shown(zone: str, first: datetime, last: datetime) -> Shown:
    """Return the latest time that the clock has shown by each minute, the earliest it shows from then on, and behind.

    They differ by more than a minute where the clock jumps.
    """
    moments = [first + number * MINUTE for number in range((last - first) // MINUTE)]
    local = [one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in moments]
    latest, earliest = local[:], local[:]
    for number in range(1, len(local)):
        latest[number] = max(latest[number - 1], local[number])
        earliest[-number - 1] = min(earliest[-number], local[-number - 1])
    return dict(zip(moments, zip(latest, earliest, [*earliest[1:], earliest[-1]], strict=True), strict=True))


class Doors:
    """Whether a Location is open, minute by minute, within two days before and six after a day."""

    def __init__(self, location: Location, day: datetime) -> None:
        self.times = location.opening_times
        self.clock = shown(location.time_zone, day - 2 * DAY, day + 6 * DAY) if self.times else {}
        days = [datetime(day.year, day.month, day.day) + number * DAY for number in range(-3, 8)]  # noqa: DTZ001
        rows = self.times.regular_hours if self.times else ()
        self.rows = [_hours(row, one) for row in rows for one in days if one.isoweekday() == row.weekday]
        self.known: dict[datetime, bool] = {}

    def open_all(self, start: datetime, end: datetime) -> bool:
        """Whether it is open in every minute that a stretch of time touches."""
        if self.times is None:
            return True
        start = start.astimezone(UTC)
        minute = start - timedelta(seconds=start.second, microseconds=start.microsecond)
        while minute < end:
            if minute not in self.known:
                self.known[minute] = self._is_open(minute)
            if not self.known[minute]:
                return False
            minute += MINUTE
        return True

    def _is_open(self, minute: datetime) -> bool:
        times = self.times
        assert times is not None
        if any(one.period_begin <= minute < one.period_end for one in times.exceptional_closings):
            return False
        if times.twentyfourseven:
            return True
        if any(one.period_begin <= minute < one.period_end for one in times.exceptional_openings):
            return True
        latest, earliest, behind = self.clock[minute]
        return any(begin <= latest and (earliest < end or behind <= end) for begin, end in self.rows)


def overlap(one: Interval, start: datetime, end: datetime) -> bool:
    """Whether an interval shares a moment with a stretch of time."""
    return max(one.start, start) < min(one.end, end)


def _hours(row: RegularHours, day: datetime) -> tuple[datetime, datetime]:
    """Return from and to when a row holds on one day, on the local clock."""
    begin = day + _clock(row.period_begin)
    end = day + DAY if row.period_end in TO_MIDNIGHT else day + _clock(row.period_end)
    return begin, end if end > begin else end + DAY


def _clock(local: str) -> timedelta:
    return timedelta(hours=int(local[:2]), minutes=int(local[3:]))
