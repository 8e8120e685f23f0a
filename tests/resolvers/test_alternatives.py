"""Alternatives to bookings that their charger fails (BUC 2.8): what is found, offered, held and suggested."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from models.errors import AlreadyFinal, BadInput, Forbidden, NotAllowed, NotFound, SlotTaken
from models.rules.alternative import AlternativesPolicy
from models.rules.fit import Demand
from models.rules.quote import Quote
from resolvers import alternatives, quotes
from resolvers.alternative_suggesting import Suggestion
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.resolvers.endangered import (
    AT_FAR,
    AT_HERE,
    AT_NEAR,
    AT_OTHERS,
    HERE,
    NEAR,
    canceled,
    endangered,
    offered,
    open_sites,
    places,
    taken,
)
from tests.resolvers.lifecycle import E1, E2, HELD_TWICE, UNLIKE_THEIR_BOOKING, booked
from tests.resolvers.quoting import TEN_TO_ELEVEN, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

TOLD_AND_IN_DOUBT = """
UPDATE booking SET hazard = 'FAULT', alternatives_due_at = $1, evse_revealed_at = $1, reveal_due_at = NULL
WHERE id = $2
"""

HOLDS = "SELECT count(*) FROM allocation WHERE kind = 'HOLD' AND released_at IS NULL"
TOLD = "SELECT count(*) FROM event WHERE kind = 'ALTERNATIVES_OFFERED'"
TWO_CHARGERS = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Whatever was done, no charger is held twice, and every live booking has its own."""
    yield
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def test_what_is_near_is_offered_the_nearest_first_and_the_best_is_held(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)

    found = await offered(world, one)

    assert places(found) == ["NEAR", "OTHERS"]
    assert [each.rank for each in found] == [1, 2]
    assert [round(each.distance, -2) for each in found] == [3000, 10000]
    assert [(each.period, each.shift_minutes) for each in found] == [(TEN_TO_ELEVEN, 0)] * 2
    assert [each.held_until for each in found] == [world.now + timedelta(minutes=15), None]
    assert found[0].price.booking is not None
    assert found[0].price.booking.after_taxes == Decimal("3.0250")
    assert await ask(dsn, HOLDS) == 1
    assert isinstance(await or_refusal(quoted(world, AT_NEAR, "other_emsp")), SlotTaken)


async def test_another_charger_of_the_site_comes_first_though_it_is_later(world: World, dsn: str) -> None:
    await open_sites(world, TWO_CHARGERS, replace(an_offer(TWO_CHARGERS), location_id=HERE.id))
    one = await booked(world, AT_HERE, evse_id=E1)
    await booked(world, AT_HERE, hours(9.5, 11), evse_id=E2)
    await endangered(world, dsn, one)

    found = await offered(world, one)

    assert places(found) == ["LOC1", "NEAR", "OTHERS"]
    assert (found[0].period, found[0].shift_minutes) == (hours(11, 12), 60)


async def test_the_start_nearest_to_the_booking_is_offered_the_earlier_of_two(world: World, dsn: str) -> None:
    await open_sites(world)
    await booked(world, AT_NEAR, hours(10, 11))
    await booked(world, AT_OTHERS, hours(9.75, 10.5))
    one = await endangered(world, dsn)

    found = await offered(world, one)

    assert [(each.period, each.shift_minutes) for each in found] == [(hours(10.5, 11.5), 30), (hours(9, 10), -60)]
    assert places(found) == ["OTHERS", "NEAR"]


async def test_nothing_outside_the_operators_reach_is_offered_and_that_is_told(world: World, dsn: str) -> None:
    await open_sites(world)
    await booked(world, AT_NEAR, hours(8.5, 12))
    policy = AlternativesPolicy(within_km=5, shift_minutes=60, hold_minutes=5)
    await alternatives.policy_set(await world.call("cpo"), a_key(), policy)
    one = await endangered(world, dsn)

    assert await offered(world, one) == []
    assert await ask(dsn, TOLD) == 1
    assert await ask(dsn, "SELECT count(*) FROM booking WHERE alternatives_due_at IS NOT NULL") == 0


