"""How a booking ends before anybody charged: all that it keeps is free again, and that is told."""

from dataclasses import replace
from datetime import datetime

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, alternatives, events
from models.queries import bookings as stored
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, RequestStatus, ReservationStatus
from models.rules.role import Role
from resolvers import holds, told


async def end(
    connection: Connection,
    old: Booking,
    now: datetime,
    status: ReservationStatus,
    cause: AvailabilityCause,
    *,
    undecided: RequestStatus = RequestStatus.DECLINED,
    reason: str = "The booking is over.",
    canceled: tuple[CanceledReason, Role] | None = None,
    looks_elsewhere: bool = False,
) -> Booking:
    """Give a locked booking its last status and return it.

    A request that is pending becomes `undecided`, for `reason`. With `looks_elsewhere`, alternatives are to be made.
    """
    pending = old.pending
    if pending is not None:
        decided = replace(pending, status=undecided, decided_at=now, reason=reason)
        await stored.decide(connection, old, decided)
    new = replace(
        old,
        status=status,
        canceled_reason=canceled[0] if canceled else None,
        who_canceled=canceled[1] if canceled else None,
        reveal_due_at=None,
        hazard=None,
        alternatives_due_at=now if looks_elsewhere else None,
        last_updated=now,
    )
    await stored.put(connection, old, new)
    freed = await allocations.release_all(connection, old.id, now)
    available = [one for place, during in freed for one in told.available([place], cause, during)]
    await events.add(connection, [told.booking(new), *available], now)
    await holds.settle_for(connection, old.id, now)
    await alternatives.withdraw(connection, old.id, now)
    return new
