"""Counting how often codes failed at one door of a Location, a gate or a charger; forgetting what was asked there."""

from datetime import datetime, timedelta

from models.db import Connection

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('attempts at ' || $1 || ' ' || $2, 0))"
_SINCE = "SELECT since FROM failed_attempt WHERE location_id = $1 AND door = $2 AND since > $3 AND count >= $4"
_FAILED = """
INSERT INTO failed_attempt AS known (location_id, door, since, count) VALUES ($1, $2, $3, 1)
ON CONFLICT (location_id, door) DO UPDATE SET
    since = CASE WHEN known.since > $4 THEN known.since ELSE excluded.since END,
    count = CASE WHEN known.since > $4 THEN known.count + 1 ELSE 1 END
"""
_PRUNE = """
DELETE FROM {table} WHERE (location_id, id) IN (
    SELECT location_id, id FROM {table} WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
_PRUNE_ENTRIES = _PRUNE.format(table="site_entry")
_PRUNE_AUTHORIZATIONS = _PRUNE.format(table="charging_authorization")
_PRUNE_FAILED = """
DELETE FROM failed_attempt WHERE (location_id, door) IN (
    SELECT location_id, door FROM failed_attempt WHERE since < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


async def own(connection: Connection, location_id: str, door: str) -> None:
    """Let nobody else try the door until the transaction ends. Read how often it failed in a later statement."""
    await connection.execute(_ALONE, location_id, door)


async def since(
    connection: Connection, location_id: str, door: str, window: timedelta, limit: int, now: datetime
) -> datetime | None:
    """Return since when attempts failed at a door, if `limit` of them did within the `window`; else None."""
    found: datetime | None = await connection.fetchval(_SINCE, location_id, door, now - window, limit)
    return found


async def failed(connection: Connection, location_id: str, door: str, window: timedelta, now: datetime) -> None:
    """Count one that failed; the first one after the `window` begins to count anew. One statement."""
    await connection.execute(_FAILED, location_id, door, now, now - window)


async def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Forget what was asked and failed longer ago than `keep`, at most `limit` of each kind; return how many."""
    gone = 0
    for statement in (_PRUNE_ENTRIES, _PRUNE_AUTHORIZATIONS, _PRUNE_FAILED):
        gone += int((await connection.execute(statement, now - keep, limit)).split()[-1])
    return gone
