"""Calendars whose timeslots are generated from weekly hours: what they hold at a moment, and when they grow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from models.rules.booking_location import Calendar, Timeslot
from models.rules.interval import Interval
from models.rules.location import RegularHours
from models.rules.opening_hours import local_day, midnight, regular_periods
from models.rules.weekly import WeeklyHours

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


def weekly_calendar(
    calendar_id: str, timeslot_increment: int | None, weekly_hours: WeeklyHours, begin: datetime | None = None
) -> Calendar:
    """Return a Calendar as an operator writes it: weekly hours, from `begin` or at once, not generated yet."""
    start = begin or AT_ONCE
    covers = Interval(start, start + timedelta(days=1))
    return Calendar(calendar_id, covers, timeslot_increment, (), AT_ONCE, weekly_hours)


def begun(calendar: Calendar, time_zone: str, now: datetime) -> Calendar:
    """Return a published Calendar with its timeslots: from the day of publication on, or from its later begin.

    One without weekly hours stays as it is.
    """
    if calendar.weekly_hours is None:
        return calendar
    begin = max(calendar.covers.start, midnight(local_day(now, time_zone), time_zone))
    return _generated(calendar, calendar.weekly_hours, begin, time_zone, now)


def grown(calendar: Calendar, time_zone: str, now: datetime) -> Calendar:
    """Return a stored Calendar with its timeslots up to the horizon; those that ended before `now` are gone.

    A timeslot that has begun keeps its start, because the grid of bookings counts from there.
    """
    if calendar.weekly_hours is None:
        return calendar
    return _generated(calendar, calendar.weekly_hours, calendar.covers.start, time_zone, now)


def grows_at(time_zone: str, now: datetime) -> datetime:
    """Return when calendars are to grow next: with the next day on the Location's clock."""
    return midnight(local_day(now, time_zone) + timedelta(days=1), time_zone)


def _generated(calendar: Calendar, weekly: WeeklyHours, begin: datetime, time_zone: str, now: datetime) -> Calendar:
    """The horizon is met at every moment of the day, so it ends with the local day on which it falls."""
    last = local_day(max(begin, now), time_zone) + timedelta(days=weekly.horizon_days)
    whole = Interval(begin, midnight(last + timedelta(days=1), time_zone))
    periods = [one for one in _periods(weekly.regular_hours, time_zone, whole) if one.end > now]
    start = max(begin, midnight(local_day(now, time_zone), time_zone))
    if periods:
        start = min(start, periods[0].start)
    return replace(
        calendar,
        covers=Interval(start, whole.end),
        available_timeslots=tuple(
            Timeslot(one, weekly.min_power, weekly.max_power, weekly.green_energy_support) for one in periods
        ),
    )


@lru_cache(maxsize=64)
def _periods(hours: tuple[RegularHours, ...], time_zone: str, window: Interval) -> Sequence[Interval]:
    """An operator offers the same hours at many sites."""
    return tuple(regular_periods(hours, time_zone, window))
