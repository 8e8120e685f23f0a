"""An operator's report that charging has begun: decided as at the charger, and the charger is occupied (BUC 3.3).

A report of what happened while a charger was out of touch is taken whatever would have been decided: it has happened.
So is one that comes twice, as when the operator's system forgot that it was sent: it is the same session.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from models.db import Connection
from models.errors import BadInput, Refusal
from models.queries import bookings, events, locks
from models.queries import sessions as stored_sessions
from models.rules.booking import Booking, BookingToken
from models.rules.booking_state import ReservationStatus
from models.rules.charging import Allowed, ChargingBasis, ChargingRefusal, Decision, Presented, Refused
from models.rules.charging_decision import Scene, decide
from models.rules.charging_match import concerned
from models.rules.identity import normalized, owner, part_id, party
from models.rules.parties import Parties
from models.rules.readings import AHEAD
from models.rules.role import Role
from models.rules.session import AuthMethod, Session, SessionStatus
from models.rules.session_request import SessionRequestKind
from models.rules.session_tariff import cost, plug, session_tariffs
from resolvers import (
    charging,
    charging_scene,
    occupying,
    session_alerts,
    session_finding,
    session_known,
    session_past,
    session_request_answer,
    told,
)
from resolvers.call import Call
from resolvers.charging import Charger
from resolvers.charging_scene import Credential
from resolvers.granting import once_cleared
from resolvers.session_past import Ended

LONGEST_SILENCE = timedelta(days=7)
"""So long a charger may have been out of touch when its sessions are reported."""


@dataclass(frozen=True, slots=True)
class StartReport:
    """That charging began at a charger; `meter_start` is what its meter showed, in kWh. Without a time it is now.

    With `ended` it is over by now, and nothing else is told of it.
    """

    evse_id: str
    by: Credential
    connector_id: str | None = None
    started_at: datetime | None = None
    meter_start: Decimal | None = None
    meter_id: str | None = None
    ended: Ended | None = None


async def start_report(call: Call, idempotency_key: str, report: StartReport) -> Session:
    """Store that charging began at a charger of the caller's, if it is allowed, and return the session.

    What was reported before, under another key, is not stored again. The booking that is used is FULFILLED. Raise
    ChargingRefused, TooManyAttempts, NotFound, NotAllowed or BadInput; what was refused is not stored, and the
    charger is to stop it.
    """
    caller = call.acting_as(Role.CPO)
    session_id = uuid4()
    learned: dict[str, str] = {}

    async def first(connection: Connection, clear: bool) -> None:
        await charging.keep_charger(connection, report.evse_id, report.by, alone=clear)
        await locks.own(connection, f"charging at {normalized(report.evse_id)}")

    async def work(connection: Connection, clear: bool) -> Refusal | None:
        learned.clear()
        _check_time(call, report)
        charger = await charging.owned(call, connection, report.evse_id)
        came = await _begin(Start(call, connection, charger, report, session_id, clear))
        if isinstance(came, Session):
            learned["session"] = came.object_id
            return None
        return came

    outcome = {"session": part_id(caller.party_id, str(session_id))}
    came = await once_cleared(
        call, idempotency_key, "sessionStartReport", report, outcome, work, first, learned=lambda: dict(learned)
    )
    return await session_finding.get(call, came["session"])


@dataclass(frozen=True, slots=True)
class Start:
    """A start that is being stored: `clear` tells that its Location is this transaction's alone."""

    call: Call
    connection: Connection
    charger: Charger
    report: StartReport
    session_id: UUID
    clear: bool

    @property
    def at(self) -> datetime:
        """When charging began; now, by our clock, if the charger's is a little ahead."""
        return min(self.report.started_at or self.call.now, self.call.now)

    @property
    def until(self) -> datetime:
        """When charging was over, if that is told; else now."""
        return max(self.at, min(self.report.ended.at, self.call.now)) if self.report.ended else self.call.now

    @property
    def late(self) -> bool:
        """Whether it is told of only afterwards."""
        return self.report.ended is not None or self.at < self.call.now - AHEAD


