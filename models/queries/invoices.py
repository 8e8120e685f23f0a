"""Reading and writing the lines of operators' invoices, and the CDRs that they are compared with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries.writing import insert
from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.reconciliation import Amount, InvoiceLine, OtherInvoice

_OWN = "SELECT pg_advisory_xact_lock(hashtextextended('invoices of ' || $1 || ' to ' || $2, 0))"
_FORGET = """
WITH gone AS (
    DELETE FROM invoice_line WHERE emsp_id = $1 AND cpo_id = $2 AND invoice_id = $3 RETURNING first_received_at
)
SELECT min(first_received_at) FROM gone
"""
_LINES = """
SELECT cdr_id, after_taxes, currency FROM invoice_line
WHERE emsp_id = $1 AND cpo_id = $2 AND invoice_id = $3 ORDER BY position
"""
_KNOWN = "SELECT id, after_taxes, currency FROM cdr WHERE cpo_id = $1 AND emsp_id = $2 AND id = ANY($3)"
_ELSEWHERE = """
SELECT DISTINCT ON (other.cdr_id) other.cdr_id, other.invoice_id,
    (other.first_received_at, other.invoice_id) < (line.first_received_at, line.invoice_id) AS earlier
FROM invoice_line line JOIN invoice_line other USING (emsp_id, cpo_id, cdr_id)
WHERE line.emsp_id = $1 AND line.cpo_id = $2 AND line.invoice_id = $3 AND other.invoice_id <> $3
ORDER BY other.cdr_id, other.first_received_at, other.invoice_id
"""
_EXPECTED = """
SELECT id FROM (
    SELECT cdr.id, cdr.issued_at, cdr.position FROM cdr_payment payment
    JOIN cdr ON cdr.cpo_id = payment.cpo_id AND cdr.id = payment.cdr_id AND cdr.emsp_id = $2
    WHERE payment.cpo_id = $1 AND payment.invoice_id = $3 AND payment.creditor = 'CPO' AND NOT EXISTS (
        SELECT FROM invoice_line line
        WHERE line.emsp_id = $2 AND line.cpo_id = $1 AND line.cdr_id = cdr.id AND line.invoice_id = $3
    )
    UNION
    SELECT cdr.id, cdr.issued_at, cdr.position FROM cdr
    WHERE cdr.cpo_id = $1 AND cdr.emsp_id = $2 AND cdr.issued_at >= $4 AND cdr.issued_at < $5 AND NOT EXISTS (
        SELECT FROM invoice_line line WHERE line.emsp_id = $2 AND line.cpo_id = $1 AND line.cdr_id = cdr.id
    )
) AS found
ORDER BY issued_at, position
LIMIT $6
"""
_INVOICES = """
SELECT cpo_id, invoice_id, min(first_received_at) AS first_received_at, min(received_at) AS received_at,
    count(*) AS lines
FROM invoice_line
WHERE emsp_id = $1 AND ($2::text IS NULL OR cpo_id = $2)
GROUP BY cpo_id, invoice_id
HAVING ($3::timestamptz IS NULL OR (min(first_received_at), cpo_id || ' ' || invoice_id) > ($3, $4))
ORDER BY min(first_received_at), cpo_id || ' ' || invoice_id
LIMIT $5
"""


async def own(connection: Connection, emsp_id: str, cpo_id: str) -> None:
    """Let nobody else change what an operator invoiced an EMSP; taken before the first write."""
    await connection.execute(_OWN, cpo_id, emsp_id)


async def put(
    connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str, lines: Sequence[InvoiceLine], now: datetime
) -> None:
    """Store an invoice, new or in the place of what was known of it; CDRs by their operator's own ids.

    One that is sent again keeps its place behind those that were there before it came first.
    """
    known_since = await connection.fetchval(_FORGET, emsp_id, cpo_id, invoice_id)
    rows = [
        {
            "emsp_id": emsp_id,
            "cpo_id": cpo_id,
            "invoice_id": invoice_id,
            "position": position,
            "cdr_id": local(cpo_id, line.cdr_id),
            "currency": line.currency,
            "after_taxes": line.after_taxes,
            "first_received_at": known_since or now,
            "received_at": now,
        }
        for position, line in enumerate(lines)
    ]
    await insert(connection, "invoice_line", rows)


async def lines(connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str) -> list[InvoiceLine]:
    """Return the lines of an invoice as it was received, in order; one statement."""
    found = await connection.fetch(_LINES, emsp_id, cpo_id, invoice_id)
    return [InvoiceLine(part_id(cpo_id, row["cdr_id"]), row["after_taxes"], row["currency"]) for row in found]


async def known(connection: Connection, emsp_id: str, cpo_id: str, cdr_ids: Sequence[str]) -> dict[str, Amount]:
    """Return what the CDRs of an operator for an EMSP come to, by their composite ids; one statement."""
    rows = await connection.fetch(_KNOWN, cpo_id, emsp_id, [local(cpo_id, one) for one in cdr_ids])
    return {part_id(cpo_id, row["id"]): Amount(row["after_taxes"], row["currency"]) for row in rows}


async def elsewhere(connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str) -> dict[str, OtherInvoice]:
    """Return in which other invoice of the operator CDRs of this one stand, by their composite ids; one statement.

    Of several it is the earliest, by when they came first, and by their ids of those that came at one moment.
    """
    rows = await connection.fetch(_ELSEWHERE, emsp_id, cpo_id, invoice_id)
    return {part_id(cpo_id, row["cdr_id"]): OtherInvoice(row["invoice_id"], row["earlier"]) for row in rows}


async def expected(
    connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str, issued: Interval | None, limit: int
) -> list[str]:
    """Return the composite ids of at most `limit` CDRs that an invoice lacks: those its operator says are in it.

    With `issued`, also those issued then that stand in no invoice.
    """
    period: tuple[Any, Any] = (issued.start, issued.end) if issued else (None, None)
    rows = await connection.fetch(_EXPECTED, cpo_id, emsp_id, invoice_id, *period, limit)
    return [part_id(cpo_id, row["id"]) for row in rows]


async def invoices(
    connection: Connection,
    emsp_id: str,
    cpo_id: str | None,
    *,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[tuple[str, str, datetime, datetime, int]]:
    """Return operator, id, first and last receipt and number of lines of an EMSP's invoices, as they came first."""
    moment, name = after or (None, None)
    rows = await connection.fetch(_INVOICES, emsp_id, cpo_id, moment, name, limit)
    return [tuple(row) for row in rows]


def local(cpo_id: str, cdr_id: str) -> str:
    """Return the operator's own id of a CDR that is named by its composite id, or by that already."""
    name = cdr_id.strip().upper()
    return name[len(cpo_id) + 1 :] if name.startswith(f"{cpo_id}*") else name
