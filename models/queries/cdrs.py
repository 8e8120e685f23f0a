"""Reading and writing CDRs, and by which of them what is billed now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.concerning import Condition, compared_row, page, parties, parties_row, selecting
from models.queries.documents import from_document, optional, to_document, to_interval, to_range
from models.queries.writing import insert
from models.rules.bill import Bill, BillKind, BillLine
from models.rules.booking import BookingToken
from models.rules.booking_filter import Holder
from models.rules.booking_location import BookingTerms
from models.rules.cdr import Cdr, CdrPlace
from models.rules.price import Price
from models.rules.session import AuthMethod, Reading
from models.rules.tariff import Tariff

Record = Any
_SELECT = selecting("cdr")
_MANY = f"{_SELECT} WHERE (cpo_id, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"  # noqa: S608 - ours
_OF_BOOKINGS = f"{_SELECT} WHERE booking_id = ANY($1) ORDER BY issued_at, position"
_OF_SESSIONS = f"{_SELECT} WHERE session_id = ANY($1) ORDER BY issued_at, position"
_BILLED = f"""
{_SELECT} JOIN billed ON billed.cpo_id = cdr.cpo_id AND billed.cdr_id = cdr.id
WHERE billed.holder_id = $1 ORDER BY cdr.subject
"""
_BILL = """
INSERT INTO billed (holder_id, subject, cpo_id, cdr_id) VALUES ($1, $2, $3, $4)
"""
_TAKE_BACK = "DELETE FROM billed WHERE holder_id = $1 AND subject = $2 AND cdr_id = $3"
_PLAIN = (
    "number",
    "location_id",
    "booking_id",
    "authorization_reference",
    "contract_id",
    "license_plate",
    "energy",
    "credits",
    "remark",
    "issued_at",
)


async def billed(connection: Connection, holder_id: UUID) -> list[Cdr]:
    """Return by which CDRs a booking, or a walk-up's session, is billed now."""
    return [_cdr(row) for row in await connection.fetch(_BILLED, holder_id)]


async def issue(connection: Connection, holder_id: UUID, new: Cdr) -> None:
    """Store a CDR; it bills its subject of the booking or session from now on, or takes back what did."""
    await insert(connection, "cdr", [cdr_row(new)])
    if new.credits is None:
        await connection.execute(_BILL, holder_id, new.bill.subject, new.parties.cpo_id, new.local_id)
        return
    taken = await connection.execute(_TAKE_BACK, holder_id, new.bill.subject, new.credits)
    if taken != "DELETE 1":
        raise RuntimeError(f"CDR {new.credits} bills nothing that {new.local_id} could take back: {taken}")


async def many(connection: Connection, named: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Cdr]:
    """Return the CDRs of those operators and ids of theirs; one statement."""
    cpo_ids, ids = [cpo_id for cpo_id, _ in named], [one for _, one in named]
    rows = await connection.fetch(_MANY, cpo_ids, ids)
    return {(row["cpo_id"], row["id"]): _cdr(row) for row in rows}


async def of_bookings(connection: Connection, booking_ids: Sequence[UUID]) -> list[Cdr]:
    """Return the CDRs of bookings and their sessions, in the order in which they were issued; one statement."""
    return [_cdr(row) for row in await connection.fetch(_OF_BOOKINGS, list(booking_ids))]


async def of_sessions(connection: Connection, session_ids: Sequence[UUID]) -> list[Cdr]:
    """Return the CDRs of sessions, in the order in which they were issued; one statement."""
    return [_cdr(row) for row in await connection.fetch(_OF_SESSIONS, list(session_ids))]


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[tuple[Cdr, int]]:
    """Return CDRs in the order in which they were issued, from the one behind `after` on; one statement.

    Beside each stands where it is among those of its moment.
    """
    rows = await page(connection, "cdr", "issued_at", holder, wanted, after=after, limit=limit, key="position")
    return [(_cdr(row), row["position"]) for row in rows]


def cdr_row(one: Cdr) -> dict[str, Any]:
    """Return the columns of a CDR."""
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        **parties_row(one.parties),
        **compared_row(one.contract_id, one.license_plate),
        "id": one.local_id,
        "kind": one.bill.kind.value,
        "subject": one.bill.subject,
        "session_id": one.bill.session_id,
        "revision": one.bill.revision,
        "token": to_document(BookingToken, one.token),
        "auth_method": one.auth_method.value if one.auth_method else None,
        "during": to_range(one.bill.period),
        "timed_until": one.bill.timed_until,
        "currency": one.bill.currency,
        "before_taxes": one.total.before_taxes,
        "after_taxes": one.total.after_taxes,
        "total": to_document(Price, one.total),
        "lines": to_document(tuple[BillLine, ...], one.bill.lines),
        "green_share": one.place.green_share,
        "readings": to_document(tuple[Reading, ...], one.readings),
        "place": to_document(CdrPlace, one.place),
        "tariffs": to_document(tuple[Tariff, ...], one.tariffs),
        "booking_terms": to_document(BookingTerms, one.bill.booking_terms),
    }


def _cdr(row: Record) -> Cdr:
    return Cdr(
        **{name: row[name] for name in _PLAIN},
        parties=parties(row),
        local_id=row["id"],
        bill=Bill(
            BillKind(row["kind"]),
            row["subject"],
            row["currency"],
            from_document(tuple[BillLine, ...], row["lines"]),
            to_interval(row["during"]),
            row["revision"],
            optional(BookingTerms, row["booking_terms"]),
            row["session_id"],
            row["timed_until"],
        ),
        total=from_document(Price, row["total"]),
        token=optional(BookingToken, row["token"]),
        auth_method=AuthMethod(row["auth_method"]) if row["auth_method"] else None,
        place=from_document(CdrPlace, row["place"]),
        readings=from_document(tuple[Reading, ...], row["readings"]),
        tariffs=from_document(tuple[Tariff, ...], row["tariffs"]),
    )