def _check_time(call: Call, report: StartReport) -> None:
    """Raise BadInput for a start in the future, or too long ago; only when it is done, as a repeat may come later."""
    at = report.started_at
    if at is not None and at > call.now + AHEAD:
        raise BadInput("`startedAt` lies in the future; give it with its offset, as the charger's clock shows it.")
    if at is not None and at < call.now - LONGEST_SILENCE:
        raise BadInput(f"`startedAt` lies more than {LONGEST_SILENCE.days} days back, which cannot be taken.")
    if report.ended is not None:
        session_past.check(call, at, report.ended)


async def _begin(start: Start) -> Refusal | Session | None:
    """Store the session that begins, with all that comes with it; return why it may not, or the one that it is.

    A session of the past that is told of whole is stored beside one that goes on. One without its end is not, since
    it would have the charger too; it is refused, and is to be told of once its end is known.
    """
    call, connection, charger = start.call, start.connection, start.charger
    by = await charging.asked(call, connection, charger, start.report.by)
    decision, used = await _decided(start, by)
    known = await _known(start, by) if isinstance(decision, Refused) or start.report.ended is not None else None
    if known is not None:
        return known
    if start.report.ended is not None:
        over = _session(start, by, decision)
        await session_past.store(call, connection, charger.published, over, used, start.report.ended)
        return None
    if isinstance(decision, Refused) and start.late and await _in_use(start):
        decision = Refused(ChargingRefusal.CHARGER_IN_USE, booking=decision.booking)
    if isinstance(decision, Refused) and (not start.late or decision.reason is ChargingRefusal.CHARGER_IN_USE):
        return await charging.keep(call, connection, charger, by, decision, uuid4())
    session = await _occupying(start, by, decision, used)
    if session is None:
        taken = Refused(ChargingRefusal.BOOKED_BY_OTHER, booking=decision.booking)
        return await charging.keep(call, connection, charger, by, taken, uuid4())
    await stored_sessions.add(connection, session)
    if await session_request_answer.settle(call, connection, session, SessionRequestKind.START):
        commanded = replace(session, auth_method=AuthMethod.COMMAND)
        await stored_sessions.put(connection, session, commanded)
        session = commanded
    await session_alerts.begin(call, connection, session)
    await events.add(connection, [told.session(session)], call.now)
    return None


async def _decided(start: Start, by: Presented) -> tuple[Decision, Booking | None]:
    """Return the decision as of the moment at which charging began, and the booking that is used by it, locked.

    Who began in time is no no-show, whatever was noted while the charger was out of touch.
    """
    held: dict[UUID, Booking | None] = {}
    while True:
        decision = decide(by, await _scene(start, by))
        one = decision.booking if isinstance(decision, Allowed) else None
        if one is None or one.id in held:
            return decision, held[one.id] if one else None
        held[one.id] = await bookings.locked(start.connection, one.location_id, one.id)
        if held[one.id] == one:
            return decision, one  # else it was changed between the two, and now nobody changes it


async def _scene(start: Start, by: Presented) -> Scene:
    at = replace(start.call, now=start.at)
    found = await charging_scene.scene(at, start.connection, start.charger.published, start.charger.evse, by)
    if not start.late:
        return found
    if start.report.ended is not None:
        found = replace(found, in_use=any(_overlaps(one, start) for one in await _at_charger(start)))
    referred_to = revived(found.referred_to, start.at) if found.referred_to else None
    return replace(found, bookings=[revived(one, start.at) for one in found.bookings], referred_to=referred_to)


async def _at_charger(start: Start) -> list[Session]:
    """Return the session that goes on at the charger; of one of the past, those that went on during it."""
    location_id, evse_id = start.charger.location_id, start.charger.evse.id
    if start.report.ended is None:
        return await stored_sessions.active_on(start.connection, location_id, [evse_id])
    return await stored_sessions.during(start.connection, location_id, evse_id, start.at, start.until)


