"""Writing Calendars with their timeslots, and finding those that are to grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries.documents import optional, to_interval
from models.queries.publishing_rows import PlacedCalendar, calendar_row, timeslot_rows
from models.queries.writing import insert, upsert
from models.rules.booking_location import Calendar
from models.rules.weekly import WeeklyHours

KEY = ["location_id", "booking_location_id", "id"]
Place = tuple[str, str]
"""The ids of a Location and of a BookingLocation there."""

_AT = """
SELECT c.* FROM calendar c
JOIN unnest($1::text[], $2::text[]) AS place (location_id, booking_location_id)
    USING (location_id, booking_location_id)
ORDER BY c.position, c.id
"""
_CLEAR = """
DELETE FROM calendar c USING unnest($1::text[], $2::text[]) AS place (location_id, booking_location_id)
WHERE c.location_id = place.location_id AND c.booking_location_id = place.booking_location_id
"""
_REMOVE = "DELETE FROM calendar WHERE location_id = $1 AND booking_location_id = $2 AND id = $3"
_CLEAR_TIMESLOTS = "DELETE FROM timeslot WHERE location_id = $1 AND booking_location_id = $2 AND calendar_id = $3"
_TOUCHED = """
UPDATE booking_location SET last_updated = greatest($3, last_updated + interval '1 microsecond')
WHERE location_id = $1 AND id = $2
"""
_GROWING = """
SELECT DISTINCT c.location_id, c.booking_location_id
FROM calendar c
JOIN booking_location b ON b.location_id = c.location_id AND b.id = c.booking_location_id
WHERE c.grows_at <= $1 AND NOT b.withdrawn AND (c.location_id, c.booking_location_id) > ($2, $3)
ORDER BY 1, 2
LIMIT $4
"""
_DUE = """
SELECT c.*, l.time_zone FROM calendar c JOIN location l ON l.id = c.location_id
WHERE c.location_id = $1 AND c.booking_location_id = $2 AND c.grows_at <= $3
ORDER BY c.position, c.id
FOR UPDATE OF c SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """A Calendar that is to grow, without its timeslots, and the time zone of its Location."""

    placed: PlacedCalendar
    time_zone: str


async def at(connection: Connection, places: Sequence[Place]) -> dict[Place, list[PlacedCalendar]]:
    """Return the Calendars of those BookingLocations, in order, without their timeslots; one statement."""
    found: dict[Place, list[PlacedCalendar]] = {place: [] for place in places}
    for row in await connection.fetch(_AT, *_columns(list(found))):
        found[row["location_id"], row["booking_location_id"]].append(_placed(row))
    return found


async def put(connection: Connection, placed: Sequence[PlacedCalendar]) -> None:
    """Store Calendars in place of those of the same ids."""
    await connection.executemany(_CLEAR_TIMESLOTS, [_key(one) for one in placed])
    await upsert(connection, "calendar", KEY, [calendar_row(one) for one in placed])
    await insert(connection, "timeslot", [row for one in placed for row in timeslot_rows(one)])


async def clear(connection: Connection, places: Sequence[Place]) -> None:
    """Take all Calendars from those BookingLocations."""
    await connection.execute(_CLEAR, *_columns(places))


async def remove(connection: Connection, placed: Sequence[PlacedCalendar]) -> None:
    """Take those Calendars from their BookingLocations."""
    await connection.executemany(_REMOVE, [_key(one) for one in placed])


async def touched(connection: Connection, places: Sequence[Place], now: datetime) -> None:
    """Note that BookingLocations changed with their Calendars."""
    await connection.executemany(_TOUCHED, [(*place, now) for place in places])


async def growing(connection: Connection, now: datetime, after: Place, limit: int) -> list[Place]:
    """Return at most `limit` BookingLocations behind `after` with Calendars that are to grow by now."""
    return [tuple(row) for row in await connection.fetch(_GROWING, now, *after, limit)]


async def due(connection: Connection, place: Place, now: datetime) -> list[DueCalendar]:
    """Return the Calendars of a BookingLocation that are to grow by now and that nobody else is at."""
    return [DueCalendar(_placed(row), row["time_zone"]) for row in await connection.fetch(_DUE, *place, now)]


def _placed(row: Any) -> PlacedCalendar:
    calendar = Calendar(
        id=row["id"],
        covers=to_interval(row["covers"]),
        timeslot_increment=row["timeslot_increment"],
        available_timeslots=(),
        last_updated=row["last_updated"],
        weekly_hours=optional(WeeklyHours, row["weekly_hours"]),
    )
    return PlacedCalendar(row["location_id"], row["booking_location_id"], row["position"], calendar, row["grows_at"])


def _key(one: PlacedCalendar) -> tuple[str, str, str]:
    return one.location_id, one.booking_location_id, one.calendar.id


def _columns(places: Sequence[Place]) -> tuple[list[str], list[str]]:
    return [place[0] for place in places], [place[1] for place in places]
