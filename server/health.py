"""Whether the process serves what it should: the database answers, and the live feed is not held back."""

from collections.abc import Callable
from datetime import datetime

import asyncpg
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from models.catalogue import Catalogue
from models.db import Database
from resolvers import events

MOST_HELD_BACK_SECONDS = 5.0
DATABASE_IS_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""An InternalClientError is what asyncpg raises for a connection that its server has just ended."""


class Health:
    """Answers for balancers and operators."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        """Take what to look at."""
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 while the database is away, else 200 with what an operator should look at.

        What holds the feed back does so for every process alike, so a balancer must not drop them all for it.
        """
        try:
            warnings = await self._warnings()
        except DATABASE_IS_AWAY:
            away = {"status": "failing", "warnings": ["the database does not answer"]}
            await JSONResponse(away, status_code=503)(scope, receive, send)
            return
        await JSONResponse({"status": "warning" if warnings else "ok", "warnings": warnings})(scope, receive, send)

    async def _warnings(self) -> list[str]:
        warnings: list[str] = []
        held_back = await events.oldest_writer(self._database)
        if held_back > MOST_HELD_BACK_SECONDS:
            warnings.append(f"a transaction open for {held_back:.0f} s holds the live feed back")
        if self._catalogue.lags(self._clock()):
            warnings.append("the catalogue lags behind the feed, so searches read the database")
        return warnings
