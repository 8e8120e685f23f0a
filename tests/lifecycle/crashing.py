"""A database whose transactions are cut: the connection is lost, the process dies, or the answer gets lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, cast

import asyncpg

from models.db import Connection, Database


class Cut(Enum):
    """What happens: a connection is cut, whoever asked is gone, or all is committed and nobody learns of it."""

    CONNECTION = "CONNECTION"
    PROCESS = "PROCESS"
    ANSWER = "ANSWER"


class AnswerLost(Exception):
    """Nobody learns what came of a transaction that was committed."""


class Fragile(Database):
    """A database that is cut once: before the statement of that number, or after the first commit."""

    def __init__(self, database: Database, dsn: str, cut: Cut, statement: int) -> None:
        """Take a database that works, and the way to it for whoever cuts it."""
        super().__init__(database._pool, database._engine)
        self.after_commit = database.after_commit
        self._dsn, self._cut, self._left = dsn, cut, statement

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction that may be cut, at the latest when it is to be committed."""
        async with super().transaction() as connection:
            yield cast(Connection, _Counting(connection, self))
            await self.count(connection)
        if self._cut is Cut.ANSWER and self._left > 0:
            self._left = 0
            raise AnswerLost

    async def count(self, connection: Connection) -> None:
        """Count a statement, and cut what is to be cut before it."""
        if self._cut is Cut.ANSWER:
            return
        self._left -= 1
        if self._left != 0:
            return
        if self._cut is Cut.PROCESS:
            raise asyncio.CancelledError
        killer = await asyncpg.connect(self._dsn)
        try:
            pid = connection.get_server_pid()
            await killer.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        finally:
            await killer.close()


class _Counting:
    """A connection that counts its statements."""

    def __init__(self, connection: Connection, database: Fragile) -> None:
        self._connection = connection
        self._database = database

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in ("execute", "executemany", "fetch", "fetchrow", "fetchval"):
            return found

        async def counted(*arguments: Any, **named: Any) -> Any:
            await self._database.count(self._connection)
            return await found(*arguments, **named)

        return counted
