"""Reading the requests on bookings that wait for a decision."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection

_PLACES = """
SELECT location_id FROM booking WHERE id = $1
UNION
SELECT q.location_id FROM booking_request r JOIN quote q ON q.id = r.quote_id
WHERE r.booking_id = $1 AND r.status = 'PENDING'
"""
_DUE = """
SELECT booking_id FROM booking_request
WHERE status = 'PENDING' AND decide_until <= $1
ORDER BY decide_until LIMIT $2
"""
_WAITING = """
SELECT r.booking_id FROM booking_request r
JOIN booking b ON b.location_id = r.location_id AND b.id = r.booking_id
WHERE r.status = 'PENDING' AND r.role <> 'CPO' AND b.cpo_id = $1 AND r.decide_until > $2
ORDER BY r.request_received, r.booking_id
"""
_INPUT = "SELECT input FROM booking_request WHERE location_id = $1 AND booking_id = $2 AND position = $3"


async def places(connection: Connection, booking_id: UUID) -> Sequence[str]:
    """Return the ids of the Locations where a booking has a slot, and where one is kept for what is asked."""
    return [row["location_id"] for row in await connection.fetch(_PLACES, booking_id)]


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` bookings with a request that nobody decided on in time."""
    return [row["booking_id"] for row in await connection.fetch(_DUE, now, limit)]


async def waiting(connection: Connection, cpo_id: str, now: datetime) -> list[UUID]:
    """Return the ids of the bookings of an operator that it has to decide on, in the order of the requests."""
    return [row["booking_id"] for row in await connection.fetch(_WAITING, cpo_id, now)]


async def asked(connection: Connection, location_id: str, booking_id: UUID, position: int) -> dict[str, Any]:
    """Return the input of a request on a booking, as the history keeps it."""
    found: dict[str, Any] = await connection.fetchval(_INPUT, location_id, booking_id, position)
    return found
