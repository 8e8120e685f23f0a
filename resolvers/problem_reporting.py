"""Reporting that a booked charger is blocked or broken: who waits for it gives it up at once (BUC 3.10)."""

from dataclasses import dataclass, replace
from uuid import uuid4

from models.charging_errors import AlreadyReported
from models.db import Connection
from models.errors import AlreadyFinal, CutOffPassed, NotAllowed
from models.events import AvailabilityCause, EventKind
from models.queries import events, unsettled
from models.queries import problem_reports as stored
from models.rules.alternative import looks_elsewhere
from models.rules.booking import Booking
from models.rules.booking_state import Phase, ReservationStatus
from models.rules.identity import normalized, owner, part_id
from models.rules.problem_report import CANCELED_FOR, REPORTABLE, ChargerProblem, reportable, reported
from models.rules.role import Role
from resolvers import access, booking_cancel, ending, told
from resolvers.alternative_offering import offer_soon
from resolvers.call import Call
from resolvers.leaving import leave
from resolvers.locked_booking import lock_places, locked
from resolvers.once import once
from resolvers.problem_reading import Reported, get

GIVEN_UP = "Its charger was reported as unusable."


@dataclass(frozen=True, slots=True)
class Report:
    """The charger of which booking cannot be used, and what is wrong with it."""

    booking_id: str
    problem: ChargerProblem
    description: str | None = None


async def create(call: Call, idempotency_key: str, wanted: Report) -> Reported:
    """Report that the charger of a booking cannot be used, and return the report with the booking.

    A booking that nobody used yet is canceled at once without a fee, and alternatives are looked for. So they are for
    one whose use a fault interrupted within its slot: it stays FULFILLED, and what is left of its slot is free. One
    that was used, or was a no-show, stays what it is. The booking fee is marked, to be credited by a CDR once the
    report is upheld. Raise NotFound, NotAllowed, AlreadyReported, AlreadyFinal or CutOffPassed.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    report_id = uuid4()

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, wanted.booking_id)
        await _check(call, connection, old)
        new = reported(report_id, old, wanted.problem, wanted.description, (caller.role, caller.party_id), call.now)
        await stored.add(connection, new)
        await unsettled.mark(connection, old.id, call.now)
        heard = told.concerning(EventKind.PROBLEM_REPORTED, new.object_id, new.location_id, new.parties)
        await events.add(connection, [heard], call.now)
        if _waits(call, old):
            await _give_up(call, connection, old, wanted.problem)
        elif _interrupted(call, old):
            await leave(call, connection, old, replace(old, alternatives_due_at=call.now), call.now)

    outcome = {"report": part_id(owner(normalized(wanted.booking_id)), str(report_id))}
    came = await once(call, idempotency_key, "problemReportCreate", wanted, outcome, work, first=first)
    found, booking = await get(call, came["report"])
    if looks_elsewhere(booking):
        await offer_soon(call, [booking.location_id])
    return found, booking


async def _check(call: Call, connection: Connection, old: Booking) -> None:
    """Raise a Refusal unless the charger of a locked booking can be reported now."""
    if not access.may_change(call, old):
        raise NotAllowed("The booking is for contracts that your token does not cover.")
    before = await stored.of(connection, old)
    if before is not None:
        raise AlreadyReported(before.object_id)
    if old.status is ReservationStatus.PENDING:
        raise NotAllowed("The booking is not confirmed yet, and can be canceled for nothing; cancel it instead.")
    if old.status not in REPORTABLE:
        raise AlreadyFinal(old.status)
    possible = reportable(old)
    if call.now < possible.start:
        raise NotAllowed(f"A charger is reported from {possible.start.isoformat()} on; until then cancel instead.")
    if call.now >= possible.end:
        raise CutOffPassed(possible.end)


def _waits(call: Call, one: Booking) -> bool:
    """Whether a booking is still to be used; one that nobody used in time is a no-show, which a worker makes it."""
    lapsed = one.hazard is None and one.lapses_at <= call.now
    return one.status is ReservationStatus.RESERVED and not lapsed


def _interrupted(call: Call, one: Booking) -> bool:
    """Whether somebody waits within the slot to charge on, which a fault keeps it from."""
    return one.phase(call.now) is Phase.DUE and one.interrupted_at is not None


async def _give_up(call: Call, connection: Connection, old: Booking, problem: ChargerProblem) -> None:
    """Cancel a locked booking without a fee, keep that in its history, and have alternatives looked for."""
    reason = CANCELED_FOR[problem]
    await booking_cancel.note(call, connection, old, {"canceled_reason": reason.value})
    await ending.end(
        connection,
        old,
        call.now,
        ReservationStatus.CANCELED,
        AvailabilityCause.CANCELLATION,
        reason=GIVEN_UP,
        canceled=(reason, call.authenticated().role),
        looks_elsewhere=True,
    )
