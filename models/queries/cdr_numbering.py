"""Reading and writing how operators number their CDRs, and giving out the next number."""

from models.db import Connection
from models.rules.cdr import CdrNumbering

_GET = "SELECT prefix, last_number FROM cdr_numbering WHERE cpo_id = $1"
_SET = """
INSERT INTO cdr_numbering (cpo_id, prefix, last_number) VALUES ($1, $2, 0)
ON CONFLICT (cpo_id) DO UPDATE SET prefix = EXCLUDED.prefix
"""
_NEXT = """
UPDATE cdr_numbering SET last_number = last_number + 1 WHERE cpo_id = $1 RETURNING prefix, last_number
"""


async def get(connection: Connection, cpo_id: str) -> CdrNumbering | None:
    """Return how an operator numbers its CDRs, or None if it does not."""
    row = await connection.fetchrow(_GET, cpo_id)
    return CdrNumbering(row["prefix"], row["last_number"]) if row else None


async def put(connection: Connection, cpo_id: str, prefix: str) -> None:
    """Let an operator's CDRs be numbered from now on, or go on under another prefix."""
    await connection.execute(_SET, cpo_id, prefix)


async def next_number(connection: Connection, cpo_id: str) -> tuple[str, int] | None:
    """Return the prefix and the next number of an operator's CDRs, if it numbers them without a gap.

    Nobody else gets one of this operator until the transaction ends, and if that fails the number is not used.
    """
    found = await connection.fetchrow(_NEXT, cpo_id)
    return None if found is None else (found["prefix"], found["last_number"])
