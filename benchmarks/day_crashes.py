"""Crashes of a simulated day: the server and its worker are cut off right before or after some of their commits."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

from models.db import Connection, Database, connected
from models.errors import TryAgain
from server import app

SHARE = 0.1
"""So many of all transactions that write are cut."""

WROTE = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"

T = TypeVar("T")


class Died(BaseException):
    """The process is gone; nothing in it goes on."""


class Crashing(Database):
    """The same database, on the same connections, that is cut off at random moments.

    Right before a commit the connection is closed by PostgreSQL; right after one the answer is lost. A server answers
    its next request, so whoever asked is told to ask again; a worker that `dies` does nothing else in its round.
    """

    def __init__(self, database: Database, chance: Random, crashes: Counter[str], *, dies: bool) -> None:
        """Take the database to write to, what chance there is, and where to count."""
        super().__init__(database._pool, database._engine)
        self._chance = chance
        self._crashes = crashes
        self._dies = dies

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction that, if it wrote anything, may be cut before or after its commit."""
        drawn = self._chance.random()
        cut: list[str] = []

        async def endangered(connection: Connection) -> T:
            result = await work(connection)
            cut.clear()
            if drawn < SHARE and await connection.fetchval(WROTE):
                cut.append("before" if drawn < SHARE * 2 / 3 else "after")
                if "before" in cut:
                    await self._close(connection)
            return result

        try:
            done = await super().write(endangered)
        except TryAgain as error:
            if not cut:
                raise
            raise self._crash(cut[0]) from error
        if cut:
            raise self._crash(cut[0])
        return done

    def _crash(self, when: str) -> BaseException:
        """Count a crash, and return what whoever wrote is told of it."""
        self._crashes[f"{'worker' if self._dies else 'server'} {when} a commit"] += 1
        return Died() if self._dies else TryAgain("The connection was lost.")

    async def _close(self, connection: Connection) -> None:
        """Let PostgreSQL close a connection."""
        own = await connection.fetchval("SELECT pg_backend_pid()")
        async with self.reading() as other:
            if not await other.fetchval("SELECT pg_terminate_backend($1, 5000)", own):
                raise RuntimeError(f"connection {own} could not be closed")


@contextmanager
def crashing_server(seed: int, crashes: Counter[str]) -> Iterator[None]:
    """Let a server that is started meanwhile be cut off from its database at random moments."""

    @asynccontextmanager
    async def cut(dsn: str, **how: Any) -> AsyncIterator[Database]:
        async with connected(dsn, **how) as database:
            yield Crashing(database, Random(seed), crashes, dies=False)

    with patch.object(app, "connected", cut):
        yield
