"""A collector that asks what changed since hears of deletions too, in one order, over as many pages as it likes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models.errors import BadInput
from models.rules.published import PublishedLocation, WithdrawnLocation
from resolvers import withdrawing
from resolvers.changes import Withdrawal
from resolvers.locations import LocationFilter, collected
from tests.factories.catalogue import NOW, a_location
from tests.resolvers.bulk import publish, refusal
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITES = [a_location(f"LOC{number}") for number in range(1, 6)]
Told = list[tuple[str, datetime | None]]


async def since(world: World, caller: str | None, moment: datetime | None, first: int = 10, **asked: str) -> Told:
    """Return what a collector is told page by page: the id, and when it went if it is gone."""
    told: Told = []
    after: tuple[str, ...] | None = None
    more = True
    while more:
        wanted = LocationFilter(updated_since=moment, **asked)  # type: ignore[arg-type]
        page = await collected(await world.call(caller), wanted, first=first, after=after)
        assert len(page.items) <= first
        for one, after in page.items:  # noqa: B007 - the last one continues
            told.append((one.location_id, one.at) if isinstance(one, WithdrawnLocation) else (one.location.id, None))
        more = page.has_next
    return told


async def withdraw(world: World, *names: str) -> None:
    """Take Locations back, and wait until everybody has heard."""
    call = await world.call("cpo")
    await withdrawing.locations_withdraw(call, a_key(), [Withdrawal(f"NL*ABC*{name}") for name in names])
    await world.feed.synced()


def hour(number: int) -> datetime:
    """Return a later moment."""
    return NOW + timedelta(hours=number)


@pytest.fixture
async def changing(world: World) -> World:
    """Five sites: one taken back, one hidden, one taken back and published again, and two that stay."""
    await publish(world, *SITES)
    world.later(hour(1))
    await withdraw(world, "LOC4", "LOC3")
    world.later(hour(2))
    await publish(world, replace(SITES[1], publish=False))
    world.later(hour(3))
    await publish(world, SITES[2])
    return world


@pytest.mark.parametrize("first", [1, 2, 10])
async def test_deletions_come_in_order_among_what_is_new(changing: World, first: int) -> None:
    everything: Told = [
        ("NL*ABC*LOC1", None),
        ("NL*ABC*LOC5", None),
        ("NL*ABC*LOC4", hour(1)),
        ("NL*ABC*LOC2", hour(2)),
        ("NL*ABC*LOC3", None),
    ]

    for caller in ("nap", None, "emsp", "other_cpo"):
        assert await since(changing, caller, NOW, first) == everything
    assert await since(changing, "nap", hour(1), first) == everything[2:]
    assert await since(changing, "nap", hour(2), first) == everything[3:]
    assert await since(changing, "nap", hour(4), first) == []


async def test_an_operator_sees_its_hidden_site_and_is_told_of_the_one_it_took_back(changing: World) -> None:
    assert await since(changing, "cpo", hour(1)) == [
        ("NL*ABC*LOC4", hour(1)),
        ("NL*ABC*LOC2", None),
        ("NL*ABC*LOC3", None),
    ]


async def test_what_was_never_for_all_is_told_to_nobody_else(world: World) -> None:
    await publish(world, a_location(publish=False))
    await withdraw(world, "LOC1")

    assert await since(world, "nap", NOW) == []
    assert await since(world, "cpo", NOW) == [("NL*ABC*LOC1", NOW)]


async def test_a_hidden_site_that_changes_or_is_taken_back_is_not_told_again(changing: World) -> None:
    changing.later(hour(5))
    await publish(changing, replace(SITES[1], publish=False, city="Delft"))
    await withdraw(changing, "LOC2")

    assert await since(changing, "nap", hour(3)) == [("NL*ABC*LOC3", None)]
    assert await since(changing, "cpo", hour(4)) == [("NL*ABC*LOC2", hour(5))]


async def test_deletions_are_filtered_like_the_rest(changing: World) -> None:
    assert await since(changing, "nap", hour(1), country="DEU") == []
    assert await since(changing, "nap", hour(1), operator_id="DE*XYZ") == []
    assert len(await since(changing, "nap", hour(1), country="nld", operator_id="nl*abc")) == 3


async def test_who_does_not_ask_since_when_is_told_only_what_is_there(changing: World) -> None:
    page = await collected(await changing.call("nap"), LocationFilter(), first=2, after=None)

    assert [one.location.id for one, _ in page.items if isinstance(one, PublishedLocation)] == [
        "NL*ABC*LOC1",
        "NL*ABC*LOC3",
    ]
    assert page.has_next
    foreign = collected(
        await changing.call("nap"), LocationFilter(updated_since=NOW), first=2, after=("NL*ABC*LOC1",)
    )
    assert isinstance(await refusal(foreign), BadInput)
