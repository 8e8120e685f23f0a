"""What is to be settled, because something changed what is billed of it: which, since when, and that it is done."""

from datetime import datetime
from uuid import UUID

from models.db import Connection

_BOOKINGS = """
SELECT id FROM (
    (SELECT id, unsettled_at FROM booking
    WHERE unsettled_at IS NOT NULL AND unsettled_at <= $1 ORDER BY unsettled_at LIMIT $2)
    UNION ALL
    (SELECT booking_id, unsettled_at FROM session
    WHERE unsettled_at IS NOT NULL AND unsettled_at <= $1 AND booking_id IS NOT NULL ORDER BY unsettled_at LIMIT $2)
) AS unsettled
GROUP BY id ORDER BY min(unsettled_at), id LIMIT $2
"""
_WALK_UPS = """
SELECT id FROM session
WHERE unsettled_at IS NOT NULL AND unsettled_at <= $1 AND booking_id IS NULL ORDER BY unsettled_at LIMIT $2
"""
_BOOKING_DUE = """
SELECT 1 FROM booking WHERE location_id = $1 AND id = $2 AND unsettled_at IS NOT NULL
UNION ALL
SELECT 1 FROM session WHERE location_id = $1 AND booking_id = $2 AND unsettled_at IS NOT NULL
LIMIT 1
"""
_WALK_UP_DUE = "SELECT unsettled_at FROM session WHERE location_id = $1 AND id = $2"
_BOOKING_SETTLED = "UPDATE booking SET unsettled_at = NULL WHERE location_id = $1 AND id = $2"
_SESSIONS_SETTLED = """
UPDATE session SET unsettled_at = NULL
WHERE location_id = $1 AND (id = $2 OR booking_id = $2) AND unsettled_at IS NOT NULL
"""
_MARK = "UPDATE booking SET unsettled_at = $2 WHERE id = $1"
_MARK_WALK_UP = "UPDATE session SET unsettled_at = $2 WHERE id = $1"


async def bookings(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` bookings of which something may have to be billed or credited."""
    return [row["id"] for row in await connection.fetch(_BOOKINGS, now, limit)]


async def walk_ups(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` sessions without a booking that are to be billed, or credited."""
    return [row["id"] for row in await connection.fetch(_WALK_UPS, now, limit)]


async def booking_due(connection: Connection, location_id: str, booking_id: UUID) -> bool:
    """Whether a booking, which is locked, or one of its sessions is to be settled."""
    return await connection.fetchval(_BOOKING_DUE, location_id, booking_id) is not None


async def walk_up_due(connection: Connection, location_id: str, session_id: UUID) -> bool:
    """Whether a session without a booking, which is locked, is to be settled."""
    return await connection.fetchval(_WALK_UP_DUE, location_id, session_id) is not None


async def clear(connection: Connection, location_id: str, holder_id: UUID) -> None:
    """Note that a booking and its sessions, or a walk-up's session, are settled as they are."""
    await connection.execute(_BOOKING_SETTLED, location_id, holder_id)
    await connection.execute(_SESSIONS_SETTLED, location_id, holder_id)


async def mark(connection: Connection, booking_id: UUID, now: datetime) -> None:
    """Note that a booking is to be settled, because something besides it changed what it costs."""
    await connection.execute(_MARK, booking_id, now)


async def mark_walk_up(connection: Connection, session_id: UUID, now: datetime) -> None:
    """Note that a session without a booking is to be settled again."""
    await connection.execute(_MARK_WALK_UP, session_id, now)
