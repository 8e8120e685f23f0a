"""What is taken at a Location, what of that is provisional and may be moved, and whose charger is to be told.

Provisional is what any charger of a group was asked for and was not told yet (BUC 2.1): a booking that nobody uses so
far, and what a quote holds that would make one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from models.db import Connection
from models.queries.documents import from_document, to_range
from models.rules.booking_location import BookingOption
from models.rules.booking_state import LIVE
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.offered import LONGEST_ALLOCATION
from models.rules.spot import Spot
from models.tables.allocation import AllocationKind

_LIVE = [status.value for status in LIVE]
_TAKEN = """
SELECT a.id, a.holder_id, a.kind, a.quote_id, a.expires_at, a.evse_id, a.parking_bay_id,
    lower(a.during) AS starts, upper(a.during) AS ends, coalesce(b.id, q.id) IS NOT NULL AS provisional,
    coalesce(b.booking_option, q.booking_option)::text AS booking_option,
    coalesce(b.demand, q.demand)::text AS demand,
    CASE WHEN b.id IS NULL THEN q.max_power ELSE b.max_power END AS max_power
FROM allocation a
LEFT JOIN booking b ON a.kind = 'BOOKING' AND b.location_id = a.location_id AND b.id = a.holder_id
    AND b.status = ANY($6) AND NOT b.evse_pinned AND b.hazard IS NULL
    AND b.evse_revealed_at > $5 AND b.reveal_due_at IS NOT NULL
LEFT JOIN quote q ON a.kind = 'HOLD' AND q.location_id = a.location_id AND q.id = a.quote_id
    AND q.outcome = 'OPEN' AND q.purpose = 'BOOKING' AND NOT q.evse_pinned
WHERE a.location_id = $1 AND a.released_at IS NULL
  AND upper(a.during) > $2 AND upper(a.during) < $3 AND lower(a.during) < $4
  AND (a.expires_at IS NULL OR a.expires_at > $5)
"""
_LOCK_QUOTES = """
SELECT 1 FROM quote
WHERE location_id = $1 AND outcome = 'OPEN' AND purpose = 'BOOKING' AND during && $2
ORDER BY id FOR UPDATE
"""
_RELEASE = "UPDATE allocation SET released_at = $3 WHERE location_id = $1 AND id = ANY($2)"
_TAKE_ANEW = """
INSERT INTO allocation (location_id, id, evse_id, parking_bay_id, during, holder_id, kind, expires_at, quote_id)
SELECT location_id, $3, $4, $5, during, holder_id, kind, expires_at, quote_id
FROM allocation WHERE location_id = $1 AND id = $2
"""
_MOVE_BOOKING = """
UPDATE booking SET evse_id = $3, connector_id = $4, parking_bay_id = $5, last_updated = $6
WHERE location_id = $1 AND id = $2
"""
_MOVE_QUOTE = """
UPDATE quote SET evse_id = $3, connector_id = $4, parking_bay_id = $5 WHERE location_id = $1 AND id = $2
"""
_TO_REVEAL = "SELECT id FROM booking WHERE reveal_due_at <= $1 ORDER BY reveal_due_at LIMIT $2"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provisional allocation was asked for; `max_power` is its timeslot's, in W."""

    booking_option: BookingOption
    demand: Demand
    max_power: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A live allocation; `asked` if it is provisional."""

    id: UUID
    holder_id: UUID
    kind: AllocationKind
    quote_id: UUID | None
    expires_at: datetime | None
    key: tuple[str, str | None]
    period: Interval
    asked: Asked | None


async def taken(connection: Connection, location_id: str, window: Interval, now: datetime) -> list[Taken]:
    """Return what is taken at a Location within `window`; holds that expired by `now` do not count. One statement.

    A booking that its charger fails is not provisional: it is seen to in other ways.
    """
    latest = window.end + LONGEST_ALLOCATION
    rows = await connection.fetch(_TAKEN, location_id, window.start, latest, window.end, now, _LIVE)
    known: dict[tuple[str, str, int | None], Asked] = {}
    return [_taken(row, known) for row in rows]


async def lock_quotes(connection: Connection, location_id: str, period: Interval) -> None:
    """Let nobody settle the quotes of bookings to be made at a Location, not even a worker that notes their end."""
    await connection.execute(_LOCK_QUOTES, location_id, to_range(period))


async def move(connection: Connection, location_id: str, moves: Sequence[tuple[Taken, Spot]], now: datetime) -> None:
    """Let allocations, and the bookings and quotes that have them, be at other spots; four statements.

    The Location is this transaction's alone, so that its bookings change no more, and its quotes are locked. Raise
    ExclusionViolationError if anything else is at one of the spots: that is a fault, for there was to be room.
    """
    if not moves:
        return
    await connection.execute(_RELEASE, location_id, [one.id for one, _ in moves], now)
    anew = [(location_id, one.id, uuid4(), spot.evse.id, spot.key[1]) for one, spot in moves]
    await connection.executemany(_TAKE_ANEW, anew)
    where = [(one, (spot.evse.id, spot.connector.id, spot.key[1])) for one, spot in moves]
    booked = [(location_id, one.holder_id, *at, now) for one, at in where if one.quote_id is None]
    await connection.executemany(_MOVE_BOOKING, booked)
    quoted = [(location_id, one.quote_id, *at) for one, at in where if one.quote_id is not None]
    await connection.executemany(_MOVE_QUOTE, quoted)


async def to_reveal(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return bookings whose holders are to be told their charger by `now`."""
    return [row["id"] for row in await connection.fetch(_TO_REVEAL, now, limit)]


def _taken(row: Any, known: dict[tuple[str, str, int | None], Asked]) -> Taken:
    """Return a row; many ask for the same, which is read once."""
    asked: Asked | None = None
    if row["provisional"]:
        written = (row["booking_option"], row["demand"], row["max_power"])
        asked = known.get(written)
        if asked is None:
            option, demand = orjson.loads(written[0]), orjson.loads(written[1])
            asked = Asked(from_document(BookingOption, option), from_document(Demand, demand), written[2])
            known[written] = asked
    return Taken(
        id=row["id"],
        holder_id=row["holder_id"],
        kind=AllocationKind(row["kind"]),
        quote_id=row["quote_id"],
        expires_at=row["expires_at"],
        key=(row["evse_id"], row["parking_bay_id"]),
        period=Interval(row["starts"], row["ends"]),
        asked=asked,
    )
