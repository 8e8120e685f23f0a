"""The application as a client meets it, over ASGI: HTTP requests and WebSockets without a network between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from models.db import connected
from server.app import GRAPHQL, create_app
from server.settings import Settings
from tests.world import World

DEADLINE_SECONDS = 10.0
AT_SITE = ("session", "session_request", "charging_authorization", "site_entry", "problem_report", "driver_message")
WRITTEN = ("booking", "allocation", "event", "booking_request", "token", "driver_contact", *AT_SITE)


@dataclass
class Served:
    """The application on a database, and the world around it, whose clock and callers it shares."""

    app: Starlette
    client: AsyncClient
    world: World
    dsn: str

    async def post(self, body: object, caller: str | None = None, **headers: str) -> Response:
        """Send a body to the endpoint; what is not bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"content-type": "application/json", **self.authorization(caller)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(GRAPHQL, content=content, headers=known | named)

    async def ask(self, document: str, caller: str | None = None, **variables: Any) -> Response:
        """Send an operation."""
        return await self.post({"query": document, "variables": variables}, caller)

    def authorization(self, caller: str | None) -> dict[str, str]:
        """Return the header that a caller sends."""
        secret = self.world.secrets[caller]
        return {} if secret is None else {"authorization": f"Bearer {secret}"}

    async def published(self) -> None:
        """Wait until the application has heard of everything that is committed."""
        await asyncio.wait_for(self.app.state.feed.synced(), DEADLINE_SECONDS)

    async def written(self) -> dict[str, int]:
        """Return how many rows there are of everything that a booking, a report or a session writes."""
        async with self.world.database.reading() as connection:
            return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in WRITTEN}


@asynccontextmanager
async def served(dsn: str) -> AsyncIterator[Served]:
    """Yield the application on a migrated, empty database, with a party for each role."""
    async with connected(dsn) as database, World(database).living() as world:
        app = create_app(Settings(worker=False), dsn, lambda: world.now)
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://server") as client,
        ):
            yield Served(app, client, world, dsn)


@asynccontextmanager
async def beside(dsn: str, database: str | None = None) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Yield a connection beside the application's, to its database or another one of the same server."""
    name = dsn.split("@/")[1].split("?")[0]
    connection = await asyncpg.connect(dsn.replace(name, database or name))
    try:
        yield connection
    finally:
        await connection.close()


def codes(response: Response) -> list[str]:
    """Return the codes of the errors of an answer, in order."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]
