"""When a site of the demo network is open, and in which windows its chargers can be booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

Window = tuple[datetime, datetime]

CLOSED_AFTER = timedelta(days=20)
CLOSED_FOR = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The same hours, local, on some weekdays (1 = Monday); an end before the begin is on the next day."""

    weekdays: tuple[int, ...]
    begin: time
    end: time


class Hours(Enum):
    """The kinds of opening and of bookable time that occur in the network."""

    ALWAYS = "always open, always bookable"
    BY_DAY = "always open, bookable by day"
    WORKDAYS = "open and bookable from Monday to Saturday"
    NIGHTS = "open and bookable overnight"
    CLOSED_ONCE = "always open and bookable, but for one closing"


_EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
_RHYTHMS = {
    Hours.BY_DAY: Rhythm(_EVERY_DAY, time(6), time(22)),
    Hours.WORKDAYS: Rhythm(_EVERY_DAY[:6], time(5, 30), time(22)),
    Hours.NIGHTS: Rhythm(_EVERY_DAY, time(18), time(6)),
}


def opening_times(hours: Hours, begin: datetime) -> dict[str, Any]:
    """Return OCPI Hours; an exceptional closing is placed relative to `begin` (aware UTC)."""
    if hours in (Hours.WORKDAYS, Hours.NIGHTS):
        return {"twentyfourseven": False, "regular_hours": _regular_hours(_RHYTHMS[hours])}
    if hours is Hours.CLOSED_ONCE:
        closed = {
            "period_begin": rfc3339(begin + CLOSED_AFTER),
            "period_end": rfc3339(begin + CLOSED_AFTER + CLOSED_FOR),
        }
        return {"twentyfourseven": True, "exceptional_closings": [closed]}
    return {"twentyfourseven": True}


def windows(hours: Hours, zone: ZoneInfo, begin: datetime, end: datetime) -> list[Window]:
    """Return the bookable windows between `begin` and `end` (aware UTC), in UTC and in order."""
    if hours is Hours.ALWAYS:
        return [(begin, end)]
    if hours is Hours.CLOSED_ONCE:
        return [(begin, begin + CLOSED_AFTER), (begin + CLOSED_AFTER + CLOSED_FOR, end)]
    clipped = ((max(opens, begin), min(shuts, end)) for opens, shuts in _daily(_RHYTHMS[hours], zone, begin, end))
    return [(opens, shuts) for opens, shuts in clipped if opens < shuts]


def rfc3339(moment: datetime) -> str:
    """Return a moment as the standard writes it: UTC, whole seconds, a final Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _daily(rhythm: Rhythm, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Window]:
    overnight = timedelta(days=1 if rhythm.end <= rhythm.begin else 0)
    day = begin.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date():
        if day.isoweekday() in rhythm.weekdays:
            opens = datetime.combine(day, rhythm.begin, zone)
            shuts = datetime.combine(day + overnight, rhythm.end, zone)
            yield opens.astimezone(UTC), shuts.astimezone(UTC)
        day += timedelta(days=1)


def _regular_hours(rhythm: Rhythm) -> list[dict[str, Any]]:
    """Overnight hours take two rows, because a row must end later than it begins (OCPI RegularHours)."""
    spans = [(rhythm.begin, rhythm.end)]
    if rhythm.end <= rhythm.begin:
        spans = [(time(0), rhythm.end), (rhythm.begin, time(23, 59))]
    return [
        {"weekday": day, "period_begin": f"{opens:%H:%M}", "period_end": f"{shuts:%H:%M}"}
        for day in rhythm.weekdays
        for opens, shuts in spans
    ]
