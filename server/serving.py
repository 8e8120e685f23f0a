"""Serving: the database first, then the application on a port, then what a newcomer needs to begin."""

import asyncio
import gc
import socket
from contextlib import suppress

import uvicorn
from rich.console import Console

from models import migrations
from models.db import checked, connected
from server import clock
from server.app import GRAPHQL, create_app
from server.database import owned
from server.demo.loading import ensure_network, tokens
from server.demo.network import SHOWCASE_LOCATION
from server.settings import Settings, SettingsRefused

SHUTDOWN_SECONDS = 5
WEBSOCKET_MESSAGE_BYTES = 1_000_000

ADDRESS = "{address}"
FIRST_QUERY = f"""
curl -s http://{ADDRESS}{GRAPHQL} -H 'Content-Type: application/json' -d '{{"query":
  "{{ location(id: \\"{SHOWCASE_LOCATION}\\") {{ name city bookingLocations {{ id }} evses {{ status }} }} }}"}}'
"""


class Server(uvicorn.Server):
    """A server that says where it is reached once it is."""

    def __init__(self, config: uvicorn.Config, told: str) -> None:
        """Take what to tell, with ADDRESS where the address belongs."""
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            # The catalogue is there and stays: to walk a large one for garbage takes 0.3 s, every few searches.
            gc.collect()
            gc.freeze()
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            address = f"{f'[{host}]' if ':' in host else host}:{port}"
            Console(soft_wrap=True).print(self._told.replace(ADDRESS, address), markup=False, highlight=False)


def run(settings: Settings) -> None:
    """Serve until a signal; raise a sentence for the operator if that cannot begin."""
    with owned(settings) as dsn:
        told = asyncio.run(_prepare(settings, dsn))
        config = uvicorn.Config(
            create_app(settings, dsn, clock.now),
            loop="uvloop",
            log_level="warning",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            ws_max_size=WEBSOCKET_MESSAGE_BYTES,
            server_header=False,
        )
        with _bound(settings) as listener, suppress(KeyboardInterrupt):  # Ctrl-C ends it, and is no failure
            Server(config, told).run([listener])


def _bound(settings: Settings) -> socket.socket:
    """Return a socket at the address to listen on, or raise SettingsRefused."""
    listener = None
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except (OSError, UnicodeError) as error:
        if listener is not None:
            listener.close()
        reason = getattr(error, "strerror", error)
        raise SettingsRefused(
            f"HDV_HOST={settings.host!r} and HDV_PORT={settings.port} are refused: {reason}. "
            "End what listens there, or choose another address."
        ) from None
    return listener


async def _prepare(settings: Settings, dsn: str) -> str:
    """Check, migrate and if asked fill the database, and return what to tell the operator."""
    await checked(dsn)
    await migrations.upgrade(dsn)
    told = f"Serving http://{ADDRESS}{GRAPHQL} (WebSocket: ws://{ADDRESS}{GRAPHQL}). Ctrl-C stops it."
    if not settings.loads_demo:
        return told
    async with connected(dsn) as database:
        if not await ensure_network(database, clock.now):
            return told
        known = await tokens(database, settings.data_dir, clock.now())
    lines = [f"  {role:5} {secret}" for role, secret in known.items()]
    return "\n".join(
        [told, "Demo tokens, for `Authorization: Bearer <token>`:", *lines, "A query to paste:", FIRST_QUERY]
    )
