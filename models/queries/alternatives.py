"""Reading and writing Alternatives, and how operators look for them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.documents import from_document, to_document, to_interval, to_range
from models.queries.writing import insert, upsert
from models.rules.alternative import Alternative, AlternativesPolicy
from models.rules.estimate import Estimate
from models.rules.identity import part_id
from models.rules.interval import Interval
from models.rules.offered import LONGEST_ALLOCATION

_READ = """
SELECT a.*, q.expires_at AS held_until
FROM alternative a LEFT JOIN quote q ON q.location_id = a.location_id AND q.id = a.quote_id AND q.outcome = 'OPEN'
"""
_OF_BOOKINGS = f"{_READ} WHERE a.booking_id = ANY($1) AND a.withdrawn_at IS NULL ORDER BY a.booking_id, a.rank, a.id"
_ONE = f"{_READ} WHERE a.id = $1"
_LOCKED = f"{_READ} WHERE a.id = $1 FOR UPDATE OF a"
_DOWN = "UPDATE alternative SET rank = rank + 1 WHERE booking_id = $1 AND withdrawn_at IS NULL"
_TAKE = "UPDATE alternative SET taken_at = $3, quote_id = $4 WHERE location_id = $1 AND id = $2"
_WITHDRAW = """
UPDATE alternative SET withdrawn_at = $2 WHERE booking_id = $1 AND withdrawn_at IS NULL AND taken_at IS NULL
"""
_WITHDRAW_FOUND = f"{_WITHDRAW} AND suggested_by IS NULL"
_CLOSE_RANKS = """
UPDATE alternative SET rank = left_over.place
FROM (
    SELECT location_id, id, row_number() OVER (ORDER BY rank, id) AS place
    FROM alternative WHERE booking_id = $1 AND withdrawn_at IS NULL
) AS left_over
WHERE (alternative.location_id, alternative.id) = (left_over.location_id, left_over.id)
"""
_NOT_ANEW = """
SELECT booking_location_id, during FROM alternative
WHERE booking_id = $1 AND withdrawn_at IS NULL AND taken_at IS NULL AND suggested_by IS NOT NULL
UNION ALL
SELECT a.booking_location_id, a.during
FROM alternative a JOIN quote q ON q.location_id = a.location_id AND q.id = a.quote_id
JOIN booking_request r ON r.booking_id = q.booking_id AND r.quote_id = q.id
WHERE a.booking_id = $1 AND a.taken_at IS NOT NULL AND r.status IN ('DECLINED', 'FAILED')
"""
_REPLACED = """
SELECT EXISTS (
    SELECT FROM alternative a JOIN quote q ON q.location_id = a.location_id AND q.id = a.quote_id
    JOIN booking b ON b.id = q.booking_id
    WHERE a.booking_id = $1 AND a.taken_at IS NOT NULL
      AND b.id <> a.booking_id AND b.status NOT IN ('REJECTED', 'FAILED')
)
"""
_DUE = """
SELECT id FROM booking
WHERE alternatives_due_at <= $1 AND ($2::text[] IS NULL OR location_id = ANY($2))
ORDER BY alternatives_due_at, id LIMIT $3
"""
_STILL_DUE = """
SELECT id FROM booking WHERE location_id = $1 AND id = $2 AND alternatives_due_at <= $3 FOR UPDATE SKIP LOCKED
"""
_OPEN_OF = """
SELECT DISTINCT b.id, b.cpo_id FROM booking b JOIN alternative a ON a.booking_id = b.id
WHERE (b.emsp_id = $1 OR b.booker_id = $1) AND lower(b.during) > $2
  AND a.withdrawn_at IS NULL AND a.taken_at IS NULL AND upper(a.during) > $3
