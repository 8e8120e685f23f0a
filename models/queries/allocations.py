"""Taking and releasing chargers and bays; two exclusion constraints decide who comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from models.db import Connection
from models.queries.documents import to_interval, to_range
from models.rules.charging_decision import Occupied
from models.rules.interval import Interval
from models.rules.offered import LONGEST_ALLOCATION
from models.tables.allocation import AllocationKind

_TAKE = """
INSERT INTO allocation (location_id, id, evse_id, parking_bay_id, during, holder_id, kind, expires_at, quote_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING
RETURNING id
"""
_RELEASE = """
UPDATE allocation SET released_at = $3
WHERE location_id = $1 AND holder_id = $2 AND released_at IS NULL AND kind = ANY($4)
"""
_RELEASE_ALL = """
UPDATE allocation SET released_at = $2 WHERE holder_id = $1 AND released_at IS NULL RETURNING location_id, during
"""
_END_HOLD = """
UPDATE allocation SET released_at = $3 WHERE location_id = $1 AND quote_id = $2 AND released_at IS NULL
"""
_HELD_FOR = """
UPDATE allocation SET holder_id = $3, kind = $4, expires_at = NULL, quote_id = NULL
WHERE location_id = $1 AND quote_id = $2 AND released_at IS NULL
"""
_CHANGED = """
UPDATE allocation SET kind = 'BOOKING'
WHERE location_id = $1 AND holder_id = $2 AND kind = 'CHANGE' AND released_at IS NULL
"""
_BUSY = """
SELECT location_id, evse_id, parking_bay_id, lower(during), upper(during)
FROM allocation
WHERE location_id = ANY($1) AND released_at IS NULL
  AND upper(during) > $2 AND upper(during) < $3 AND lower(during) < $4
  AND (expires_at IS NULL OR expires_at > $5)
"""
_OCCUPIED = """
SELECT holder_id, evse_id, parking_bay_id, during FROM allocation
WHERE location_id = $1 AND released_at IS NULL
  AND upper(during) > $3 AND upper(during) < $4 AND lower(during) < $5
  AND (expires_at IS NULL OR expires_at > $6)
  AND (evse_id = ANY($2) OR parking_bay_id = ANY($2))
"""
_BUSY_FOR_OTHERS = f"{_BUSY}  AND holder_id <> $6\n"
BOOKED = (AllocationKind.BOOKING,)
KEPT_FOR_CHANGE = (AllocationKind.CHANGE,)


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a charger is taken: a booking, or what is to be one. Its own allocations never exclude each other.

    What a quote takes is a HOLD with the quote's id until `expires_at`. With `clear`, the Location is this
    transaction's alone, and expired holds and provisional allocations in the way give room. `current` is the charger
    and bay that the booking has, which it keeps if it can.
    """

    id: UUID
    quote_id: UUID | None = None
    expires_at: datetime | None = None
    clear: bool = False
    current: tuple[str, str | None] | None = None

    @property
    def kind(self) -> AllocationKind:
        """As what it takes a charger."""
        return AllocationKind.BOOKING if self.quote_id is None else AllocationKind.HOLD


async def take(
    connection: Connection,
    location_id: str,
    spot: tuple[str, str | None],
    period: Interval,
    holder: Holder,
    kind: AllocationKind | None = None,
) -> bool:
    """Take the charger and bay of `spot` for `period`, or return False because another holder has one of them.

    A hold is in the way of others until it is released, even when it has expired. It is taken as `kind`, if given.

    It waits for whoever is taking the same at this moment, and never fails on a conflict, so it can be tried for one
    spot after the other.
    """
    row = await connection.fetchval(
        _TAKE,
        location_id,
        uuid4(),
        *spot,
        to_range(period),
        holder.id,
        (kind or holder.kind).value,
        holder.expires_at,
        holder.quote_id,
    )
    return row is not None


async def release(
    connection: Connection,
    location_id: str,
    holder_id: UUID,
    now: datetime,
    kinds: Sequence[AllocationKind] = tuple(AllocationKind),
) -> None:
    """Free whatever `holder_id` has at the Location, of those kinds."""
    await connection.execute(_RELEASE, location_id, holder_id, now, [kind.value for kind in kinds])


async def release_all(connection: Connection, holder_id: UUID, now: datetime) -> list[tuple[str, Interval]]:
    """Free whatever `holder_id` has, wherever that is, and return at which Locations and when it had it."""
    rows = await connection.fetch(_RELEASE_ALL, holder_id, now)
    return [(row["location_id"], to_interval(row["during"])) for row in rows]


async def end_hold(connection: Connection, location_id: str, quote_id: UUID, now: datetime) -> None:
    """Free what a quote holds."""
    await connection.execute(_END_HOLD, location_id, quote_id, now)


async def book(
    connection: Connection,
    location_id: str,
    quote_id: UUID,
    booking_id: UUID,
    kind: AllocationKind = AllocationKind.BOOKING,
) -> None:
    """Make what a quote holds the booking's, at no moment free; raise RuntimeError if it does not hold one thing."""
    done = await connection.execute(_HELD_FOR, location_id, quote_id, booking_id, kind.value)
    if done != "UPDATE 1":
        raise RuntimeError(f"quote {quote_id} holds nothing that booking {booking_id} could take over: {done}")


async def changed(connection: Connection, location_id: str, booking_id: UUID) -> None:
    """Make what is kept for a change the booking's slot; raise RuntimeError if that is not one thing."""
    done = await connection.execute(_CHANGED, location_id, booking_id)
    if done != "UPDATE 1":
        raise RuntimeError(f"nothing is kept for the change of booking {booking_id}: {done}")


async def busy(
    connection: Connection,
    location_ids: Sequence[str],
    window: Interval,
    now: datetime,
    besides: UUID | None = None,
) -> dict[str, dict[str, list[Interval]]]:
    """Return, for each Location, when its chargers and bays (by id) are taken within `window`; one statement.

    Holds that expired by `now` do not count, nor does what the holder `besides` has.
    """
    found: dict[str, dict[str, list[Interval]]] = {}
    asked = (list(location_ids), window.start, window.end + LONGEST_ALLOCATION, window.end, now)
    rows: Sequence[asyncpg.Record] = (
        await connection.fetch(_BUSY, *asked)
        if besides is None
        else await connection.fetch(_BUSY_FOR_OTHERS, *asked, besides)
    )
    for location_id, evse_id, parking_bay_id, start, end in rows:  # ends of a range are read faster than ranges
        taken = found.setdefault(location_id, {})
        period = Interval(start, end)
        taken.setdefault(evse_id, []).append(period)
        if parking_bay_id is not None:
            taken.setdefault(parking_bay_id, []).append(period)
    return found


async def occupied(
    connection: Connection, location_id: str, whats: Sequence[str], window: Interval, now: datetime
) -> list[Occupied]:
    """Return who has which of those chargers and bays within `window`; holds that expired by `now` do not count."""
    asked = (window.start, window.end + LONGEST_ALLOCATION, window.end, now)
    found = []
    for row in await connection.fetch(_OCCUPIED, location_id, list(whats), *asked):
        period = to_interval(row["during"])
        found += [
            Occupied(row["holder_id"], what, period)
            for what in (row["evse_id"], row["parking_bay_id"])
            if what is not None
        ]
    return found
