"""The standard's moments, local times and dates; a moment without a zone is UTC (OCPI Types, DateTime)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import available_timezones

from server.ocpi.complaints import Defect, Steps, excerpt
from server.ocpi.texts import Marker

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?\Z"
)
HOUR_AND_MINUTE = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
MIDNIGHT, END_OF_DAY = "00:00", "24:00"


@dataclass(frozen=True, slots=True)
class Instant(Marker):
    """A DateTime, in UTC inside."""

    def read(self, raw: object) -> datetime:
        """Return the moment, or raise ValueError."""
        parts = MOMENT.match(raw) if isinstance(raw, str) else None
        if parts is None or not isinstance(raw, str):
            raise ValueError(f'a time such as "2026-11-01T08:00:00Z" is wanted, not {excerpt(raw)}')
        if int(parts[1]) > 59:
            raise ValueError(f"{excerpt(raw)} has {parts[1]} seconds; a minute has 60, from 00 to 59")
        try:
            moment = datetime.fromisoformat(raw.upper())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise ValueError(f"{excerpt(raw)} is not a time that exists") from None


@dataclass(frozen=True, slots=True)
class LocalTime(Marker):
    """A time of day "HH:MM" in the Location's time zone. `day_end` is how the end of the day is kept, if allowed."""

    day_end: str | None = None

    def read(self, raw: object) -> str:
        """Return the time, or raise ValueError."""
        if not isinstance(raw, str):
            raise ValueError(f'a time such as "08:00" is wanted, not {excerpt(raw)}')
        if self.day_end is not None and raw in {MIDNIGHT, END_OF_DAY}:
            return self.day_end
        if not HOUR_AND_MINUTE.match(raw):
            raise ValueError(f"{excerpt(raw)} is not a time of day from 00:00 to 23:59")
        return raw


@dataclass(frozen=True, slots=True)
class LocalDate(Marker):
    """A date "YYYY-MM-DD" in the Location's time zone."""

    def read(self, raw: object) -> str:
        """Return the date, or raise ValueError."""
        if not isinstance(raw, str) or not DATE.match(raw):
            raise ValueError(f'a date such as "2026-11-01" is wanted, not {excerpt(raw)}')
        try:
            date.fromisoformat(raw)
        except ValueError:
            raise ValueError(f"{excerpt(raw)} is not a date that exists") from None
        return raw


@dataclass(frozen=True, slots=True)
class TimeZone(Marker):
    """The IANA name of a time zone."""

    def read(self, raw: object) -> str:
        """Return the name, or raise ValueError."""
        if not isinstance(raw, str) or raw not in _time_zones():
            raise ValueError(f"{excerpt(raw)} is not an IANA time zone such as Europe/Berlin")
        return raw


def out_of_order(start: datetime, end: datetime, *end_at: str) -> list[Defect]:
    """Return a defect at the field `end_at` unless the end comes after the start."""
    place: Steps = end_at
    if end > start:
        return []
    return [(place, f"{end.isoformat()} does not come after the start, {start.isoformat()}")]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
