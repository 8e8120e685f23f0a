"""A holder looks for alternatives anew, as far off as it likes, and takes what it finds (BUC 2.8, 4a and 4b)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import AlreadyFinal, BadInput, Forbidden, NotAllowed, NotFound
from models.rules.alternative import Alternative
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason, ReservationStatus
from resolvers import alternatives, bookings
from resolvers.alternative_renewing import Renewal
from resolvers.alternative_suggesting import Suggestion
from resolvers.booking_cancel import Cancellation
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import hours
from tests.resolvers.deciding import declined
from tests.resolvers.endangered import (
    AT_FAR,
    AT_HERE,
    AT_NEAR,
    AT_OTHERS,
    canceled,
    endangered,
    offered,
    open_sites,
    places,
    taken,
)
from tests.resolvers.lifecycle import E1, HELD_TWICE, UNLIKE_THEIR_BOOKING, booked
from tests.resolvers.quoting import TEN_TO_ELEVEN, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.resolvers.test_alternative_races import crowd
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

HOLDS = "SELECT string_agg(location_id, ', ') FROM allocation WHERE kind = 'HOLD' AND released_at IS NULL"
TOLD = "SELECT count(*) FROM event WHERE kind = 'ALTERNATIVES_OFFERED'"


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Whatever was done, no charger is held twice, and every live booking has its own."""
    yield
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def renewed(
    world: World, one: Booking, within_km: int | None = None, shift_minutes: int | None = None, caller: str = "emsp"
) -> list[Alternative]:
    """Return what is offered once the holder looked anew; a refusal is raised."""
    wanted = Renewal(one.object_id, within_km, shift_minutes)
    return (await alternatives.renew(await world.call(caller), a_key(), wanted))[1]


async def test_what_is_found_farther_off_is_offered_and_taken_in_the_place_of_what_was(
    world: World, dsn: str
) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    before = await offered(world, one)
    await booked(world, AT_OTHERS, hours(8.5, 12))

    found = await renewed(world, one, within_km=100, shift_minutes=60)

    assert (places(before), places(found)) == (["NEAR", "OTHERS"], ["NEAR", "FAR"])
    assert [each.rank for each in found] == [1, 2]
    assert [each.held_until for each in found] == [world.now + timedelta(minutes=10), None]
    assert await ask(dsn, HOLDS) == AT_NEAR.location_id
    assert await ask(dsn, TOLD) == 2
    assert isinstance(await or_refusal(taken(world, before[0])), NotAllowed)
    assert (await taken(world, found[1])).booking_location_id == AT_FAR.id


async def test_what_the_operator_suggests_stays_first_and_held(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    await offered(world, one)
    wish = Suggestion(one.object_id, AT_NEAR.id, hours(12, 13))
    await alternatives.suggest(await world.call("cpo"), a_key(), wish)

    found = await renewed(world, one, within_km=5, shift_minutes=0)

    assert [(each.period, each.rank) for each in found] == [(hours(12, 13), 1), (TEN_TO_ELEVEN, 2)]
    assert [each.suggested_by for each in found] == ["NL*ABC", None]
    assert [each.held_until for each in found] == [world.now + timedelta(minutes=minutes) for minutes in (15, 10)]


async def test_what_the_operator_suggests_is_not_offered_twice(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    await alternatives.suggest(await world.call("cpo"), a_key(), Suggestion(one.object_id, AT_NEAR.id, TEN_TO_ELEVEN))

    assert places(await renewed(world, one)) == ["NEAR", "OTHERS"]
    assert places(await offered(world, one)) == ["NEAR", "OTHERS"]


async def test_a_repeat_returns_the_same_and_the_worker_finds_nothing_to_do(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    call, key, wanted = await world.call("emsp"), a_key(), Renewal(one.object_id, 100)

    first = await alternatives.renew(call, key, wanted)
    again = await alternatives.renew(call, key, wanted)

    assert first == again
    assert places(first[1]) == ["NEAR", "OTHERS", "FAR"]
    assert await alternatives.offer(await world.call(None)) == 0


async def test_the_best_that_can_be_had_is_held_also_behind_an_expired_hold(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    stale = await quoted(world, AT_NEAR, "other_emsp")
    world.later(stale.expires_at)

    found = await renewed(world, one)

    assert (places(found)[0], found[0].held_until) == ("NEAR", world.now + timedelta(minutes=10))


async def test_nothing_found_is_nothing_offered(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    await offered(world, one)

    assert await renewed(world, one, within_km=0, shift_minutes=0) == []
    assert await ask(dsn, HOLDS) is None


async def test_who_may_look_anew_and_for_which_bookings(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await booked(world, AT_HERE, caller="fleet", whom=ForWhom(contract_id=FLEET_CONTRACT), evse_id=E1)

    with pytest.raises(NotAllowed, match="Nothing endangers the booking"):
        await renewed(world, one)
    await endangered(world, dsn, one)
    with pytest.raises(NotFound):
        await renewed(world, one, caller="other_emsp")
    with pytest.raises(Forbidden):
        await renewed(world, one, caller="cpo")
    with pytest.raises(BadInput, match="`withinKm` is between 0 and 300"):
        await renewed(world, one, within_km=301)
    await ask(dsn, "UPDATE booking SET contract_ids = $2 WHERE id = $1", one.id, [FLEET_CONTRACT, OTHER_CONTRACT])
    with pytest.raises(NotAllowed, match="your token does not cover"):
        await renewed(world, one, caller="fleet")
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)
    with pytest.raises(AlreadyFinal):
        await renewed(world, one)


async def test_who_was_canceled_looks_anew_until_it_has_another_booking(world: World) -> None:
    await open_sites(world, replace(AT_FAR, confirmation=Confirmation.OPERATOR))
    one = await canceled(world)

    found = await renewed(world, one, within_km=100)
    waiting = await taken(world, found[-1])
    with pytest.raises(NotAllowed, match="has a booking of it"):
        await renewed(world, one)
    await declined(world, waiting)
    again = [each for each in await renewed(world, one, within_km=100) if each.is_open]
    new = await taken(world, again[0])

    assert (places(found), places(again)) == (["NEAR", "OTHERS", "FAR"], ["NEAR", "OTHERS"])
    assert waiting.status is ReservationStatus.PENDING
    assert (new.status, new.replaces_id) == (ReservationStatus.RESERVED, one.object_id)


async def test_many_that_look_at_one_moment_leave_one_offer_and_one_hold(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    async with crowd(world, dsn, "emsp") as call:
        looks = (or_refusal(alternatives.renew(call, a_key(), Renewal(one.object_id))) for _ in range(12))
        await asyncio.gather(alternatives.offer(replace(call, caller=None)), *looks)
        found = (await alternatives.offered(call, one.object_id))[1]

    assert [(each.booking_location_id, each.rank) for each in found] == [(AT_NEAR.id, 1), (AT_OTHERS.id, 2)]
    assert await ask(dsn, HOLDS) == AT_NEAR.location_id
