"""Reading and writing Reminders, and who prefers to be reminded when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.writing import insert, upsert
from models.rules.booking import Booking
from models.rules.booking_state import LIVE, ReservationStatus
from models.rules.identity import part_id
from models.rules.reminder import Reminder, ReminderPreference

OF_ALL = ""
"""The contract of a preference that is for all contracts."""

_OF = """
SELECT minutes_before, due_at, sent_at FROM reminder
WHERE location_id = $1 AND booking_id = $2
ORDER BY minutes_before DESC
"""
_FORGET = "DELETE FROM reminder WHERE location_id = $1 AND booking_id = $2"
_DUE_BOOKINGS = """
SELECT location_id, id FROM booking
WHERE (location_id, id) IN (
    SELECT location_id, booking_id FROM reminder WHERE sent_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2
)
FOR UPDATE SKIP LOCKED
"""
_SETTLE = """
UPDATE reminder r SET sent_at = $1
FROM booking b, unnest($2::text[], $3::uuid[]) AS held (location_id, id)
WHERE b.location_id = held.location_id AND b.id = held.id
  AND r.location_id = held.location_id AND r.booking_id = held.id AND r.sent_at IS NULL AND r.due_at <= $1
RETURNING r.location_id, r.booking_id, r.minutes_before, b.cpo_id, b.emsp_id, b.booker_id, b.status,
          lower(b.during) AS start
"""
_PREFERENCES = "SELECT contract_id, minutes_before FROM reminder_preference WHERE emsp_id = $1 ORDER BY contract_id"
_PREFERENCES_FOR = """
SELECT contract_id, minutes_before FROM reminder_preference
WHERE emsp_id = $1 AND contract_id = ANY($2) ORDER BY contract_id
"""
_FORGET_PREFERENCE = "DELETE FROM reminder_preference WHERE emsp_id = $1 AND contract_id = $2"


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose moment has come, and what of its booking says whether it is sent, and to whom."""

    location_id: str
    booking_id: UUID
    minutes_before: int
    cpo_id: str
    emsp_id: str
    booker_id: str | None
    status: ReservationStatus
    start: datetime

    @property
    def object_id(self) -> str:
        """The composite id of the booking."""
        return part_id(self.cpo_id, str(self.booking_id))

    def is_wanted(self, now: datetime) -> bool:
        """Whether the booking is still to begin."""
        return self.status in LIVE and now < self.start


async def of(connection: Connection, one: Booking) -> list[Reminder]:
    """Return the reminders of a booking, the earliest first."""
    return [Reminder(**row) for row in await connection.fetch(_OF, one.location_id, one.id)]


async def put(connection: Connection, one: Booking, reminders: Iterable[Reminder]) -> None:
    """Store the reminders of a booking that is new or locked, in the place of what it had."""
    await connection.execute(_FORGET, one.location_id, one.id)
    place = {"location_id": one.location_id, "booking_id": one.id}
    rows = [
        {**place, "minutes_before": each.minutes_before, "due_at": each.due_at, "sent_at": each.sent_at}
        for each in reminders
    ]
    await insert(connection, "reminder", rows)


async def settle_due(connection: Connection, now: datetime, limit: int) -> list[Due] | None:
    """Settle reminders that are due, of at most `limit` bookings, and return them; None if nothing is left to do.

    The bookings stay locked, so that nobody else settles their reminders, changes or ends them; those that others
    have locked are left alone. What is due is read again once they are locked.
    """
    rows = await connection.fetch(_DUE_BOOKINGS, now, limit)
    if not rows:
        return None
    settled = await connection.fetch(_SETTLE, now, [row["location_id"] for row in rows], [row["id"] for row in rows])
    return [Due(**{**row, "status": ReservationStatus(row["status"])}) for row in settled]


async def preferences(
    connection: Connection, emsp_id: str, contract_ids: Sequence[str] | None = None
) -> list[ReminderPreference]:
    """Return what a provider prefers for all, which comes first, and for its contracts, or for those named."""
    if contract_ids is None:
        return [_preference(row) for row in await connection.fetch(_PREFERENCES, emsp_id)]
    return [_preference(row) for row in await connection.fetch(_PREFERENCES_FOR, emsp_id, [OF_ALL, *contract_ids])]


async def prefer(connection: Connection, emsp_id: str, preferred: ReminderPreference, now: datetime) -> None:
    """Store what a provider prefers, in the place of what it preferred."""
    row = {
        "emsp_id": emsp_id,
        "contract_id": preferred.contract_id or OF_ALL,
        "minutes_before": list(preferred.minutes_before),
        "last_updated": now,
    }
    await upsert(connection, "reminder_preference", ["emsp_id", "contract_id"], [row])


async def forget_preference(connection: Connection, emsp_id: str, contract_id: str | None) -> None:
    """Forget what a provider prefers for a contract, or for all."""
    await connection.execute(_FORGET_PREFERENCE, emsp_id, contract_id or OF_ALL)


def _preference(row: Any) -> ReminderPreference:
    return ReminderPreference(row["contract_id"] or None, tuple(row["minutes_before"]))
