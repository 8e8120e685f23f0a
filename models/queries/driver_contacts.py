"""Reading, writing and erasing how the drivers of bookings are reached (BUC 3.11, GDPR)."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.writing import upsert
from models.rules.booking_state import ReservationStatus
from models.rules.driver_message import IN_USE, DriverContact

_ENDED = [status.value for status in ReservationStatus if status not in IN_USE]
_OF = """
SELECT c.*, b.status AS booking_status FROM driver_contact c
JOIN booking b ON b.location_id = c.location_id AND b.id = c.booking_id
WHERE b.id = $1
"""
_MOVED = "UPDATE driver_contact SET erase_at = erase_at + $3 WHERE location_id = $1 AND booking_id = $2"
_REMOVE = "DELETE FROM driver_contact WHERE location_id = $1 AND booking_id = $2"
_ERASE_DUE = """
DELETE FROM driver_contact WHERE (location_id, booking_id) IN (
    SELECT location_id, booking_id FROM driver_contact
    WHERE erase_at <= $1 ORDER BY erase_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
_ERASE_ENDED = """
DELETE FROM driver_contact WHERE (location_id, booking_id) IN (
    SELECT c.location_id, c.booking_id FROM driver_contact c
    JOIN booking b ON b.location_id = c.location_id AND b.id = c.booking_id
    WHERE b.status = ANY($1) LIMIT $2 FOR UPDATE OF c SKIP LOCKED
)
"""


async def of(connection: Connection, booking_id: UUID) -> tuple[DriverContact, ReservationStatus] | None:
    """Return how the driver of a booking is reached, and how that stands; None if nobody said; one statement."""
    row = await connection.fetchrow(_OF, booking_id)
    return (_contact(row), ReservationStatus(row["booking_status"])) if row else None


async def put(connection: Connection, new: DriverContact) -> None:
    """Store how the driver of a booking is reached, in the place of what was known."""
    await upsert(connection, "driver_contact", ["location_id", "booking_id"], [asdict(new)])


async def moved(connection: Connection, location_id: str, booking_id: UUID, later: timedelta) -> None:
    """Keep the contact of a booking so much longer, or shorter."""
    await connection.execute(_MOVED, location_id, booking_id, later)


async def remove(connection: Connection, location_id: str, booking_id: UUID) -> None:
    """Forget how the driver of a booking is reached."""
    await connection.execute(_REMOVE, location_id, booking_id)


async def erase(connection: Connection, now: datetime, limit: int) -> int:
    """Erase at most `limit` contacts whose time is up, and as many of bookings that ended; return how many."""
    due = await connection.execute(_ERASE_DUE, now, limit)
    ended = await connection.execute(_ERASE_ENDED, _ENDED, limit)
    return sum(int(done.split()[-1]) for done in (due, ended))


def _contact(row: Any) -> DriverContact:
    names = ("location_id", "booking_id", "phone", "name", "language", "consented_at", "erase_at")
    return DriverContact(**{name: row[name] for name in names})
