"""What becomes of bookings whose charger breaks (BUC 2.5): moved at once, or flagged until it is well again."""

import asyncio
from dataclasses import replace

import pytest

from models.errors import ChargerUnusable
from models.queries import endangered
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.fault import Severity
from models.rules.hazard import Hazard
from models.rules.location import Status
from models.rules.quote import QuoteOutcome, QuotePurpose
from resolvers import alternatives, bookings
from resolvers.booking_cancel import Cancellation
from resolvers.hazards import MOST_MOVED
from tests.factories.catalogue import NOW, a_location, an_offer, at, hours
from tests.resolvers.bulk import LOC1
from tests.resolvers.hazards import E1, E2, a_site, booked, held, now, report, settled, told
from tests.resolvers.requests import a_request, outcome
from tests.statements import Counting
from tests.world import World, a_key

pytestmark = pytest.mark.anyio


async def test_a_fault_moves_a_booking_whose_charger_nobody_asked_for_or_knows(world: World) -> None:
    await a_site(world, 2)
    made = await booked(world)

    await report(world, made.evse_id)

    (moved,) = await now(world, made)
    assert {made.evse_id, moved.evse_id} == {E1, E2}
    assert (moved.hazard, moved.alternatives_due_at) == (None, None)
    assert await told(world, made) == [2]


async def test_a_booking_of_one_charger_is_flagged_and_alternatives_are_offered_at_once(world: World) -> None:
    await a_site(world, 2)
    made = await booked(world, evse_id=E1)

    await report(world, E1)

    (flagged,) = await now(world, made)
    assert flagged == replace(made, hazard=Hazard.FAULT, endangered_since=NOW, last_updated=NOW)
    assert await told(world, made, kind="ALTERNATIVES_OFFERED") == [1]
    assert await told(world, made) == [2]


async def test_a_booking_whose_charger_its_holder_knows_is_flagged(world: World) -> None:
    await a_site(world, 2)
    made = await booked(world)
    world.later(at(10))

    await report(world, made.evse_id)

    (flagged,) = await now(world, made)
    assert (flagged.evse_id, flagged.hazard) == (made.evse_id, Hazard.FAULT)


async def test_a_repair_relieves_what_is_still_where_it_was(world: World) -> None:
    await a_site(world, 1)
    made = await booked(world)
    await report(world, E1)
    (flagged,) = await now(world, made)

    await report(world, E1, Status.AVAILABLE)

    (relieved,) = await now(world, made)
    assert (flagged.hazard, relieved.hazard, relieved.alternatives_due_at) == (Hazard.FAULT, None, None)
    assert await told(world, made) == [3]


async def test_what_is_known_of_a_fault_decides_anew_and_what_stays_is_told_once(world: World) -> None:
    await a_site(world, 1)
    early, late = await booked(world, hours(10, 11)), await booked(world, hours(14, 15))
    found = []
    for expected_end in (at(9), at(12), at(13), None, at(12)):
        await report(world, E1, expected_end=expected_end, severity=Severity.OUT_OF_USE)
        found.append([one.hazard for one in await now(world, early, late)])

    fault = Hazard.FAULT
    assert found == [[None, None], [fault, None], [fault, None], [fault, fault], [fault, None]]
    assert await told(world, early, late) == [2, 3]


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(Severity.WARNING, None), (Severity.DEGRADED, Hazard.FAULT)],
    ids=["warning", "degraded"],
)
async def test_a_charger_that_works_endangers_only_if_it_gives_less_than_was_promised(
    world: World, severity: Severity, expected: Hazard | None
) -> None:
    await a_site(world, 1)
    made = await booked(world)

    await report(world, E1, Status.AVAILABLE, severity=severity)

    (found,) = await now(world, made)
    assert found.hazard is expected


async def test_what_could_not_be_moved_is_moved_once_there_is_room_and_the_fault_is_told_of_again(
    world: World,
) -> None:
    await a_site(world, 2)
    made, other = await booked(world), await booked(world)
    await report(world, made.evse_id)
    (flagged,) = await now(world, made)
    alternative = await held(world, made, QuotePurpose.ALTERNATIVE, 12)
    wanted = Cancellation(other.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)

    await report(world, made.evse_id, Status.INOPERATIVE)

    (moved,) = await now(world, made)
    assert (flagged.hazard, flagged.evse_id) == (Hazard.FAULT, made.evse_id)
    assert (moved.hazard, moved.alternatives_due_at, moved.evse_id) == (None, None, other.evse_id)
    assert await told(world, made) == [3]
    assert await settled(world, alternative) == [QuoteOutcome.RELEASED]


