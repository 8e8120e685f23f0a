"""What makes no sense is refused before anything is written, with the path to it and what to do."""

import re
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest

from models.db import connected
from tests.api.nonsense import OF_OTHERS, WHOLE
from tests.api.publications import LISTED, operation
from tests.api.test_publishing import a_site, stored
from tests.models.databases import made
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CASES = [(mutation, *change) for mutation, (_, _, changes) in WHOLE.items() for change in changes]
STEP = re.compile(r"[^.\[\]]+")


@pytest.fixture(scope="module")
async def here(cluster: str, template: str) -> AsyncIterator[World]:
    """A site for all tests of this module, which write nothing."""
    async with made(cluster, template) as dsn, connected(dsn) as database, World(database).living() as world:
        await a_site(world)
        yield world


@pytest.mark.parametrize("mutation", WHOLE)
async def test_what_is_spoilt_below_makes_sense_as_it_is(world: World, mutation: str) -> None:
    await a_site(world)
    whole, good, _ = WHOLE[mutation]

    answer = await world.execute(
        "cpo", operation(mutation), input={"idempotencyKey": a_key(), LISTED[mutation]: [good, whole]}
    )

    assert answer.errors == []


@pytest.mark.parametrize(
    ("mutation", "path", "value", "told"), CASES, ids=[f"{name} {path} {told}" for name, path, _, told in CASES]
)
async def test_one_value_without_sense_keeps_all_from_being_published(
    here: World, mutation: str, path: str, value: Any, told: str
) -> None:
    whole, good, _ = WHOLE[mutation]
    before = await stored(here)
    spoilt = deepcopy(whole)
    spoil(spoilt, path, value)

    await assert_refused(here, mutation, [good, spoilt], f"{LISTED[mutation]}[1].{path}", told)

    assert await stored(here) == before


@pytest.mark.parametrize(("mutation", "given", "path", "told"), OF_OTHERS, ids=[one[2] for one in OF_OTHERS])
async def test_so_does_an_id_or_a_calendar_without_sense(
    here: World, mutation: str, given: dict[str, Any], path: str, told: str
) -> None:
    before = await stored(here)

    await assert_refused(here, mutation, [given], path, told)

    assert await stored(here) == before


async def assert_refused(world: World, mutation: str, objects: list[dict[str, Any]], path: str, told: str) -> None:
    answer = await world.execute(
        "cpo", operation(mutation), input={"idempotencyKey": a_key(), LISTED[mutation]: objects}
    )

    ((code, message),) = answer.errors
    assert code == "BAD_USER_INPUT"
    assert path in message
    assert told in message
    assert len(message) < 1000


def spoil(whole: dict[str, Any], path: str, value: Any) -> None:
    """Put a value in the place of a path such as `evses[0].uid`."""
    *way, last = (int(step) if step.isdecimal() else step for step in STEP.findall(path))
    place: Any = whole
    for step in way:
        place = place[step]
    place[last] = value
