"""What the database does not let through in time is to be sent again; what is wrong stays a fault."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from models.db import Connection, Database
from models.errors import TryAgain

pytestmark = pytest.mark.anyio

PARTY = "INSERT INTO party (id, country_code, party_id, name, roles, created_at) VALUES "
ROW = "('NL*ABC', 'NL', 'ABC', 'A', '{CPO}', now())"
Work = Callable[[Connection], Awaitable[object]]


def ended(database: Database) -> Work:
    """Return work whose connection the server closes in the middle, as it does when time is over."""

    async def work(connection: Connection) -> None:
        await connection.execute(PARTY + ROW)
        own = await connection.fetchval("SELECT pg_backend_pid()")
        async with database.reading() as other:
            await other.execute("SELECT pg_terminate_backend($1, 5000)", own)
        await connection.execute("SELECT 1")

    return work


async def canceled(connection: Connection) -> None:
    """Begin what takes longer than a statement may."""
    await connection.execute(PARTY + ROW)
    await connection.execute("SET LOCAL statement_timeout = 1")
    await connection.execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize("way", ["ended", "canceled"])
async def test_what_took_too_long_may_be_sent_again_and_nothing_was_written(database: Database, way: str) -> None:
    with pytest.raises(TryAgain):
        await database.write(ended(database) if way == "ended" else canceled)

    async with database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM party") == 0


async def test_what_is_there_twice_however_often_it_is_tried_is_a_fault(database: Database) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.write(lambda connection: connection.execute(f"{PARTY}{ROW}, {ROW}"))


async def test_a_statement_without_its_value_is_a_fault(database: Database) -> None:
    with pytest.raises(asyncpg.InterfaceError):
        await database.write(lambda connection: connection.fetchval("SELECT $1::int"))
