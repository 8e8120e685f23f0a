"""Reading and writing the warnings of Sessions, and when the holders of chargers want them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.writing import insert, upsert
from models.rules.identity import part_id
from models.rules.parties import Parties
from models.rules.session import Session, SessionStatus
from models.rules.session_alert import AlertKind, AlertWish, SessionAlert

_KEY = ("location_id", "session_id", "kind", "minutes_before")
_OF = """
SELECT kind, minutes_before, due_at, sent_at FROM session_alert
WHERE location_id = $1 AND session_id = $2
ORDER BY due_at NULLS LAST, kind, minutes_before DESC
"""
_FORGET = """
DELETE FROM session_alert a USING unnest($3::text[], $4::int[]) AS gone (kind, minutes_before)
WHERE a.location_id = $1 AND a.session_id = $2 AND (a.kind, a.minutes_before) = (gone.kind, gone.minutes_before)
"""
_SETTLE_ALL = """
UPDATE session_alert SET sent_at = $3 WHERE location_id = $1 AND session_id = $2 AND sent_at IS NULL
"""
_DUE_SESSIONS = """
SELECT location_id, id FROM session
WHERE (location_id, id) IN (
    SELECT location_id, session_id FROM session_alert WHERE sent_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2
)
FOR UPDATE SKIP LOCKED
"""
_SETTLE = """
UPDATE session_alert a SET sent_at = $1
FROM session s, unnest($2::text[], $3::uuid[]) AS held (location_id, id)
WHERE s.location_id = held.location_id AND s.id = held.id
  AND a.location_id = held.location_id AND a.session_id = held.id AND a.sent_at IS NULL AND a.due_at <= $1
RETURNING a.location_id, a.session_id, a.kind, a.minutes_before, a.due_at, s.cpo_id, s.emsp_id, s.booker_id,
          s.status, coalesce(s.slot_end, s.allowed_until) AS ends_at
"""
_WISH = """
WITH RECURSIVE line AS (
    SELECT $1::uuid AS holder_id, 0 AS back
    UNION ALL
    SELECT split_part(b.replaces_id, '*', 3)::uuid, line.back + 1
    FROM line JOIN booking b ON b.id = line.holder_id WHERE b.replaces_id IS NOT NULL
)
SELECT minutes_before_end, target_state_of_charge, minutes_before_target
FROM line JOIN alert_wish USING (holder_id) ORDER BY back LIMIT 1
"""
_FORGET_WISH = "DELETE FROM alert_wish WHERE holder_id = $1"


@dataclass(frozen=True, slots=True)
class Due:
    """A warning whose moment has come, and what of its session says whether it is sent, and to whom."""

    location_id: str
    object_id: str
    alert: SessionAlert
    parties: Parties
    status: SessionStatus
    ends_at: datetime | None

    def is_wanted(self, now: datetime) -> bool:
        """Whether the session goes on, and the end that is warned of lies ahead."""
        if self.status is not SessionStatus.ACTIVE:
            return False
        ended = self.ends_at is not None and self.ends_at <= now
        return not (ended and self.alert.kind is AlertKind.SLOT_ENDING)


async def of(connection: Connection, one: Session) -> list[SessionAlert]:
    """Return the warnings of a session, in the order in which they fall due."""
    rows = await connection.fetch(_OF, one.location_id, one.id)
    return [SessionAlert(**{**row, "kind": AlertKind(row["kind"])}) for row in rows]


async def put(
    connection: Connection, one: Session, known: Collection[SessionAlert], alerts: Iterable[SessionAlert]
) -> None:
    """Store the warnings of a session that is new or locked, in the place of the `known` ones that it has."""
    new = list(alerts)
    named_now = {(each.kind, each.minutes_before) for each in new}
    gone = [each for each in known if (each.kind, each.minutes_before) not in named_now]
    if gone:
        kinds, minutes = [each.kind.value for each in gone], [each.minutes_before for each in gone]
        await connection.execute(_FORGET, one.location_id, one.id, kinds, minutes)
    place = {"location_id": one.location_id, "session_id": one.id}
    rows = [
        {
            **place,
            "kind": each.kind.value,
            "minutes_before": each.minutes_before,
            "due_at": each.due_at,
            "sent_at": each.sent_at,
        }
        for each in new
        if each not in known
    ]
    await upsert(connection, "session_alert", _KEY, rows)


async def settle(connection: Connection, one: Session, now: datetime) -> None:
    """Settle the warnings of a session that are to come, because nobody needs them any more."""
    await connection.execute(_SETTLE_ALL, one.location_id, one.id, now)


async def settle_due(connection: Connection, now: datetime, limit: int) -> list[Due] | None:
    """Settle warnings that are due, of at most `limit` sessions, and return them; None if nothing is left to do.

    The sessions stay locked, so that nobody else settles their warnings, moves or ends them; those that others have
    locked are left alone. What is due is read again once they are locked.
    """
    rows = await connection.fetch(_DUE_SESSIONS, now, limit)
    if not rows:
        return None
    settled = await connection.fetch(_SETTLE, now, [row["location_id"] for row in rows], [row["id"] for row in rows])
    return sorted((_due(row) for row in settled), key=lambda one: (one.alert.due_at or now, one.object_id))


async def wish(connection: Connection, holder_id: UUID) -> AlertWish | None:
    """Return when the holder of a charger, a booking or a walk-up's session, wants to be warned, if it has said.

    What was said of a booking holds of the one that took its place.
    """
    row = await connection.fetchrow(_WISH, holder_id)
    if row is None:
        return None
    return AlertWish(
        tuple(row["minutes_before_end"]), row["target_state_of_charge"], tuple(row["minutes_before_target"])
    )


async def put_wish(
    connection: Connection, location_id: str, holder_id: UUID, wanted: AlertWish, now: datetime
) -> None:
    """Store when a holder that is locked wants to be warned, in the place of what it said at any Location."""
    await connection.execute(_FORGET_WISH, holder_id)
    row = {
        "location_id": location_id,
        "holder_id": holder_id,
        "minutes_before_end": list(wanted.minutes_before_end),
        "target_state_of_charge": wanted.target_state_of_charge,
        "minutes_before_target": list(wanted.minutes_before_target),
        "last_updated": now,
    }
    await insert(connection, "alert_wish", [row])


def _due(row: Any) -> Due:
    return Due(
        row["location_id"],
        part_id(row["cpo_id"], str(row["session_id"])),
        SessionAlert(AlertKind(row["kind"]), row["minutes_before"], row["due_at"]),
        Parties(row["cpo_id"], row["emsp_id"], row["booker_id"]),
        SessionStatus(row["status"]),
        row["ends_at"],
    )
