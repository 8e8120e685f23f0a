"""Whether an EMSP's fee stands: the rule for one booking and the statement for all of a month say the same."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from models.queries import bookings, problem_reports, provider_lines
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, Outcome
from models.rules.interval import Interval
from models.rules.problem_report import CONTEST_MINUTES, ProblemReport, ProblemReportStatus
from models.rules.provider_line import fee_stands
from tests.factories.catalogue import at
from tests.models.databases import run
from tests.resolvers import deciding
from tests.resolvers.adding import booked_by_fleet, canceled, the_site
from tests.resolvers.charging_scenes import started, stopped
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.reporting import ASKED, OTHER, contest, lapsed, report, resolve, settled, used, withdraw
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

DECEMBER = Interval(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
Scene = Callable[[World, str], Awaitable[Booking]]


async def granted(world: World, dsn: str) -> Booking:
    return await booked_by_fleet(world)


async def canceled_by_its_fleet(world: World, dsn: str) -> Booking:
    one = await booked_by_fleet(world)
    await canceled(world, one, "fleet", CanceledReason.TRAFFIC)
    return one


async def canceled_by_its_provider(world: World, dsn: str) -> Booking:
    one = await booked_by_fleet(world)
    await canceled(world, one, "emsp", CanceledReason.BROKEN_VEHICLE)
    return one


async def canceled_by_its_operator(world: World, dsn: str) -> Booking:
    one = await booked_by_fleet(world)
    await canceled(world, one, "cpo", CanceledReason.FULL)
    return one


async def not_come_to(world: World, dsn: str) -> Booking:
    one = await booked_by_fleet(world)
    await lapsed(world, at(12))
    return one


async def come_to_in_vain(world: World, dsn: str) -> Booking:
    one = await booked_by_fleet(world)
    await run(dsn, "UPDATE booking SET hazard = 'FAULT' WHERE id = $1", one.id)
    await lapsed(world, at(12))
    return one


async def used_up(world: World, dsn: str) -> Booking:
    one = await booked_by_fleet(world)
    await used(dsn, one)
    return one


async def asked_for(world: World, dsn: str) -> Booking:
    await world.publish(OTHER, ASKED)
    return await booked(world, ASKED, caller="fleet")


async def rejected(world: World, dsn: str) -> Booking:
    return await deciding.declined(world, await asked_for(world, dsn))


async def granted_when_asked(world: World, dsn: str) -> Booking:
    return await deciding.accepted(world, await asked_for(world, dsn))


async def never_answered(world: World, dsn: str) -> Booking:
    one = await asked_for(world, dsn)
    world.later(at(12))
    await deciding.lapsed(world)
    return one


async def given_up_before_an_answer(world: World, dsn: str) -> Booking:
    one = await asked_for(world, dsn)
    await canceled(world, one, "fleet", CanceledReason.TRAFFIC)
    return one


async def reported(world: World) -> tuple[Booking, ProblemReport]:
    """Return a booking whose fleet found its charger blocked, and the report of that."""
    one = await booked_by_fleet(world)
    world.later(at(9.75))
    return one, await report(world, one, "fleet")


async def reported_only(world: World, dsn: str) -> Booking:
    return (await reported(world))[0]


async def report_contested(world: World, dsn: str) -> Booking:
    one, its = await reported(world)
    await contest(world, its)
    return one


async def report_dismissed(world: World, dsn: str) -> Booking:
    one, its = await reported(world)
    await contest(world, its)
    await resolve(world, its, upheld=False)
    return one


async def report_upheld(world: World, dsn: str) -> Booking:
    one, its = await reported(world)
    await resolve(world, its, upheld=True)
    return one


async def report_upheld_by_silence(world: World, dsn: str) -> Booking:
    one, its = await reported(world)
    await settled(world, its.reported_at + timedelta(minutes=CONTEST_MINUTES))
    return one


async def report_withdrawn(world: World, dsn: str) -> Booking:
    one, its = await reported(world)
    await withdraw(world, its)
    return one


async def reported_after_use(world: World, dsn: str) -> Booking:
    one = await used_up(world, dsn)
    world.later(at(11))
    await resolve(world, await report(world, one, "fleet"), upheld=True)
    return one


OUTCOMES: list[tuple[Scene, Outcome, ProblemReportStatus | None, bool]] = [
    (granted, Outcome.OPEN, None, True),
    (granted_when_asked, Outcome.OPEN, None, True),
    (asked_for, Outcome.OPEN, None, False),
    (canceled_by_its_fleet, Outcome.CANCELED_BY_HOLDER, None, True),
    (canceled_by_its_provider, Outcome.CANCELED_BY_HOLDER, None, True),
    (given_up_before_an_answer, Outcome.CANCELED_BY_HOLDER, None, False),
    (canceled_by_its_operator, Outcome.CANCELED_BY_OPERATOR, None, False),
    (come_to_in_vain, Outcome.CANCELED_BY_OPERATOR, None, False),
    (not_come_to, Outcome.NO_SHOW, None, True),
    (used_up, Outcome.CHARGED, None, True),
    (rejected, Outcome.REJECTED, None, False),
    (never_answered, Outcome.FAILED, None, False),
    (reported_only, Outcome.CANCELED_BY_HOLDER, ProblemReportStatus.OPEN, True),
    (report_contested, Outcome.CANCELED_BY_HOLDER, ProblemReportStatus.CONTESTED, True),
    (report_dismissed, Outcome.CANCELED_BY_HOLDER, ProblemReportStatus.DISMISSED, True),
    (report_withdrawn, Outcome.CANCELED_BY_HOLDER, ProblemReportStatus.WITHDRAWN, True),
    (report_upheld, Outcome.CANCELED_BY_HOLDER, ProblemReportStatus.UPHELD, False),
    (report_upheld_by_silence, Outcome.CANCELED_BY_HOLDER, ProblemReportStatus.UPHELD, False),
    (reported_after_use, Outcome.CHARGED, ProblemReportStatus.UPHELD, False),
]


@pytest.mark.parametrize(
    ("scene", "outcome", "status", "stands"), OUTCOMES, ids=[scene.__name__ for scene, *_ in OUTCOMES]
)
async def test_a_booking_is_use_of_its_contract_in_a_month_if_its_fee_stands_and_only_then(
    world: World, dsn: str, scene: Scene, outcome: Outcome, status: ProblemReportStatus | None, stands: bool
) -> None:
    await the_site(world)
    booking_id = (await scene(world, dsn)).id

    async with world.database.reading() as connection:
        one = (await bookings.many(connection, [booking_id]))[booking_id]
        its = await problem_reports.last_of(connection, one)
        contracts = await provider_lines.contracts_used(connection, one.emsp_id, DECEMBER)

    assert (one.outcome, its.status if its else None, one.contract_ids) == (outcome, status, (FLEET_CONTRACT,))
    assert fee_stands(one, its) is stands
    assert contracts == ([FLEET_CONTRACT] if stands else [])


def test_every_outcome_and_whatever_comes_of_a_report_is_among_them() -> None:
    assert {outcome for _, outcome, _, _ in OUTCOMES} == {*Outcome}
    assert {status for _, _, status, _ in OUTCOMES} == {None, *ProblemReportStatus}


async def test_who_charged_used_its_contract_though_the_fee_of_the_booking_does_not_stand(
    world: World, dsn: str
) -> None:
    await the_site(world)
    one = await booked_by_fleet(world)
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(10.5))
    await stopped(world, session)
    await resolve(world, await report(world, one, "fleet"), upheld=True)

    async with world.database.reading() as connection:
        stored = (await bookings.many(connection, [one.id]))[one.id]
        its = await problem_reports.last_of(connection, stored)
        contracts = await provider_lines.contracts_used(connection, one.emsp_id, DECEMBER)

    assert (stored.outcome, fee_stands(stored, its), contracts) == (Outcome.CHARGED, False, [FLEET_CONTRACT])
