"""The connection to PostgreSQL: pool, transactions that are tried again, and sessions for the quiet tables."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import TryAgain

T = TypeVar("T")
if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.pool.PoolConnectionProxy

OLDEST_SERVER = 17
"""Partitions with exclusion constraints and `transaction_timeout` came with PostgreSQL 17."""

LIMITS = {
    "application_name": "hdv-booking",
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "transaction_timeout": "10s",
    "timezone": "UTC",
}
"""A transaction that lingers holds back the event feed of the whole cluster, so none may."""

PATIENT = """
SET LOCAL transaction_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL statement_timeout = '60s'
"""
"""For reads of everything: a transaction that writes nothing has no id, and the feed does not wait for it."""

TRANSIENT = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.UniqueViolationError,
)
"""The database backed out. Of two that add one id at once the later sees, the second time, what the first wrote."""

CUT = (
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.PostgresConnectionError,
)
"""It took too long, so that the database ended it, or the connection with it; once more would take as long."""

BUSY = "The database is busy; nothing was written. Send the same request again in a moment."

ATTEMPTS = 4


class ServerRefused(Exception):
    """The PostgreSQL server cannot serve the product; the message says why, in one sentence."""


class Database:
    """A pool of connections, and what is done in a transaction."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine) -> None:
        """Take what `connected` made."""
        self._pool = pool
        self._engine = engine
        self.after_commit: Callable[[], None] = _nothing

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction; a commit wakes the feed."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection
        self.after_commit()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Yield a connection that sees the database at one moment, for long reads; it holds no feed back."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(PATIENT)
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Yield a connection for single statements that write nothing."""
        async with self._pool.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Yield an SQLModel session, committed at the end."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again from the start if the database backed out of it.

        Raise TryAgain if it still could not be done, or took too long: then nothing was written.
        """
        for attempt in range(ATTEMPTS):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except TRANSIENT as error:
                if attempt == ATTEMPTS - 1 and isinstance(error, asyncpg.UniqueViolationError):
                    raise  # what is there twice however often it is tried is a fault
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - spreads retries, guards nothing
            except CUT as error:
                raise TryAgain(BUSY) from error
            except asyncpg.InterfaceError as error:
                if "connection is closed" in str(error):  # a fault in how it is used, or in a value, says otherwise
                    raise TryAgain(BUSY) from error
                raise
        raise TryAgain(BUSY)


@asynccontextmanager
async def connected(dsn: str, *, connections: int = 16) -> AsyncIterator[Database]:
    """Yield the database at `dsn`, with at most so many connections."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn, server_settings=LIMITS), pool_size=2
    )
    try:
        async with asyncpg.create_pool(
            dsn, min_size=1, max_size=connections, init=_prepare, server_settings=LIMITS
        ) as pool:
            yield Database(pool, engine)
    finally:
        await engine.dispose()


async def checked(dsn: str) -> None:
    """Raise ServerRefused unless the server at `dsn` is new enough and has btree_gist."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise ServerRefused(f"The database at DATABASE_URL does not answer: {error}.") from error
    except (asyncpg.InterfaceError, ValueError, OverflowError) as error:
        raise ServerRefused(f"DATABASE_URL leads to no database: {error}.") from error
    try:
        version = connection.get_server_version()
        if version.major < OLDEST_SERVER:
            raise ServerRefused(
                f"The database is PostgreSQL {version.major}; PostgreSQL {OLDEST_SERVER} or newer is needed."
            )
        if not await connection.fetchval("SELECT count(*) FROM pg_available_extensions WHERE name = 'btree_gist'"):
            raise ServerRefused(
                "The database server lacks the extension btree_gist; install PostgreSQL's contrib package on it."
            )
    finally:
        await connection.close()


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )


def _nothing() -> None:
    return None
