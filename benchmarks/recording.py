"""A database that notes what it is asked, transaction by transaction, so that bare asyncpg can ask the same again."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from asyncpg.connection import LoggedQuery

from models.db import Connection, Database
from tests.statements import OF_THE_DRIVER


@dataclass(frozen=True, slots=True)
class Unit:
    """What was asked on one connection: a transaction, or statements by themselves."""

    whole: bool
    statements: list[tuple[str, Any]] = field(default_factory=list)


Deed = list[Unit]
_DEED: ContextVar[Deed | None] = ContextVar("deed", default=None)


@contextmanager
def recorded(deed: Deed) -> Iterator[None]:
    """Note in `deed` what is asked of any recording database for whoever does this, and for nobody else."""
    before = _DEED.set(deed)
    try:
        yield
    finally:
        _DEED.reset(before)


class Recording(Database):
    """The same database, on the same connections, noting what it is asked, and with which values."""

    def __init__(self, database: Database) -> None:
        """Take the database to ask."""
        super().__init__(database._pool, database._engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction."""
        async with super().transaction() as connection:
            with _noting(connection, whole=True):
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction that sees one moment; the same is asked again in any transaction."""
        async with super().snapshot() as connection:
            with _noting(connection, whole=True):
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Yield a connection for single statements."""
        async with super().reading() as connection:
            with _noting(connection, whole=False):
                yield connection


@contextmanager
def _noting(connection: Connection, *, whole: bool) -> Iterator[None]:
    deed = _DEED.get()
    if deed is None:
        yield
        return
    unit = Unit(whole)
    deed.append(unit)

    def note(asked: LoggedQuery) -> None:
        if not any(mark in asked.query for mark in OF_THE_DRIVER):
            unit.statements.append((asked.query, asked.args))

    with connection.query_logger(note):
        yield


async def replay(database: Database, deed: Sequence[Unit]) -> None:
    """Ask the same again, with the same values, and nothing else."""
    for unit in deed:
        async with database.transaction() if unit.whole else database.reading() as connection:
            for statement, values in unit.statements:
                if isinstance(values, list):  # one statement for many rows
                    await connection.executemany(statement, values)
                else:
                    await connection.fetch(statement, *values)
