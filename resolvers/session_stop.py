"""An operator's report that a session ended: what is left of the slot is free at once (BUC 3.3, 3.6, 3.7)."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from models.charging_errors import SessionOver
from models.db import Connection
from models.errors import BadInput
from models.events import AvailabilityCause, Event
from models.queries import allocations, events, locks
from models.queries import bookings as stored_bookings
from models.queries import sessions as stored
from models.rules.booking import Booking
from models.rules.identity import own_uuid
from models.rules.interval import Interval
from models.rules.readings import AHEAD
from models.rules.role import Role
from models.rules.session import INTERRUPTIONS, Session, SessionStatus, StopReason
from models.rules.session_request import SessionRequestKind
from resolvers import hazards, session_alerts, session_finding, session_request_answer, told
from resolvers.call import Call
from resolvers.once import once
from resolvers.session_readings import MeterReading, count, locked, place, progressed, since_start

STOPPED_BY = {
    StopReason.DRIVER: Role.TO,
    StopReason.VEHICLE: Role.TO,
    StopReason.REMOTE: Role.EMSP,
    StopReason.OPERATOR: Role.CPO,
    StopReason.NO_LONGER_ALLOWED: Role.CPO,
}
"""Who ended a session, where a reason says so; of REMOTE, unless it is known who asked for that."""


@dataclass(frozen=True, slots=True)
class StopReport:
    """That a session ended, and why; `last` is what the meter showed then, if that is known. Without a time, now."""

    session_id: str
    reason: StopReason
    ended_at: datetime | None = None
    meter: Decimal | None = None
    kwh: Decimal | None = None
    state_of_charge: int | None = None


async def stop_report(call: Call, idempotency_key: str, report: StopReport) -> Session:
    """Store that a session of the caller's ended, and return it.

    What it kept of the charger is free, unless a fault interrupted it within its slot: then its booking may go on.
    Raise NotFound, SessionOver or BadInput.
    """
    call.acting_as(Role.CPO)

    async def first(connection: Connection) -> None:
        uuid = own_uuid(report.session_id)
        location_id = await stored.location_of(connection, uuid) if uuid else None
        if location_id is not None:
            await locks.own(connection, location_id)

    async def work(connection: Connection) -> None:
        unlocked = await locked_with_booking(call, connection, report.session_id)
        await _stop(call, connection, *unlocked, report)

    outcome = {"session": report.session_id}
    await once(call, idempotency_key, "sessionStopReport", report, outcome, work, first=first)
    return await session_finding.get(call, report.session_id)


async def locked_with_booking(call: Call, connection: Connection, session_id: str) -> tuple[Session, Booking | None]:
    """Return a session that goes on with its booking, both locked, or raise NotFound or SessionOver."""
    uuid = own_uuid(session_id)
    before = (await stored.many(connection, [uuid])).get(uuid) if uuid else None
    booking = None
    if before is not None and before.booking_id is not None:
        booking = await stored_bookings.locked(connection, before.location_id, before.booking_id)
    session = await locked(call, connection, session_id)
    if session.end_date_time is not None:
        raise SessionOver(session.object_id, session.end_date_time)
    return session, booking


async def _stop(
    call: Call, connection: Connection, old: Session, booking: Booking | None, report: StopReport
) -> None:
    end = _ended_at(call, old, report)
    if report.meter is None and report.kwh is None:
        counted = await stored.readings(connection, old)
    else:
        last = MeterReading(end, report.meter, report.kwh, None, report.state_of_charge)
        _, counted = await count(call, connection, old, [since_start(old, last)], end)
    published = await place(call, connection, old)
    new = replace(
        progressed(call, published, old, counted, end),
        status=SessionStatus.COMPLETED,
        end_date_time=end,
        stop_reason=report.reason,
        stopped_by=STOPPED_BY.get(report.reason),
        power=None,
        occupied_until=None,
    )
    asked = await session_request_answer.settle(call, connection, new, SessionRequestKind.STOP)
    if asked is not None and new.stop_reason is StopReason.REMOTE:
        new = replace(new, stopped_by=asked.role)
    await stored.put(connection, old, new)
    changed = await _left(call, connection, new, booking)
    await events.add(connection, [told.session(new), *changed], call.now)
    await session_alerts.over(call, connection, new)
    await hazards.assess_charging(call, connection, published, new)


def _ended_at(call: Call, one: Session, report: StopReport) -> datetime:
    """Return when a session ended, or raise BadInput where that cannot be."""
    if report.ended_at is None:
        return max(call.now, one.start_date_time)
    if report.ended_at > call.now + AHEAD:
        raise BadInput("`endedAt` lies in the future; give it with its offset, as the charger's clock shows it.")
    if report.ended_at < one.start_date_time:
        raise BadInput(f"`endedAt` lies before the start of the session, {one.start_date_time.isoformat()}.")
    if one.read_at is not None and report.ended_at < one.read_at - AHEAD:
        raise BadInput(f"`endedAt` lies before what was measured at {one.read_at.isoformat()}.")
    return max(report.ended_at, one.read_at or report.ended_at)  # a sample may be of a moment after the stop


async def _left(call: Call, connection: Connection, one: Session, booking: Booking | None) -> list[Event]:
    """Free what an ended session kept, and return the events of that; what a fault interrupted keeps its slot."""
    if booking is None:
        freed = await allocations.release_all(connection, one.holder_id, call.now)
        return _told(call, one, freed)
    interrupted = one.stop_reason in INTERRUPTIONS and call.now < booking.timeslot.period.end
    ended = {"interrupted_at": one.end_date_time} if interrupted else {"charging_ended_at": one.end_date_time}
    new = replace(booking, last_updated=call.now, **ended)  # type: ignore[arg-type]  # both are moments
    await stored_bookings.put(connection, booking, new)
    if interrupted:
        return [told.booking(new)]
    freed = await allocations.release_all(connection, booking.id, call.now)
    return [told.booking(new), *_told(call, one, freed)]


def _told(call: Call, one: Session, freed: list[tuple[str, Interval]]) -> list[Event]:
    """Return the events that tell what is free again of what lies ahead."""
    if one.slot_end is None:
        cause = AvailabilityCause.WALK_UP
    else:
        cause = AvailabilityCause.EARLY_STOP if call.now < one.slot_end else AvailabilityCause.OVERTIME
    return told.given_back(freed, cause, call.now)
