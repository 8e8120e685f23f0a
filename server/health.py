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
        """Answer 200 while all is well, else 503 with what is not."""
        complaints = await self._complaints()
        status = {"status": "failing" if complaints else "ok", "complaints": complaints}
        await JSONResponse(status, status_code=503 if complaints else 200)(scope, receive, send)

    async def _complaints(self) -> list[str]:
        complaints: list[str] = []
        held_back = 0.0
        try:
            held_back = await events.oldest_writer(self._database)
        except DATABASE_IS_AWAY:
            complaints.append("the database does not answer")
        if held_back > MOST_HELD_BACK_SECONDS:
            complaints.append(f"a transaction open for {held_back:.0f} s holds the live feed back")
        if self._catalogue.lags(self._clock()):
            complaints.append("the catalogue lags behind the feed, so searches read the database")
        return complaints
