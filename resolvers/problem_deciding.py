"""What comes of the report of a charger: contested, resolved or withdrawn, and upheld if nobody speaks (BUC 3.10)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from models.charging_errors import ReportSettled
from models.db import Connection
from models.errors import CutOffPassed, NotAllowed, NotFound
from models.events import EventKind
from models.queries import events, unsettled
from models.queries import problem_reports as stored
from models.rules.identity import normalized, own_uuid
from models.rules.problem_report import ProblemReport, ProblemReportStatus
from models.rules.role import Role
from resolvers import access, locked_booking, told
from resolvers.call import Call
from resolvers.each import all_due
from resolvers.locked_booking import lock_places, locked
from resolvers.once import once
from resolvers.problem_reading import Reported, get


@dataclass(frozen=True, slots=True)
class Contest:
    """Which report its operator contests, and why."""

    report_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whether which report is upheld, and why."""

    report_id: str
    upheld: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which report its reporter's side takes back."""

    report_id: str


async def contest(call: Call, idempotency_key: str, wanted: Contest) -> Reported:
    """Contest a report in time, so that its fee is credited only if that is resolved so; return it.

    Raise NotFound, NotAllowed, CutOffPassed or ReportSettled.
    """
    call.acting_as(Role.CPO)

    def decide(old: ProblemReport) -> ProblemReport:
        if old.status is ProblemReportStatus.CONTESTED:
            raise NotAllowed("You contest the report already; resolve it.")
        if old.standing(call.now) is ProblemReportStatus.UPHELD and old.contest_until <= call.now:
            raise CutOffPassed(old.contest_until)
        _check(call, old, ProblemReportStatus.CONTESTED)
        return old.contested(wanted.reason, call.now)

    return await _decided(call, idempotency_key, "problemReportContest", wanted, decide)


async def resolve(call: Call, idempotency_key: str, wanted: Resolution) -> Reported:
    """Uphold a report, so that its fee is credited by a CDR, or dismiss one that is contested; return it.

    Raise NotFound, NotAllowed or ReportSettled.
    """
    call.acting_as(Role.CPO)

    def decide(old: ProblemReport) -> ProblemReport:
        to = ProblemReportStatus.UPHELD if wanted.upheld else ProblemReportStatus.DISMISSED
        if not wanted.upheld and old.standing(call.now) is ProblemReportStatus.OPEN:
            raise NotAllowed("You have not contested the report; do that first, and say why.")
        _check(call, old, to)
        return old.settled(to, call.now, wanted.explanation)

    return await _decided(call, idempotency_key, "problemReportResolve", wanted, decide)


async def withdraw(call: Call, idempotency_key: str, wanted: Withdrawal) -> Reported:
    """Take a report back, for the holder of its booking, and return it: its fee is not credited.

    A booking that it canceled stays canceled. Raise NotFound, NotAllowed or ReportSettled.
    """
    call.acting_as(Role.EMSP, Role.TO)

    def decide(old: ProblemReport) -> ProblemReport:
        _check(call, old, ProblemReportStatus.WITHDRAWN)
        return old.settled(ProblemReportStatus.WITHDRAWN, call.now)

    return await _decided(call, idempotency_key, "problemReportWithdraw", wanted, decide)


async def settle(call: Call) -> int:
    """Uphold the reports that were not contested in time, each in its own transaction; return how many there were.

    Any number of workers may do so at once; each report is upheld, and told of, once.
    """
    return await all_due(call.database, call.now, stored.due, lambda report_id: _uphold(call, report_id))


async def _uphold(call: Call, report_id: UUID) -> bool:
    """Uphold a report unless it is not due any more; return whether it was upheld."""

    async def work(connection: Connection) -> bool:
        one = await _found(connection, report_id)
        if one is None or await locked_booking.at_once(connection, one.booking_id) is None:
            return False
        old = await stored.locked(connection, report_id, waits=False)
        if old is None or old.status is not ProblemReportStatus.OPEN or old.contest_until > call.now:
            return False
        await _put(call, connection, old, replace(old.as_of(call.now), last_updated=call.now))
        return True

    return await call.database.write(work)


async def _decided(
    call: Call,
    idempotency_key: str,
    mutation: str,
    wanted: Contest | Resolution | Withdrawal,
    decide: Callable[[ProblemReport], ProblemReport],
) -> Reported:
    """Let a report become what `decide` makes of it, by whoever may change its booking, and return it."""
    uuid = own_uuid(wanted.report_id)

    async def first(connection: Connection) -> None:
        one = await _found(connection, uuid)
        if one is not None:
            await lock_places(connection, one.booking_object_id)

    async def work(connection: Connection) -> None:
        one = await _found(connection, uuid)
        if one is None or one.object_id != normalized(wanted.report_id) or not access.concerns(call, one.parties):
            raise NotFound("ProblemReport", wanted.report_id)
        if not access.may_change(call, await locked(call, connection, one.booking_object_id)):
            raise NotAllowed("The booking is for contracts that your token does not cover.")
        old = await stored.locked(connection, one.id)
        await _put(call, connection, old or one, decide(old or one))

    await once(call, idempotency_key, mutation, wanted, {"report": wanted.report_id}, work, first=first)
    return await get(call, wanted.report_id)


async def _found(connection: Connection, uuid: UUID | None) -> ProblemReport | None:
    return (await stored.many(connection, [uuid])).get(uuid) if uuid else None


def _check(call: Call, old: ProblemReport, to: ProblemReportStatus) -> None:
    if not old.may_become(to, call.now):
        raise ReportSettled(old.object_id, old.standing(call.now))


async def _put(call: Call, connection: Connection, old: ProblemReport, new: ProblemReport) -> None:
    """Store what became of a report, which is locked with its booking, and tell everybody whom it concerns.

    What the booking costs may be another thing now.
    """
    await stored.put(connection, old, new)
    await unsettled.mark(connection, new.booking_id, call.now)
    heard = told.concerning(EventKind.PROBLEM_REPORTED, new.object_id, new.location_id, new.parties)
    await events.add(connection, [heard], call.now)
