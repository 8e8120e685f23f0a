"""Reading and writing Bookings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.booking_rows import booking, booking_row, grouped
from models.queries.writing import insert
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_filter import BookingFilter, Holder
from models.rules.booking_state import LIVE, CanceledReason
from models.rules.role import Role

_LIVE = [status.value for status in LIVE]
_MANY = "SELECT * FROM booking WHERE id = ANY($1)"
_TOKENS = "SELECT * FROM booking_token WHERE booking_id = ANY($1) ORDER BY position"
_REQUESTS = "SELECT * FROM booking_request WHERE booking_id = ANY($1) ORDER BY position"
_LOCATION_OF = "SELECT location_id FROM booking WHERE id = $1"
_LOCKED = "SELECT * FROM booking WHERE location_id = $1 AND id = $2 FOR UPDATE"
_BY_REFERENCE = "SELECT booking_id FROM booking_reference WHERE reference = ANY($1)"
_CANCEL = """
UPDATE booking SET status = 'CANCELED', canceled_reason = $3, who_canceled = $4, last_updated = $5
WHERE location_id = $1 AND id = $2
"""
_ON_EVSES = """
SELECT b.* FROM booking b
JOIN unnest($1::text[], $2::text[]) AS charger (location_id, evse_id) USING (location_id, evse_id)
WHERE upper(b.during) > $3 AND b.status = ANY($4)
ORDER BY lower(b.during), b.id
"""


async def many(connection: Connection, booking_ids: Sequence[UUID]) -> dict[UUID, Booking]:
    """Return the bookings of those ids that exist, with tokens and requests; three statements."""
    return {one.id: one for one in await _complete(connection, await connection.fetch(_MANY, list(booking_ids)))}


async def ids_by_reference(connection: Connection, references: Sequence[str]) -> list[UUID]:
    """Return the ids of the bookings that have, or once had, one of those references."""
    return [row["booking_id"] for row in await connection.fetch(_BY_REFERENCE, list(references))]


async def location_of(connection: Connection, booking_id: UUID) -> str | None:
    """Return the id of the Location that a booking is at, or None if there is no such booking."""
    found: str | None = await connection.fetchval(_LOCATION_OF, booking_id)
    return found


async def locked(connection: Connection, location_id: str, booking_id: UUID) -> Booking | None:
    """Return a booking that nobody else changes until the transaction ends."""
    found = await _complete(connection, await connection.fetch(_LOCKED, location_id, booking_id))
    return found[0] if found else None


async def page(
    connection: Connection, holder: Holder, wanted: BookingFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Booking]:
    """Return bookings in the order of their starts, from the one behind `after` on; three statements."""
    conditions: list[str] = []
    values: list[Any] = []

    def given(condition: str, *new: Any) -> None:
        numbers = [f"${len(values) + number}" for number in range(1, len(new) + 1)]
        conditions.append(condition.format(*numbers))
        values.extend(new)

    if holder.cpo_id is not None:
        given("cpo_id = {}", holder.cpo_id)
    if holder.emsp_id is not None:
        given("emsp_id = {}", holder.emsp_id)
    if holder.contract_ids is not None:
        given("contract_ids && {}::text[]", list(holder.contract_ids))
    if wanted.location_id is not None:
        given("location_id = {}", wanted.location_id)
    if wanted.statuses:
        given("status = ANY({})", [status.value for status in wanted.statuses])
    if wanted.starting is not None:
        given("lower(during) >= {} AND lower(during) < {}", wanted.starting.start, wanted.starting.end)
    if after is not None:
        given("(lower(during), id) > ({}, {})", *after)
    statement = (
        f"SELECT * FROM booking WHERE {' AND '.join(conditions)} "  # noqa: S608 - conditions are ours, values bound
        f"ORDER BY lower(during), id LIMIT ${len(values) + 1}"
    )
    return await _complete(connection, await connection.fetch(statement, *values, limit))


async def on_evses(connection: Connection, chargers: Sequence[tuple[str, str]], since: datetime) -> list[Booking]:
    """Return the live bookings that end after `since` of chargers, given as (location_id, evse_id)."""
    if not chargers:
        return []
    location_ids, evse_ids = zip(*chargers, strict=True)
    rows = await connection.fetch(_ON_EVSES, list(location_ids), list(evse_ids), since, _LIVE)
    return await _complete(connection, rows)


async def add(connection: Connection, new: Booking, asked: Any) -> None:
    """Store a new booking with its tokens, its reference and its first request, whose input is `asked`."""
    await insert(connection, "booking", [booking_row(new)])
    of_booking = {"location_id": new.location_id, "booking_id": new.id}
    await insert(
        connection,
        "booking_token",
        [
            {
                **of_booking,
                "position": position,
                "country_code": token.country_code,
                "party_id": token.party_id,
                "uid": token.uid,
                "type": token.type,
                "contract_id": token.contract_id,
            }
            for position, token in enumerate(new.tokens)
        ],
    )
    await insert(
        connection, "booking_reference", [{**of_booking, "reference": new.reference, "revision": new.revision}]
    )
    await add_request(connection, new, new.booking_requests[0], asked, position=0)


async def add_request(
    connection: Connection, on: Booking, request: BookingRequest, asked: Any, *, position: int
) -> None:
    """Append a request to a booking's history, at the position behind the last."""
    row = {
        "location_id": on.location_id,
        "booking_id": on.id,
        "position": position,
        "kind": request.kind.value,
        "status": request.status.value,
        "request_received": request.request_received,
        "decided_at": request.decided_at,
        "role": request.role.value,
        "requester_id": request.requester_id,
        "input": asked,
    }
    await insert(connection, "booking_request", [row])


async def cancel(connection: Connection, old: Booking, reason: CanceledReason, who: Role, now: datetime) -> None:
    """Mark a booking as canceled."""
    await connection.execute(_CANCEL, old.location_id, old.id, reason.value, who.value, now)


async def _complete(connection: Connection, rows: Sequence[Any]) -> list[Booking]:
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    tokens = grouped(await connection.fetch(_TOKENS, ids))
    requests = grouped(await connection.fetch(_REQUESTS, ids))
    return [booking(row, tokens[row["id"]], requests[row["id"]]) for row in rows]
