"""When a Location is open: regular hours on its local clock, exceptional openings and closings (OCPI Hours)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from models.rules.interval import Interval, gaps
from models.rules.location import ExceptionalPeriod, OpeningTimes, RegularHours

MIDNIGHT = "00:00"
DAY_ENDS = frozenset({"24:00", MIDNIGHT, "23:59"})
"""How documents write that hours go on until midnight; the standard's "23:59" is meant so nearly everywhere."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
KEPT_DAYS = 8192
"""Of so many days with their hours the moments are remembered; sites have few different hours."""


def open_periods(times: OpeningTimes, time_zone: str, window: Interval) -> list[Interval]:
    """Return when a Location in that IANA time zone is open within `window`, in order, none touching another.

    Overnight hours are two rows that meet at midnight; one row that ends no later than it begins means the next day.
    A Location that is not always open and names no hours is open in its exceptional openings only; closings win.
    Raise ValueError for hours that are none, and KeyError for an unknown time zone.
    """
    if times.twentyfourseven:
        opened = [window]
    else:
        extra = _clipped(times.exceptional_openings, window)
        opened = merged([*regular_periods(times.regular_hours, time_zone, window), *extra])
    closed = list(_clipped(times.exceptional_closings, window))
    return [left for one in opened for left in gaps(one, closed)] if closed else opened


def regular_periods(hours: Sequence[RegularHours], time_zone: str, window: Interval) -> list[Interval]:
    """Return when weekly hours on the local clock hold within `window`, in order, none touching another.

    On the days on which the clock changes, a time that does not exist is the moment at which the clock jumps; of one
    that comes twice an opening takes the first and a closing the last. Raise as `open_periods`.
    """
    if not hours:
        return []
    zone = _zone(time_zone)
    of_weekday: dict[int, list[RegularHours]] = {}
    for row in hours:
        of_weekday.setdefault(row.weekday, []).append(row)
    found = []
    for day in _days(zone, window):
        for row in of_weekday.get(day.isoweekday(), ()):
            period = _on(day, row, zone)
            clipped = period.clipped(window) if period else None
            if clipped is not None:
                found.append(clipped)
    return merged(found)


def midnight(day: date, time_zone: str) -> datetime:
    """Return the first moment of a day on the local clock, in UTC."""
    return _instant(datetime.combine(day, time()), _zone(time_zone), fold=0)


def local_day(moment: datetime, time_zone: str) -> date:
    """Return which day it is on the local clock. Raise KeyError for an unknown time zone."""
    return moment.astimezone(_zone(time_zone)).date()


def merged(periods: Iterable[Interval]) -> list[Interval]:
    """Return intervals that hold the same moments, in order, none touching another."""
    found: list[Interval] = []
    for one in sorted(periods):
        if not found or one.start > found[-1].end:
            found.append(one)
        elif one.end > found[-1].end:
            found[-1] = Interval(found[-1].start, one.end)
    return found


def minutes_of(local: str) -> int:
    """Return the minutes since midnight of a local time "HH:MM", "24:00" included, or raise ValueError."""
    hour, colon, minute = local.partition(":")
    if len(local) == 5 and colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit():
        minutes = int(hour) * 60 + int(minute)
        if int(minute) < 60 and minutes <= 24 * 60:
            return minutes
    raise ValueError(f'a local time is "HH:MM" from 00:00 to 24:00, not {local!r}')


@lru_cache(KEPT_DAYS)
def _on(day: date, row: RegularHours, zone: tzinfo) -> Interval | None:
    """Return the moments of a row on one day, or None if the clock jumps over all of them."""
    begin = timedelta(minutes=minutes_of(row.period_begin))
    end = DAY if row.period_end in DAY_ENDS else timedelta(minutes=minutes_of(row.period_end))
    if end <= begin:
        end += DAY
    first = datetime.combine(day, time())
    start, stop = _instant(first + begin, zone, fold=0), _instant(first + end, zone, fold=1)
    return Interval(start, stop) if start < stop else None


def _days(zone: tzinfo, window: Interval) -> Iterator[date]:
    """Yield the local days whose hours may reach into `window`: those it touches and the one before."""
    day, last = window.start.astimezone(zone).date() - DAY, window.end.astimezone(zone).date()
    while day <= last:
        yield day
        day += DAY


def _instant(local: datetime, zone: tzinfo, *, fold: int) -> datetime:
    """Return when the local clock shows a time; of two moments the first or, by `fold`, the last."""
    found = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return found
    return _jump(local, zone)


def _jump(local: datetime, zone: tzinfo) -> datetime:
    """Return when the clock jumps over a local time that does not exist."""
    one, other = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    before, after = min(one, other), max(one, other)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            before = middle
        else:
            after = middle
    return after


def _clipped(periods: Iterable[ExceptionalPeriod], window: Interval) -> Iterator[Interval]:
    for one in periods:
        start, end = max(one.period_begin, window.start), min(one.period_end, window.end)
        if start < end:
            yield Interval(start, end)


@cache
def _zone(time_zone: str) -> ZoneInfo:
    return ZoneInfo(time_zone)
