"""Sessions that go on when what they keep of their charger ends: walk-ups, and overtime (BUC 3.3.3, 3.6).

They keep it a little longer, as any allocation does, if nobody has booked it. If somebody has, that booking is
endangered: it is moved if it can be, else its holder is told and gets alternatives.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from models.db import Connection
from models.events import AvailabilityCause, Event
from models.queries import allocations, events, locks
from models.queries import bookings as stored_bookings
from models.queries import sessions as stored
from models.queries.allocations import Holder
from models.rules.booking_state import Phase
from models.rules.interval import Interval
from models.rules.session import Session
from models.tables.allocation import AllocationKind
from resolvers import hazards, holds, locked_booking, session_alerts, told
from resolvers.alternative_offering import offer_soon
from resolvers.call import Call
from resolvers.each import all_due
from resolvers.session_readings import place

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


async def begin(call: Call) -> int:
    """Tell of the bookings whose overtime has begun, each once, and return how many there were."""
    return await all_due(call.database, call.now, stored.in_overtime, lambda uuid: _begun(call, uuid))


async def _begun(call: Call, booking_id: UUID) -> bool:
    """Tell of a booking whose overtime has begun, unless that was done; return whether it was done here."""

    async def work(connection: Connection) -> bool:
        old = await locked_booking.at_once(connection, booking_id)
        if old is None or old.phase(call.now) is not Phase.OVERTIME:
            return False
        if old.last_updated >= old.timeslot.period.end:
            return False
        new = replace(old, last_updated=call.now)
        await stored_bookings.put(connection, old, new)
        await events.add(connection, [told.booking(new)], call.now)
        return True

    return await call.database.write(work)


async def _prolong(call: Call, uuid: UUID) -> bool:
    """Prolong a session unless that is not due any more; return whether anything came of it."""
    endangered: list[str] = []

    async def work(connection: Connection) -> bool:
        endangered.clear()
        location_id = await stored.location_of(connection, uuid)
        if location_id is None:
            return False
        await locks.own(connection, location_id)
        due = await _due(call, connection, location_id, uuid)
        if due is None:
            return False
        old, until = due
        if call.now - (old.slot_end or old.start_date_time) > LONGEST:
            await _gone(call, connection, old)
            return True
        period = Interval(max(until, call.now - STEP), max(until, call.now) + STEP)
        if await _keep(call, connection, old, period) or await _given_way(call, connection, old, period):
            await _kept(call, connection, old, period)
            return True
        allowed = old.allowed_until is None or old.allowed_until > until
        part = await _keep_part(call, connection, old, period) if allowed or until <= call.now else None
        if part is not None and allowed:
            await _kept(call, connection, old, part, limit=part.end)
            return True
        if until > call.now:
            return await _awaited(call, connection, old, until)
        await _in_the_way(call, connection, old, part)
        endangered.append(location_id)
        return True

    done = await call.database.write(work)
    if endangered:
        await offer_soon(call, endangered)
    return done


async def _due(call: Call, connection: Connection, location_id: str, uuid: UUID) -> tuple[Session, datetime] | None:
    """Return a session that is to be prolonged now, locked, and until when it has its charger; None if it is not.

    Whoever is in the way of somebody that has given the charger up has nothing from now on, and may have that.
    """
    old = await stored.locked(connection, location_id, uuid, waits=False)
    if old is None or not old.active or old.occupied_until is None or old.occupied_until >= call.now + STEP:
        return None
    if _is_due(old, old.occupied_until, call.now):
        return old, old.occupied_until
    if await stored.is_given_up(connection, old, call.now):
        return replace(old, occupied_until=call.now), call.now
    return None


def _is_due(one: Session, until: datetime, now: datetime) -> bool:
    """Whether a session that keeps its charger `until` then is to be prolonged now, as `outstaying` finds it."""
    if until <= now:
        return True
    if one.booking_id is not None:
        return until <= now + LEAD
    return one.allowed_until is None or one.allowed_until > until


async def _kept(
    call: Call, connection: Connection, old: Session, period: Interval, *, limit: datetime | None = None
) -> None:
    """Note that a session keeps its charger for another while; nobody else limits it for so long, save at `limit`."""
    allowed_until = await _unlimited(connection, old, period)
    if limit is not None:
        allowed_until = min(allowed_until or limit, limit)
    new = replace(old, occupied_until=period.end, allowed_until=allowed_until, last_updated=call.now)
    await _note(call, connection, old, new, _taken(old, period))


def _taken(one: Session, period: Interval) -> list[Event]:
    cause = AvailabilityCause.WALK_UP if one.booking_id is None else AvailabilityCause.OVERTIME
    return told.available([one.location_id], cause, period)


async def _unlimited(connection: Connection, old: Session, period: Interval) -> datetime | None:
    """Return until when a session that keeps its charger over a period is allowed: as its booking's terms say."""
    if old.booking_id is None or old.allowed_until is None:
        return None
    found = await stored_bookings.many(connection, [old.booking_id])
    return max(old.allowed_until, min(found[old.booking_id].allowed_until, period.end))


