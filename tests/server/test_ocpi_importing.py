"""Publishing what files hold: the order, what happens at the same time, and what came of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from models.rules.tariff import Tariff
from models.rules.upserted import Upserted
from server.ocpi.collecting import Reject
from server.ocpi.importing import Summary, import_paths
from server.ocpi.kinds import Kind
from server.ocpi.report import exit_code
from tests.server.ocpi_documents import booking_location, location, tariff, written
from tests.server.ocpi_shelf import Shelf

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Gate(Shelf):
    """Runs a step around each tariff, to see which are on their way at the same time."""

    def __init__(self, step: Callable[[Tariff], Awaitable[None]]) -> None:
        super().__init__()
        self.step = step

    async def tariff(self, tariff: Tariff) -> Upserted:
        await self.step(tariff)
        return await super().tariff(tariff)


def at(hour: int) -> str:
    return f"2026-11-01T{hour:02}:00:00Z"


def published(summary: Summary) -> dict[Kind, Counter[Upserted]]:
    return {kind: counts for kind, counts in summary.published.items() if counts}


async def test_tariffs_come_first_then_locations_then_booking_locations(tmp_path: Path) -> None:
    written(tmp_path / "a.json", [booking_location(), location()])
    written(tmp_path / "b.json", [tariff(), location("L2")])
    shelf = Shelf()

    summary = await import_paths([tmp_path], shelf)

    assert shelf.order == ["NL*ABC*T1", "NL*ABC*L1", "NL*ABC*L2", "NL*ABC*B1"]
    assert published(summary) == {
        Kind.TARIFF: Counter({Upserted.CREATED: 1}),
        Kind.LOCATION: Counter({Upserted.CREATED: 2}),
        Kind.BOOKING_LOCATION: Counter({Upserted.CREATED: 1}),
    }


async def test_the_same_import_again_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", [tariff(), location(), booking_location()])
    shelf = Shelf()
    await import_paths([file], shelf)
    kept = dict(shelf.kept)

    summary = await import_paths([file], shelf)

    assert published(summary) == {kind: Counter({Upserted.UNCHANGED: 1}) for kind in Kind}
    assert shelf.kept == kept


@pytest.mark.parametrize(
    ("hours", "outcomes"),
    [
        ((8, 9), {Upserted.CREATED: 1, Upserted.UPDATED: 1}),
        ((9, 8), {Upserted.CREATED: 1, Upserted.KEPT_NEWER: 1}),
    ],
)
async def test_of_two_objects_with_one_id_the_newer_wins_and_they_never_race(
    tmp_path: Path, hours: tuple[int, int], outcomes: dict[Upserted, int]
) -> None:
    on_their_way = 0

    async def alone(_: Tariff) -> None:
        nonlocal on_their_way
        on_their_way += 1
        await asyncio.sleep(0)
        assert on_their_way == 1
        on_their_way -= 1

    first, second = hours
    file = written(tmp_path / "a.json", [tariff("t1", last_updated=at(first)), tariff("T1", last_updated=at(second))])
    gate = Gate(alone)

    summary = await import_paths([file], gate)

    assert published(summary) == {Kind.TARIFF: Counter(outcomes)}
    assert [value.last_updated.hour for value in gate.kept.values()] == [9]


async def test_as_many_objects_as_asked_are_on_their_way_at_once_and_no_more(tmp_path: Path) -> None:
    three_at_once, on_their_way, most = asyncio.Barrier(3), 0, 0

    async def together(_: Tariff) -> None:
        nonlocal on_their_way, most
        on_their_way += 1
        most = max(most, on_their_way)
        async with asyncio.timeout(10):
            await three_at_once.wait()
        on_their_way -= 1

    file = written(tmp_path / "a.json", [tariff(f"T{number}") for number in range(9)])

    summary = await import_paths([file], Gate(together), in_flight=3)

    assert published(summary) == {Kind.TARIFF: Counter({Upserted.CREATED: 9})}
    assert most == 3


async def test_a_refusal_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.json",
        {"data": [booking_location("B1", location_id="gone"), booking_location("B2"), location()]},
    )
    shelf = Shelf()

    summary = await import_paths([file], shelf)

    assert summary.rejects == [Reject(file, "$.data[0]", "There is no Location NL*ABC*GONE.")]
    assert summary.rejected == Counter({Kind.BOOKING_LOCATION: 1})
    assert shelf.order == ["NL*ABC*L1", "NL*ABC*B2"]
    assert exit_code(summary) == 1


async def test_a_fault_of_the_publisher_ends_the_import(tmp_path: Path) -> None:
    async def broken(_: Tariff) -> None:
        raise ConnectionResetError("the database went away")

    file = written(tmp_path / "a.json", [tariff("T1"), tariff("T2")])

    with pytest.raises(ConnectionResetError, match="the database went away"):
        await import_paths([file], Gate(broken))


async def test_progress_is_told_object_by_object(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", [tariff("T1"), tariff("T2"), location()])
    told: list[tuple[str, int, int]] = []

    await import_paths([file], Shelf(), in_flight=1, progress=lambda *step: told.append(step))

    assert told == [
        ("Reading", 0, 1),
        ("Reading", 1, 1),
        ("Tariffs", 0, 2),
        ("Tariffs", 1, 2),
        ("Tariffs", 2, 2),
        ("Locations", 0, 1),
        ("Locations", 1, 1),
    ]
