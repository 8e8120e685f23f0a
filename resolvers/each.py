"""Doing one due thing after the other, so that one that fails keeps no other from its turn."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog

from models.db import Connection, Database

BATCH = 100
"""So many due things are looked up at a time."""

One = TypeVar("One")
"""By what a thing is known."""

Due = Callable[[Connection, datetime, int], Awaitable[Sequence[One]]]
"""Returns at most so many things that are due at a moment."""

Do = Callable[[One], Awaitable[bool]]
"""Does one of them, unless it is not due any more; returns whether it did."""

log = structlog.get_logger()


async def all_due(database: Database, now: datetime, due: Due[One], do: Do[One], batch: int = BATCH) -> int:
    """Do whatever is due at a moment, as `each` does, until no more of it can be done; return how much was."""
    done = 0
    while True:
        async with database.reading() as connection:
            found = await due(connection, now, batch)
        done_now = await each(found, do)
        done += done_now
        if len(found) < batch or not done_now:
            return done


async def each(due: Sequence[One], do: Do[One]) -> int:
    """Do what is due, and return how much of it was done by this worker.

    What fails is logged and left to the next round; if nothing could be done for it, the first failure is raised.
    """
    done, failed = 0, None
    for one in due:
        try:
            done += await do(one)
        except Exception as error:
            log.exception("one of many could not be done", id=str(one))
            failed = failed or error
    if failed is not None and not done:
        raise failed
    return done
