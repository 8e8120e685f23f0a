"""Reading and writing Faults, and the status of chargers that goes with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.rules.fault import Fault, Severity
from models.rules.location import Status

_OPEN = "SELECT * FROM fault WHERE location_id = $1 AND evse_id = $2 AND repaired_at IS NULL"
_MANY = "SELECT * FROM fault WHERE id = ANY($1)"
_OPEN_AT = """
SELECT * FROM fault
WHERE repaired_at IS NULL AND ($1::text[] IS NULL OR location_id = ANY($1))
ORDER BY reported_at, id
"""
_ADD = """
INSERT INTO fault (location_id, id, evse_id, status, code, severity, description, reported_at, expected_end)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_AMEND = """
UPDATE fault SET status = $3, code = $4, severity = $5, description = $6, expected_end = $7
WHERE location_id = $1 AND id = $2
"""
_REPAIR = "UPDATE fault SET repaired_at = greatest($3, reported_at) WHERE location_id = $1 AND id = $2"
_STATUS = "UPDATE evse SET status = $3, last_updated = $4 WHERE location_id = $1 AND id = $2"
_CHANGED = "UPDATE location SET version = version + 1, published_at = $2 WHERE id = $1"
_LOCATION_OF_EVSE = "SELECT location_id FROM evse WHERE id = $1"


async def open_fault(connection: Connection, location_id: str, evse_id: str) -> Fault | None:
    """Return the open fault of a charger."""
    row = await connection.fetchrow(_OPEN, location_id, evse_id)
    return _fault(row) if row else None


async def many(connection: Connection, fault_ids: Sequence[UUID]) -> dict[str, Fault]:
    """Return faults by their ids; one statement."""
    return {str(row["id"]): _fault(row) for row in await connection.fetch(_MANY, list(fault_ids))}


async def open_at(connection: Connection, location_ids: Sequence[str] | None) -> list[Fault]:
    """Return the open faults at those Locations, or everywhere if None, oldest first; one statement."""
    wanted = None if location_ids is None else list(location_ids)
    return [_fault(row) for row in await connection.fetch(_OPEN_AT, wanted)]


async def put(connection: Connection, fault: Fault, *, amends: bool) -> None:
    """Store a new fault, or what is now known of one that `amends` says is open already."""
    known = (fault.status.value, fault.code, fault.severity.value, fault.description)
    if amends:
        await connection.execute(_AMEND, fault.location_id, UUID(fault.id), *known, fault.expected_end)
        return
    place = (fault.location_id, UUID(fault.id), fault.evse_id)
    await connection.execute(_ADD, *place, *known, fault.reported_at, fault.expected_end)


async def repair(connection: Connection, fault: Fault, at: datetime) -> None:
    """Close a fault."""
    await connection.execute(_REPAIR, fault.location_id, UUID(fault.id), at)


async def put_status(connection: Connection, location_id: str, evse_id: str, status: Status, at: datetime) -> None:
    """Set the status of a charger; what is published of its Location has changed with it."""
    await connection.execute(_STATUS, location_id, evse_id, status.value, at)
    await connection.execute(_CHANGED, location_id, at)


async def location_of_evse(connection: Connection, evse_id: str) -> str | None:
    """Return the id of the Location at which a charger stands, or None."""
    found: str | None = await connection.fetchval(_LOCATION_OF_EVSE, evse_id)
    return found


def _fault(row: Any) -> Fault:
    return Fault(
        id=str(row["id"]),
        location_id=row["location_id"],
        evse_id=row["evse_id"],
        status=Status(row["status"]),
        code=row["code"],
        severity=Severity(row["severity"]),
        description=row["description"],
        reported_at=row["reported_at"],
        expected_end=row["expected_end"],
        repaired_at=row["repaired_at"],
    )