def _overlaps(one: Session, start: Start) -> bool:
    """Whether a session had the charger while the one that is told of whole went on."""
    return one.start_date_time < start.until and (one.end_date_time is None or one.end_date_time > start.at)


async def _known(start: Start, by: Presented) -> Session | None:
    """Return the session that this report tells of once more, if it does."""
    until = start.until if start.report.ended is not None else None
    return await session_known.known(start.connection, await _at_charger(start), by, start.at, until)


async def _in_use(start: Start) -> bool:
    """Whether a session goes on at the charger now, whatever was to be said of whoever began there before."""
    where = (start.charger.location_id, [start.charger.evse.id])
    return bool(await stored_sessions.active_on(start.connection, *where))


def revived(one: Booking, began_at: datetime) -> Booking:
    """Return a booking as it was for whoever began to charge before it lapsed."""
    if one.status is ReservationStatus.NO_SHOW and began_at < one.lapses_at:
        return replace(one, status=ReservationStatus.RESERVED)
    return one


async def _occupying(start: Start, by: Presented, decision: Decision, used: Booking | None) -> Session | None:
    """Return the session as it begins with its charger taken, that of the booking `used`; None if another has that.

    One that is told of afterwards goes on without, if need be: whoever comes next is told so.
    """
    call, connection = start.call, start.connection
    session = _session(start, by, decision)
    if not isinstance(decision, Allowed):
        return session
    if used is not None:
        has_it = await occupying.by_booking(call, connection, used, start.at, clear=start.clear, late=start.late)
        until = used.timeslot.period.end if has_it else call.now
        return replace(session, occupied_until=max(until, call.now)) if has_it or start.late else None
    occupied = await occupying.walk_up(call, connection, session, decision, clear=start.clear)
    if occupied is None and not start.late:
        return None
    return replace(session, occupied_until=occupied or call.now)


def _session(start: Start, by: Presented, decision: Decision) -> Session:
    charger, report = start.charger, start.report
    allowed = decision if isinstance(decision, Allowed) else None
    booking = allowed.booking if allowed else None
    connector = plug(charger.evse, report.connector_id, booking)
    if report.connector_id is not None and connector is None:
        raise BadInput(f"`connectorId` names no connector of {charger.evse.id}.")
    token = allowed.token if allowed else by.known[0].of_booking if len(by.known) == 1 else None
    tariffs = session_tariffs(charger.published, connector, booking)
    return Session(
        id=start.session_id,
        location_id=charger.location_id,
        evse_id=charger.evse.id,
        connector_id=connector.id if connector else None,
        parking_bay_id=allowed.parking_bay_id if allowed else None,
        booking_id=booking.id if booking else None,
        parties=_parties(charger, token, booking),
        token=token,
        auth_method=AuthMethod.AUTH_REQUEST,
        authorization_reference=booking.authorization_reference if booking else None,
        basis=allowed.basis if allowed else ChargingBasis.WALK_UP,
        status=SessionStatus.ACTIVE,
        start_date_time=start.at,
        end_date_time=None,
        stop_reason=None,
        stopped_by=None,
        meter_id=report.meter_id,
        meter_start=report.meter_start,
        kwh=Decimal(0),
        power=None,
        state_of_charge=None,
        read_at=None,
        tariffs=tariffs,
        cost=cost(tariffs, start.at, (), None, ZoneInfo(charger.published.location.time_zone)),
        slot_end=booking.timeslot.period.end if booking else None,
        allowed_until=allowed.until if allowed else start.call.now,
        occupied_until=start.call.now,
        target_state_of_charge=None,
        irregularity=decision.reason if isinstance(decision, Refused) else None,
        last_updated=start.call.now,
    )


def _parties(charger: Charger, token: BookingToken | None, booking: Booking | None) -> Parties:
    """Return whom a session concerns: those of the booking that is used, or of a walk-up its Token's provider."""
    if booking is not None:
        return concerned(booking, token.contract_id if token else None)
    cpo_id = owner(charger.location_id)
    if token is None:
        return Parties(cpo_id)
    return Parties(cpo_id, party(token.country_code, token.party_id), None, (token.contract_id,))
