"""Whatever happens to bookings, in any order, at one moment, and cut anywhere, they stay as a small model says."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, event, given, settings

from tests.lifecycle.booking_steps import Create
from tests.lifecycle.changing_steps import AskChange, TakeAlternative
from tests.lifecycle.charger_steps import Report
from tests.lifecycle.operator_steps import Propose
from tests.lifecycle.plays import Do, Publish, Wait, play, plays
from tests.lifecycle.site import ANY, FIRST
from tests.lifecycle.stage import Stage
from tests.world import World

pytestmark = pytest.mark.anyio

SHORT = settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(SHORT, max_examples=200, derandomize=False)


@pytest.fixture
async def stage(world: World, dsn: str) -> AsyncIterator[Stage]:
    """Two sites in a database into which the test looks by a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        async with Stage(world, dsn, connection).open() as made:
            yield made
    finally:
        await connection.close()


BEGUN_AND_FAILED = [
    Publish(1),
    Do(Create("emsp", FIRST, (480, 600), None)),
    Do(Report("LOC2", "E1", works=False)),
    Wait(200, 0, None),
    Do(AskChange(0, ANY, 0, -60, None)),
]
"""What has begun is to go elsewhere, to a slot that is over by now."""

PROPOSED_AND_FAILED = [
    Do(Create("emsp", ANY, (600, 660), "E1")),
    Do(Propose(0, 60, "E2")),
    Do(Report("LOC1", "E1", works=False)),
    Do(TakeAlternative(0)),
]
"""An alternative is taken while the operator proposes another time; that is one change, and told once."""


@pytest.mark.parametrize("events", [BEGUN_AND_FAILED, PROPOSED_AND_FAILED])
async def test_what_was_found_once_stays_as_the_model_says(stage: Stage, events: list[Any]) -> None:
    await play(stage, events)


@SHORT
@given(events=plays())
async def test_bookings_stay_as_a_small_model_says(stage: Stage, events: list[Any]) -> None:
    event(f"steps: {len(events) // 10 * 10}")
    await play(stage, events)


@pytest.mark.long
@LONG
@given(events=plays())
async def test_bookings_stay_as_a_small_model_says_for_long(stage: Stage, events: list[Any]) -> None:
    await play(stage, events)
