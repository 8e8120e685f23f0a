"""What an operator is told before it plans work: which bookings would be moved, and which would need alternatives."""

from dataclasses import replace

import pytest

from models.errors import BadInput, Forbidden, LostUpdate, NotAllowed, NotFound
from models.rules.hazard import Hazard
from models.rules.maintenance import Maintenance
from resolvers.bulk_maintenance import Impact, maintenance_impact
from resolvers.changes import Change
from tests.factories.catalogue import NOW, UPDATED, a_location, an_offer, hours
from tests.resolvers.bulk import LOC1, a_maintenance, known, publish, refusal
from tests.resolvers.bulk import told as all_told
from tests.resolvers.hazards import E1, E2, E3, a_site, booked, now, plan, report, told
from tests.resolvers.requests import TEN_TO_ELEVEN
from tests.world import World

pytestmark = pytest.mark.anyio

IMPACT = """
query ($maintenance: [MaintenanceInput!]!, $first: Int! = 50) {
  maintenanceImpact(maintenance: $maintenance, first: $first) {
    __typename
    ... on MaintenanceImpact { movable endangered bookings { movable booking { id } } }
    ... on Problem { message }
  }
}
"""


async def impact(world: World, *works: Maintenance, first: int = 50, caller: str = "cpo") -> Impact:
    """Return what works would do."""
    return await maintenance_impact(await world.call(caller), [Change(one) for one in works], first=first)


async def test_what_is_foretold_is_what_then_happens(world: World) -> None:
    await a_site(world, 3)
    pinned = await booked(world, evse_id=E1)
    group = await booked(world)
    later = await booked(world, hours(14, 15), evse_id=E1)
    works = [a_maintenance(period=TEN_TO_ELEVEN, evses=(E1, group.evse_id))]

    foretold = await impact(world, *works)
    await plan(world, *works)

    hazards = {one.id: one.hazard for one in await now(world, pinned, group, later)}
    assert (foretold.movable, foretold.endangered) == (1, 1)
    assert {one.id: movable for one, movable in foretold.bookings} == {pinned.id: False, group.id: True}
    assert hazards == {pinned.id: Hazard.MAINTENANCE, group.id: None, later.id: None}


async def test_two_that_would_go_to_one_charger_are_one_that_would_be_moved(world: World) -> None:
    await a_site(world, 3)
    made = [await booked(world), await booked(world)]
    spare = ({E1, E2, E3} - {one.evse_id for one in made}).pop()
    await report(world, spare)
    without = await impact(world, a_maintenance(period=TEN_TO_ELEVEN, evses=tuple(one.evse_id for one in made)))
    one = await impact(world, a_maintenance(period=TEN_TO_ELEVEN, evses=(made[0].evse_id,)))
    all_of_it = await impact(world, a_maintenance(period=TEN_TO_ELEVEN))

    assert (without.movable, without.endangered) == (0, 2)
    assert (one.movable, one.endangered) == (0, 1)
    assert all_of_it == without


async def test_nothing_is_published_moved_or_told(world: World) -> None:
    await a_site(world, 2)
    made = await booked(world)
    pinned = await booked(world, evse_id=({E1, E2} - {made.evse_id}).pop())
    before = await all_told(world), await now(world, made, pinned), known(world).version

    await impact(world, a_maintenance(period=TEN_TO_ELEVEN))
    await world.feed.synced()

    assert (await all_told(world), await now(world, made, pinned), known(world).version) == before
    assert known(world).maintenance == ()
    assert await told(world, made, pinned) == [1, 1]


async def test_it_is_about_the_work_as_it_would_be_not_as_it_is_published(world: World) -> None:
    await a_site(world, 1)
    morning, evening = await booked(world, hours(9, 10)), await booked(world, hours(18, 19))
    await plan(world, a_maintenance(period=hours(9, 10)))

    found = await impact(world, a_maintenance(period=hours(18, 19)))

    assert [(one.id, movable) for one, movable in found.bookings] == [(evening.id, False)]
    assert [one.hazard for one in await now(world, morning, evening)] == [Hazard.MAINTENANCE, None]


async def test_all_are_counted_and_the_first_are_named(world: World) -> None:
    await a_site(world, 1)
    made = [await booked(world, hours(8 + number, 9 + number)) for number in range(4)]

    found = await impact(world, a_maintenance(period=hours(8, 12)), first=2)

    assert (found.movable, found.endangered) == (0, 4)
    assert [one.id for one, _ in found.bookings] == [one.id for one in made[:2]]


async def test_what_cannot_be_published_has_no_impact_but_the_same_refusal(world: World) -> None:
    foreign = a_location("FAR", owner=("DE", "XYZ"))
    await world.publish(a_location(), foreign)
    await publish(world, a_maintenance("KNOWN"))
    call = await world.call("cpo")
    stale = [Change(a_maintenance("KNOWN"), UPDATED)]

    refused = [
        await refusal(impact(world, a_maintenance(location_id=foreign.id))),
        await refusal(impact(world, a_maintenance(location_id="NL*ABC*NONE"))),
        await refusal(impact(world, a_maintenance(evses=(f"{LOC1}*E7",)))),
        await refusal(impact(world, replace(a_maintenance(), id="DE*XYZ*WORK"))),
        await refusal(maintenance_impact(call, stale, first=50)),
        await refusal(impact(world, a_maintenance(period=hours(1, 2)))),
        await refusal(impact(world, a_maintenance(), first=0)),
        await refusal(impact(world)),
        await refusal(impact(world, a_maintenance(), caller="emsp")),
    ]

    kinds = [NotAllowed, NotFound, NotFound, NotAllowed, LostUpdate, BadInput, BadInput, BadInput, Forbidden]
    assert [type(one) for one in refused] == kinds


async def test_it_is_asked_by_graphql_as_the_work_is_published(world: World) -> None:
    await world.publish(a_location(), an_offer(a_location()), a_location("FAR", owner=("DE", "XYZ")))
    made = await booked(world)
    period = {"startDateTime": TEN_TO_ELEVEN.start.isoformat(), "endDateTime": TEN_TO_ELEVEN.end.isoformat()}
    work = {"ocpiId": "WORK", "locationId": "LOC1", "evseUids": ["E1"], "period": period}

    asked = await world.execute("cpo", IMPACT, maintenance=[work])
    foreign = await world.execute("cpo", IMPACT, maintenance=[{**work, "locationId": "DE*XYZ*FAR"}])
    nobody = await world.execute("emsp", IMPACT, maintenance=[work])

    hit = [{"movable": False, "booking": {"id": made.object_id}}]
    assert asked.errors == []
    assert asked.data["maintenanceImpact"] == {
        "__typename": "MaintenanceImpact",
        "movable": 0,
        "endangered": 1,
        "bookings": hit,
    }
    assert foreign.errors == []
    assert foreign.data["maintenanceImpact"]["__typename"] == "NotAllowed"
    assert [code for code, _ in nobody.errors] == ["FORBIDDEN"]
    assert made.reserved_at == NOW
