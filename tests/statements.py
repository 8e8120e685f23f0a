"""A database that notes which statements it is asked, so that a test can tell a fixed number from one per item."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg.connection import LoggedQuery

from models.db import Connection, Database

OF_THE_DRIVER = ("typeinfo_tree", "'jit'")
"""asyncpg asks these of every new connection, once for each type that it meets."""


class Counting(Database):
    """The same database, on the same connections, noting every statement."""

    def __init__(self, database: Database) -> None:
        """Take the database to ask."""
        super().__init__(database._pool, database._engine)
        self.asked: list[str] = []

    def since(self) -> list[str]:
        """Return what was asked since the last time."""
        asked, self.asked = self.asked, []
        return asked

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction."""
        async with super().transaction() as connection:
            with connection.query_logger(self._note):
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Yield a connection that sees the database at one moment."""
        async with super().snapshot() as connection:
            with connection.query_logger(self._note):
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Yield a connection for single statements."""
        async with super().reading() as connection:
            with connection.query_logger(self._note):
                yield connection

    def _note(self, statement: LoggedQuery) -> None:
        if not any(mark in statement.query for mark in OF_THE_DRIVER):
            self.asked.append(" ".join(statement.query.split()))
