"""What every subscription shares: the cursor of an event, and what to do when it leads nowhere."""

from typing import NewType

import strawberry

from models.errors import BadInput
from models.events import Cursor
from schema.pages import from_cursor, to_cursor

EventCursor = NewType("EventCursor", str)
AFTER_CURSOR = "The cursor of the last event that was seen; what happened since comes first."
CURSOR = "Keep the last one that is not null, and resume `after` it; null while more of one event follow."
LARGEST_XID = 2**64 - 1
LARGEST_ID = 2**63 - 1
MOST_DIGITS = 20


@strawberry.type(
    description="The events behind the cursor are gone, or it belongs to another history: read afresh, then "
    "subscribe without `after`."
)
class ResyncRequired:
    """The events behind the cursor are gone."""

    reason: str


def write_cursor(cursor: Cursor) -> EventCursor:
    """Return an event's place as clients keep it."""
    return EventCursor(to_cursor((cursor.epoch, str(cursor.xid), str(cursor.id))))


def read_cursor(cursor: EventCursor | None) -> Cursor | None:
    """Return the place that a client kept, or raise BadInput."""
    if cursor is None:
        return None
    key = from_cursor(cursor)
    if key is not None and len(key) == 3 and all(len(one) <= MOST_DIGITS and one.isdecimal() for one in key[1:]):
        epoch, xid, number = key[0], int(key[1]), int(key[2])
        if xid <= LARGEST_XID and number <= LARGEST_ID:
            return Cursor(epoch, xid, number)
    raise BadInput("`after` is no cursor of an event; take one from an event that you were sent.")
