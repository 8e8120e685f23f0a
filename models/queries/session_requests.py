"""Reading and writing what operators are asked to start and to stop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.concerning import Condition, page, parties, parties_row, selecting
from models.queries.documents import optional, to_document
from models.queries.writing import amend
from models.rules.booking import BookingToken
from models.rules.booking_filter import Holder
from models.rules.role import Role
from models.rules.session_request import SessionRequest, SessionRequestKind, SessionRequestStatus

Record = Any
_SELECT = selecting("session_request")
_MANY = f"{_SELECT} WHERE id = ANY($1)"
_LOCKED = f"{_SELECT} WHERE id = $1 FOR UPDATE"
_AT_ONCE = f"{_LOCKED} SKIP LOCKED"
_WAITING_AT = f"""
{_SELECT} WHERE location_id = $1 AND evse_id = $2 AND kind = $3 AND status = 'PENDING' FOR UPDATE
"""
_OPEN = f"""
{_SELECT}
WHERE location_id = $1 AND evse_id = $2 AND kind = $3 AND requested_at > $4
  AND (status = 'PENDING' OR (status = 'ACCEPTED' AND (session_id IS NULL OR kind = 'STOP')))
ORDER BY requested_at DESC, id
FOR UPDATE
"""
_UNLESS_ONE_WAITS = "ON CONFLICT DO NOTHING RETURNING id"
_DUE = "SELECT id FROM session_request WHERE status = 'PENDING' AND answer_until <= $1 ORDER BY answer_until LIMIT $2"
_PLAIN = (
    "id",
    "location_id",
    "evse_id",
    "connector_id",
    "booking_id",
    "session_id",
    "requester_id",
    "reason",
    "requested_at",
    "answer_until",
    "answered_at",
)


async def many(connection: Connection, request_ids: Sequence[UUID]) -> dict[UUID, SessionRequest]:
    """Return the requests of those ids that exist; one statement."""
    return {row["id"]: _request(row) for row in await connection.fetch(_MANY, list(request_ids))}


async def locked(connection: Connection, request_id: UUID, *, waits: bool = True) -> SessionRequest | None:
    """Return a request that nobody else answers until the transaction ends; unless it `waits`, None if one does."""
    row = await connection.fetchrow(_LOCKED if waits else _AT_ONCE, request_id)
    return _request(row) if row else None


async def waiting_at(
    connection: Connection, location_id: str, evse_id: str, kind: SessionRequestKind
) -> SessionRequest | None:
    """Return the request of a kind that waits at a charger, locked; there is one at the most."""
    row = await connection.fetchrow(_WAITING_AT, location_id, evse_id, kind.value)
    return _request(row) if row else None


async def open_at(
    connection: Connection, location_id: str, evse_id: str, kind: SessionRequestKind, since: datetime
) -> list[SessionRequest]:
    """Return the requests of a kind at a charger made after `since`, locked, newest first.

    Those that were refused or came to nothing are not among them, nor starts that a session came of.
    """
    return [_request(row) for row in await connection.fetch(_OPEN, location_id, evse_id, kind.value, since)]


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` requests that nobody answered in time."""
    return [row["id"] for row in await connection.fetch(_DUE, now, limit)]


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[SessionRequest]:
    """Return requests in the order in which they were made, from the one behind `after` on; one statement."""
    rows = await page(connection, "session_request", "requested_at", holder, wanted, after=after, limit=limit)
    return [_request(row) for row in rows]


async def add(connection: Connection, new: SessionRequest) -> bool:
    """Store a new request, unless one of its kind waits at its charger; return whether it was stored."""
    row = request_row(new)
    names = ", ".join(row)
    values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    statement = f"INSERT INTO session_request ({names}) VALUES ({values}) {_UNLESS_ONE_WAITS}"  # noqa: S608 - ours
    return await connection.fetchval(statement, *row.values()) is not None


async def put(connection: Connection, old: SessionRequest, new: SessionRequest) -> None:
    """Store what became of a request that is locked."""
    which = {"location_id": old.location_id, "id": old.id}
    await amend(connection, "session_request", which, request_row(old), request_row(new))


def request_row(one: SessionRequest) -> dict[str, Any]:
    """Return the columns of a request."""
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        **parties_row(one.parties),
        "kind": one.kind.value,
        "status": one.status.value,
        "token": to_document(BookingToken, one.token),
        "role": one.role.value,
    }


def _request(row: Record) -> SessionRequest:
    return SessionRequest(
        **{name: row[name] for name in _PLAIN},
        kind=SessionRequestKind(row["kind"]),
        status=SessionRequestStatus(row["status"]),
        parties=parties(row),
        token=optional(BookingToken, row["token"]),
        role=Role(row["role"]),
    )
