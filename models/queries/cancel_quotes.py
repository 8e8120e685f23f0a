"""Reading and writing CancelQuotes."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.documents import optional, to_document
from models.queries.writing import insert
from models.rules.cancel_quote import CancelQuote
from models.rules.charge import Charge

_GET = "SELECT * FROM cancel_quote WHERE id = $1"
_LOCKED = f"{_GET} FOR UPDATE"
_USE = "UPDATE cancel_quote SET used_at = $3 WHERE location_id = $1 AND id = $2"
_PRUNE = """
DELETE FROM cancel_quote WHERE (location_id, id) IN (
    SELECT location_id, id FROM cancel_quote WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


async def add(connection: Connection, new: CancelQuote) -> None:
    """Store a new one."""
    row = {
        "location_id": new.location_id,
        "id": new.id,
        "booking_id": new.booking_id,
        "revision": new.revision,
        "fee": to_document(Charge, new.fee),
        "made_at": new.made_at,
        "expires_at": new.expires_at,
        "used_at": new.used_at,
    }
    await insert(connection, "cancel_quote", [row])


async def get(connection: Connection, quote_id: UUID) -> CancelQuote | None:
    """Return the one of that id."""
    return _cancel_quote(await connection.fetchrow(_GET, quote_id))


async def locked(connection: Connection, quote_id: UUID) -> CancelQuote | None:
    """Return the one of that id, which nobody else uses until the transaction ends."""
    return _cancel_quote(await connection.fetchrow(_LOCKED, quote_id))


async def use(connection: Connection, one: CancelQuote, now: datetime) -> None:
    """Note that a booking was canceled by it."""
    await connection.execute(_USE, one.location_id, one.id, now)


async def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Delete at most `limit` that expired longer ago than `keep`, and return how many there were."""
    return int((await connection.execute(_PRUNE, now - keep, limit)).split()[-1])


def _cancel_quote(row: Any) -> CancelQuote | None:
    if row is None:
        return None
    return CancelQuote(
        id=row["id"],
        location_id=row["location_id"],
        booking_id=row["booking_id"],
        revision=row["revision"],
        fee=optional(Charge, row["fee"]),
        made_at=row["made_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
    )
