"""Reading and writing what became of CDRs after they were issued: credited, invoiced, paid (BUC 4.1, 4.4, 4.5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from models.db import Connection
from models.queries.writing import upsert
from models.rules.cdr import CdrRecords, Creditor
from models.rules.payment import Payment, PaymentState

Named = tuple[str, str]
"""An operator, and its own id of a CDR."""

_STATE = """
coalesce((
    SELECT p.state FROM cdr_payment p WHERE p.cpo_id = cdr.cpo_id AND p.cdr_id = cdr.id AND p.creditor = '{creditor}'
), 'DUE')
"""
_RECORDS = """
SELECT asked.cpo_id, asked.id, credit.id AS credited_by,
    coalesce(operators.state, 'DUE') AS operators_state, operators.invoice_id AS operators_invoice_id,
    coalesce(emsps.state, 'DUE') AS emsps_state, emsps.invoice_id AS emsps_invoice_id
FROM unnest($1::text[], $2::text[]) AS asked (cpo_id, id)
LEFT JOIN cdr_payment operators
    ON operators.cpo_id = asked.cpo_id AND operators.cdr_id = asked.id AND operators.creditor = 'CPO'
LEFT JOIN cdr_payment emsps ON emsps.cpo_id = asked.cpo_id AND emsps.cdr_id = asked.id AND emsps.creditor = 'EMSP'
LEFT JOIN cdr credit ON credit.cpo_id = asked.cpo_id AND credit.credits = asked.id
"""
_LOCKED = """
SELECT id FROM cdr WHERE (cpo_id, id) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND {whose} = $3
ORDER BY cpo_id, id FOR NO KEY UPDATE
"""
_WHOSE = {Creditor.CPO: "cpo_id", Creditor.EMSP: "emsp_id"}


def state(creditor: Creditor) -> str:
    """Return the expression that gives what state a creditor noted of a row of `cdr`."""
    return _STATE.format(creditor=creditor.value)


async def records(connection: Connection, named: Iterable[Named]) -> dict[Named, CdrRecords]:
    """Return what became of CDRs; one statement."""
    rows = await connection.fetch(_RECORDS, *_columns(named))
    return {
        (row["cpo_id"], row["id"]): CdrRecords(
            of={
                Creditor.CPO: Payment(PaymentState(row["operators_state"]), row["operators_invoice_id"]),
                Creditor.EMSP: Payment(PaymentState(row["emsps_state"]), row["emsps_invoice_id"]),
            },
            credited_by=row["credited_by"],
        )
        for row in rows
    }


async def lock(connection: Connection, creditor: Creditor, party_id: str, named: Iterable[Named]) -> None:
    """Let nobody else invoice or pay those CDRs of a creditor until the transaction ends; taken in one order."""
    await connection.execute(_LOCKED.format(whose=_WHOSE[creditor]), *_columns(named), party_id)


async def put(
    connection: Connection, creditor: Creditor, new: Sequence[tuple[Named, Payment]], now: datetime
) -> None:
    """Store what a creditor notes of CDRs that are locked."""
    rows = [
        {
            "cpo_id": cpo_id,
            "cdr_id": cdr_id,
            "creditor": creditor.value,
            "state": payment.state.value,
            "invoice_id": payment.invoice_id,
            "last_updated": now,
        }
        for (cpo_id, cdr_id), payment in new
    ]
    await upsert(connection, "cdr_payment", ["cpo_id", "cdr_id", "creditor"], rows)


def _columns(named: Iterable[Named]) -> tuple[list[str], list[str]]:
    """Return the operators, and their own ids of the CDRs, each by itself."""
    keys = list(named)
    return [cpo_id for cpo_id, _ in keys], [one for _, one in keys]
