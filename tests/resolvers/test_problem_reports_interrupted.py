"""A charger breaks while a booking is used, and is reported: the rest of the slot is free, and others are offered."""

import asyncio

import pytest

from models.charging_errors import AlreadyReported, ChargingRefused
from models.db import connected
from models.rules.booking import Booking
from models.rules.booking_state import Phase, ReservationStatus
from models.rules.problem_report import ChargerProblem
from models.rules.session import Session, StopReason
from resolvers import alternatives, problem_reports
from resolvers.alternative_taking import TakenAlternative
from resolvers.problem_reporting import Report
from resolvers.session_start import StartReport, start_report
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.factories.tokens import published
from tests.models.databases import run
from tests.resolvers.charging_races import acting, typed
from tests.resolvers.charging_scenes import WITH_CARD, seen, started, stopped
from tests.resolvers.lifecycle import E1, E2, LIVE, booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reporting import report
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE, increment=15)
FREED = """
SELECT cause, to_char(lower(during) AT TIME ZONE 'UTC', 'HH24:MI'),
    to_char(upper(during) AT TIME ZONE 'UTC', 'HH24:MI')
FROM event WHERE cause = 'EARLY_STOP'
"""


async def interrupted(world: World) -> Booking:
    """Return a booking from ten to eleven that a fault interrupted at half past; it is then."""
    await world.publish(SITE, OFFER)
    await published(world)
    one = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(10.5))
    await stopped(world, session, StopReason.CHARGER_FAULT)
    return one


@pytest.mark.parametrize("caller", ["emsp", "fleet", "cpo"])
async def test_it_stays_used_and_what_is_left_of_its_slot_is_free(world: World, dsn: str, caller: str) -> None:
    one = await interrupted(world)

    await report(world, one, caller, ChargerProblem.BROKEN)

    now = await seen(world, one)
    assert (now.status, now.phase(world.now)) == (ReservationStatus.FULFILLED, Phase.COMPLETED)
    assert (now.interrupted_at, now.charging_ended_at) == (at(10.5), at(10.5))
    assert await run(dsn, FREED) == [("EARLY_STOP", "10:30", "11:00")]
    assert [kept for kept in await run(dsn, LIVE) if kept[0] != "HOLD"] == []
    with pytest.raises(ChargingRefused):
        await started(world, E1, typed(one))


async def test_what_was_left_of_its_slot_is_offered_elsewhere_and_taken(world: World, dsn: str) -> None:
    one = await interrupted(world)
    await report(world, one, "fleet", ChargerProblem.BROKEN)

    _, offers = await alternatives.offered(await world.call("fleet"), one.object_id)
    wanted = TakenAlternative(str(offers[0].id))
    new = await alternatives.take(await world.call("fleet"), a_key(), wanted)

    assert offers[0].period == hours(10.5, 11)
    assert (new.evse_id, new.timeslot.period, new.replaces_id) == (E2, hours(10.5, 11), one.object_id)
    assert new.status is ReservationStatus.RESERVED
    assert (await seen(world, one)).status is ReservationStatus.FULFILLED
    assert await run(dsn, LIVE) == [("BOOKING", E2, "10:30", "11:00")]


async def test_what_was_used_to_its_end_leaves_nothing_and_is_offered_nothing(world: World, dsn: str) -> None:
    one = await interrupted(world)
    going_on = await started(world, E1)
    await report(world, one, "fleet", ChargerProblem.BROKEN)

    charging = await seen(world, one)
    await stopped(world, going_on)

    assert charging.phase(world.now) is Phase.CHARGING
    assert (await alternatives.offered(await world.call("fleet"), one.object_id))[1] == []


async def test_of_a_report_and_a_start_at_one_moment_one_comes_through(world: World, dsn: str) -> None:
    one = await interrupted(world)
    async with connected(dsn, connections=8) as database:
        cpo, fleet = await acting(world, database, "cpo"), await acting(world, database, "fleet")
        wanted = Report(one.object_id, ChargerProblem.BROKEN)

        begun, *reports = await asyncio.gather(
            or_refusal(start_report(cpo, a_key(), StartReport(E1, typed(one)))),
            *(or_refusal(problem_reports.create(fleet, a_key(), wanted)) for _ in range(2)),
        )

    now = await seen(world, one)
    assert sum(isinstance(each, AlreadyReported) for each in reports) == 1
    assert isinstance(begun, Session) == (now.phase(world.now) is Phase.CHARGING) == (not now.broke_off)
