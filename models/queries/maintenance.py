"""Writing Maintenance, and forgetting what is long over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from models.db import Connection
from models.queries.documents import to_interval
from models.queries.publishing_rows import maintenance_row
from models.queries.writing import upsert
from models.rules.interval import Interval
from models.rules.maintenance import Maintenance

_PERIODS = "SELECT id, during FROM maintenance WHERE id = ANY($1) AND NOT withdrawn"
_PRUNE = """
DELETE FROM maintenance WHERE ctid IN (
    SELECT ctid FROM maintenance WHERE upper(during) < $1 ORDER BY upper(during) LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


async def put(connection: Connection, works: Sequence[Maintenance]) -> None:
    """Store Maintenance."""
    ordered = sorted(works, key=lambda one: one.id)
    await upsert(connection, "maintenance", ["location_id", "id"], [maintenance_row(one) for one in ordered])


async def periods(connection: Connection, maintenance_ids: Sequence[str]) -> dict[str, Interval]:
    """Return when those works take place that were not called off; one statement."""
    found = await connection.fetch(_PERIODS, list(maintenance_ids))
    return {row["id"]: to_interval(row["during"]) for row in found}


async def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Forget at most `limit` works that ended longer ago than `keep`, and return how many there were."""
    return int((await connection.execute(_PRUNE, now - keep, limit)).split()[-1])
