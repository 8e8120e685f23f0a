"""Reading and writing Sessions and what their chargers reported of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.concerning import Condition, page, parties, parties_row, selecting
from models.queries.documents import from_document, optional, to_document
from models.queries.writing import amend, insert
from models.rules.booking import BookingToken
from models.rules.booking_filter import Holder
from models.rules.charge import Charge
from models.rules.charging import ChargingBasis, ChargingRefusal
from models.rules.charging_decision import Occupied
from models.rules.identity import owner
from models.rules.interval import Interval
from models.rules.role import Role
from models.rules.session import AuthMethod, Reading, Session, SessionStatus, StopReason
from models.rules.tariff import Tariff
from models.rules.token import TokenType, contract_key

Record = Any
LONGEST = timedelta(days=7)
"""Sessions that began so long before what is asked for are over, or forgotten."""

_SELECT = selecting("session")
_MANY = f"{_SELECT} WHERE id = ANY($1)"
_OF_BOOKINGS = f"{_SELECT} WHERE booking_id = ANY($1) ORDER BY start_date_time, id"
_LOCATION_OF = "SELECT location_id FROM session WHERE id = $1"
_LOCKED = f"{_SELECT} WHERE location_id = $1 AND id = $2 FOR UPDATE"
_ACTIVE_ON = f"{_SELECT} WHERE location_id = $1 AND evse_id = ANY($2) AND status = 'ACTIVE'"
_DURING = f"""
{_SELECT} WHERE cpo_id = $1 AND location_id = $2 AND evse_id = $3 AND start_date_time BETWEEN $4 AND $6
AND (end_date_time IS NULL OR end_date_time >= $5) ORDER BY start_date_time, id
"""
_CHARGING_WITH = f"""
{_SELECT} WHERE status = 'ACTIVE' AND cpo_id = $1 AND upper(token ->> 'type') = $2 AND (
    upper(token ->> 'uid') = $3 OR ($2 = 'EMAID' AND translate(upper(token ->> 'contract_id'), '-*', '') = $4)
) ORDER BY start_date_time, id
"""
_GIVEN_UP = """allowed_until <= $1 AND NOT EXISTS (
    SELECT FROM allocation a
    WHERE a.location_id = session.location_id AND a.released_at IS NULL AND a.during @> $1::timestamptz
      AND (a.evse_id = session.evse_id OR a.parking_bay_id = session.parking_bay_id)
)"""
_OUTSTAYING = f"""
SELECT id FROM session
WHERE status = 'ACTIVE' AND occupied_until < $1::timestamptz + $3::interval AND (
    occupied_until <= $1::timestamptz
    OR (booking_id IS NULL AND (allowed_until IS NULL OR allowed_until > occupied_until))
    OR (booking_id IS NOT NULL AND occupied_until <= $1 + $4::interval)
    OR ({_GIVEN_UP})
)
ORDER BY occupied_until LIMIT $2
"""  # noqa: S608 - all of it is ours
_IS_GIVEN_UP = f"SELECT {_GIVEN_UP} FROM session WHERE location_id = $2 AND id = $3"  # noqa: S608 - all of it is ours
_IN_OVERTIME = """
SELECT b.id FROM session s JOIN booking b ON b.location_id = s.location_id AND b.id = s.booking_id
WHERE s.status = 'ACTIVE' AND s.slot_end <= $1 AND b.last_updated < s.slot_end
ORDER BY s.slot_end LIMIT $2
"""
_OVERSTAYING = """
SELECT location_id, evse_id, parking_bay_id, coalesce(booking_id, id) AS holder_id, start_date_time, occupied_until
FROM session
WHERE location_id = ANY($1) AND status = 'ACTIVE' AND occupied_until > start_date_time
"""
_READINGS = """
SELECT at, kwh, power, state_of_charge FROM session_reading
WHERE location_id = $1 AND session_id = $2 AND counts ORDER BY at
"""
_READINGS_OF = """
SELECT session_id, at, kwh, power, state_of_charge FROM session_reading
JOIN unnest($1::text[], $2::uuid[]) AS wanted (location_id, session_id) USING (location_id, session_id)
WHERE counts ORDER BY session_id, at
"""
_LAST_POSITION = """
SELECT coalesce(max(position), 0) FROM session_reading WHERE location_id = $1 AND session_id = $2
"""
_PLAIN = (
    "id",
    "location_id",
    "evse_id",
    "connector_id",
    "parking_bay_id",
    "booking_id",
    "authorization_reference",
    "start_date_time",
    "end_date_time",
    "meter_id",
    "meter_start",
    "kwh",
    "power",
    "state_of_charge",
    "read_at",
    "slot_end",
    "allowed_until",
    "occupied_until",
    "target_state_of_charge",
    "last_updated",
)


async def many(connection: Connection, session_ids: Sequence[UUID]) -> dict[UUID, Session]:
    """Return the sessions of those ids that exist; one statement."""
    return {row["id"]: _session(row) for row in await connection.fetch(_MANY, list(session_ids))}


async def of_bookings(connection: Connection, booking_ids: Sequence[UUID]) -> list[Session]:
    """Return the sessions of bookings, in the order of their starts; one statement."""
    return [_session(row) for row in await connection.fetch(_OF_BOOKINGS, list(booking_ids))]


async def location_of(connection: Connection, session_id: UUID) -> str | None:
    """Return the id of the Location that a session is at, or None if there is no such session."""
    found: str | None = await connection.fetchval(_LOCATION_OF, session_id)
    return found


async def locked(connection: Connection, location_id: str, session_id: UUID, *, waits: bool = True) -> Session | None:
    """Return a session that nobody else changes until the transaction ends; unless it `waits`, None if one does."""
    statement = _LOCKED if waits else f"{_LOCKED} SKIP LOCKED"
    row = await connection.fetchrow(statement, location_id, session_id)
    return _session(row) if row else None


async def active_on(connection: Connection, location_id: str, evse_ids: Sequence[str]) -> list[Session]:
    """Return the sessions that go on at chargers; at most one each."""
    return [_session(row) for row in await connection.fetch(_ACTIVE_ON, location_id, list(evse_ids))]


async def during(
    connection: Connection, location_id: str, evse_id: str, start: datetime, end: datetime
) -> list[Session]:
    """Return the sessions at a charger that went on at any of the moments from `start` to `end`, both included."""
    rows = await connection.fetch(_DURING, owner(location_id), location_id, evse_id, start - LONGEST, start, end)
    return [_session(row) for row in rows]


async def charging_with(connection: Connection, cpo_id: str, uid: str, kind: TokenType) -> list[Session]:
    """Return the sessions that go on at an operator's sites with a Token, of an EMAID with its contract's."""
    rows = await connection.fetch(_CHARGING_WITH, cpo_id, kind.value, uid.upper(), contract_key(uid))
    return [_session(row) for row in rows]


async def outstaying(
    connection: Connection, now: datetime, limit: int, walk_up: timedelta, booked: timedelta
) -> list[UUID]:
    """Return the ids of at most `limit` sessions that go on though they soon keep their chargers no more.

    That is `walk_up` or `booked` before it, for those with a booking; a walk-up that somebody waits for, only then.
    So are those in the way of somebody who has given the charger up.
    """
    return [row["id"] for row in await connection.fetch(_OUTSTAYING, now, limit, walk_up, booked)]


async def is_given_up(connection: Connection, one: Session, now: datetime) -> bool:
    """Whether a session goes on, though it may not, where nobody has the charger or its bay now."""
    return bool(await connection.fetchval(_IS_GIVEN_UP, now, one.location_id, one.id))


async def in_overtime(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` bookings that are used beyond their slot and were not told of since."""
    return [row["id"] for row in await connection.fetch(_IN_OVERTIME, now, limit)]


