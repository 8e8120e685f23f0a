"""Doing one due thing after the other, so that one that fails keeps no other from its turn."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog

log = structlog.get_logger()


async def each(due: Sequence[UUID], do: Callable[[UUID], Awaitable[bool]]) -> int:
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
