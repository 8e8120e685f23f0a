"""Doing one due thing after the other, so that one that fails keeps no other from its turn."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog

from models.db import Connection, Database

BATCH = 100
"""So many due things are looked up at a time."""

MOST_LEFT = 10
"""So many times that may be left undone in one round."""

One = TypeVar("One")
"""By what a thing is known."""

Due = Callable[[Connection, datetime, int], Awaitable[Sequence[One]]]
"""Returns at most so many things that are due at a moment."""

Do = Callable[[One], Awaitable[bool]]
"""Does one of them, unless it is not due any more; returns whether it did."""

log = structlog.get_logger()


async def all_due(database: Database, now: datetime, due: Due[One], do: Do[One], batch: int = BATCH) -> int:
    """Do whatever is due at a moment, as `each` does, until no more of it can be done; return how much was.

    What fails, or what another worker is at, is passed over, so that it keeps nothing behind it from its turn; if too
    much of it does, all the rest is left to the next round.
    """
    done = 0
    left: set[One] = set()
    failed: Exception | None = None
    while len(left) < MOST_LEFT * batch:
        asked = batch + len(left)
        async with database.reading() as connection:
            found = await due(connection, now, asked)
        finished, failure = await _tried([one for one in found if one not in left], do)
        failed = failed or failure
        left.update(one for one in found if one not in finished)
        done += len(finished)
        if len(found) < asked:
            break
    if failed is not None and not done:
        raise failed
    return done


async def each(due: Sequence[One], do: Do[One]) -> int:
    """Do what is due, and return how much of it was done by this worker.

    What fails is logged and left to the next round; if nothing could be done for it, the first failure is raised.
    """
    finished, failed = await _tried(due, do)
    if failed is not None and not finished:
        raise failed
    return len(finished)


async def _tried(due: Sequence[One], do: Do[One]) -> tuple[set[One], Exception | None]:
    """Do what is due; return what of it was done by this worker, and the first failure, which is logged."""
    finished: set[One] = set()
    failed: Exception | None = None
    for one in due:
        try:
            if await do(one):
                finished.add(one)
        except Exception as error:
            log.exception("one of many could not be done", id=str(one))
            failed = failed or error
    return finished, failed
