"""Reading and writing how operators number their CDRs."""

from models.db import Connection
from models.rules.cdr import CdrNumbering

_GET = "SELECT prefix, last_number FROM cdr_numbering WHERE cpo_id = $1"
_SET = """
INSERT INTO cdr_numbering (cpo_id, prefix, last_number) VALUES ($1, $2, 0)
ON CONFLICT (cpo_id) DO UPDATE SET prefix = EXCLUDED.prefix
"""


async def get(connection: Connection, cpo_id: str) -> CdrNumbering | None:
    """Return how an operator numbers its CDRs, or None if it does not."""
    row = await connection.fetchrow(_GET, cpo_id)
    return CdrNumbering(row["prefix"], row["last_number"]) if row else None


async def put(connection: Connection, cpo_id: str, prefix: str) -> None:
    """Let an operator's CDRs be numbered from now on, or go on under another prefix."""
    await connection.execute(_SET, cpo_id, prefix)