async def occupying(connection: Connection, location_ids: Sequence[str]) -> dict[tuple[str, str], Occupied]:
    """Return who charges at those Locations, and until when they are expected to, by Location and charger or bay."""
    return {
        (row["location_id"], what): Occupied(
            row["holder_id"], what, Interval(row["start_date_time"], row["occupied_until"])
        )
        for row in await connection.fetch(_OVERSTAYING, list(location_ids))
        for what in (row["evse_id"], row["parking_bay_id"])
        if what is not None
    }


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Session]:
    """Return sessions in the order of their starts, from the one behind `after` on; one statement."""
    rows = await page(connection, "session", "start_date_time", holder, wanted, after=after, limit=limit)
    return [_session(row) for row in rows]


async def add(connection: Connection, new: Session) -> None:
    """Store a new session; one that is over already is to be settled."""
    over = None if new.active else new.last_updated
    await insert(connection, "session", [session_row(new) | {"unsettled_at": over}])


async def put(connection: Connection, old: Session, new: Session) -> None:
    """Store what became of a session that is locked; one that ended is to be settled."""
    before, after = session_row(old), session_row(new)
    if old.active and not new.active:
        before, after = before | {"unsettled_at": None}, after | {"unsettled_at": new.last_updated}
    await amend(connection, "session", {"location_id": old.location_id, "id": old.id}, before, after)


