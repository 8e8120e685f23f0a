"""Taking back what operators published; bookings refer to it, so that it stays, marked as withdrawn."""

from collections.abc import Sequence
from datetime import datetime

from models.db import Connection
from models.queries.publishing import IN_ORDER

_LATER = "greatest($2, last_updated + interval '1 microsecond')"
_LOCATIONS = f"""
UPDATE location SET withdrawn_at = $2, hidden_at = CASE WHEN publish THEN coalesce(hidden_at, $2) ELSE hidden_at END,
                    last_updated = {_LATER}
WHERE {IN_ORDER}
"""  # noqa: S608 - an expression of our own
_OFFERS_AT = f"""
UPDATE booking_location SET withdrawn = true, last_updated = {_LATER} WHERE location_id = ANY($1) AND NOT withdrawn
"""  # noqa: S608 - an expression of our own
_CALENDARS = """
DELETE FROM calendar c USING booking_location b
WHERE b.location_id = c.location_id AND b.id = c.booking_location_id AND b.withdrawn
  AND (b.location_id = ANY($1) OR b.id = ANY($1))
"""
_ROWS = {
    table: f"UPDATE {table} SET withdrawn = true, last_updated = {_LATER} WHERE id = ANY($1)"  # noqa: S608 - our tables
    for table in ("booking_location", "tariff", "maintenance")
}


async def locations(connection: Connection, location_ids: Sequence[str], now: datetime) -> None:
    """Withdraw Locations with all that can be booked there; its calendars are deleted."""
    await connection.execute(_LOCATIONS, list(location_ids), now)
    await connection.execute(_OFFERS_AT, list(location_ids), now)
    await connection.execute(_CALENDARS, list(location_ids))


async def objects(connection: Connection, table: str, ids: Sequence[str], now: datetime) -> None:
    """Withdraw BookingLocations, whose calendars are deleted, Tariffs or Maintenance."""
    await connection.execute(_ROWS[table], list(ids), now)
    if table == "booking_location":
        await connection.execute(_CALENDARS, list(ids))