async def test_the_best_is_held_as_long_as_the_operator_says(world: World, dsn: str) -> None:
    await open_sites(world)
    await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy(hold_minutes=40))
    one = await endangered(world, dsn)

    found = await offered(world, one)

    assert found[0].held_until == world.now + timedelta(minutes=40)


async def test_what_the_booking_asked_for_is_what_is_looked_for(world: World, dsn: str) -> None:
    weak = a_location("NEAR", place=(NEAR.latitude, NEAR.longitude))
    plug = replace(weak.evses[0].connectors[0], max_electric_power=100_000)
    weak = replace(weak, evses=(replace(weak.evses[0], connectors=(plug,)),))
    await open_sites(world, weak)
    one = await booked(world, AT_HERE, evse_id=E1, demand=Demand(min_power=300_000))
    await endangered(world, dsn, one)

    assert places(await offered(world, one)) == ["OTHERS"]


async def test_more_time_is_offered_where_the_energy_takes_longer(world: World, dsn: str) -> None:
    weak = a_location("NEAR", place=(NEAR.latitude, NEAR.longitude))
    plug = replace(weak.evses[0].connectors[0], max_electric_power=100_000)
    weak = replace(weak, evses=(replace(weak.evses[0], connectors=(plug,)),))
    await open_sites(world, weak)
    one = await booked(world, AT_HERE, evse_id=E1, demand=Demand(energy=Decimal(150)))
    await endangered(world, dsn, one)

    found = await offered(world, one)

    assert [each.period for each in found] == [hours(10, 11.5), TEN_TO_ELEVEN]


async def test_an_expired_hold_that_is_in_the_way_gives_room(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    stale = await quoted(world, AT_NEAR, "other_emsp")
    world.later(stale.expires_at)
    await ask(dsn, "UPDATE booking SET alternatives_due_at = $1 WHERE id = $2", world.now, one.id)

    found = await offered(world, one)

    assert (places(found)[0], found[0].held_until) == ("NEAR", world.now + timedelta(minutes=15))


async def test_a_charger_that_works_but_is_in_doubt_is_not_held_for_the_booking_that_it_fails(
    world: World, dsn: str
) -> None:
    place = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, 5)})
    offer = replace(an_offer(place), location_id=HERE.id)
    await open_sites(world, place, offer)
    for _ in range(3):
        one = await booked(world, offer)
        await ask(dsn, TOLD_AND_IN_DOUBT, at(6), one.id)
        best = (await offered(world, one))[0]
        (held,) = await quotes_of(world, [str(best.quote_id)])

        assert (best.location_id, best.period) == (HERE.id, TEN_TO_ELEVEN)
        assert held.grant.evse_id != one.evse_id
        assert held.grant.evse_pinned is False
        await quotes.release(await world.call("emsp"), a_key(), str(held.id))
        await ask(dsn, "UPDATE booking SET hazard = NULL WHERE id = $1", one.id)


async def quotes_of(world: World, ids: list[str]) -> list[Quote]:
    return [one for one in await quotes.many(await world.call("emsp"), ids) if one is not None]


async def test_a_slot_is_never_offered_in_the_past_and_nothing_once_the_booking_is_over(
    world: World, dsn: str
) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    world.later(at(10.6))
    begun = (await alternatives.look(await world.call("emsp"), one.object_id, 25, 120))[1]
    world.later(at(11))
    over = (await alternatives.look(await world.call("emsp"), one.object_id, 25, 120))[1]

    assert {each.period for each in begun} == {hours(10.75, 11.75)}
    assert over == []


async def test_the_holder_looks_as_far_as_it_likes_and_holds_nothing_by_that(world: World, dsn: str) -> None:
    await open_sites(world)
    await booked(world, AT_NEAR, hours(8.5, 12))
    one = await endangered(world, dsn)
    call = await world.call("emsp")

    usual = (await alternatives.look(call, one.object_id, None, 60))[1]
    wide = (await alternatives.look(call, one.object_id, 100, 60))[1]
    long = (await alternatives.look(call, one.object_id, 5, 180))[1]

    assert [places(found) for found in (usual, wide, long)] == [["OTHERS"], ["OTHERS", "FAR"], ["NEAR"]]
    assert await ask(dsn, HOLDS) == 0
    assert AT_FAR.id == wide[1].booking_location_id
    with pytest.raises(BadInput, match="`withinKm` is between 0 and 300"):
        await alternatives.look(call, one.object_id, 301, None)
    with pytest.raises(NotFound):
        await alternatives.look(await world.call("other_emsp"), one.object_id, 25, None)


