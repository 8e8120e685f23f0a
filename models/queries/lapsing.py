"""Which bookings lapse because nobody used them."""

from datetime import datetime
from uuid import UUID

from models.db import Connection

_DUE = "SELECT id FROM booking WHERE status = 'RESERVED' AND lapses_at <= $1 ORDER BY lapses_at LIMIT $2"


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` granted bookings that nobody used until they lapsed."""
    return [row["id"] for row in await connection.fetch(_DUE, now, limit)]
