"""A report beside a cancellation, a no-show, another report, a contest or several workers: each is done once."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from models.charging_errors import AlreadyReported, ReportSettled
from models.db import Connection
from models.errors import AlreadyFinal, Refusal
from models.queries import problem_reports as stored
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.problem_report import ChargerProblem, ProblemReport, reported
from models.rules.role import Role
from resolvers import bookings, lapsing, problem_reports
from resolvers.booking_cancel import Cancellation
from resolvers.problem_reading import Reported
from tests.factories.catalogue import at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.reporting import (
    OFFER,
    booked_for_ten,
    contest,
    lapsed,
    now_is,
    open_site,
    report,
    statuses,
    told,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

ENDED = "SELECT object_id FROM event WHERE kind = 'BOOKING_CHANGED' AND at >= $1"
AT_ONCE = 6


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers."""
    await open_site(world)
    return world


async def hourly(world: World, number: int = AT_ONCE) -> list[Booking]:
    """Return bookings of so many hours from ten on, by turns of either charger."""
    return [
        await booked(world, OFFER, hours(10 + hour // 2, 11 + hour // 2), evse_id=(E1, E2)[hour % 2])
        for hour in range(number)
    ]


async def no_shows(world: World) -> list[ProblemReport]:
    """Return reports of bookings that nobody used, made at 15:00."""
    made = await hourly(world)
    await lapsed(world, at(15))
    return [await report(world, one) for one in made]


async def test_two_reports_at_once_are_one_and_the_other_learns_of_it(site: World, dsn: str) -> None:
    one = await booked_for_ten(site)

    came = await asyncio.gather(
        *(or_refusal(report(site, one, caller)) for caller in ("emsp", "fleet", "cpo", "emsp", "fleet"))
    )

    (made,) = [each for each in came if isinstance(each, ProblemReport)]
    assert [each for each in came if not isinstance(each, ProblemReport)] == [AlreadyReported(made.object_id)] * 4
    assert await told(dsn) == [made.object_id]
    assert await run(dsn, "SELECT count(*) FROM booking_request WHERE kind = 'CANCEL'") == [(1,)]
    assert Counter(await run(dsn, ENDED, at(9))) == {(one.object_id,): 1}


async def side_by_side(world: World, one: Booking) -> tuple[BaseException | None, BaseException | None]:
    """Let two transactions that have found no report store one each, and return how they ended."""
    found = asyncio.Barrier(2)

    async def reports() -> None:
        async with world.database.transaction() as connection:
            assert await stored.of(connection, one) is None
            await found.wait()
            new = reported(uuid4(), one, ChargerProblem.BLOCKED, None, (Role.EMSP, "NL*EMS"), world.now)
            await stored.add(connection, new)

    return await asyncio.gather(reports(), reports(), return_exceptions=True)


async def test_without_the_lock_of_the_booking_the_table_keeps_to_one_report(site: World, dsn: str) -> None:
    ended = await side_by_side(site, await booked_for_ten(site))

    (refused,) = [one for one in ended if one is not None]
    assert isinstance(refused, asyncpg.UniqueViolationError)
    assert refused.constraint_name == "problem_report_one_per_booking"
    assert await statuses(dsn) == ["OPEN"]


async def test_without_the_rule_of_the_table_there_would_be_two(site: World, dsn: str) -> None:
    await run(dsn, "DROP INDEX problem_report_one_per_booking")

    ended = await side_by_side(site, await booked_for_ten(site))

    assert list(ended) == [None, None]
    assert await statuses(dsn) == ["OPEN", "OPEN"]


async def test_a_report_and_a_cancellation_at_once_end_the_booking_once(site: World, dsn: str) -> None:
    made = await hourly(site, 2)
    site.later(at(9.75))
    await run(dsn, "UPDATE booking SET hazard = 'FAULT'")  # else it is too late to cancel
    call = await site.call("emsp")

    async def cancel(one: Booking) -> Booking | Refusal:
        return await or_refusal(bookings.cancel(call, a_key(), Cancellation(one.object_id, CanceledReason.BLOCKED)))

    came = await asyncio.gather(
        *(cancel(one) for one in made), *(or_refusal(report(site, one, "cpo")) for one in made)
    )

    refused = [one for one in came if isinstance(one, Refusal)]
    assert refused == [AlreadyFinal("CANCELED")] * 2
    assert Counter(await run(dsn, ENDED, at(9))) == {(one.object_id,): 1 for one in made}
    by = {one.id: (await now_is(site, one)).who_canceled for one in made}
    of_reports = {one[0].booking_id for one in [await _named(site, name) for name in await told(dsn)]}
    assert of_reports == {one for one, role in by.items() if role is Role.CPO}


async def _named(world: World, name: str) -> Reported:
    return await problem_reports.get(await world.call("cpo"), name)


async def test_a_report_and_a_worker_that_makes_no_shows_end_the_booking_once(site: World, dsn: str) -> None:
    made = await hourly(site, 2)
    late = replace(by_worker(site), now=at(10.5))
    site.later(at(10.499))

    came = await asyncio.gather(*(report(site, one) for one in made), lapsing.no_shows(late), return_exceptions=True)
    await lapsing.no_shows(late)

    assert not [one for one in came if isinstance(one, BaseException)]
    assert Counter(await run(dsn, ENDED, at(10))) == {(one.object_id,): 1 for one in made}
    assert {(await now_is(site, one)).status.value for one in made} <= {"CANCELED", "NO_SHOW"}
    assert await statuses(dsn) == ["OPEN", "OPEN"]


async def test_several_workers_at_once_uphold_every_report_once(site: World, dsn: str) -> None:
    made = await no_shows(site)
    site.later(at(15, day=2))

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, AT_ONCE, stack)
        shares = await asyncio.gather(*(problem_reports.settle(call) for call in calls))

    assert sum(shares) == len(made)
    assert Counter(await told(dsn)) == {one.object_id: 2 for one in made}
    assert await statuses(dsn) == ["UPHELD"] * len(made)


async def test_a_worker_that_ends_at_any_moment_loses_no_report_and_upholds_none_twice(site: World, dsn: str) -> None:
    made = await no_shows(site)
    site.later(at(15, day=2))

    async with AsyncExitStack() as stack:
        for number, call in enumerate(await by_workers(site, dsn, AT_ONCE, stack)):
            round_ = asyncio.create_task(problem_reports.settle(call))
            await asyncio.wait([round_], timeout=0.003 * number)
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
        await problem_reports.settle(by_worker(site))

    assert Counter(await told(dsn)) == {one.object_id: 2 for one in made}


async def test_a_contest_in_the_last_moment_and_the_worker_do_not_both_have_their_way(site: World, dsn: str) -> None:
    made = await no_shows(site)
    late = replace(by_worker(site), now=at(15, day=2))
    site.later(at(14.999, day=2))

    contests = asyncio.gather(*(or_refusal(contest(site, one)) for one in made))
    came, upheld = await asyncio.gather(contests, problem_reports.settle(late))
    upheld += await problem_reports.settle(late)

    granted = [one for one in came if isinstance(one, ProblemReport)]
    assert len(granted) + upheld == len(made)
    assert all(isinstance(one, ProblemReport | ReportSettled) for one in came)
    assert Counter(await statuses(dsn)) == Counter({"CONTESTED": len(granted), "UPHELD": upheld}) - Counter()
    assert Counter(await told(dsn)) == {one.object_id: 2 for one in made}


async def test_a_report_that_is_being_decided_on_is_left_to_the_next_round(site: World, dsn: str) -> None:
    one, *_ = await no_shows(site)
    site.later(at(15, day=2))
    await run(dsn, "UPDATE problem_report SET contest_until = $1 WHERE id <> $2", at(15, day=9), one.id)

    async def decides(connection: Connection) -> int:
        assert await stored.locked(connection, one.id) is not None
        return await problem_reports.settle(by_worker(site))

    assert await site.database.write(decides) == 0
    assert await problem_reports.settle(by_worker(site)) == 1
    assert (await statuses(dsn)).count("UPHELD") == 1
