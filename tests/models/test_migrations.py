"""The tables that migrations make are the tables that the code declares, and a database goes there and back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from models import migrations
from models.tables import metadata
from tests.models.databases import COLUMNS, CONSTRAINTS, INDEXES, create_all, described, made, run
from tests.models.furnishing import furnish

pytestmark = pytest.mark.anyio

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


@pytest.fixture(scope="module")
async def declared(cluster: str) -> AsyncIterator[str]:
    """A database whose tables are made from the code alone."""
    async with made(cluster) as dsn:
        await create_all(dsn)
        yield dsn


@pytest.mark.parametrize("statement", [CONSTRAINTS, INDEXES, COLUMNS], ids=["constraints", "indexes", "columns"])
async def test_migrations_make_what_the_tables_declare(dsn: str, declared: str, statement: str) -> None:
    migrated = await described(dsn, statement)

    assert migrated == await described(declared, statement)


async def test_every_constraint_that_the_tables_name_is_in_the_migrated_database(dsn: str) -> None:
    named = {
        f"{table.name} {constraint.name}" for table in metadata.tables.values() for constraint in table.constraints
    }
    indexes = {index.name for table in metadata.tables.values() for index in table.indexes}

    assert {name for name in named if name.endswith("_known")}
    assert named <= {name.replace('"', "") for name in map(str, await described(dsn, CONSTRAINTS))}
    assert indexes <= set(await described(dsn, INDEXES))


async def test_alembic_finds_no_difference(dsn: str) -> None:
    assert await migrations.differences(dsn) == []


async def test_the_migrated_database_is_at_the_newest_revision(dsn: str) -> None:
    assert await migrations.current(dsn) == migrations.head()


async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(furnished: str) -> None:
    before = await run(furnished, "SELECT * FROM booking")

    await migrations.upgrade(furnished)

    assert len(before) == 1
    assert await run(furnished, "SELECT * FROM booking") == before


async def test_a_database_with_rows_goes_back_to_nothing_and_up_again(dsn: str) -> None:
    await furnish(dsn)
    assert {name for (name,) in await run(dsn, TABLES)} > set(metadata.tables)

    await migrations.downgrade(dsn, "base")
    left = {name for (name,) in await run(dsn, TABLES)}
    await migrations.upgrade(dsn)

    assert left == {"alembic_version"}
    assert await migrations.differences(dsn) == []
    assert await run(dsn, "SELECT count(*) FROM event_floor") == [(1,)]
    await furnish(dsn)


async def test_two_processes_may_migrate_at_once(cluster: str) -> None:
    async with made(cluster) as dsn:
        await asyncio.gather(migrations.upgrade(dsn), migrations.upgrade(dsn))

        assert await migrations.current(dsn) == migrations.head()
