"""One due thing that fails keeps no other from its turn, and is not forgotten."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from models.db import Connection, Database
from resolvers.each import MOST_LEFT, all_due, each
from tests.factories.catalogue import NOW

pytestmark = pytest.mark.anyio

DUE = [uuid4() for _ in range(3)]


async def test_what_fails_is_logged_and_the_rest_is_done() -> None:
    seen: list[UUID] = []

    async def do(one: UUID) -> bool:
        seen.append(one)
        if one == DUE[0]:
            raise RuntimeError("no")
        return one == DUE[1]

    with capture_logs() as logged:
        done = await each(DUE, do)

    assert (done, seen) == (1, DUE)
    assert [(line["log_level"], line["id"]) for line in logged] == [("error", str(DUE[0]))]


async def test_if_nothing_could_be_done_the_first_failure_is_told() -> None:
    async def do(one: UUID) -> bool:
        raise RuntimeError(str(one))

    with capture_logs(), pytest.raises(RuntimeError, match=str(DUE[0])):
        await each(DUE, do)


async def test_whatever_is_due_is_done_batch_by_batch(database: Database) -> None:
    left, looks = [uuid4() for _ in range(5)], []

    async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
        looks.append((now, limit, len(left)))
        return left[:limit]

    async def do(one: UUID) -> bool:
        left.remove(one)
        return True

    assert await all_due(database, NOW, due, do, batch=2) == 5
    assert looks == [(NOW, 2, 5), (NOW, 2, 3), (NOW, 2, 1)]


async def test_what_others_do_meanwhile_is_passed_over_and_tried_once(database: Database) -> None:
    looks, tried = [], []

    async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
        looks.append(limit)
        return DUE[:limit]

    async def do(one: UUID) -> bool:
        tried.append(one)
        return False

    assert await all_due(database, NOW, due, do, batch=2) == 0
    assert (looks, tried) == ([2, 4], DUE)


async def test_what_always_fails_keeps_nothing_behind_it_from_its_turn(database: Database) -> None:
    failing, left = DUE[:2], [*DUE, uuid4(), uuid4()]

    async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
        return left[:limit]

    async def do(one: UUID) -> bool:
        if one in failing:
            raise RuntimeError("never")
        left.remove(one)
        return True

    with capture_logs() as logged:
        assert await all_due(database, NOW, due, do, batch=2) == 3
    assert left == failing
    assert [line["id"] for line in logged] == [str(one) for one in failing]


async def test_if_everything_fails_a_round_ends_all_the_same(database: Database) -> None:
    tried = []

    async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
        return [UUID(int=number) for number in range(limit)]

    async def do(one: UUID) -> bool:
        tried.append(one)
        raise RuntimeError(str(one))

    with capture_logs(), pytest.raises(RuntimeError, match=str(UUID(int=0))):
        await all_due(database, NOW, due, do, batch=2)
    assert tried == [UUID(int=number) for number in range(2 * MOST_LEFT)]
