"""Reading and writing DriverMessages (BUC 3.11)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries import sessions
from models.queries.concerning import Condition, page, parties, parties_row, selecting
from models.queries.writing import insert
from models.rules.booking import BookingToken
from models.rules.booking_filter import Holder
from models.rules.driver_message import DriverMessage

FORGOTTEN = ""
"""The text of a message whose text is kept no longer."""

_SELECT = selecting("driver_message")
_MANY = f"{_SELECT} WHERE id = ANY($1)"
_LOCKED = "SELECT true FROM driver_message WHERE id = $1 FOR UPDATE"
_SENT_ABOUT_BOOKING = "SELECT count(*) FROM driver_message WHERE booking_id = $1 AND sent_at > $2"
_SENT_ABOUT_SESSION = "SELECT count(*) FROM driver_message WHERE session_id = $1 AND sent_at > $2"
_ACKNOWLEDGE = "UPDATE driver_message SET acknowledged_at = $2, acknowledged_by = $3 WHERE id = $1"
_FORGET = """
UPDATE driver_message SET text = '' WHERE (location_id, id) IN (
    SELECT location_id, id FROM driver_message
    WHERE text <> '' AND sent_at <= $1 ORDER BY sent_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
_TOKENS = """
SELECT booking_id, country_code, party_id, uid, type, contract_id FROM booking_token
WHERE booking_id = ANY($1) ORDER BY booking_id, position
"""
_PLAIN = (
    "id",
    "location_id",
    "booking_id",
    "session_id",
    "language",
    "sent_at",
    "acknowledged_at",
    "acknowledged_by",
)


async def many(connection: Connection, message_ids: Sequence[UUID]) -> dict[UUID, DriverMessage]:
    """Return the messages of those ids that exist, with whose driver is meant; three statements."""
    rows = await connection.fetch(_MANY, list(message_ids))
    return {one.id: one for one in await _addressed(connection, rows)}


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[DriverMessage]:
    """Return messages as they were sent, from the one behind `after` on; three statements."""
    rows = await page(connection, "driver_message", "sent_at", holder, wanted, after=after, limit=limit)
    return await _addressed(connection, rows)


async def lock(connection: Connection, message_id: UUID) -> None:
    """Let nobody else change a message until the transaction ends."""
    await connection.fetchval(_LOCKED, message_id)


async def sent_about(
    connection: Connection, booking_id: UUID | None, session_id: UUID | None, since: datetime
) -> int:
    """Return how many messages were sent after `since` about a booking, or about a session without one."""
    if booking_id is not None:
        return int(await connection.fetchval(_SENT_ABOUT_BOOKING, booking_id, since))
    return int(await connection.fetchval(_SENT_ABOUT_SESSION, session_id, since))


async def add(connection: Connection, new: DriverMessage) -> None:
    """Store a new message."""
    row = {name: getattr(new, name) for name in _PLAIN}
    await insert(connection, "driver_message", [{**row, **parties_row(new.parties), "text": new.text}])


async def acknowledge(connection: Connection, message_id: UUID, now: datetime, party_id: str) -> None:
    """Note who took a message that is locked."""
    await connection.execute(_ACKNOWLEDGE, message_id, now, party_id)


async def forget(connection: Connection, sent_by: datetime, limit: int) -> int:
    """Forget the text of at most `limit` messages that were sent by then, and return how many there were."""
    return int((await connection.execute(_FORGET, sent_by, limit)).split()[-1])


async def _addressed(connection: Connection, rows: Sequence[Any]) -> list[DriverMessage]:
    """Return the messages in rows, each with the Tokens of its session, or else of its booking."""
    found = [_message(row) for row in rows]
    session_ids = {one.session_id for one in found if one.session_id is not None}
    used = await sessions.many(connection, list(session_ids)) if session_ids else {}
    of_booking: dict[UUID, list[BookingToken]] = defaultdict(list)
    booking_ids = {one.booking_id for one in found if one.booking_id is not None}
    if booking_ids:
        for booking_id, *token in await connection.fetch(_TOKENS, list(booking_ids)):
            of_booking[booking_id].append(BookingToken(*token))
    addressed = []
    for one in found:
        session = used.get(one.session_id) if one.session_id is not None else None
        if session is not None and session.token is not None:
            addressed.append(replace(one, tokens=(session.token,)))
        else:
            addressed.append(replace(one, tokens=tuple(of_booking[one.booking_id]) if one.booking_id else ()))
    return addressed


def _message(row: Any) -> DriverMessage:
    text = None if row["text"] == FORGOTTEN else row["text"]
    return DriverMessage(**{name: row[name] for name in _PLAIN}, parties=parties(row), text=text)
