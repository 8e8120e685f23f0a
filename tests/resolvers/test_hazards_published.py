"""What becomes of bookings whose charger is to be worked on, or is published no more (BUC 2.7)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.hazard import Hazard
from models.rules.location import Status
from resolvers import bookings, publishing, withdrawing
from resolvers.booking_cancel import Cancellation
from resolvers.changes import Withdrawal
from tests.factories.catalogue import NOW, UPDATED, a_location, at, hours
from tests.resolvers.bulk import a_maintenance, publish
from tests.resolvers.hazards import E1, E2, E3, a_site, booked, chargers, now, plan, report, told
from tests.resolvers.requests import TEN_TO_ELEVEN
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

LATER = timedelta(hours=1)


async def test_of_two_chargers_that_break_with_one_to_spare_one_booking_is_moved(world: World) -> None:
    await a_site(world, 3)
    made = [await booked(world), await booked(world)]
    spare = ({E1, E2, E3} - set(chargers(made))).pop()

    await plan(world, a_maintenance(period=TEN_TO_ELEVEN, evses=tuple(chargers(made))))

    came = await now(world, *made)
    assert sorted(one.evse_id == spare for one in came) == [False, True]
    assert {one.evse_id: one.hazard for one in came} == {
        one.evse_id: None if one.evse_id == spare else Hazard.MAINTENANCE for one in came
    }
    assert await told(world, *made) == [2, 2]


async def test_a_charger_that_its_operator_publishes_no_more_endangers_until_it_is_back(world: World) -> None:
    await a_site(world, 2)
    pinned = await booked(world, evse_id=E1)
    both, one = a_location(chargers={"E1": ["B1"], "E2": ["B2"]}), a_location(chargers={"E2": ["B2"]})

    await publish(world, one)
    (without,) = await now(world, pinned)
    await world.publish(replace(both, last_updated=UPDATED + 2 * LATER))
    await report(world, E1, Status.AVAILABLE)

    (back,) = await now(world, pinned)
    assert (without.hazard, back.hazard) == (Hazard.FAULT, None)


async def test_a_state_that_an_import_brings_relieves_what_its_end_of_the_fault_does(world: World) -> None:
    await a_site(world, 1)
    made = await booked(world)
    await report(world, E1)
    well = a_location(last_updated=NOW + LATER)
    evses = tuple(replace(evse, last_updated=NOW + LATER) for evse in well.evses)

    await publishing.location(await world.call(None), replace(well, evses=evses))

    (found,) = await now(world, made)
    assert found.hazard is None


async def test_maintenance_endangers_from_when_it_is_planned_until_it_is_called_off(world: World) -> None:
    await a_site(world, 1)
    made = await booked(world)
    after = await booked(world, hours(11, 12))

    await plan(world, a_maintenance(period=hours(9, 11)))
    planned = await now(world, made, after)
    await withdrawing.maintenance_withdraw(await world.call("cpo"), a_key(), [Withdrawal("NL*ABC*WORK")])

    assert [one.hazard for one in planned] == [Hazard.MAINTENANCE, None]
    assert await told(world, made, after, kind="ALTERNATIVES_OFFERED") == [1, 0]
    assert [one.hazard for one in await now(world, made, after)] == [None, None]
    assert await told(world, made, after) == [3, 1]


async def test_maintenance_that_is_moved_relieves_some_and_endangers_others(world: World) -> None:
    await a_site(world, 2)
    morning, evening = await booked(world, hours(9, 10), E1), await booked(world, hours(18, 19), E1)
    other = await booked(world, hours(18, 19), E2)

    found = []
    for period, evse_id in ((hours(9, 10), E1), (hours(18, 19), E1), (hours(18, 19), E2)):
        await plan(world, a_maintenance(period=period, evses=(evse_id,)))
        found.append([one.hazard is not None for one in await now(world, morning, evening, other)])

    assert found == [[True, False, False], [False, True, False], [False, False, True]]
    assert await told(world, morning, evening, other) == [3, 3, 2]


async def test_a_fault_counts_before_maintenance_and_what_is_left_stays_flagged(world: World) -> None:
    await a_site(world, 1)
    made = await booked(world)
    world.later(NOW + LATER)
    await plan(world, a_maintenance(period=TEN_TO_ELEVEN))
    world.later(NOW + 2 * LATER)
    await report(world, E1)
    (both,) = await now(world, made)
    await report(world, E1, Status.AVAILABLE)

    (left,) = await now(world, made)
    assert (both.hazard, left.hazard) == (Hazard.FAULT, Hazard.MAINTENANCE)


async def test_a_holder_leaves_for_nothing_while_the_booking_is_endangered(world: World) -> None:
    await a_site(world, 1)
    made = await booked(world)
    world.later(at(9.5))
    await plan(world, a_maintenance(period=TEN_TO_ELEVEN))

    wanted = Cancellation(made.object_id, CanceledReason.BROKEN_CHARGER)
    left = await bookings.cancel(await world.call("emsp"), a_key(), wanted)

    assert (left.status, left.hazard) == (ReservationStatus.CANCELED, None)
    assert left.booking_requests[-1].fee is None
