"""What the database holds at the end of a simulated day, read by plain SQL, and what can be asked of that."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg

BOOKINGS = """
SELECT id, location_id, evse_id, parking_bay_id, emsp_id, lower(during) AS start, upper(during) AS "end", status,
    canceled_reason, who_canceled, hazard, lapses_at, kept_waiting_until, charging_started_at, charging_ended_at,
    interrupted_at, reference, contract_ids, last_updated
FROM booking ORDER BY lower(during), id
"""
SESSIONS = """
SELECT id, location_id, evse_id, parking_bay_id, booking_id, emsp_id, token ->> 'uid' AS uid, basis, status,
    start_date_time AS start, end_date_time AS "end", stop_reason, kwh, slot_end, allowed_until, auth_method
FROM session ORDER BY start_date_time, id
"""
ALLOCATIONS = """
SELECT location_id, evse_id, parking_bay_id, holder_id, kind, lower(during) AS start, upper(during) AS "end",
    released_at, expires_at
FROM allocation ORDER BY lower(during), id
"""
EVENTS = """
SELECT kind, object_id, location_id, cause, lower(during) AS start, upper(during) AS "end", at
FROM event ORDER BY xid, id
"""
READINGS = "SELECT session_id, at, kwh, counts FROM session_reading ORDER BY session_id, at"
ALTERNATIVES = "SELECT DISTINCT booking_id FROM alternative"
REQUESTS = "SELECT id, status, answer_until, answered_at, session_id FROM session_request"
PENDING = """
SELECT 'booking request of ' || booking_id FROM booking_request WHERE status = 'PENDING'
UNION ALL SELECT 'session request ' || id FROM session_request WHERE status = 'PENDING'
UNION ALL SELECT 'alert ' || kind || ' of session ' || session_id FROM session_alert
    WHERE sent_at IS NULL AND due_at IS NOT NULL
UNION ALL SELECT 'session ' || id FROM session WHERE status = 'ACTIVE'
UNION ALL SELECT 'booking ' || id FROM booking WHERE status IN ('PENDING', 'RESERVED')
UNION ALL SELECT 'allocation ' || kind || ' of ' || holder_id FROM allocation
    WHERE released_at IS NULL AND upper(during) > $1 AND kind <> 'HOLD'
"""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a holder had of a charger and bay."""

    location_id: str
    evse_id: str
    parking_bay_id: str | None
    holder_id: str
    kind: str
    start: datetime
    end: datetime
    released_at: datetime | None
    expires_at: datetime | None

    @property
    def until(self) -> datetime:
        """Until when it was really held: to its end, unless it was released or, as a hold, expired before."""
        return min(one for one in (self.end, self.released_at, self.expires_at) if one is not None)

    def stands(self, at: datetime) -> bool:
        """Whether it was not given up by then."""
        given_up = [one for one in (self.released_at, self.expires_at) if one is not None]
        return all(at < one for one in given_up)

    def concerns(self, evse_id: str, bay_id: str | None) -> bool:
        """Whether it is of that charger or that bay."""
        return self.evse_id == evse_id or (bay_id is not None and self.parking_bay_id == bay_id)


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of a day, ids as text."""

    bookings: Sequence[Row]
    sessions: Sequence[Row]
    allocations: Sequence[Allocation]
    events: Sequence[Row]
    readings: Sequence[Row]
    alternatives: frozenset[str]
    requests: Sequence[Row]
    pending: Sequence[str]
    told: Mapping[tuple[str, str], Sequence[Row]]

    def booking(self, composite: str) -> Row:
        """Return a booking by its id on the API."""
        uuid = composite.rpartition("*")[2].lower()
        return next(one for one in self.bookings if one["id"] == uuid)

    def session_of(self, composite: str) -> Row | None:
        """Return a session by its id on the API."""
        uuid = composite.rpartition("*")[2].lower()
        return next((one for one in self.sessions if one["id"] == uuid), None)

    def at_charger(self, evse_id: str, bay_id: str | None = None) -> list[Allocation]:
        """Return what was had of a charger, or its bay, in order of time."""
        return [one for one in self.allocations if one.concerns(evse_id, bay_id)]

    def events_of(self, kind: str, uuid: str) -> list[Row]:
        """Return the events of one kind about an object, in order."""
        return list(self.told.get((kind, uuid), ()))


async def tables(dsn: str, at: datetime) -> Tables:
    """Read what a database holds; `at` is the end of the day."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        events = [_row(one) for one in await connection.fetch(EVENTS)]
        told: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for one in events:  # a warning's object is its session, with the warning's name behind
            told[one["kind"], one["object_id"].split("#")[0].rpartition("*")[2].lower()].append(one)
        return Tables(
            bookings=[_row(one) for one in await connection.fetch(BOOKINGS)],
            sessions=[_row(one) for one in await connection.fetch(SESSIONS)],
            allocations=[Allocation(**_row(one)) for one in await connection.fetch(ALLOCATIONS)],
            events=events,
            readings=[_row(one) for one in await connection.fetch(READINGS)],
            alternatives=frozenset(str(one["booking_id"]) for one in await connection.fetch(ALTERNATIVES)),
            requests=[_row(one) for one in await connection.fetch(REQUESTS)],
            pending=[str(one[0]) for one in await connection.fetch(PENDING, at)],
            told=told,
        )
    finally:
        await connection.close()


Period = tuple[datetime, datetime]


def uncovered(start: datetime, end: datetime, periods: Sequence[Period]) -> list[Period]:
    """Return the parts of a time that no period covers."""
    open_, reached = [], start
    for begin, until in sorted(periods):
        if begin > reached and begin < end:
            open_.append((reached, begin))
        reached = max(reached, until)
        if reached >= end:
            return open_
    return [*open_, (reached, end)] if reached < end else open_


def spelled(lasted: timedelta) -> str:
    """Return a duration for people."""
    return str(Decimal(lasted.total_seconds() / 60).quantize(Decimal("0.1"))) + " min"


def _row(record: Any) -> Row:
    return {name: str(value) if type(value).__name__ == "UUID" else value for name, value in record.items()}
