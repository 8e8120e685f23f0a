"""What makes no sense in an object that an operator publishes, in words that say what to do."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from models.rules.booking_location import BookingLocation, Calendar, Timeslot
from models.rules.location import ExceptionalPeriod, Location, OpeningTimes, RegularHours
from models.rules.opening_hours import minutes_of
from models.rules.weekly import LONGEST_HORIZON_DAYS, WeeklyHours


def of_location(location: Location) -> Iterator[str]:
    """Yield what is wrong with a Location: its place, its hours, and parts that are named twice or not at all."""
    if not (-90 <= location.latitude <= 90 and -180 <= location.longitude <= 180):
        yield "the latitude is between -90 and 90 degrees, the longitude between -180 and 180"
    if not _is_time_zone(location.time_zone):
        yield f"{location.time_zone!r} is not an IANA time zone such as Europe/Berlin"
    if location.opening_times is not None:
        yield from _of_opening_times(location.opening_times)
    yield from _twice("Evse", (evse.id for evse in location.evses))
    yield from _twice("ParkingBay", (bay.id for bay in location.parking_bays))
    bays = {bay.id for bay in location.parking_bays}
    for evse in location.evses:
        yield from _twice(f"connector of {evse.id}", (plug.id for plug in evse.connectors))
        served = [link.parking_bay_id for link in evse.parking]
        yield from _twice(f"bay of {evse.id}", served)
        yield from (f"{evse.id} serves {one}, which is not among the bays" for one in served if one not in bays)
        for plug in evse.connectors:
            if min(plug.max_voltage, plug.max_amperage, plug.max_electric_power or 0) < 0:
                yield f"{plug.id} has a negative voltage, current or power"


def of_booking_location(offer: BookingLocation) -> Iterator[str]:
    """Yield what is wrong with a BookingLocation: its durations and its calendars."""
    terms = offer.terms
    if terms.max_booking_duration is not None and terms.max_booking_duration < max(
        terms.min_booking_duration or 0, 1
    ):
        yield "the longest booking is shorter than the shortest one"
    yield from _twice("calendar", (calendar.id.upper() for calendar in offer.calendars))
    for calendar in offer.calendars:
        yield from of_calendar(calendar)


def of_calendar(calendar: Calendar) -> Iterator[str]:
    """Yield what is wrong with a Calendar: its grid, its windows, or the weekly hours in their place."""
    if calendar.timeslot_increment is not None and calendar.timeslot_increment < 1:
        yield f"the increment of calendar {calendar.id} is 1 minute at least"
    offered: list[Timeslot | WeeklyHours] = list(calendar.available_timeslots)
    if calendar.weekly_hours is not None:
        offered.append(calendar.weekly_hours)
    for slot in offered:
        if slot.min_power is not None and slot.max_power is not None and slot.min_power > slot.max_power:
            yield f"calendar {calendar.id} guarantees {slot.min_power} W, more than the {slot.max_power} W available"
    weekly = calendar.weekly_hours
    if weekly is None:
        return
    if calendar.available_timeslots:
        yield f"calendar {calendar.id} has timeslots and weekly hours; give one of them"
    if not weekly.regular_hours:
        yield f"calendar {calendar.id} names no weekly hours"
    if not 1 <= weekly.horizon_days <= LONGEST_HORIZON_DAYS:
        yield f"the horizon of calendar {calendar.id} is 1 to {LONGEST_HORIZON_DAYS} days"
    yield from _of_regular_hours(weekly.regular_hours)


def _of_opening_times(times: OpeningTimes) -> Iterator[str]:
    yield from _of_regular_hours(times.regular_hours)
    periods: tuple[ExceptionalPeriod, ...] = (*times.exceptional_openings, *times.exceptional_closings)
    for period in periods:
        if period.period_end <= period.period_begin:
            yield f"the exceptional period from {period.period_begin.isoformat()} ends before it begins"


def _of_regular_hours(hours: Iterable[RegularHours]) -> Iterator[str]:
    for row in hours:
        if not 1 <= row.weekday <= 7:
            yield f"weekday {row.weekday} is none; 1 is Monday, 7 is Sunday"
        for local in (row.period_begin, row.period_end):
            try:
                minutes_of(local)
            except ValueError as error:
                yield str(error)


def _twice(kind: str, ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield f"{kind} {one} is given twice"
        seen.add(one)


def _is_time_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False
