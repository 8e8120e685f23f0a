"""Data collectors read the whole catalogue page by page, and then what changed, deletions included (BUC 1.1.1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.publications import a_location_input, sent
from tests.world import World

pytestmark = pytest.mark.anyio

COLLECT = """
query ($since: DateTime, $first: Int!, $after: String) {
  locations(updatedSince: $since, first: $first, after: $after) {
    edges { cursor node { id name } }
    withdrawn { id at }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def collected(world: World, caller: str | None = "nap", **variables: Any) -> list[dict[str, Any]]:
    """Return all pages, read one behind the other."""
    pages: list[dict[str, Any]] = []
    after = None
    while True:
        answer = await world.execute(caller, COLLECT, after=after, **variables)
        assert answer.errors == []
        pages.append(answer.data["locations"])
        after = pages[-1]["pageInfo"]["endCursor"]
        if not pages[-1]["pageInfo"]["hasNextPage"]:
            return pages


def told(pages: list[dict[str, Any]]) -> list[str]:
    """Return what a collector is told, in order: ids, those to delete with a minus before them."""
    return [
        name
        for page in pages
        for name in (*(edge["node"]["id"] for edge in page["edges"]), *(f"-{one['id']}" for one in page["withdrawn"]))
    ]


async def three_sites(world: World) -> None:
    await sent(world, "locationsPublish", *(a_location_input(name) for name in ("A", "B", "C")))


@pytest.mark.parametrize("first", [1, 2, 100])
async def test_withdrawn_ones_are_told_once_and_in_order(world: World, first: int) -> None:
    await three_sites(world)
    since = world.now + timedelta(minutes=1)
    for minutes, (mutation, given) in enumerate(
        (
            ("locationsWithdraw", {"id": "B"}),
            ("locationsPublish", a_location_input("C", name="New")),
            ("locationsPublish", a_location_input("A", publish=False)),
            ("locationsPublish", a_location_input("D")),
        ),
        start=1,
    ):
        world.later(since + timedelta(minutes=minutes))
        await sent(world, mutation, given)

    pages = await collected(world, since=since.isoformat(), first=first)

    expected = ["-NL*ABC*B", "NL*ABC*C", "-NL*ABC*A", "NL*ABC*D"]
    assert sorted(told(pages)) == sorted(expected)
    if first == 1:
        assert told(pages) == expected
    assert all(len(page["edges"]) + len(page["withdrawn"]) <= first for page in pages)


async def test_when_it_was_withdrawn_is_told(world: World) -> None:
    await three_sites(world)
    since = world.now
    world.later(world.now + timedelta(minutes=5))
    await sent(world, "locationsWithdraw", {"id": "B"})

    (page,) = await collected(world, since=(since + timedelta(minutes=1)).isoformat(), first=10)

    assert page["withdrawn"] == [{"id": "NL*ABC*B", "at": "2026-12-01T06:05:00Z"}]
    assert page["edges"] == []
    assert page["pageInfo"]["startCursor"] == page["pageInfo"]["endCursor"] is not None


async def test_what_is_published_again_is_no_longer_told_as_withdrawn(world: World) -> None:
    await three_sites(world)
    since = world.now + timedelta(minutes=1)
    for minutes, (mutation, given) in enumerate(
        (("locationsWithdraw", {"id": "B"}), ("locationsPublish", a_location_input("B"))), start=2
    ):
        world.later(since + timedelta(minutes=minutes))
        await sent(world, mutation, given)

    assert told(await collected(world, since=since.isoformat(), first=1)) == ["NL*ABC*B"]


async def test_the_whole_catalogue_holds_no_withdrawn_ones(world: World) -> None:
    await three_sites(world)
    await sent(world, "locationsWithdraw", {"id": "B"})

    for caller in ("nap", "cpo", None):
        assert told(await collected(world, caller, since=None, first=1)) == ["NL*ABC*A", "NL*ABC*C"]


async def test_what_others_never_saw_is_not_told_as_withdrawn(world: World) -> None:
    await sent(world, "locationsPublish", a_location_input("SECRET", publish=False))
    since = world.now
    world.later(world.now + timedelta(minutes=5))
    await sent(world, "locationsWithdraw", {"id": "SECRET"})

    assert told(await collected(world, "nap", since=since.isoformat(), first=10)) == []
    assert told(await collected(world, "cpo", since=since.isoformat(), first=10)) == ["-NL*ABC*SECRET"]