async def readings(connection: Connection, one: Session) -> list[Reading]:
    """Return what counts of what a session's charger measured, in order of time."""
    return [Reading(*row) for row in await connection.fetch(_READINGS, one.location_id, one.id)]


async def readings_of(connection: Connection, some: Sequence[Session]) -> dict[UUID, list[Reading]]:
    """Return what counts of what the chargers of sessions measured, each in order of time; one statement at most."""
    found: dict[UUID, list[Reading]] = {one.id: [] for one in some}
    if found:
        places, ids = [one.location_id for one in some], [one.id for one in some]
        for session_id, *reading in await connection.fetch(_READINGS_OF, places, ids):
            found[session_id].append(Reading(*reading))
    return found


async def add_readings(
    connection: Connection, one: Session, new: Sequence[tuple[Reading, bool]], now: datetime
) -> None:
    """Append readings to a session that is locked, each with whether it counts."""
    last = await connection.fetchval(_LAST_POSITION, one.location_id, one.id)
    rows = [
        {
            "location_id": one.location_id,
            "session_id": one.id,
            "position": position,
            "at": reading.at,
            "kwh": reading.kwh,
            "power": reading.power,
            "state_of_charge": reading.state_of_charge,
            "counts": counts,
            "received_at": now,
        }
        for position, (reading, counts) in enumerate(new, last + 1)
    ]
    await insert(connection, "session_reading", rows)


def session_row(one: Session) -> dict[str, Any]:
    """Return the columns of a session."""
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        **parties_row(one.parties),
        "token": to_document(BookingToken, one.token),
        "auth_method": one.auth_method.value,
        "basis": one.basis.value,
        "status": one.status.value,
        "stop_reason": one.stop_reason.value if one.stop_reason else None,
        "stopped_by": one.stopped_by.value if one.stopped_by else None,
        "tariffs": to_document(tuple[Tariff, ...], one.tariffs),
        "cost": to_document(Charge, one.cost),
        "irregularity": one.irregularity.value if one.irregularity else None,
    }


def _session(row: Record) -> Session:
    return Session(
        **{name: row[name] for name in _PLAIN},
        parties=parties(row),
        token=optional(BookingToken, row["token"]),
        auth_method=AuthMethod(row["auth_method"]),
        basis=ChargingBasis(row["basis"]),
        status=SessionStatus(row["status"]),
        stop_reason=StopReason(row["stop_reason"]) if row["stop_reason"] else None,
        stopped_by=Role(row["stopped_by"]) if row["stopped_by"] else None,
        tariffs=from_document(tuple[Tariff, ...], row["tariffs"]),
        cost=optional(Charge, row["cost"]),
        irregularity=ChargingRefusal(row["irregularity"]) if row["irregularity"] else None,
    )
