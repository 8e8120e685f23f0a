"""alternativesOffered through the contract (BUC 2.8): who is told of what is offered, and when."""

from typing import Any

import pytest

from models.rules.alternative import AlternativesPolicy
from models.rules.booking import Booking
from resolvers import alternatives
from resolvers.alternative_suggesting import Suggestion
from resolvers.for_whom import ForWhom
from schema.live import write_cursor
from tests.factories.catalogue import hours
from tests.resolvers.endangered import AT_FAR, AT_HERE, AT_NEAR, canceled, endangered, offered, open_sites, taken
from tests.resolvers.lifecycle import E1, booked
from tests.subscriptions.hearing import position, synced
from tests.subscriptions.streams import subscribed
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

OFFERED = """
subscription ($after: EventCursor) {
  alternativesOffered(after: $after) {
    __typename
    ... on AlternativesOffered {
      cursor at booking { id status }
      alternatives { id rank location { id } heldUntil takenAt }
    }
    ... on ResyncRequired { reason }
  }
}
"""


@pytest.fixture(autouse=True)
async def sites(world: World) -> None:
    """Sites of two operators near each other."""
    await open_sites(world)


def told(message: dict[str, Any]) -> tuple[str, list[str]]:
    """Return which booking a message is about, and where it may go."""
    return message["booking"]["id"], [one["location"]["id"] for one in message["alternatives"]]


async def booked_at_noon(world: World) -> Booking:
    """Return a later booking close by, which no fault endangers."""
    return await booked(world, AT_NEAR, hours(12, 13))


NEAR_AND_OTHERS = ["NL*ABC*NEAR", "DE*XYZ*OTHERS"]


async def test_what_is_open_comes_first_and_then_what_is_offered_and_suggested(world: World, dsn: str) -> None:
    noon = await booked_at_noon(world)
    first = await endangered(world, dsn)
    await offered(world, first)

    async with subscribed(world, "emsp", OFFERED) as stream:
        opened = await stream.next()
        second = await canceled(world, noon)
        followed = await stream.next()
        wish = Suggestion(first.object_id, AT_FAR.id, hours(12, 13))
        await alternatives.suggest(await world.call("cpo"), a_key(), wish)
        suggested = await stream.next()

    assert told(opened) == (first.object_id, NEAR_AND_OTHERS)
    assert opened["cursor"] is not None
    assert opened["alternatives"][0]["heldUntil"] == "2026-12-01T06:15:00Z"
    assert told(followed) == (second.object_id, NEAR_AND_OTHERS)  # at one, when its own charger is free again
    assert followed["booking"]["status"] == "CANCELED"
    assert told(suggested) == (first.object_id, ["NL*ABC*FAR", *NEAR_AND_OTHERS])
    assert [one["rank"] for one in suggested["alternatives"]] == [1, 2, 3]


async def test_that_nothing_was_found_is_told_too(world: World, dsn: str) -> None:
    await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy(0, 0, 5))
    begin = write_cursor(position(world.feed))
    one = await endangered(world, dsn)
    await offered(world, one)
    async with subscribed(world, "emsp", OFFERED, after=begin) as stream:
        message = await stream.next()

    assert told(message) == (one.object_id, [])


async def test_each_is_told_of_its_own_bookings_only(world: World, dsn: str) -> None:
    of_fleet = await booked(
        world, AT_HERE, hours(10, 11), "fleet", whom=ForWhom(contract_id=FLEET_CONTRACT), evse_id=E1
    )
    of_other = await booked(world, AT_HERE, hours(12, 13), "other_emsp", evse_id=E1)
    other = ForWhom(contract_id=OTHER_CONTRACT)
    of_other_fleet = await booked(world, AT_HERE, hours(14, 15), "other_fleet", whom=other, evse_id=E1)
    expected = {"fleet": of_fleet, "other_emsp": of_other, "other_fleet": of_other_fleet}
    heard: dict[str, str] = {}

    for caller, one in expected.items():
        async with subscribed(world, caller, OFFERED) as stream:
            await endangered(world, dsn, one)
            await alternatives.offer(await world.call(None))
            heard[caller] = told(await stream.next())[0]
    async with subscribed(world, "emsp", OFFERED) as stream:
        of_provider = {told(await stream.next())[0] for _ in range(2)}

    assert heard == {caller: one.object_id for caller, one in expected.items()}
    assert of_provider == {of_fleet.object_id, of_other_fleet.object_id}


@pytest.mark.parametrize("caller", ["cpo", "nsp", "nap"])
async def test_it_is_for_those_who_may_take_one(world: World, caller: str) -> None:
    async with subscribed(world, caller, OFFERED) as stream:
        assert (await stream.refusal())[0] == "FORBIDDEN"


async def test_it_is_resumed_behind_the_last_that_was_seen(world: World, dsn: str) -> None:
    noon = await booked_at_noon(world)
    first = await endangered(world, dsn)
    await offered(world, first)
    async with subscribed(world, "emsp", OFFERED) as stream:
        cursor = (await stream.next())["cursor"]
    assert cursor is not None
    second = await canceled(world, noon)
    await synced(world.feed)

    async with subscribed(world, "emsp", OFFERED, after=cursor) as stream:
        resumed = await stream.next()

    assert told(resumed) == (second.object_id, NEAR_AND_OTHERS)


async def test_what_was_taken_is_open_no_more(world: World, dsn: str) -> None:
    noon = await booked_at_noon(world)
    one = await endangered(world, dsn)
    best = (await offered(world, one))[0]
    await taken(world, best)
    second = await canceled(world, noon)
    await synced(world.feed)

    async with subscribed(world, "emsp", OFFERED) as stream:
        opened = await stream.next()

    assert told(opened)[0] == second.object_id
    assert opened["cursor"] is not None
