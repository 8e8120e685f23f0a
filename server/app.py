"""The ASGI application: what is open while it lives, and its routes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from models.catalogue import Catalogue
from models.db import Database, connected
from models.errors import Unauthenticated
from models.rules.role import Role
from schema.context import Begin
from server import auth
from server.graphql import Endpoint
from server.health import Health
from server.limits import BodyLimit, MayPublish
from server.settings import Settings
from server.worker import working
from subscriptions.feed import Feed

GRAPHQL, HEALTH = "/graphql", "/health"


class Door:
    """A route to what the lifespan opened."""

    def __init__(self, path: str) -> None:
        """Take the path whose application is behind it."""
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the application."""
        opened: dict[str, ASGIApp] = scope["app"].state.opened
        await opened[self._path](scope, receive, send)


def create_app(settings: Settings, dsn: str, clock: Callable[[], datetime]) -> Starlette:
    """Return the application on the migrated database at `dsn`."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with connected(dsn, connections=settings.connections) as database:
            catalogue = Catalogue()
            async with Feed(database, catalogue, clock).following() as feed:
                app.state.feed = feed
                app.state.opened = _opened(settings, database, catalogue, feed, clock)
                if not settings.worker:
                    yield
                    return
                async with working(database, catalogue, clock):
                    yield

    routes = [
        Route(GRAPHQL, Door(GRAPHQL)),
        WebSocketRoute(GRAPHQL, Door(GRAPHQL)),
        Route(HEALTH, Door(HEALTH)),
        Route("/", lambda _: PlainTextResponse("HDV booking: send GraphQL to /graphql.\n")),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _opened(
    settings: Settings, database: Database, catalogue: Catalogue, feed: Feed, clock: Callable[[], datetime]
) -> dict[str, ASGIApp]:
    begin = auth.beginning(database, catalogue, clock)
    endpoint = Endpoint(begin, feed, settings.allowed_origins)
    return {
        GRAPHQL: BodyLimit(endpoint, _publishers(begin)),
        HEALTH: Health(database, catalogue, clock),
    }


def _publishers(begin: Begin) -> MayPublish:
    async def may_publish(authorization: str | None) -> bool:
        try:
            call = await begin(auth.secret_of(authorization))
        except Unauthenticated:
            return False
        return call.caller is not None and call.caller.role is Role.CPO

    return may_publish
