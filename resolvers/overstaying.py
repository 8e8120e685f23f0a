"""Sessions that go on when what they keep of their charger ends: walk-ups, and overtime (BUC 3.3.3, 3.6).

They keep it a little longer, as any allocation does, if nobody has booked it. If somebody has, that booking is
endangered: it is moved if it can be, else its holder is told and gets alternatives.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from models.db import Connection
from models.events import AvailabilityCause, Event
from models.queries import allocations, catalogue, events, locks
from models.queries import bookings as stored_bookings
from models.queries import sessions as stored
from models.queries.allocations import Holder
from models.rules.interval import Interval
from models.rules.session import Session
from models.tables.allocation import AllocationKind
from resolvers import hazards, holds, session_alerts, told
from resolvers.alternative_offering import offer_soon
from resolvers.call import Call
from resolvers.each import all_due

STEP = timedelta(minutes=15)
"""By so much a session that goes on keeps its charger longer at a time; a walk-up is prolonged so long before."""

LEAD = timedelta(minutes=1)
"""So long before what it keeps is over, one with a booking is prolonged, so that nobody books it in between."""

LONGEST = timedelta(hours=24)
"""So long after its slot, or its start, a session that nobody ended is no longer believed to be there."""


async def prolong(call: Call) -> int:
    """Let the sessions that go on beyond what they keep have their chargers longer; return how many there were.

    Any number of workers may do so at once; each session is prolonged, and told of, once.
    """

    async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
        return await stored.outstaying(connection, now, limit, STEP, LEAD)

    return await all_due(call.database, call.now, due, lambda uuid: _prolong(call, uuid))


async def _prolong(call: Call, uuid: UUID) -> bool:
    """Prolong a session unless that is not due any more; return whether anything came of it."""
    endangered: list[str] = []

    async def work(connection: Connection) -> bool:
        endangered.clear()
        location_id = await stored.location_of(connection, uuid)
        if location_id is None:
            return False
        await locks.own(connection, location_id)
        old = await stored.locked(connection, location_id, uuid, waits=False)
        if old is None or old.occupied_until is None or not _is_due(old, old.occupied_until, call.now):
            return False
        if call.now - (old.slot_end or old.start_date_time) > LONGEST:
            await stored.put(connection, old, replace(old, occupied_until=None, last_updated=call.now))
            return True
        period = Interval(max(old.occupied_until, call.now - STEP), max(old.occupied_until, call.now) + STEP)
        if await _keep(call, connection, old, period):
            await _kept(call, connection, old, period)
            return True
        if old.occupied_until > call.now:
            return await _awaited(call, connection, old, old.occupied_until)
        await _in_the_way(call, connection, old)
        endangered.append(location_id)
        return True

    done = await call.database.write(work)
    if endangered:
        await offer_soon(call, endangered)
    return done


def _is_due(one: Session, until: datetime, now: datetime) -> bool:
    """Whether a session that keeps its charger `until` then is to be prolonged now, as `outstaying` finds it."""
    if not one.active or until >= now + STEP:
        return False
    if until <= now:
        return True
    if one.booking_id is not None:
        return until <= now + LEAD
    return one.allowed_until is None or one.allowed_until > until


async def _kept(call: Call, connection: Connection, old: Session, period: Interval) -> None:
    """Note that a session keeps its charger for another while; a limit that is no more is none."""
    lifted = old.booking_id is None
    new = replace(
        old,
        occupied_until=period.end,
        allowed_until=None if lifted else old.allowed_until,
        last_updated=call.now,
    )
    cause = AvailabilityCause.WALK_UP if old.booking_id is None else AvailabilityCause.OVERTIME
    await _note(call, connection, old, new, told.available([old.location_id], cause, period))


async def _awaited(call: Call, connection: Connection, old: Session, until: datetime) -> bool:
    """Limit a walk-up whose charger somebody has booked next; return whether that is new."""
    if old.booking_id is not None or (old.allowed_until is not None and old.allowed_until <= until):
        return False
    await _note(call, connection, old, replace(old, allowed_until=until, last_updated=call.now), [])
    return True


async def _in_the_way(call: Call, connection: Connection, old: Session) -> None:
    """Note that a session goes on where somebody else has the charger by now: their booking is endangered."""
    until = call.now if old.allowed_until is None else min(old.allowed_until, call.now)
    new = replace(old, occupied_until=call.now + STEP, allowed_until=until, last_updated=call.now)
    await _note(call, connection, old, new, [])
    (published,) = await catalogue.published(connection, [old.location_id])
    await hazards.assess(call, connection, published, [old.evse_id])


async def _note(call: Call, connection: Connection, old: Session, new: Session, changed: list[Event]) -> None:
    """Store what became of a session, and tell it; its booking is told when its overtime begins."""
    await stored.put(connection, old, new)
    if new.allowed_until != old.allowed_until:
        await session_alerts.moved(call, connection, new)
    began = []
    if old.booking_id is not None and old.occupied_until == old.slot_end:
        bookings = await stored_bookings.many(connection, [old.booking_id])
        began = [told.booking(booking) for booking in bookings.values()]
    await events.add(connection, [told.session(new), *began, *changed], call.now)


async def _keep(call: Call, connection: Connection, one: Session, period: Interval) -> bool:
    await holds.clear(connection, one.location_id, period, call.now)
    kind = AllocationKind.WALK_UP if one.booking_id is None else AllocationKind.OVERTIME
    spot = (one.evse_id, one.parking_bay_id)
    return await allocations.take(connection, one.location_id, spot, period, Holder(one.holder_id), kind)