async def test_nobody_is_moved_to_a_charger_that_gives_less_than_was_promised(world: World) -> None:
    await a_site(world, 2)
    made = await booked(world)
    other = ({E1, E2} - {made.evse_id}).pop()
    await report(world, other, Status.AVAILABLE, severity=Severity.DEGRADED)

    await report(world, made.evse_id)

    (found,) = await now(world, made)
    assert (found.evse_id, found.hazard) == (made.evse_id, Hazard.FAULT)


async def test_bookings_that_are_over_or_canceled_are_left_alone(world: World) -> None:
    await a_site(world, 1)
    past, gone = await booked(world, hours(6, 7)), await booked(world, hours(10, 11))
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(gone.object_id, CanceledReason.NO_CANCELED))
    world.later(at(8))

    await report(world, E1)

    assert [one.hazard for one in await now(world, past, gone)] == [None, None]


@pytest.mark.parametrize("status", [Status.REMOVED, Status.PLANNED])
async def test_a_charger_that_is_gone_endangers_though_nothing_is_broken(world: World, status: Status) -> None:
    await a_site(world, 1)
    made = await booked(world)

    await report(world, E1, status)

    (found,) = await now(world, made)
    assert found.hazard is Hazard.FAULT


async def test_what_was_offered_instead_is_given_back_with_the_repair_and_a_change_that_was_quoted_is_not(
    world: World,
) -> None:
    await a_site(world, 1)
    made = await booked(world)
    await report(world, E1, expected_end=at(11), severity=Severity.OUT_OF_USE)
    alternative = await held(world, made, QuotePurpose.ALTERNATIVE, 12)
    change = await held(world, made, QuotePurpose.CHANGE, 14)

    await report(world, E1, Status.AVAILABLE)

    ended = await settled(world, alternative, change)
    assert ended == [QuoteOutcome.RELEASED, QuoteOutcome.OPEN]


async def test_a_booking_beside_the_report_of_a_fault_is_refused_or_flagged(world: World) -> None:
    await a_site(world, 1)
    call = await world.call("emsp")
    offer = an_offer(a_location())

    async def book(number: int) -> object:
        await asyncio.sleep(number * 0.001)
        return await outcome(call, a_request(offer, hours(8 + number / 2, 8.5 + number / 2)))

    *came, _ = await asyncio.gather(*(book(number) for number in range(24)), report(world, E1))

    made = [one for one in came if isinstance(one, Booking)]
    refused = [one for one in came if isinstance(one, ChargerUnusable)]
    assert len(made) + len(refused) == 24
    assert {one.hazard for one in await now(world, *made)} <= {Hazard.FAULT}
    assert await told(world, *made) == [2] * len(made)


@pytest.mark.parametrize("count", [1, 6])
async def test_however_many_bookings_are_flagged_it_is_noted_by_as_many_statements(world: World, count: int) -> None:
    await a_site(world, 1)
    for number in range(count):
        await booked(world, hours(8 + number, 9 + number), E1)
    counting = Counting(world.database)
    call = replace(await world.call("cpo"), database=counting)
    (location,) = [one.published for one in [world.catalogue.get(LOC1)] if one]

    async with counting.transaction() as connection:
        concerned = await endangered.on_chargers(connection, location.location.id, [E1], call.now)
        await endangered.note(connection, [replace(one, hazard=Hazard.FAULT) for one in concerned])

    assert len(concerned) == count
    assert len(counting.since()) == 5


async def test_of_very_many_the_first_are_moved_at_once_and_the_rest_by_a_worker(world: World) -> None:
    await a_site(world, 1)
    made = [await booked(world, hours(8 + number / 2, 8.5 + number / 2)) for number in range(MOST_MOVED + 10)]
    await world.publish(a_location(chargers={"E1": ["B1"], "E2": ["B2"]}, last_updated=NOW))

    await report(world, E1)
    waiting = [one for one in await now(world, *made) if one.hazard is not None]
    await alternatives.offer(replace(await world.call(None), now=world.now))

    after = await now(world, *made)
    assert 0 < len(waiting) < 10
    assert {(one.evse_id, one.hazard) for one in after} == {(E2, None)}
    assert await told(world, *made) == [2] * MOST_MOVED + [3] * 10
