"""Taking and releasing chargers and bays; two exclusion constraints decide who comes first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from models.db import Connection
from models.queries.documents import to_range
from models.rules.interval import Interval
from models.rules.offered import LONGEST_ALLOCATION
from models.tables.allocation import AllocationKind

_TAKE = """
INSERT INTO allocation (location_id, id, evse_id, parking_bay_id, during, holder_id, kind, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING
RETURNING id
"""
_RELEASE = """
UPDATE allocation SET released_at = $3 WHERE location_id = $1 AND holder_id = $2 AND released_at IS NULL
"""
_BOOK = """
UPDATE allocation SET holder_id = $3, kind = 'BOOKING', expires_at = NULL
WHERE location_id = $1 AND holder_id = $2 AND released_at IS NULL
"""
_BUSY = """
SELECT location_id, evse_id, parking_bay_id, lower(during), upper(during)
FROM allocation
WHERE location_id = ANY($1) AND released_at IS NULL
  AND upper(during) > $2 AND upper(during) < $3 AND lower(during) < $4
  AND (expires_at IS NULL OR expires_at > $5)
"""


async def take(
    connection: Connection,
    location_id: str,
    spot: tuple[str, str | None],
    period: Interval,
    holder_id: UUID,
    kind: AllocationKind = AllocationKind.BOOKING,
    expires_at: datetime | None = None,
) -> bool:
    """Take the charger and bay of `spot` for `period`, or return False because another holder has one of them.

    A hold needs `expires_at`; until it is released it is in the way of others even when it has expired.

    It waits for whoever is taking the same at this moment, and never fails on a conflict, so it can be tried for one
    spot after the other.
    """
    evse_id, parking_bay_id = spot
    row = await connection.fetchval(
        _TAKE, location_id, uuid4(), evse_id, parking_bay_id, to_range(period), holder_id, kind.value, expires_at
    )
    return row is not None


async def release(connection: Connection, location_id: str, holder_id: UUID, now: datetime) -> None:
    """Free whatever `holder_id` has at the Location."""
    await connection.execute(_RELEASE, location_id, holder_id, now)


async def book(connection: Connection, location_id: str, quote_id: UUID, booking_id: UUID) -> None:
    """Make what a quote holds the booking's, at no moment free; raise RuntimeError if it does not hold one thing."""
    done = await connection.execute(_BOOK, location_id, quote_id, booking_id)
    if done != "UPDATE 1":
        raise RuntimeError(f"quote {quote_id} holds nothing that booking {booking_id} could take over: {done}")


async def busy(
    connection: Connection, location_ids: Sequence[str], window: Interval, now: datetime
) -> dict[str, dict[str, list[Interval]]]:
    """Return, for each Location, when its chargers and bays (by id) are taken within `window`; one statement.

    Holds that expired by `now` do not count.
    """
    found: dict[str, dict[str, list[Interval]]] = {}
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        _BUSY, list(location_ids), window.start, window.end + LONGEST_ALLOCATION, window.end, now
    )
    for location_id, evse_id, parking_bay_id, start, end in rows:  # ends of a range are read faster than ranges
        taken = found.setdefault(location_id, {})
        period = Interval(start, end)
        taken.setdefault(evse_id, []).append(period)
        if parking_bay_id is not None:
            taken.setdefault(parking_bay_id, []).append(period)
    return found
