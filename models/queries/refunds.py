"""Reading and writing Refunds."""

from uuid import UUID

from models.db import Connection
from models.queries.writing import insert
from models.rules.refund import Refund

_OF = "SELECT * FROM refund WHERE holder_id = $1 ORDER BY refunded_at, id"
_PLAIN = ("id", "holder_id", "subject", "cpo_id", "cdr_id", "currency", "before_taxes", "reason", "refunded_at")


async def of(connection: Connection, holder_id: UUID) -> list[Refund]:
    """Return what was given back of a booking and its sessions, or of a walk-up's session, in order."""
    return [Refund(**{name: row[name] for name in _PLAIN}) for row in await connection.fetch(_OF, holder_id)]


async def add(connection: Connection, new: Refund) -> None:
    """Store a new refund."""
    await insert(connection, "refund", [{name: getattr(new, name) for name in _PLAIN}])
