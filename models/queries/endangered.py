"""Which live bookings a fault, planned work or a publication may endanger or relieve, and noting which it does."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from models.db import Connection
from models.queries import bookings
from models.queries.documents import to_range
from models.rules.booking import Booking
from models.rules.booking_state import LIVE
from models.rules.interval import Interval

_LIVE = [status.value for status in LIVE]
_AT = """
SELECT b.id FROM booking b
WHERE b.location_id = ANY($1) AND upper(b.during) > $2 AND b.status = ANY($3)
"""
_ON_CHARGERS = f"{_AT} AND b.evse_id = ANY($4) ORDER BY lower(b.during), b.id FOR UPDATE"
_DURING = f"""{_AT} AND EXISTS (
    SELECT FROM unnest($4::text[], $5::tstzrange[]) AS work (location_id, during)
    WHERE work.location_id = b.location_id AND work.during && b.during
)
ORDER BY lower(b.during), b.id FOR UPDATE OF b
"""
_UNSETTLED = f"""{_AT} AND (b.hazard IS NOT NULL OR EXISTS (
    SELECT FROM evse e
    WHERE e.location_id = b.location_id AND e.id = b.evse_id AND e.status IN ('PLANNED', 'REMOVED')
))
ORDER BY lower(b.during), b.id FOR UPDATE OF b
"""
_NOTE = """
UPDATE booking b SET hazard = new.hazard, alternatives_due_at = new.due_at, lapses_at = new.lapses_at,
    endangered_since = new.since, kept_waiting_until = new.waiting_until, last_updated = new.last_updated
FROM unnest(
    $1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
    $8::timestamptz[]
) AS new (location_id, id, hazard, due_at, lapses_at, since, waiting_until, last_updated)
WHERE b.location_id = new.location_id AND b.id = new.id
"""


async def on_chargers(
    connection: Connection, location_id: str, evse_ids: Iterable[str], now: datetime
) -> list[Booking]:
    """Return the live bookings of those chargers that end after `now`, locked, in the order of their starts."""
    found = await connection.fetch(_ON_CHARGERS, [location_id], now, _LIVE, sorted(evse_ids))
    return await _whole(connection, [row["id"] for row in found])


async def during(connection: Connection, works: Sequence[tuple[str, Interval]], now: datetime) -> list[Booking]:
    """Return, locked, the live bookings that end after `now` and overlap one of `works`: a Location and a period."""
    if not works:
        return []
    places, periods = [place for place, _ in works], [to_range(period) for _, period in works]
    found = await connection.fetch(_DURING, sorted(set(places)), now, _LIVE, places, periods)
    return await _whole(connection, [row["id"] for row in found])


async def unsettled(connection: Connection, location_ids: Iterable[str], now: datetime) -> list[Booking]:
    """Return, locked, the live bookings at Locations that are known to be endangered, or whose charger is gone."""
    found = await connection.fetch(_UNSETTLED, sorted(set(location_ids)), now, _LIVE)
    return await _whole(connection, [row["id"] for row in found])


async def note(connection: Connection, noted: Sequence[Booking]) -> None:
    """Store what endangers locked bookings, since and until when, and what is due of them then; one statement."""
    if noted:
        await connection.execute(
            _NOTE,
            [one.location_id for one in noted],
            [one.id for one in noted],
            [one.hazard.value if one.hazard else None for one in noted],
            [one.alternatives_due_at for one in noted],
            [one.lapses_at for one in noted],
            [one.endangered_since for one in noted],
            [one.kept_waiting_until for one in noted],
            [one.last_updated for one in noted],
        )


async def _whole(connection: Connection, ids: Sequence[UUID]) -> list[Booking]:
    """Return the bookings of those ids, in order; three statements if there are any."""
    found = await bookings.many(connection, ids) if ids else {}
    return [found[one] for one in ids]
