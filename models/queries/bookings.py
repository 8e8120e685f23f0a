"""Reading and writing Bookings."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.booking_rows import booking, booking_row, grouped, reference_row, request_row, token_rows
from models.queries.concerning import mandated_until, selecting, under
from models.queries.documents import to_document
from models.queries.writing import amend, changed, insert
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_filter import BookingFilter, Holder
from models.rules.booking_state import LIVE, RequestStatus, ReservationStatus, ended
from models.rules.charge import Charge

BILLED = frozenset({"status", "revision", "during", "tariffs", "booking_terms", "charging_started_at"})
"""Columns of a booking by which it is billed."""

_LIVE = [status.value for status in LIVE]
_MANDATED_UNTIL = mandated_until("booking")
_SELECT = selecting("booking")
_MANY = f"{_SELECT} WHERE id = ANY($1)"
_TOKENS = "SELECT * FROM booking_token WHERE booking_id = ANY($1) ORDER BY position"
_REQUESTS = "SELECT * FROM booking_request WHERE booking_id = ANY($1) ORDER BY position"
_LOCATION_OF = "SELECT location_id FROM booking WHERE id = $1"
_LOCKED = f"{_SELECT} WHERE location_id = $1 AND id = $2 FOR UPDATE"
_BY_REFERENCE = "SELECT reference, booking_id FROM booking_reference WHERE reference = ANY($1)"
_NAMED = "(cpo_id, id) IN (SELECT * FROM unnest({}::text[], {}::uuid[]))"
_REFERRED_TO = "id = ANY(ARRAY(SELECT booking_id FROM booking_reference WHERE reference = ANY({}::text[])))"
_ENDED = "status = ANY({}) AND (status <> 'CANCELED' OR (who_canceled = 'CPO') = ANY({}::boolean[]))"
_FORGET_TOKENS = "DELETE FROM booking_token WHERE location_id = $1 AND booking_id = $2"
_DECIDE = """
UPDATE booking_request SET status = $4, decided_at = $5, reason = $6, fee = $7, decide_until = NULL
WHERE location_id = $1 AND booking_id = $2 AND position = $3
"""
_ON_EVSES = f"""
{_SELECT}
JOIN unnest($1::text[], $2::text[]) AS charger (location_id, evse_id) USING (location_id, evse_id)
WHERE upper(booking.during) > $3 AND (
    booking.status = ANY($4)
    OR (booking.status = 'FULFILLED' AND charging_started_at IS NOT NULL AND charging_ended_at IS NULL)
)
ORDER BY lower(booking.during), booking.id
"""


async def many(connection: Connection, booking_ids: Sequence[UUID]) -> dict[UUID, Booking]:
    """Return the bookings of those ids that exist, with tokens and requests; three statements."""
    return {one.id: one for one in await _complete(connection, await connection.fetch(_MANY, list(booking_ids)))}


async def ids_by_reference(connection: Connection, references: Sequence[str]) -> dict[str, UUID]:
    """Return the ids of the bookings that have, or once had, one of those references, by the reference."""
    return {row["reference"]: row["booking_id"] for row in await connection.fetch(_BY_REFERENCE, list(references))}


async def location_of(connection: Connection, booking_id: UUID) -> str | None:
    """Return the id of the Location that a booking is at, or None if there is no such booking."""
    found: str | None = await connection.fetchval(_LOCATION_OF, booking_id)
    return found


async def locked(connection: Connection, location_id: str, booking_id: UUID, *, waits: bool = True) -> Booking | None:
    """Return a booking that nobody else changes until the transaction ends; unless it `waits`, None if one does."""
    statement = _LOCKED if waits else f"{_LOCKED} SKIP LOCKED"
    found = await _complete(connection, await connection.fetch(statement, location_id, booking_id))
    return found[0] if found else None


async def page(
    connection: Connection, holder: Holder, wanted: BookingFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Booking]:
    """Return bookings in the order of their starts, from the one behind `after` on; three statements."""
    conditions: list[str] = []
    values: list[Any] = []

    def bound(condition: str, *new: Any) -> str:
        numbers = [f"${len(values) + number}" for number in range(1, len(new) + 1)]
        values.extend(new)
        return condition.format(*numbers)

    def given(condition: str, *new: Any) -> None:
        conditions.append(bound(condition, *new))

    columns = ("cpo_id", "emsp_id")
    named = [(name, getattr(holder, name)) for name in columns if getattr(holder, name) is not None]
    whose = [bound(f"{name} = {{}}", party_id) for name, party_id in named]
    if holder.booker is not None:
        whose.append(
            bound(f"booker_id = {{}} AND {_MANDATED_UNTIL} > {{}}", holder.booker.party_id, holder.booker.now)
        )
    if holder.contract_ids is not None:
        given(*under(holder.contract_ids))
    for condition, *asked in _asked(wanted):
        given(condition, *asked)
    if after is not None:
        given("(lower(during), id) > ({}, {})", *after)
    statement = _of_each(whose, conditions, f"ORDER BY lower(during), id LIMIT ${len(values) + 1}")
    return await _complete(connection, await connection.fetch(statement, *values, limit))


def _asked(wanted: BookingFilter) -> Iterator[tuple[Any, ...]]:
    """Yield the conditions of a filter, each with its values."""
    if wanted.location_id is not None:
        yield "location_id = {}", wanted.location_id
    if wanted.statuses:
        yield "status = ANY({})", [status.value for status in wanted.statuses]
    if wanted.starting is not None:
        yield "lower(during) >= {} AND lower(during) < {}", wanted.starting.start, wanted.starting.end
    if wanted.references is not None:
        yield _REFERRED_TO, list(wanted.references)
    if wanted.named is not None:
        yield _NAMED, [cpo_id for cpo_id, _ in wanted.named], [booking_id for _, booking_id in wanted.named]
    if wanted.mission_id is not None:
        yield "mission_id = {}", wanted.mission_id
    if wanted.outcomes:
        found = ended(wanted.outcomes)
        by_operator = [by for status, by in found if status is ReservationStatus.CANCELED]
        yield _ENDED, sorted({status.value for status, _ in found}), by_operator
    if wanted.updated_since is not None:
        yield "last_updated >= {}", wanted.updated_since
    if wanted.endangered is not None:
        yield ("hazard IS NOT NULL" if wanted.endangered else "hazard IS NULL",)


async def on_evses(connection: Connection, chargers: Sequence[tuple[str, str]], since: datetime) -> list[Booking]:
    """Return the live bookings of chargers, those in use included, that end after `since`.

    Chargers are given as (location_id, evse_id).
    """
    if not chargers:
        return []
    location_ids, evse_ids = zip(*chargers, strict=True)
    rows = await connection.fetch(_ON_EVSES, list(location_ids), list(evse_ids), since, _LIVE)
    return await _complete(connection, rows)


async def add(connection: Connection, new: Booking, asked: Any) -> None:
    """Store a new booking with its tokens, its reference and its first request, whose input is `asked`.

    It is to be settled.
    """
    await insert(connection, "booking", [booking_row(new) | {"unsettled_at": new.last_updated}])
    await insert(connection, "booking_token", token_rows(new))
    await insert(connection, "booking_reference", [reference_row(new)])
    await add_request(connection, new, new.booking_requests[0], asked)


async def put(connection: Connection, old: Booking, new: Booking) -> None:
    """Store what became of a booking that is locked: its row, its tokens, and its reference if that is new.

    What belongs to it follows it to another Location. Requests are added and decided by themselves. If what is billed
    of it may have changed, it is to be settled.
    """
    before, after = booking_row(old), booking_row(new)
    if not BILLED.isdisjoint(changed(before, after)):
        before, after = before | {"unsettled_at": None}, after | {"unsettled_at": new.last_updated}
    await amend(connection, "booking", {"location_id": old.location_id, "id": old.id}, before, after)
    if new.tokens != old.tokens:
        await connection.execute(_FORGET_TOKENS, new.location_id, new.id)
        await insert(connection, "booking_token", token_rows(new))
    if new.reference != old.reference:
        await insert(connection, "booking_reference", [reference_row(new)])


async def add_request(connection: Connection, on: Booking, request: BookingRequest, asked: Any) -> None:
    """Append a request to a booking's history; its position is behind the last."""
    await insert(connection, "booking_request", [request_row(on, request, asked)])


async def decide(connection: Connection, on: Booking, request: BookingRequest) -> None:
    """Note what came of a request of a booking's, which was pending; one that is not granted costs nothing."""
    fee = request.fee if request.status is RequestStatus.ACCEPTED else None
    which = (on.location_id, on.id, request.position)
    came = (request.status.value, request.decided_at, request.reason, to_document(Charge, fee))
    await connection.execute(_DECIDE, *which, *came)


def _of_each(whose: Sequence[str], conditions: Sequence[str], order: str) -> str:
    """Return what reads the bookings of each of `whose` by its own index, and merges them; no booking is of two."""
    each = [
        f"{_SELECT} WHERE {' AND '.join([one, *conditions])} {order}" for one in whose
    ]  # conditions are ours, values bound
    if len(each) == 1:
        return each[0]
    return f"SELECT * FROM (({') UNION ALL ('.join(each)})) AS found {order}"  # noqa: S608


async def _complete(connection: Connection, rows: Sequence[Any]) -> list[Booking]:
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    tokens = grouped(await connection.fetch(_TOKENS, ids))
    requests = grouped(await connection.fetch(_REQUESTS, ids))
    return [booking(row, tokens[row["id"]], requests[row["id"]]) for row in rows]
