"""Reading and writing what EMSPs add for their fleets beside operators' CDRs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.concerning import Condition, binding, by_contract, compared_row
from models.queries.documents import from_document, to_document
from models.queries.writing import insert
from models.rules.interval import Interval
from models.rules.payment import Payment, PaymentState
from models.rules.price import Price
from models.rules.provider_line import ProviderLine, ProviderLineKind

Record = Any
KEYS = ("contract_key", "vehicle_key")
"""By which statements compare lines; no part of one."""

_STANDS = "credits IS NULL AND NOT EXISTS (SELECT 1 FROM provider_line c WHERE c.credits = provider_line.id)"
_OF_BOOKING = f"""
SELECT * FROM provider_line WHERE booking_id = $1 AND kind = 'PER_BOOKING' AND {_STANDS} ORDER BY fee_id
"""  # noqa: S608 - ours
_ON_CDR = f"""
SELECT * FROM provider_line WHERE cpo_id = $1 AND cdr_id = $2 AND {_STANDS} ORDER BY fee_id
"""  # noqa: S608 - ours
_OF_CDRS = """
SELECT * FROM provider_line
WHERE emsp_id = $1 AND (cpo_id, cdr_id) IN (SELECT * FROM unnest($2::text[], $3::text[])) ORDER BY fee_id
"""
_SELECT = "SELECT provider_line.* FROM provider_line"
_MANY = "SELECT * FROM provider_line WHERE emsp_id = $1 AND id = ANY($2)"
_LOCKED = "SELECT id FROM provider_line WHERE emsp_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE"
_PUT = """
UPDATE provider_line SET state = new.state, invoice_id = new.invoice_id
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (id, state, invoice_id) WHERE provider_line.id = new.id
"""
_SETTLE_ONCE = """
UPDATE booking SET provider_settled_at = $3 WHERE location_id = $1 AND id = $2 AND provider_settled_at IS NULL
"""
_USED_IN = """
SELECT unnest(contract_ids) AS contract_id FROM booking
WHERE emsp_id = $1 AND lower(during) >= $2 AND lower(during) < $3
    AND (status IN ('RESERVED', 'FULFILLED', 'NO_SHOW') OR (status = 'CANCELED' AND who_canceled <> 'CPO'))
    AND EXISTS (
        SELECT 1 FROM booking_request r
        WHERE r.location_id = booking.location_id AND r.booking_id = booking.id
            AND r.kind = 'CREATE' AND r.status = 'ACCEPTED'
    )
    AND NOT EXISTS (
        SELECT 1 FROM problem_report p
        WHERE p.location_id = booking.location_id AND p.booking_id = booking.id AND p.status = 'UPHELD'
    )
UNION
SELECT unnest(contract_ids) FROM session
WHERE emsp_id = $1 AND start_date_time >= $2 AND start_date_time < $3
"""


async def add(connection: Connection, lines: Sequence[ProviderLine]) -> None:
    """Store new lines."""
    await insert(connection, "provider_line", [_row(one) for one in lines])


async def settle_once(connection: Connection, location_id: str, booking_id: UUID, now: datetime) -> bool:
    """Note that what is added for a booking, which is locked, is settled; return whether it was not before."""
    return str(await connection.execute(_SETTLE_ONCE, location_id, booking_id, now)) == "UPDATE 1"


async def of_booking(connection: Connection, booking_id: UUID) -> list[ProviderLine]:
    """Return what was taken for a booking, without shares of its CDRs, and was not taken back."""
    return [_line(row) for row in await connection.fetch(_OF_BOOKING, booking_id)]


async def on_cdr(connection: Connection, cpo_id: str, cdr_id: str) -> list[ProviderLine]:
    """Return the shares of a CDR that were not taken back."""
    return [_line(row) for row in await connection.fetch(_ON_CDR, cpo_id, cdr_id)]


async def of_cdrs(connection: Connection, emsp_id: str, cdrs: Sequence[tuple[str, str]]) -> list[ProviderLine]:
    """Return an EMSP's shares of the CDRs of those operators and ids of theirs, also of credits; one statement."""
    cpo_ids, ids = [cpo_id for cpo_id, _ in cdrs], [one for _, one in cdrs]
    return [_line(row) for row in await connection.fetch(_OF_CDRS, emsp_id, cpo_ids, ids)]


async def many(connection: Connection, emsp_id: str, line_ids: Sequence[UUID]) -> dict[UUID, ProviderLine]:
    """Return the lines of an EMSP of those ids that exist; one statement."""
    return {row["id"]: _line(row) for row in await connection.fetch(_MANY, emsp_id, list(line_ids))}


async def lock(connection: Connection, emsp_id: str, line_ids: Sequence[UUID]) -> None:
    """Let nobody else invoice or pay those lines of an EMSP until the transaction ends; taken in one order.

    They may be taken back meanwhile: what only names a line waits for nobody.
    """
    await connection.execute(_LOCKED, emsp_id, list(line_ids))


async def put(connection: Connection, new: Sequence[tuple[UUID, Payment]]) -> None:
    """Store what became of lines that are locked."""
    states, invoice_ids = [one.state.value for _, one in new], [one.invoice_id for _, one in new]
    await connection.execute(_PUT, [line_id for line_id, _ in new], states, invoice_ids)


async def listed(
    connection: Connection,
    emsp_id: str,
    contract_ids: Sequence[str] | None,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ProviderLine]:
    """Return lines of an EMSP in the order in which they were issued, from the one behind `after` on.

    Those under some contracts, unless `contract_ids` is None; one statement.
    """
    values: list[Any] = [emsp_id]
    bound = binding(values)
    conditions = ["emsp_id = $1", *(bound(*one) for one in wanted)]
    if after is not None:
        conditions.append(bound("(issued_at, id) > ({}, {})", *after))
    order = bound("ORDER BY issued_at, id LIMIT {}", limit)
    if contract_ids is None:
        statement = f"{_SELECT} WHERE {' AND '.join(conditions)} {order}"
    else:
        statement = by_contract(_SELECT, conditions, order, contract_ids, bound)
    return [_line(row) for row in await connection.fetch(statement, *values)]


async def contracts_used(connection: Connection, emsp_id: str, month: Interval) -> list[str]:
    """Return the contracts of an EMSP with a booking that begins in a month and is to be paid, or a session.

    A booking that its operator canceled, or whose charger was found unusable, is not paid, as `fee_stands` says.
    """
    rows = await connection.fetch(_USED_IN, emsp_id, month.start, month.end)
    return sorted(row["contract_id"] for row in rows)


def _row(one: ProviderLine) -> dict[str, Any]:
    return {
        **asdict(one),
        **compared_row(one.contract_id, one.license_plate),
        "kind": one.kind.value,
        "contract_ids": list(one.contract_ids),
        "price": to_document(Price, one.price),
        "state": one.state.value,
    }


def _line(row: Record) -> ProviderLine:
    return ProviderLine(
        **{
            **{name: value for name, value in row.items() if name not in KEYS},
            "kind": ProviderLineKind(row["kind"]),
            "contract_ids": tuple(row["contract_ids"]),
            "price": from_document(Price, row["price"]),
            "state": PaymentState(row["state"]),
        }
    )