"""
_POLICIES = """
SELECT cpo_id, within_km, shift_minutes, hold_minutes FROM alternatives_policy WHERE cpo_id = ANY($1)
"""
_PLAIN = (
    "id",
    "booking_id",
    "booking_location_id",
    "location_id",
    "distance",
    "shift_minutes",
    "rank",
    "suggested_by",
    "quote_id",
    "offered_at",
    "taken_at",
    "withdrawn_at",
)


async def add(connection: Connection, new: Sequence[Alternative]) -> None:
    """Store new alternatives."""
    await insert(connection, "alternative", [_row(one) for one in new])


async def of_bookings(connection: Connection, booking_ids: Sequence[UUID]) -> dict[UUID, list[Alternative]]:
    """Return what is offered in place of bookings, or was taken, by rank; one statement."""
    found: dict[UUID, list[Alternative]] = defaultdict(list)
    for row in await connection.fetch(_OF_BOOKINGS, list(booking_ids)):
        found[row["booking_id"]].append(_alternative(row))
    return found


async def get(connection: Connection, alternative_id: UUID) -> Alternative | None:
    """Return an alternative."""
    row = await connection.fetchrow(_ONE, alternative_id)
    return _alternative(row) if row else None


async def locked(connection: Connection, alternative_id: UUID) -> Alternative | None:
    """Return an alternative that nobody else takes or withdraws until the transaction ends."""
    row = await connection.fetchrow(_LOCKED, alternative_id)
    return _alternative(row) if row else None


async def rank_down(connection: Connection, booking_id: UUID) -> None:
    """Give what is offered for a booking the next rank each, so that the first is free."""
    await connection.execute(_DOWN, booking_id)


async def take(connection: Connection, one: Alternative, quote_id: UUID, now: datetime) -> None:
    """Note that an alternative was taken, by a quote."""
    await connection.execute(_TAKE, one.location_id, one.id, now, quote_id)


async def withdraw(connection: Connection, booking_id: UUID, now: datetime) -> None:
    """Take back what is offered in place of a booking's slot and was not taken."""
    await connection.execute(_WITHDRAW, booking_id, now)


async def withdraw_found(connection: Connection, booking_id: UUID, now: datetime) -> None:
    """Take back what was found for a booking and not taken; what its operator suggests stays, ranked from 1."""
    await connection.execute(_WITHDRAW_FOUND, booking_id, now)
    await connection.execute(_CLOSE_RANKS, booking_id)


async def not_anew(connection: Connection, booking_id: UUID) -> set[tuple[str, Interval]]:
    """Return which BookingLocations when are not to be offered anew for a booking: its operator suggests them as it
    is, or they were taken, and whoever confirms there declined or did not answer.
    """
    rows = await connection.fetch(_NOT_ANEW, booking_id)
    return {(row["booking_location_id"], to_interval(row["during"])) for row in rows}


async def replaced(connection: Connection, booking_id: UUID) -> bool:
    """Whether a booking was made of an alternative that was taken, and was not turned down."""
    return bool(await connection.fetchval(_REPLACED, booking_id))


async def due(
    connection: Connection, now: datetime, limit: int, location_ids: Sequence[str] | None = None
) -> list[UUID]:
    """Return the bookings, of those Locations if given, for which alternatives are due, the longest due first."""
    places = None if location_ids is None else list(location_ids)
    return [row["id"] for row in await connection.fetch(_DUE, now, places, limit)]


async def still_due(connection: Connection, location_id: str, booking_id: UUID, now: datetime) -> bool:
    """Whether alternatives are to be looked for and nobody else sees to the booking, which is locked then."""
    return await connection.fetchval(_STILL_DUE, location_id, booking_id, now) is not None


async def open_of(connection: Connection, emsp_id: str, now: datetime) -> list[str]:
    """Return the composite ids of a party's bookings, and those it made, for which something is offered."""
    earliest = now - 2 * LONGEST_ALLOCATION
    rows = await connection.fetch(_OPEN_OF, emsp_id, earliest, now)
    return [part_id(row["cpo_id"], str(row["id"])) for row in rows]


async def policies(connection: Connection, cpo_ids: Sequence[str]) -> dict[str, AlternativesPolicy]:
    """Return how operators look for alternatives, of those that have said so; one statement."""
    rows = await connection.fetch(_POLICIES, list(cpo_ids))
    return {cpo_id: AlternativesPolicy(*values) for cpo_id, *values in rows}


async def put_policy(connection: Connection, cpo_id: str, policy: AlternativesPolicy, now: datetime) -> None:
    """Store how an operator looks for alternatives."""
    row = {
        "cpo_id": cpo_id,
        "within_km": policy.within_km,
        "shift_minutes": policy.shift_minutes,
        "hold_minutes": policy.hold_minutes,
        "last_updated": now,
    }
    await upsert(connection, "alternatives_policy", ["cpo_id"], [row])


def _row(one: Alternative) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        "during": to_range(one.period),
        "price": to_document(Estimate, one.price),
    }


def _alternative(row: Any) -> Alternative:
    return Alternative(
        **{name: row[name] for name in _PLAIN},
        period=to_interval(row["during"]),
        price=from_document(Estimate, row["price"]),
        held_until=row["held_until"],
    )