async def test_hidden_sites_are_not_offered(world: World, dsn: str) -> None:
    await open_sites(world, a_location("NEAR", place=(NEAR.latitude, NEAR.longitude), publish=False))
    one = await endangered(world, dsn)

    assert places(await offered(world, one)) == ["OTHERS"]


async def test_an_operators_cancellation_is_followed_by_what_it_offers_at_once(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await canceled(world)

    found = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]

    assert places(found) == ["NEAR", "OTHERS"]
    assert found[0].held_until is not None
    assert await ask(dsn, TOLD) == 1
    assert await alternatives.offer(await world.call(None)) == 0


async def test_a_booking_that_was_relieved_meanwhile_gets_nothing(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    await ask(dsn, "UPDATE booking SET hazard = NULL, alternatives_due_at = NULL WHERE id = $1", one.id)

    assert await offered(world, one) == []
    assert await ask(dsn, TOLD) == 0


async def test_what_its_operator_suggests_comes_first_and_is_held_too(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    await offered(world, one)
    wish = Suggestion(one.object_id, AT_FAR.id, hours(12, 13))
    key = a_key()
    for _ in range(2):
        await alternatives.suggest(await world.call("cpo"), key, wish)

    found = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]

    assert places(found) == ["FAR", "NEAR", "OTHERS"]
    assert [each.rank for each in found] == [1, 2, 3]
    assert [each.suggested_by for each in found] == ["NL*ABC", None, None]
    assert (found[0].shift_minutes, 55_000 < found[0].distance < 60_000) == (120, True)
    assert [each.held_until is None for each in found] == [False, False, True]
    assert await ask(dsn, TOLD) == 2
    assert (await taken(world, found[0])).location_id == AT_FAR.location_id


async def test_who_may_suggest_what(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await booked(world, AT_HERE, evse_id=E1)
    wish = Suggestion(one.object_id, AT_NEAR.id, TEN_TO_ELEVEN)

    with pytest.raises(NotAllowed, match="Nothing endangers the booking"):
        await alternatives.suggest(await world.call("cpo"), a_key(), wish)
    await endangered(world, dsn, one)
    with pytest.raises(NotFound):
        await alternatives.suggest(await world.call("other_cpo"), a_key(), wish)
    with pytest.raises(Forbidden):
        await alternatives.suggest(await world.call("emsp"), a_key(), wish)
    with pytest.raises(NotAllowed, match="another operator"):
        await alternatives.suggest(await world.call("cpo"), a_key(), replace(wish, booking_location_id=AT_OTHERS.id))
    await booked(world, AT_NEAR)
    with pytest.raises(SlotTaken):
        await alternatives.suggest(await world.call("cpo"), a_key(), wish)


async def test_no_suggestion_follows_what_was_taken_or_the_holder_gave_up(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await canceled(world)
    found = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]
    new = await taken(world, found[0])
    wish = Suggestion(one.object_id, AT_FAR.id, TEN_TO_ELEVEN)

    with pytest.raises(NotAllowed, match="taken an alternative already"):
        await alternatives.suggest(await world.call("cpo"), a_key(), wish)
    await ask(dsn, "UPDATE booking SET status = 'FULFILLED' WHERE id = $1", new.id)
    with pytest.raises(AlreadyFinal):
        await alternatives.suggest(await world.call("cpo"), a_key(), replace(wish, booking_id=new.object_id))
    await ask(dsn, "UPDATE booking SET status = 'RESERVED' WHERE id = $1", new.id)


async def test_a_policy_is_its_operators_own(world: World) -> None:
    await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy(10, 30, 5))
    await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy(11, 31, 6))

    assert await alternatives.policy(await world.call("cpo")) == AlternativesPolicy(11, 31, 6)
    assert await alternatives.policy(await world.call("other_cpo")) == AlternativesPolicy()
    with pytest.raises(BadInput, match="`shiftMinutes` is between 0 and 720"):
        await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy(10, 721, 5))
    with pytest.raises(Forbidden):
        await alternatives.policy(await world.call("emsp"))
