"""Which bookings somebody at a charger might mean, and the decisions that were taken there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries import bookings
from models.queries.concerning import Condition, page, parties, parties_row, selecting
from models.queries.writing import insert
from models.rules.authorization import ChargingAuthorization
from models.rules.booking import Booking
from models.rules.booking_filter import Holder
from models.rules.charging import ChargingBasis, ChargingRefusal, Presented, StartMethod
from models.rules.interval import Interval
from models.rules.offered import LONGEST_ALLOCATION
from models.rules.token import TokenType

Record = Any
# Counting the Tokens of a booking, rather than NOT EXISTS, keeps PostgreSQL from reading those of all bookings.
_MEANT = """
SELECT b.id FROM booking b
WHERE b.location_id = $1 AND upper(b.during) > $2 AND upper(b.during) < $10 AND lower(b.during) < $3
  AND b.status IN ('PENDING', 'RESERVED', 'FULFILLED', 'NO_SHOW')
  AND (
    EXISTS (
        SELECT FROM booking_token t
        WHERE t.location_id = b.location_id AND t.booking_id = b.id AND (
            (upper(t.uid) = $4 AND upper(t.type) = $5)
            OR ($5 = 'EMAID' AND upper(translate(t.uid, '-*', '')) = ANY($6))
            OR upper(translate(t.contract_id, '-*', '')) = ANY($6)
            OR EXISTS (
                SELECT FROM token g
                WHERE g.uid_key IN (upper(t.uid), upper(translate(t.uid, '-*', '')))
                  AND g.type = upper(t.type) AND g.emsp_id = b.emsp_id AND upper(g.group_id) = ANY($7)
            )
        )
    )
    OR EXISTS (SELECT FROM unnest(b.contract_ids) AS c (id) WHERE upper(translate(c.id, '-*', '')) = ANY($6))
    OR (b.emsp_id = ANY($8) AND (
        SELECT count(*) FROM booking_token t WHERE t.location_id = b.location_id AND t.booking_id = b.id
    ) = 0)
  )
ORDER BY greatest(lower(b.during) - $9, $9 - upper(b.during)), b.id
LIMIT 100
"""
_SELECT = selecting("charging_authorization")
_MANY = f"{_SELECT} WHERE id = ANY($1)"
_PLAIN = ("id", "location_id", "evse_id", "at", "until", "booking_id")


async def meant(
    connection: Connection, location_id: str, window: Interval, presented: Presented, now: datetime
) -> list[Booking]:
    """Return the bookings of a Location within `window` that whoever presents themselves might mean.

    Those nearest to `now`, if a provider has very many there that name no Token.
    """
    rows = await connection.fetch(
        _MEANT,
        location_id,
        window.start,
        window.end,
        presented.uid.upper() if presented.uid else None,
        presented.type.value if presented.type else None,
        _contracts(presented),
        [one.group_id.upper() for one in presented.known if one.group_id is not None],
        [one.emsp_id for one in presented.known],
        now,
        window.end + LONGEST_ALLOCATION,
    )
    ids = [row["id"] for row in rows]
    found = await bookings.many(connection, ids) if ids else {}
    return sorted(found.values(), key=lambda one: (one.timeslot.period.start, str(one.id)))


async def note(connection: Connection, new: ChargingAuthorization) -> None:
    """Store a decision."""
    row = {
        **{name: getattr(new, name) for name in _PLAIN},
        **parties_row(new.parties),
        "method": new.method.value,
        "basis": new.basis.value if new.basis else None,
        "reason": new.reason.value if new.reason else None,
    }
    await insert(connection, "charging_authorization", [row])


async def many(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, ChargingAuthorization]:
    """Return the decisions of those ids that are kept; one statement."""
    return {row["id"]: _authorization(row) for row in await connection.fetch(_MANY, list(ids))}


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ChargingAuthorization]:
    """Return decisions in order of time, from the one behind `after` on; one statement."""
    rows = await page(connection, "charging_authorization", "at", holder, wanted, after=after, limit=limit)
    return [_authorization(row) for row in rows]


def _contracts(presented: Presented) -> list[str]:
    """Return the contracts of an EMAID without their separators, so that none is missed that the rule may allow."""
    if presented.type is not TokenType.EMAID or presented.uid is None:
        return []
    named = {presented.uid, *(one.contract_id for one in presented.known)}
    return [one.upper().replace("-", "").replace("*", "") for one in named]


def _authorization(row: Record) -> ChargingAuthorization:
    return ChargingAuthorization(
        **{name: row[name] for name in _PLAIN},
        method=StartMethod(row["method"]),
        basis=ChargingBasis(row["basis"]) if row["basis"] else None,
        reason=ChargingRefusal(row["reason"]) if row["reason"] else None,
        parties=parties(row),
    )
