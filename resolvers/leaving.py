"""Leaving a slot that was used for good: what its booking keeps is free at once (BUC 3.7)."""

from dataclasses import replace
from datetime import datetime

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, events
from models.queries import bookings as stored
from models.rules.booking import Booking
from resolvers import told
from resolvers.call import Call


async def leave(call: Call, connection: Connection, old: Booking, new: Booking, ended_at: datetime) -> Booking:
    """Store what became of a locked booking, with the moment at which its holder was done charging, and return it.

    What is told of is what lies ahead; that is nothing once the slot is over.
    """
    left = replace(new, charging_ended_at=ended_at, last_updated=call.now)
    await stored.put(connection, old, left)
    freed = await allocations.release_all(connection, old.id, call.now)
    available = told.given_back(freed, AvailabilityCause.EARLY_STOP, call.now)
    await events.add(connection, [told.booking(left), *available], call.now)
    return left
