"""Reading and writing operators' invoices with their lines, and the CDRs that they are compared with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries.writing import insert
from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.reconciliation import Amount, InvoiceLine, OtherInvoice, ReceivedInvoice

_IS_OPERATOR = "SELECT 'CPO' = ANY(roles) FROM party WHERE id = $1"
_RECEIVE = """
INSERT INTO invoice (emsp_id, cpo_id, id, given_id, first_received_at, received_at, lines)
VALUES ($1, $2, upper($3::text), $3, $4, $4, $5)
ON CONFLICT (emsp_id, cpo_id, id) DO UPDATE SET given_id = EXCLUDED.given_id,
    received_at = greatest(invoice.received_at, EXCLUDED.received_at), lines = EXCLUDED.lines
RETURNING id
"""
_FORGET = "DELETE FROM invoice_line WHERE emsp_id = $1 AND cpo_id = $2 AND invoice_id = $3"
_GET = """
SELECT cpo_id, given_id, first_received_at, received_at, lines FROM invoice
WHERE emsp_id = $1 AND cpo_id = $2 AND id = upper($3::text)
"""
_LINES = """
SELECT given_cdr_id, after_taxes, currency FROM invoice_line
WHERE emsp_id = $1 AND cpo_id = $2 AND invoice_id = upper($3::text) ORDER BY position
"""
_KNOWN = "SELECT id, after_taxes, currency FROM cdr WHERE cpo_id = $1 AND emsp_id = $2 AND id = ANY($3)"
_ELSEWHERE = """
SELECT DISTINCT ON (line.cdr_id) line.cdr_id, theirs.given_id,
    (theirs.first_received_at, theirs.id) < (ours.first_received_at, ours.id) AS earlier
FROM invoice_line line JOIN invoice_line other USING (emsp_id, cpo_id, cdr_id)
JOIN invoice ours ON (ours.emsp_id, ours.cpo_id, ours.id) = (line.emsp_id, line.cpo_id, line.invoice_id)
JOIN invoice theirs ON (theirs.emsp_id, theirs.cpo_id, theirs.id) = (other.emsp_id, other.cpo_id, other.invoice_id)
WHERE line.emsp_id = $1 AND line.cpo_id = $2 AND line.invoice_id = upper($3::text)
    AND other.invoice_id <> line.invoice_id
ORDER BY line.cdr_id, theirs.first_received_at, theirs.id
"""
_EXPECTED = """
SELECT id FROM (
    SELECT cdr.id, cdr.issued_at, cdr.position FROM cdr_payment payment
    JOIN cdr ON cdr.cpo_id = payment.cpo_id AND cdr.id = payment.cdr_id AND cdr.emsp_id = $2
    WHERE payment.cpo_id = $1 AND upper(payment.invoice_id) = upper($3::text) AND payment.creditor = 'CPO'
        AND NOT EXISTS (
            SELECT FROM invoice_line line
            WHERE line.emsp_id = $2 AND line.cpo_id = $1 AND line.cdr_id = cdr.id
                AND line.invoice_id = upper($3::text)
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
_PAGE = """
SELECT cpo_id, given_id, first_received_at, received_at, lines FROM invoice
WHERE emsp_id = $1 AND ($2::text IS NULL OR cpo_id = $2)
    AND ($3::timestamptz IS NULL OR (first_received_at, cpo_id, id) > ($3, $4, upper($5::text)))
ORDER BY first_received_at, cpo_id, id
LIMIT $6
"""


async def is_operator(connection: Connection, party_id: str) -> bool:
    """Whether there is such a party, and it is an operator."""
    return bool(await connection.fetchval(_IS_OPERATOR, party_id))


async def put(
    connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str, lines: Sequence[InvoiceLine], now: datetime
) -> None:
    """Store an invoice, new or in the place of what was known of it.

    One that is sent again keeps its place behind those that were there before it came first. Its row is written
    before its lines: who stores the same invoice waits for that, and so takes away these lines, too.
    """
    name = await connection.fetchval(_RECEIVE, emsp_id, cpo_id, invoice_id, now, len(lines))
    await replace_lines(connection, emsp_id, cpo_id, name, lines)


async def replace_lines(
    connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str, lines: Sequence[InvoiceLine]
) -> None:
    """Store the lines of an invoice that is there, by its id in upper case, in the place of those that it had."""
    await connection.execute(_FORGET, emsp_id, cpo_id, invoice_id)
    rows = [
        {
            "emsp_id": emsp_id,
            "cpo_id": cpo_id,
            "invoice_id": invoice_id,
            "position": position,
            "given_cdr_id": line.cdr_id,
            "cdr_id": line.own_id(cpo_id),
            "currency": line.currency,
            "after_taxes": line.after_taxes,
        }
        for position, line in enumerate(lines)
    ]
    await insert(connection, "invoice_line", rows)


async def get(connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str) -> ReceivedInvoice | None:
    """Return an invoice that an EMSP received, however its id is spelled; one statement."""
    row = await connection.fetchrow(_GET, emsp_id, cpo_id, invoice_id)
    return ReceivedInvoice(*row) if row else None


async def lines(connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str) -> list[InvoiceLine]:
    """Return the lines of an invoice as it was received, in order; one statement."""
    return [InvoiceLine(*row) for row in await connection.fetch(_LINES, emsp_id, cpo_id, invoice_id)]


async def known(connection: Connection, emsp_id: str, cpo_id: str, own_ids: Sequence[str]) -> dict[str, Amount]:
    """Return what the CDRs of an operator for an EMSP come to, by the operator's own ids; one statement."""
    rows = await connection.fetch(_KNOWN, cpo_id, emsp_id, own_ids)
    return {row["id"]: Amount(row["after_taxes"], row["currency"]) for row in rows}


async def elsewhere(connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str) -> dict[str, OtherInvoice]:
    """Return in which other invoice of the operator CDRs of this one stand, by its own ids of them; one statement.

    Of several it is the earliest, by when they came first, and by their ids of those that came at one moment.
    """
    rows = await connection.fetch(_ELSEWHERE, emsp_id, cpo_id, invoice_id)
    return {row["cdr_id"]: OtherInvoice(row["given_id"], row["earlier"]) for row in rows}


async def expected(
    connection: Connection, emsp_id: str, cpo_id: str, invoice_id: str, issued: Interval | None, limit: int
) -> list[str]:
    """Return the composite ids of at most `limit` CDRs that an invoice lacks: those its operator says are in it.

    With `issued`, also those issued then that stand in no invoice.
    """
    period: tuple[Any, Any] = (issued.start, issued.end) if issued else (None, None)
    rows = await connection.fetch(_EXPECTED, cpo_id, emsp_id, invoice_id, *period, limit)
    return [part_id(cpo_id, row["id"]) for row in rows]


async def page(
    connection: Connection,
    emsp_id: str,
    cpo_id: str | None,
    *,
    after: tuple[datetime, str, str] | None,
    limit: int,
) -> list[ReceivedInvoice]:
    """Return an EMSP's invoices as they came first, then by operator and id, from the one behind `after` on."""
    rows = await connection.fetch(_PAGE, emsp_id, cpo_id, *(after or (None, None, None)), limit)
    return [ReceivedInvoice(*row) for row in rows]