async def _awaited(call: Call, connection: Connection, old: Session, until: datetime) -> bool:
    """Limit a session whose charger somebody has booked next; return whether that is new."""
    if old.allowed_until is not None and old.allowed_until <= until:
        return False
    await _note(call, connection, old, replace(old, allowed_until=until, last_updated=call.now), [])
    return True


async def _given_way(call: Call, connection: Connection, old: Session, period: Interval) -> bool:
    """Keep the charger for a session with a booking by moving whoever booked it next; return whether that was done.

    That is tried before their slot begins, which is when they are told their charger at the latest.
    """
    if old.booking_id is None or old.occupied_until is None or old.occupied_until <= call.now:
        return False
    published = await place(call, connection, old)
    moved = await hazards.give_way(call, connection, published, old.evse_id, period)
    return moved and await _keep(call, connection, old, period)


async def _in_the_way(call: Call, connection: Connection, old: Session, part: Interval | None) -> None:
    """Note that a session goes on where another has the charger by now, or after `part`: that one is endangered."""
    until = call.now if old.allowed_until is None else min(old.allowed_until, call.now)
    new = replace(old, occupied_until=call.now + STEP, allowed_until=until, last_updated=call.now)
    await _note(call, connection, old, new, _taken(old, part) if part is not None else [])
    await hazards.assess_charging(call, connection, await place(call, connection, old), old)


async def _gone(call: Call, connection: Connection, old: Session) -> None:
    """Note that a session is no longer believed to be there: it endangers nobody any more."""
    await stored.put(connection, old, replace(old, occupied_until=None, last_updated=call.now))
    await hazards.assess_charging(call, connection, await place(call, connection, old), old)


async def _note(call: Call, connection: Connection, old: Session, new: Session, changed: list[Event]) -> None:
    """Store what became of a session, and tell it."""
    await stored.put(connection, old, new)
    if new.allowed_until != old.allowed_until:
        await session_alerts.moved(call, connection, new)
    await events.add(connection, [told.session(new), *changed], call.now)


async def _keep(call: Call, connection: Connection, one: Session, period: Interval) -> bool:
    await holds.clear(connection, one.location_id, period, call.now)
    kind = AllocationKind.WALK_UP if one.booking_id is None else AllocationKind.OVERTIME
    spot = (one.evse_id, one.parking_bay_id)
    return await allocations.take(connection, one.location_id, spot, period, Holder(one.holder_id), kind)


async def _keep_part(call: Call, connection: Connection, one: Session, period: Interval) -> Interval | None:
    """Keep the charger until somebody else has it, and return for how long; None if that is so from the beginning."""
    whats = [one.evse_id] if one.parking_bay_id is None else [one.evse_id, one.parking_bay_id]
    occupied = await allocations.occupied(connection, one.location_id, whats, period, call.now)
    others = [each.period.start for each in occupied if each.holder_id != one.holder_id]
    end = min(others, default=period.start)
    if end <= max(period.start, call.now):
        return None
    part = Interval(period.start, end)
    return part if await _keep(call, connection, one, part) else None
