"""Reading and writing Mandates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.writing import insert
from models.rules.mandate import Mandate

_GET = "SELECT * FROM mandate WHERE id = $1"
_LOCKED = f"{_GET} FOR UPDATE"
_KEPT = """
SELECT * FROM mandate WHERE emsp_id = $1 AND booker_id = $2 AND revoked_at IS NULL FOR SHARE
"""
_REVOKE = "UPDATE mandate SET revoked_at = $2 WHERE id = $1"
_REPLACE = """
UPDATE mandate SET revoked_at = $3 WHERE emsp_id = $1 AND booker_id = $2 AND revoked_at IS NULL
"""
_PAGE = """
SELECT * FROM mandate
WHERE (emsp_id = $1 OR booker_id = $1) AND ($2::timestamptz IS NULL OR (granted_at, id) > ($2, $3::uuid))
ORDER BY granted_at, id
LIMIT $4
"""
_IS_PROVIDER = "SELECT 'EMSP' = ANY(roles) FROM party WHERE id = $1"


async def get(connection: Connection, mandate_id: UUID) -> Mandate | None:
    """Return the one of that id."""
    return _mandate(await connection.fetchrow(_GET, mandate_id))


async def locked(connection: Connection, mandate_id: UUID) -> Mandate | None:
    """Return the one of that id, once nobody books under it, nor begins to until the transaction ends."""
    return _mandate(await connection.fetchrow(_LOCKED, mandate_id))


async def kept(connection: Connection, emsp_id: str, booker_id: str) -> Mandate | None:
    """Return the one that is not revoked, and will not be until the transaction ends; it may be over."""
    return _mandate(await connection.fetchrow(_KEPT, emsp_id, booker_id))


async def page(
    connection: Connection, party_id: str, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Mandate]:
    """Return those that a party gave or holds in the order they were granted, from the one behind `after` on."""
    rows = await connection.fetch(_PAGE, party_id, *(after or (None, None)), limit)
    return [Mandate(**{**row, "contract_ids": tuple(row["contract_ids"])}) for row in rows]


async def replace(connection: Connection, new: Mandate) -> None:
    """Store a new one in the place of the one that its provider gave the same party before."""
    await connection.execute(_REPLACE, new.emsp_id, new.booker_id, new.granted_at)
    row = {
        "id": new.id,
        "emsp_id": new.emsp_id,
        "booker_id": new.booker_id,
        "contract_ids": list(new.contract_ids),
        "granted_at": new.granted_at,
        "valid_until": new.valid_until,
        "revoked_at": new.revoked_at,
    }
    await insert(connection, "mandate", [row])


async def revoke(connection: Connection, mandate_id: UUID, now: datetime) -> None:
    """End one."""
    await connection.execute(_REVOKE, mandate_id, now)


async def is_provider(connection: Connection, party_id: str) -> bool | None:
    """Whether a party is an EMSP; None if there is no such party."""
    found: bool | None = await connection.fetchval(_IS_PROVIDER, party_id)
    return found


def _mandate(row: Any) -> Mandate | None:
    return Mandate(**{**row, "contract_ids": tuple(row["contract_ids"])}) if row else None
