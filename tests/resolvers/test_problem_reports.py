"""A booked charger is reported: who waits for it gives it up, the fee is marked, and the operator may contest it."""

import pytest

from models.charging_errors import AlreadyReported
from models.errors import AlreadyFinal, CutOffPassed, NotAllowed
from models.rules.booking_state import CanceledReason, Outcome, RequestKind, RequestStatus, ReservationStatus
from models.rules.problem_report import ChargerProblem, ProblemReportStatus
from models.rules.role import Role
from resolvers import alternatives, bookings, problem_reports
from resolvers.alternative_taking import TakenAlternative
from resolvers.booking_cancel import Cancellation
from resolvers.problem_reporting import Report
from tests.factories.catalogue import at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, E2, LIVE, booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reporting import (
    ASKED,
    OFFER,
    booked_for_ten,
    contest,
    lapsed,
    now_is,
    open_site,
    report,
    statuses,
    told,
    used,
    withdraw,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

OPEN, CONTESTED, UPHELD = ProblemReportStatus.OPEN, ProblemReportStatus.CONTESTED, ProblemReportStatus.UPHELD
TOO_LATE = at(9.75, day=2)
"""When a report of 9:45 cannot be contested any more."""


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers, and one whose operator decides."""
    await open_site(world)
    return world


@pytest.mark.parametrize(("caller", "role"), [("emsp", Role.EMSP), ("fleet", Role.TO), ("cpo", Role.CPO)])
@pytest.mark.parametrize(
    ("problem", "reason"),
    [(ChargerProblem.BLOCKED, CanceledReason.BLOCKED), (ChargerProblem.BROKEN, CanceledReason.BROKEN_CHARGER)],
)
async def test_a_report_cancels_the_booking_at_once_and_marks_its_fee(
    site: World, dsn: str, caller: str, role: Role, problem: ChargerProblem, reason: CanceledReason
) -> None:
    one = await booked_for_ten(site)

    made = await report(site, one, caller, problem, description="A van stands there.")

    over = await now_is(site, one)
    asked = over.booking_requests[-1]
    assert (over.status, over.canceled_reason, over.who_canceled) == (ReservationStatus.CANCELED, reason, role)
    assert (asked.kind, asked.status, asked.role, asked.fee) == (
        RequestKind.CANCEL,
        RequestStatus.ACCEPTED,
        role,
        None,
    )
    assert (made.problem, made.description, made.role, made.evse_id) == (problem, "A van stands there.", role, E1)
    assert made.status is (UPHELD if role is Role.CPO else OPEN)
    assert made.resolved_at == (at(9.75) if role is Role.CPO else None)
    assert (made.reported_at, made.contest_until) == (at(9.75), TOO_LATE)
    assert made.fee is not None
    assert (str(made.fee.price.before_taxes), made.fee.currency) == ("2.5000", "EUR")
    assert await told(dsn) == [made.object_id]
    freed = "SELECT count(*) FROM event WHERE cause = 'CANCELLATION' AND kind = 'AVAILABILITY_CHANGED'"
    assert await run(dsn, freed) == [(1,)]


@pytest.mark.parametrize("caller", ["emsp", "fleet", "cpo"])
async def test_alternatives_are_offered_at_once_and_one_is_taken_instead(site: World, dsn: str, caller: str) -> None:
    one = await booked_for_ten(site)
    await report(site, one, caller)

    _, offers = await alternatives.offered(await site.call("fleet"), one.object_id)
    wanted = TakenAlternative(str(offers[0].id))
    new = await alternatives.take(await site.call("fleet"), a_key(), wanted)

    assert (new.evse_id, new.timeslot.period, new.replaces_id) == (E2, hours(10, 11), one.object_id)
    assert await run(dsn, LIVE) == [("BOOKING", E2, "10:00", "11:00")]


async def test_what_a_holder_gave_up_for_other_reasons_gives_no_right_to_alternatives(site: World) -> None:
    one = await booked(site, OFFER)
    await bookings.cancel(await site.call("emsp"), a_key(), Cancellation(one.object_id, CanceledReason.TRAFFIC))

    assert await alternatives.look(await site.call("emsp"), one.object_id, None, None) == (
        await now_is(site, one),
        [],
    )


async def test_a_report_is_possible_from_half_an_hour_before_the_booking_opens(site: World, dsn: str) -> None:
    one = await booked(site, OFFER)

    site.later(at(9.499))
    early = await or_refusal(report(site, one))
    site.later(at(9.5))
    await report(site, one)

    assert isinstance(early, NotAllowed)
    assert await statuses(dsn) == ["OPEN"]


async def test_what_was_used_stays_so_and_can_be_reported_until_a_day_after_its_slot(site: World, dsn: str) -> None:
    one, other = [await booked(site, OFFER, evse_id=evse_id) for evse_id in (E1, E2)]
    await used(dsn, one)
    await used(dsn, other)

    site.later(at(10.999, day=1))
    made = await report(site, one)
    site.later(at(11, day=1))
    late = await or_refusal(report(site, other))

    assert (await now_is(site, one)).outcome is Outcome.CHARGED
    assert (made.status, made.fee is not None) == (OPEN, True)
    assert late == CutOffPassed(at(11, day=1))


@pytest.mark.parametrize("worker_came_by", [True, False])
async def test_a_no_show_stays_one_and_its_fee_is_marked(site: World, dsn: str, worker_came_by: bool) -> None:
    one = await booked(site, OFFER)
    if worker_came_by:
        await lapsed(site, at(10.5))
    site.later(at(10.5))

    made = await report(site, one)
    await lapsed(site, at(10.75))

    ended = await now_is(site, one)
    assert (ended.status, ended.alternatives_due_at) == (ReservationStatus.NO_SHOW, None)
    assert (made.status, made.fee is not None) == (OPEN, True)


async def test_a_booking_that_its_charger_fails_is_no_no_show_and_is_canceled_by_the_report(
    site: World, dsn: str
) -> None:
    one = await booked(site, OFFER)
    await run(dsn, "UPDATE booking SET hazard = 'FAULT' WHERE id = $1", one.id)
    site.later(at(10.75))

    await report(site, one)

    ended = await now_is(site, one)
    assert (ended.status, ended.hazard) == (ReservationStatus.CANCELED, None)


@pytest.mark.parametrize("status", ["CANCELED", "REJECTED", "FAILED"])
async def test_what_came_to_nothing_is_final(site: World, dsn: str, status: str) -> None:
    one = await booked_for_ten(site)
    reason = "UNKNOWN" if status == "CANCELED" else None
    by = "EMSP" if status == "CANCELED" else None
    ended = "UPDATE booking SET status = $2, canceled_reason = $3, who_canceled = $4 WHERE id = $1"
    await run(dsn, ended, one.id, status, reason, by)

    assert await or_refusal(report(site, one)) == AlreadyFinal(status)


async def test_what_is_not_confirmed_yet_is_not_reported(site: World) -> None:
    one = await booked(site, ASKED)
    site.later(at(9.75))

    assert isinstance(await or_refusal(report(site, one)), NotAllowed)


async def test_a_booking_has_one_report_unless_it_was_withdrawn(site: World, dsn: str) -> None:
    one = await booked(site, OFFER)
    await lapsed(site, at(10.5))
    first = await report(site, one)

    again = await or_refusal(report(site, one, "cpo"))
    await withdraw(site, first)
    site.later(at(10.75))
    second = await report(site, one)

    assert again == AlreadyReported(first.object_id)
    assert second.id != first.id
    assert await statuses(dsn) == ["WITHDRAWN", "OPEN"]


async def test_a_repeat_answers_with_the_report_as_it_is_now(site: World, dsn: str) -> None:
    one, key = await booked_for_ten(site), a_key()
    call = await site.call("emsp")
    wanted = Report(one.object_id, ChargerProblem.BROKEN)

    first, _ = await problem_reports.create(call, key, wanted)
    await contest(site, first)
    again, _ = await problem_reports.create(call, key, wanted)

    assert (again.id, again.status) == (first.id, CONTESTED)
    assert await statuses(dsn) == ["CONTESTED"]
