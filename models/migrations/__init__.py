"""The history of the tables, run from code: there is no configuration file to find."""

import warnings
from collections.abc import Callable
from pathlib import Path

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError, SAWarning
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models.db import ServerRefused
from models.tables import metadata

HERE = Path(__file__).parent
LOCK = 0x48_44_56_42  # one migration at a time, whichever process starts it


async def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the tables at `dsn` to `revision`; do nothing if they are there. Raise ServerRefused."""
    try:
        await _run(dsn, lambda connection: command.upgrade(_config(connection), revision))
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != asyncpg.InsufficientPrivilegeError.sqlstate:
            raise
        raise ServerRefused(
            "The database's user may not create the tables: grant it CREATE on the database and its schema, "
            "or migrate as a user who may."
        ) from error
    except CommandError as error:
        raise ServerRefused(
            f"The tables were made by a newer version of the program ({error}): install that version."
        ) from error


async def downgrade(dsn: str, revision: str) -> None:
    """Take the tables at `dsn` back to `revision`."""
    await _run(dsn, lambda connection: command.downgrade(_config(connection), revision))


async def revise(dsn: str, message: str) -> None:
    """Write a new migration file from what the tables in code have and those at `dsn` lack."""
    await _run(dsn, lambda connection: command.revision(_config(connection), message, autogenerate=True))


async def current(dsn: str) -> str | None:
    """Return the revision that the tables at `dsn` have."""
    found: list[str | None] = []
    await _run(dsn, lambda connection: found.append(MigrationContext.configure(connection).get_current_revision()))
    return found[0]


async def differences(dsn: str) -> list[object]:
    """Return what the tables in code and those at `dsn` differ in, save constraints that alembic does not compare."""
    found: list[object] = []

    def compare(connection: Connection) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # SQLAlchemy reads no xid8
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            found.extend(compare_metadata(context, metadata))

    await _run(dsn, compare)
    return found


def head() -> str | None:
    """Return the newest revision that the code knows."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


async def _run(dsn: str, work: Callable[[Connection], object]) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            await connection.run_sync(work)
    finally:
        await engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config
