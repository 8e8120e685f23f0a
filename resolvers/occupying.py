"""How a session that begins occupies its charger: in its booking's slot, before it, or without one (BUC 3.3)."""

from dataclasses import replace
from datetime import datetime, timedelta

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, events, sessions
from models.queries import bookings as stored
from models.queries.allocations import Holder
from models.rules.booking import Booking, relieved
from models.rules.booking_state import RequestStatus, ReservationStatus
from models.rules.charging import Allowed
from models.rules.interval import Interval
from models.rules.session import INTERRUPTIONS, Session
from models.tables.allocation import AllocationKind
from resolvers import holds, told
from resolvers.call import Call
from resolvers.leaving import leave

WALK_UP = timedelta(minutes=60)
"""So long a use without a booking keeps the charger at first; while it goes on, and nobody has booked it, longer."""

UNDECIDED = "Charging has begun."


async def by_booking(
    call: Call, connection: Connection, one: Booking, start: datetime, *, clear: bool, late: bool = False
) -> bool:
    """Let a locked booking be used from `start` on, and return whether it has its charger for that.

    It is FULFILLED, and nothing is offered or decided on in its place any more (OCPI ReservationStatus). So it is if
    that is told `late`, even if another has its charger by now; else nothing is done then.
    """
    missing = _missing(call, one, start)
    spot = (one.evse_id, one.parking_bay_id)
    has_it = missing is None or await _take(
        call, connection, one.location_id, spot, missing, Holder(one.id), clear=clear
    )
    if not has_it and not late:
        return False
    new = await _fulfilled(call, connection, one, start)
    await stored.put(connection, one, new)
    cause = AvailabilityCause.EARLY_START
    changed = told.available([one.location_id], cause, missing) if missing is not None and has_it else []
    await events.add(connection, [told.booking(new), *changed], call.now)
    return has_it


async def afterwards(call: Call, connection: Connection, one: Booking, over: Session) -> None:
    """Let a locked booking have been used by a session that was told of whole, as if it had been told of in time.

    What came of the booking since, by sessions that began after that one, stays. What a fault interrupted keeps what
    is left of the slot, unless that was given away when it was a no-show.
    """
    end = over.end_date_time or call.now
    of_it = await sessions.of_bookings(connection, [one.id])
    if any(each.active or each.start_date_time > over.start_date_time for each in of_it if each.id != over.id):
        began = min(one.charging_started_at or over.start_date_time, over.start_date_time)
        new = replace(one, charging_started_at=began, last_updated=call.now)
        await stored.put(connection, one, new)
        await events.add(connection, [told.booking(new)], call.now)
        return
    new = await _fulfilled(call, connection, one, over.start_date_time)
    interrupted = over.stop_reason in INTERRUPTIONS and call.now < one.timeslot.period.end
    if interrupted and one.status is not ReservationStatus.NO_SHOW and one.charging_ended_at is None:
        new = replace(new, interrupted_at=end)
        await stored.put(connection, one, new)
        await events.add(connection, [told.booking(new)], call.now)
        return
    await leave(call, connection, one, new, max(one.charging_ended_at or end, end))


async def _fulfilled(call: Call, connection: Connection, one: Booking, start: datetime) -> Booking:
    """End all that is held or decided on in place of a booking, and return it as it is used, still to be stored."""
    if one.pending is not None:
        declined = replace(one.pending, status=RequestStatus.DECLINED, decided_at=call.now, reason=UNDECIDED)
        await stored.decide(connection, one, declined)
    await holds.end_for(connection, one.id, call.now)
    await allocations.release(connection, one.location_id, one.id, call.now, allocations.KEPT_FOR_CHANGE)
    await holds.end_alternatives(connection, one.id, call.now)
    return replace(
        relieved(one, call.now),
        status=ReservationStatus.FULFILLED,
        charging_started_at=min(one.charging_started_at or start, start),
        interrupted_at=None,
        evse_revealed_at=min(one.evse_revealed_at or call.now, call.now),
        reveal_due_at=None,
    )


async def walk_up(
    call: Call, connection: Connection, one: Session, allowed: Allowed, *, clear: bool
) -> datetime | None:
    """Let a session without a booking have its charger, and return until when at first; None if another has it."""
    if allowed.until is not None and allowed.until <= call.now:
        return None  # it is told of late, and was over or somebody else's turn before that
    end = call.now + WALK_UP
    period = Interval(call.now, end if allowed.until is None else min(end, allowed.until))
    spot = (one.evse_id, allowed.parking_bay_id)
    holder = Holder(one.id)
    kind = AllocationKind.WALK_UP
    if not await _take(call, connection, one.location_id, spot, period, holder, kind, clear=clear):
        return None
    await events.add(connection, told.available([one.location_id], AvailabilityCause.WALK_UP, period), call.now)
    return period.end


def _missing(call: Call, one: Booking, start: datetime) -> Interval | None:
    """Return what a booking needs besides its slot: the time before it, or its rest if the slot was given away."""
    period = one.timeslot.period
    if one.status is ReservationStatus.NO_SHOW:
        return Interval(call.now, period.end) if call.now < period.end else None
    begin = max(start, call.now)
    return Interval(begin, period.start) if begin < period.start else None


async def _take(
    call: Call,
    connection: Connection,
    location_id: str,
    spot: tuple[str, str | None],
    period: Interval,
    holder: Holder,
    kind: AllocationKind = AllocationKind.BOOKING,
    *,
    clear: bool,
) -> bool:
    """Take a charger and bay, and return whether they were free; raise InTheWay if an expired hold may have them."""
    if clear:
        await holds.clear(connection, location_id, period, call.now)
    if await allocations.take(connection, location_id, spot, period, holder, kind):
        return True
    if not clear and await holds.in_the_way(connection, location_id, period, call.now):
        raise holds.InTheWay
    return False
