"""Remembering what the key of a mutation was used for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.db import Connection

_CLAIM = """
INSERT INTO idempotency (scope, idempotency_key, mutation, input_hash, outcome, used_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (scope, idempotency_key) DO NOTHING
RETURNING true
"""
_FOUND = "SELECT mutation, input_hash, outcome FROM idempotency WHERE scope = $1 AND idempotency_key = $2"
_DECIDE = "UPDATE idempotency SET outcome = $3 WHERE scope = $1 AND idempotency_key = $2"
_PRUNE = """
DELETE FROM idempotency WHERE ctid IN (
    SELECT ctid FROM idempotency WHERE used_at < $1 ORDER BY used_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a key: by whom, for what, with which input."""

    scope: str
    idempotency_key: str
    mutation: str
    input_hash: bytes


async def claim(connection: Connection, use: Use, outcome: Any, now: datetime) -> bool:
    """Remember `outcome` for the key unless it was used before; wait for whoever is using it at this moment."""
    values = (use.scope, use.idempotency_key, use.mutation, use.input_hash, outcome, now)
    return bool(await connection.fetchval(_CLAIM, *values))


async def decide(connection: Connection, use: Use, outcome: Any) -> None:
    """Remember another outcome for a key that this transaction claimed."""
    await connection.execute(_DECIDE, use.scope, use.idempotency_key, outcome)


async def found(connection: Connection, use: Use) -> tuple[bool, Any]:
    """Return whether a key that was claimed before was used for the same, and what came of it."""
    (row,) = await connection.fetch(_FOUND, use.scope, use.idempotency_key)
    same = row["mutation"] == use.mutation and bytes(row["input_hash"]) == use.input_hash
    return same, row["outcome"]


async def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Forget at most `limit` keys used longer ago than `keep`, and return how many there were."""
    return int((await connection.execute(_PRUNE, now - keep, limit)).split()[-1])
