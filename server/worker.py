"""The loop that does what falls due; any number of them may run, each item is done once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from models.db import Database
from resolvers import calendars, events, quotes

ROUND_SECONDS = 10.0
"""How late the end of a hold may be told of; a search knows at once."""

AFTER_FAILURE_SECONDS = 5.0
log = structlog.get_logger()


async def work(database: Database, clock: Callable[[], datetime]) -> None:
    """Do what falls due, round by round, until canceled."""
    while True:
        try:
            await due(database, clock())
        except Exception:
            log.exception("the worker cannot reach the database; trying again")
            await asyncio.sleep(AFTER_FAILURE_SECONDS)
        else:
            await asyncio.sleep(ROUND_SECONDS)


async def due(database: Database, now: datetime) -> int:
    """Let go of holds, let calendars grow; let go of events and keys past their keeping, and return how many."""
    await quotes.expire(database, now)
    await calendars.extend(database, now)
    await calendars.forget_maintenance(database, now)
    gone, batch = 0, -1
    while batch:
        batch = await events.prune(database, now)
        gone += batch
    return gone


@asynccontextmanager
async def working(database: Database, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Run a worker beside whatever else is done."""
    task = asyncio.create_task(work(database, clock), name="worker")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
