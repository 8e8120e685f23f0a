"""A simulated day of charging, small and whole: at its end bookings, sessions, allocations and books agree."""

import pytest

from benchmarks.day import lived
from benchmarks.day_plan import Arrival, Mistake, a_plan
from tests.models.databases import made

pytestmark = pytest.mark.anyio

HOURS = 5.0
SEEDS = (1, 2)
CRASHES = {"server before a commit", "server after a commit", "worker before a commit", "worker after a commit"}


@pytest.mark.parametrize(("seed", "crashes"), [(1, False), (2, True)])
async def test_at_the_end_of_a_small_day_everything_agrees(dsn: str, seed: int, crashes: bool) -> None:
    day = await lived(dsn, seed, locations=6, trucks=40, hours=HOURS, crashes=crashes)

    assert day.disagreements == []
    assert len(day.checked) > 40
    assert {"FULFILLED", "NO_SHOW", "CANCELED"} <= {str(one["status"]) for one in day.tables.bookings}
    assert {"BOOKING", "EARLY_START", "WALK_UP"} == {str(one["basis"]) for one in day.tables.sessions}
    assert {one.outcome for one in day.log.readings} == {"TAKEN", "LATE", "KNOWN", "BACKWARDS", "OUTSIDE"}
    assert set(day.log.accounts.crashes) == (CRASHES if crashes else set())


@pytest.mark.long
@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
async def test_at_the_end_of_a_whole_day_everything_agrees(dsn: str, seed: int, crashes: bool) -> None:
    day = await lived(dsn, seed, locations=50, trucks=300, hours=14, crashes=crashes)

    assert day.disagreements == []
    billed = {line["kind"] for one in day.books.cdrs for line in one["lines"]}
    assert {"MODIFICATION", "CANCELLATION", "LATE_ARRIVAL", "OVERTIME"} <= billed
    refused = {one.reason for one in day.log.attempts}
    assert {"WRONG_CHARGER", "TOKEN_UNKNOWN", "TOKEN_BLOCKED", "TOO_EARLY", "CHARGER_IN_USE"} <= refused
    assert {one.expected for one in day.log.commands} == {"ACCEPTED", "REJECTED", "TIMED_OUT"}


async def test_the_same_seed_is_the_same_day(cluster: str, template: str) -> None:
    days = []
    for _ in range(2):
        async with made(cluster, template) as dsn:
            days.append((await lived(dsn, 5, locations=3, trucks=16, hours=2.5)).log.lines)

    assert days[0] == days[1]
    assert len(days[0]) > 100


def test_another_seed_is_another_plan_and_all_that_may_happen_is_planned() -> None:
    one, other = a_plan(1, 50, 300), a_plan(2, 50, 300)

    assert one == a_plan(1, 50, 300)
    assert one != other
    assert {truck.visit.arrival for truck in one.trucks} == set(Arrival)
    assert {truck.visit.mistake for truck in one.trucks} == set(Mistake)
    assert any(truck.visit.booked_at is None for truck in one.trucks)
