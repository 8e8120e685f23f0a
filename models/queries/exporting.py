"""Reading all that operators own, page by page, for those who take it away."""

from collections.abc import Sequence
from datetime import datetime

from models.db import Connection
from models.queries import catalogue_rows
from models.rules.tariff import Tariff

_OPERATORS = """
SELECT id FROM party WHERE 'CPO' = ANY(roles)
UNION SELECT upper(country_code || '*' || party_id) FROM tariff WHERE NOT withdrawn ORDER BY 1
"""
_COUNTS = {
    "bookings": """
SELECT count(*) FROM booking WHERE cpo_id = ANY($1) AND ($2::timestamptz IS NULL OR last_updated >= $2)
""",
    "cdrs": """
SELECT count(*) FROM cdr WHERE cpo_id = ANY($1) AND ($2::timestamptz IS NULL OR issued_at >= $2)
""",
    "sessions": """
SELECT count(*) FROM session WHERE cpo_id = ANY($1) AND ($2::timestamptz IS NULL OR last_updated >= $2)
""",
    "tariffs": """
SELECT count(*) FROM tariff
WHERE upper(country_code || '*' || party_id) = ANY($1) AND NOT withdrawn
AND ($2::timestamptz IS NULL OR last_updated >= $2)
""",
}
_TARIFFS = """
SELECT * FROM tariff
WHERE upper(country_code || '*' || party_id) = $1 AND NOT withdrawn
AND ($2::timestamptz IS NULL OR last_updated >= $2) AND id > $3
ORDER BY id LIMIT $4
"""


async def operators(connection: Connection) -> list[str]:
    """Return the parties that act as operators, or own tariffs, in order."""
    return [row["id"] for row in await connection.fetch(_OPERATORS)]


async def count(connection: Connection, kind: str, cpo_ids: Sequence[str], since: datetime | None) -> int:
    """Return how many objects of a kind those operators own that changed since then, all if that is None."""
    found: int = await connection.fetchval(_COUNTS[kind], list(cpo_ids), since)
    return found


async def tariffs(
    connection: Connection, cpo_id: str, since: datetime | None, *, after: str, limit: int
) -> list[Tariff]:
    """Return tariffs of an operator in the order of their ids, from the one behind `after` on; one statement."""
    return [catalogue_rows.tariff(row) for row in await connection.fetch(_TARIFFS, cpo_id, since, after, limit)]
