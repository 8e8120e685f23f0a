"""Which bookings a vehicle at a gate might mean, and who was let in there and who was not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.concerning import Condition, page, parties, parties_row, selecting
from models.queries.writing import insert
from models.rules.booking_filter import Holder
from models.rules.interval import Interval
from models.rules.offered import LONGEST_ALLOCATION
from models.rules.site_entry import EntryMethod, EntryRefusal, SiteEntry

Record = Any
_MANY = f"{selecting('site_entry')} WHERE id = ANY($1)"
_PLATES = """
SELECT id, license_plate FROM booking
WHERE location_id = $1 AND upper(during) > $2 AND upper(during) < $4 AND lower(during) < $3
  AND license_plate IS NOT NULL
ORDER BY lower(during), id
"""
_BY_CODE = "SELECT id FROM booking WHERE location_id = $1 AND access_code = $2"
_PLAIN = ("id", "location_id", "at", "gate", "booking_id")


async def plates(connection: Connection, location_id: str, window: Interval) -> list[tuple[UUID, str]]:
    """Return the bookings of a Location within `window` that have a licence plate, each with that."""
    longest = window.end + LONGEST_ALLOCATION
    rows = await connection.fetch(_PLATES, location_id, window.start, window.end, longest)
    return [(row["id"], row["license_plate"]) for row in rows]


async def by_code(connection: Connection, location_id: str, access_code: str) -> list[UUID]:
    """Return the booking of a Location that has the code; none, or one."""
    return [row["id"] for row in await connection.fetch(_BY_CODE, location_id, access_code)]


async def note(connection: Connection, new: SiteEntry) -> None:
    """Store that somebody asked to enter."""
    row = {
        **{name: getattr(new, name) for name in _PLAIN},
        **parties_row(new.parties),
        "method": new.method.value,
        "admitted": new.reason is None,
        "reason": new.reason.value if new.reason else None,
    }
    await insert(connection, "site_entry", [row])


async def many(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, SiteEntry]:
    """Return the entries of those ids that are kept; one statement."""
    return {row["id"]: _entry(row) for row in await connection.fetch(_MANY, list(ids))}


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[SiteEntry]:
    """Return entries in order of time, from the one behind `after` on; one statement."""
    rows = await page(connection, "site_entry", "at", holder, wanted, after=after, limit=limit)
    return [_entry(row) for row in rows]


def _entry(row: Record) -> SiteEntry:
    return SiteEntry(
        **{name: row[name] for name in _PLAIN},
        method=EntryMethod(row["method"]),
        reason=EntryRefusal(row["reason"]) if row["reason"] else None,
        parties=parties(row),
    )
