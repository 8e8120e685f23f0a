"""What is logged of faults: where and of what kind they are, and nothing of what stands in the rows."""

import logging
import sys
from collections.abc import Iterator
from io import StringIO
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog

from models.db import Connection
from resolvers.each import each
from server import logs
from server.logs import written
from tests.factories.catalogue import NOW
from tests.world import World

pytestmark = pytest.mark.anyio

PHONE = "+31612345678"
CLAIM = """
INSERT INTO idempotency (scope, idempotency_key, mutation, input_hash, outcome, used_at)
VALUES ($1, 'K', 'bookingCreate', '', '{}', $2)
"""


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What the process logs, as it has logging set up, for one test."""
    strawberry = logging.getLogger("strawberry")
    level, before = strawberry.level, structlog.get_config()
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield stream
    structlog.configure(**before)
    strawberry.setLevel(level)


async def claimed_twice(connection: Connection) -> None:
    """Break a constraint with a value that nobody is to read."""
    for _ in range(2):
        await connection.execute(CLAIM, PHONE, NOW)


async def broken(world: World) -> BaseException:
    """Return the error that the database answers with."""
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await world.database.write(claimed_twice)
    return caught.value


def line(error: BaseException) -> str:
    return written((type(error), error, error.__traceback__))


async def test_an_error_of_the_database_is_told_by_its_kind_its_table_and_its_constraint(world: World) -> None:
    error = await broken(world)

    assert PHONE in str(error)
    assert PHONE not in line(error)
    assert line(error).splitlines()[-1] == (
        "asyncpg.exceptions.UniqueViolationError: sqlstate=23505 table=idempotency constraint=idempotency_pkey"
    )
    assert "in claimed_twice" in line(error)


async def test_nor_is_what_a_statement_was_given_that_is_not_of_its_type(world: World) -> None:
    with pytest.raises(asyncpg.DataError) as caught:
        await world.database.write(lambda connection: connection.execute("SELECT $1::int", PHONE))

    assert PHONE in str(caught.value)
    assert PHONE not in line(caught.value)
    assert "sqlstate=22000" in line(caught.value)


async def test_nor_what_led_to_another_error_or_is_one_of_several(world: World) -> None:
    cause = await broken(world)
    after = LookupError("what went wrong")
    after.__cause__ = cause

    told = line(BaseExceptionGroup("two things", [after, cause]))

    assert PHONE not in told
    assert "builtins.LookupError: what went wrong" in told
    assert told.count("sqlstate=23505") == 2
    assert told.splitlines()[-1].startswith("builtins.ExceptionGroup: two things")


async def test_whatever_a_duty_stumbles_over_is_written_so(world: World, lines: StringIO) -> None:
    error = await broken(world)

    async def do(one: UUID) -> bool:
        raise error

    with pytest.raises(asyncpg.UniqueViolationError):
        await each([uuid4()], do)

    assert "one of many could not be done" in lines.getvalue()
    assert "constraint=idempotency_pkey" in lines.getvalue()
    assert PHONE not in lines.getvalue()
