"""The loop that does what falls due; any number of them may run, each item is done once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from models.catalogue import Catalogue
from models.db import Database
from resolvers import (
    alternatives,
    attempts,
    calendars,
    deciding,
    driver_contacts,
    driver_messages,
    events,
    lapsing,
    overstaying,
    problem_reports,
    provider_lines,
    quotes,
    reminders,
    revealing,
    session_alerts,
    session_requests,
    settling,
)
from resolvers.call import Call

ROUND_SECONDS = 10.0
"""How late the end of a hold may be told of; a search knows at once."""

AFTER_FAILURE_SECONDS = 5.0
log = structlog.get_logger()


Duty = Callable[[Call], Awaitable[object]]


async def work(database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
    """Do what falls due, round by round, until canceled."""
    while True:
        done = await due(Call(None, clock(), database, catalogue))
        await asyncio.sleep(ROUND_SECONDS if done else AFTER_FAILURE_SECONDS)


async def due(call: Call) -> bool:
    """Do what has fallen due by the moment of `call`, which nobody made; return whether all of it was done.

    Each duty is done by itself: one that fails is logged, keeps no other from its turn, and comes again.
    """
    failed = [duty for duty in DUTIES if not await _done(duty, call)]
    return not failed


async def expire(call: Call) -> int:
    """Let go of the holds whose time is up."""
    return await quotes.expire(call.database, call.now)


async def extend(call: Call) -> int:
    """Let calendars of weekly hours grow by another day."""
    return await calendars.extend(call.database, call.now)


async def forget_maintenance(call: Call) -> int:
    """Forget work that is long over."""
    return await calendars.forget_maintenance(call.database, call.now)


async def forget_quotes(call: Call) -> int:
    """Forget quotes that ended unused long ago."""
    return await quotes.forget(call.database, call.now)


async def prune(call: Call) -> int:
    """Let go of events and keys past their keeping, and return how many there were."""
    gone, batch = 0, -1
    while batch:
        batch = await events.prune(call.database, call.now)
        gone += batch
    return gone


DUTIES: tuple[Duty, ...] = (
    expire,
    extend,
    forget_maintenance,
    forget_quotes,
    deciding.lapse,
    session_requests.time_out,
    lapsing.no_shows,
    overstaying.prolong,
    overstaying.begin,
    settling.settle,
    provider_lines.take_months,
    revealing.reveal,
    alternatives.offer,
    reminders.send,
    session_alerts.send,
    problem_reports.settle,
    attempts.forget,
    driver_contacts.erase,
    driver_messages.forget,
    prune,
)


async def _done(duty: Duty, call: Call) -> bool:
    try:
        await duty(call)
    except Exception:
        log.exception("the worker could not do what fell due; trying again", duty=duty.__qualname__)
        return False
    return True


@asynccontextmanager
async def working(database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Run a worker beside whatever else is done."""
    task = asyncio.create_task(work(database, catalogue, clock), name="worker")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
