"""A WebSocket to the application over ASGI, frame by frame, to send also what no client library would."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message

DEADLINE_SECONDS = 10.0
PROTOCOL = "graphql-transport-ws"


class Closed(Exception):
    """The server closed the socket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Socket:
    """The client's end."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[Message] = asyncio.Queue()
        self.to_client: asyncio.Queue[Message] = asyncio.Queue()

    async def send(self, message: object) -> None:
        """Send a JSON value."""
        await self.to_server.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def send_text(self, text: str) -> None:
        """Send a text frame, whatever it says."""
        await self.to_server.put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        await self.to_server.put({"type": "websocket.receive", "bytes": data})

    async def frame(self) -> Message:
        """Return what the server does next, or raise Closed."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            sent = await self.to_client.get()
        if sent["type"] == "websocket.close":
            raise Closed(sent["code"], sent.get("reason") or "")
        return sent

    async def receive(self) -> Any:
        """Return the JSON value of the next frame, which must be one of text."""
        return json.loads((await self.frame())["text"])

    async def begin(self, **payload: object) -> None:
        """Introduce the client, and wait until the server agrees."""
        await self.send({"type": "connection_init", "payload": payload})
        assert await self.receive() == {"type": "connection_ack"}

    async def ask(self, query: str, *, id: str = "1", variables: dict[str, Any] | None = None) -> Any:
        """Send an operation that answers once, and return its answer."""
        await self.subscribe(query, id=id, variables=variables)
        answer = await self.receive()
        if answer["type"] == "next":
            assert await self.receive() == {"id": id, "type": "complete"}
        return answer

    async def subscribe(self, query: str, *, id: str = "1", variables: dict[str, Any] | None = None) -> None:
        """Send an operation."""
        await self.send({"type": "subscribe", "id": id, "payload": {"query": query, "variables": variables or {}}})


@asynccontextmanager
async def connected(
    app: ASGIApp, *, headers: dict[str, str] | None = None, protocols: Sequence[str] = (PROTOCOL,)
) -> AsyncIterator[Socket]:
    """Yield an accepted socket."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "subprotocols": list(protocols),
    }
    await socket.to_server.put({"type": "websocket.connect"})
    serving = asyncio.ensure_future(app(scope, socket.to_server.get, socket.to_client.put))
    assert (await socket.frame())["type"] == "websocket.accept"
    try:
        yield socket
    finally:
        await socket.to_server.put({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(DEADLINE_SECONDS):
            await serving
