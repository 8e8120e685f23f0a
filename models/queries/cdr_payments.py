"""Reading and writing what became of CDRs after they were issued: credited, invoiced, paid (BUC 4.1, 4.4)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from models.db import Connection
from models.queries.writing import upsert
from models.rules.cdr import CdrStanding, PaymentState

Named = tuple[str, str]
"""An operator, and its own id of a CDR."""

STATE = "coalesce((SELECT p.state FROM cdr_payment p WHERE p.cpo_id = cdr.cpo_id AND p.cdr_id = cdr.id), 'DUE')"
"""The state of a row of `cdr`."""

_STANDING = """
SELECT asked.cpo_id, asked.id, coalesce(p.state, 'DUE') AS state, p.invoice_id, credit.id AS credited_by
FROM unnest($1::text[], $2::text[]) AS asked (cpo_id, id)
LEFT JOIN cdr_payment p ON p.cpo_id = asked.cpo_id AND p.cdr_id = asked.id
LEFT JOIN cdr credit ON credit.cpo_id = asked.cpo_id AND credit.credits = asked.id
"""
_LOCKED = "SELECT id FROM cdr WHERE cpo_id = $1 AND id = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE"


async def standing(connection: Connection, named: Iterable[Named]) -> dict[Named, CdrStanding]:
    """Return what became of CDRs; one statement."""
    asked = list(named)
    rows = await connection.fetch(_STANDING, [cpo_id for cpo_id, _ in asked], [one for _, one in asked])
    return {
        (row["cpo_id"], row["id"]): CdrStanding(PaymentState(row["state"]), row["invoice_id"], row["credited_by"])
        for row in rows
    }


async def lock(connection: Connection, cpo_id: str, ids: Sequence[str]) -> None:
    """Let nobody else invoice or pay those CDRs of an operator until the transaction ends; taken in one order."""
    await connection.execute(_LOCKED, cpo_id, list(ids))


async def put(
    connection: Connection, cpo_id: str, new: Sequence[tuple[str, PaymentState, str | None]], now: datetime
) -> None:
    """Store what became of CDRs that are locked: of each its id, its state, and on which invoice it is."""
    rows = [
        {
            "cpo_id": cpo_id,
            "cdr_id": cdr_id,
            "state": state.value,
            "invoice_id": invoice_id,
            "last_updated": now,
        }
        for cdr_id, state, invoice_id in new
    ]
    await upsert(connection, "cdr_payment", ["cpo_id", "cdr_id"], rows)
