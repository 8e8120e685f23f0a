"""The loop that does what falls due; any number of them may run, each item is done once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from models.db import Database
from resolvers import calendars, events, quotes

ROUND_SECONDS = 10.0
"""How late the end of a hold may be told of; a search knows at once."""

AFTER_FAILURE_SECONDS = 5.0
log = structlog.get_logger()


Duty = Callable[[Database, datetime], Awaitable[object]]


async def work(database: Database, clock: Callable[[], datetime]) -> None:
    """Do what falls due, round by round, until canceled."""
    while True:
        done = await due(database, clock())
        await asyncio.sleep(ROUND_SECONDS if done else AFTER_FAILURE_SECONDS)


async def due(database: Database, now: datetime) -> bool:
    """Let go of holds, let calendars grow, forget what is past its keeping; return whether all of it was done.

    Each duty is done by itself: one that fails is logged, keeps no other from its turn, and comes again.
    """
    failed = [duty for duty in DUTIES if not await _done(duty, database, now)]
    return not failed


async def prune(database: Database, now: datetime) -> int:
    """Let go of events and keys past their keeping, and return how many there were."""
    gone, batch = 0, -1
    while batch:
        batch = await events.prune(database, now)
        gone += batch
    return gone


DUTIES: tuple[Duty, ...] = (quotes.expire, calendars.extend, calendars.forget_maintenance, prune)


async def _done(duty: Duty, database: Database, now: datetime) -> bool:
    try:
        await duty(database, now)
    except Exception:
        log.exception("the worker could not do what fell due; trying again", duty=duty.__qualname__)
        return False
    return True


@asynccontextmanager
async def working(database: Database, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Run a worker beside whatever else is done."""
    task = asyncio.create_task(work(database, clock), name="worker")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
