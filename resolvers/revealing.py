"""Telling the holder of a booking which charger of the group it got (BUC 2.1): when that is due, or before."""

from dataclasses import dataclass, replace
from uuid import UUID

from models.db import Connection
from models.queries import bookings as stored
from models.queries import events, provisional
from models.rules.booking import Booking
from models.rules.role import Role
from resolvers import told
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.each import all_due
from resolvers.locked_booking import at_once, check_changeable, lock_places, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class Revelation:
    """Of which booking to tell the charger."""

    booking_id: str


async def reveal(call: Call) -> int:
    """Tell the chargers that are due, each in a transaction of its own, and return how many there were.

    Any number of workers may do so at once; each is told once.
    """
    return await all_due(call.database, call.now, provisional.to_reveal, lambda uuid: _reveal_due(call, uuid))


async def reveal_now(call: Call, idempotency_key: str, wanted: Revelation) -> Booking:
    """Tell the holder of a booking its charger at once, and return the booking; one that was told stays as it is.

    It is moved to no other from then on, but by its operator or for a fault. Raise NotFound or AlreadyFinal.
    """
    call.acting_as(Role.CPO)

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        await tell_now(call, connection, old)

    await once(call, idempotency_key, "bookingReveal", wanted, {"booking": wanted.booking_id}, work, first=first)
    return await get(call, wanted.booking_id)


async def tell_now(call: Call, connection: Connection, old: Booking) -> Booking:
    """Tell the holder of a locked booking its charger, unless that was told, and return the booking as it is then."""
    if old.evse_revealed_at is not None and old.evse_revealed_at <= call.now:
        return old
    return await _tell(call, connection, old, replace(old, evse_revealed_at=call.now))


async def _reveal_due(call: Call, uuid: UUID) -> bool:
    """Tell a charger unless that is not due any more; return whether it was told."""

    async def work(connection: Connection) -> bool:
        old = await at_once(connection, uuid)
        if old is None or old.reveal_due_at is None or old.reveal_due_at > call.now:
            return False
        await _tell(call, connection, old, old)
        return True

    return await call.database.write(work)


async def _tell(call: Call, connection: Connection, old: Booking, new: Booking) -> Booking:
    new = replace(new, reveal_due_at=None, last_updated=call.now)
    await stored.put(connection, old, new)
    await events.add(connection, [told.booking(new)], call.now)
    return new
