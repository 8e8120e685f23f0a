"""Databases that a test makes for itself: empty, or as a copy; and what PostgreSQL says of the tables in one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models.tables import metadata

CONSTRAINTS = """
SELECT conrelid::regclass || ' ' || conname, contype::text, pg_get_constraintdef(oid), convalidated, condeferrable
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> coalesce(to_regclass('alembic_version'), 0)
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisunique, indisvalid
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = 'public'::regnamespace AND indrelid <> coalesce(to_regclass('alembic_version'), 0)
"""
COLUMNS = """
SELECT a.attrelid::regclass || ' ' || a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity::text, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
    AND a.attnum > 0 AND NOT a.attisdropped
"""


@asynccontextmanager
async def made(cluster: str, template: str = "template0") -> AsyncIterator[str]:
    """Yield how to connect to a database that is a copy of `template`, and drop it at the end."""
    name = f"test_{uuid4().hex}"
    await run(cluster.format("hdv"), f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield cluster.format(name)
    finally:
        await run(cluster.format("hdv"), f"DROP DATABASE {name} WITH (FORCE)")


async def run(dsn: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Return the rows that a statement answers, by a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def create_all(dsn: str) -> None:
    """Make the tables as the code declares them, without any migration."""
    await run(dsn, "CREATE EXTENSION btree_gist")
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    finally:
        await engine.dispose()


async def described(dsn: str, statement: str) -> dict[object, tuple[object, ...]]:
    """Return what CONSTRAINTS, INDEXES or COLUMNS say, by name."""
    return {name: definition for name, *rest in await run(dsn, statement) for definition in [tuple(rest)]}
