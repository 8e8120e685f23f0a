"""Writing events beside what causes them, and reading them in an order that misses none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.db import Connection
from models.events import AvailabilityCause, Cursor, Event, EventKind, Recorded
from models.queries.documents import to_interval, to_range
from models.queries.writing import insert

NO_ID = 0
"""Comes before the id of every event."""

CAUSES = frozenset(cause.value for cause in AvailabilityCause)
"""What a newer release names besides is a change for a cause that is not known here."""

_FEED = """
SELECT system_identifier || '-' || timeline_id AS epoch,
       xid::text AS floor_xid, id AS floor_id,
       pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
       pg_snapshot_xmax(pg_current_snapshot())::text AS newest
FROM pg_control_system(), pg_control_checkpoint(), event_floor
"""
_AFTER = """
SELECT e.xid::text AS transaction_id, e.*
FROM event e
WHERE (e.xid, e.id) > ($1::text::xid8, $2) AND e.xid < $3::text::xid8 AND e.kind = ANY($5)
ORDER BY e.xid, e.id
LIMIT $4
"""
_NEWEST = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
_ADOPT = """
UPDATE event_floor SET epoch = here.epoch, xid = pg_current_xact_id(), id = 0
FROM (
    SELECT system_identifier || '-' || timeline_id AS epoch FROM pg_control_system(), pg_control_checkpoint()
) AS here
WHERE event_floor.epoch <> here.epoch
RETURNING true
"""
_FORGET = "DELETE FROM event WHERE xid <> pg_current_xact_id()"
_PRUNE = """
WITH doomed AS (
    SELECT xid, id FROM event
    WHERE at < $1 AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, id LIMIT $2
), gone AS (
    DELETE FROM event e USING doomed d WHERE e.xid = d.xid AND e.id = d.id RETURNING e.xid, e.id
), last AS (
    SELECT xid, id FROM gone ORDER BY xid DESC, id DESC LIMIT 1
), floor AS (
    UPDATE event_floor SET xid = last.xid, id = last.id FROM last
    WHERE (event_floor.xid, event_floor.id) < (last.xid, last.id)
)
SELECT count(*) FROM gone
"""
_OLDEST_WRITER = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float
FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the feed begins and ends now: before the oldest transaction still open, at `end`, all is complete."""

    floor: Cursor
    end: Cursor
    newest: int
    """The transaction that will start next."""

    def lost(self, cursor: Cursor) -> str | None:
        """Return why events behind `cursor` may be missing, or None if all of them are here."""
        if cursor.epoch != self.end.epoch:
            return "The cursor belongs to another history of the database."
        if cursor < self.floor:
            return "The cursor is older than the events that are kept."
        if cursor > self.end:
            return "The cursor lies ahead of the database."
        return None


async def add(connection: Connection, events: Sequence[Event], now: datetime) -> None:
    """Write events; they are told to others once the transaction commits."""
    await insert(connection, "event", [_row(event, now) for event in events])


async def newest(connection: Connection) -> int:
    """Return the transaction that will start next: whatever is committed lies before it."""
    return int(await connection.fetchval(_NEWEST))


async def after(connection: Connection, cursor: Cursor, before: int, limit: int) -> list[Recorded]:
    """Return at most `limit` events behind `cursor` and before the horizon `before`.

    A newer release beside this one may write kinds of events that nobody here could use: they are left out.
    """
    kinds = [kind.value for kind in EventKind]
    rows = await connection.fetch(_AFTER, str(cursor.xid), cursor.id, str(before), limit, kinds)
    return [_recorded(cursor.epoch, row) for row in rows]


async def feed(connection: Connection) -> Feed:
    """Return where the feed begins and ends; one statement."""
    (row,) = await connection.fetch(_FEED)
    epoch = str(row["epoch"])
    return Feed(
        floor=Cursor(epoch, int(row["floor_xid"]), row["floor_id"]),
        end=Cursor(epoch, int(row["horizon"]), NO_ID),
        newest=int(row["newest"]),
    )


async def adopt(connection: Connection) -> bool:
    """Make the feed one of this database if it was brought here from another; return whether it was.

    A dump takes events and floor along, but transactions are counted anew where it is restored.
    """
    if not await connection.fetchval(_ADOPT):
        return False
    await connection.execute(_FORGET)
    return True


async def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Delete at most `limit` events older than `keep`, raise the floor, and return how many there were."""
    return int(await connection.fetchval(_PRUNE, now - keep, limit))


async def oldest_writer(connection: Connection) -> float:
    """Return for how many seconds the oldest open transaction has held the feed back."""
    return float(await connection.fetchval(_OLDEST_WRITER))


def _row(event: Event, now: datetime) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "object_id": event.object_id,
        "location_id": event.location_id,
        "party_id": event.party_id,
        "cause": event.cause.value if event.cause else None,
        "during": to_range(event.during) if event.during else None,
        "booker_id": event.booker_id,
        "at": now,
    }


def _recorded(epoch: str, row: Any) -> Recorded:
    return Recorded(
        Cursor(epoch, int(row["transaction_id"]), row["id"]),
        row["at"],
        Event(
            EventKind(row["kind"]),
            row["object_id"],
            row["location_id"],
            row["party_id"],
            AvailabilityCause(row["cause"]) if row["cause"] in CAUSES else None,
            to_interval(row["during"]) if row["during"] else None,
            row["booker_id"],
        ),
    )
