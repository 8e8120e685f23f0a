"""A client of graphql-transport-ws, as a dashboard is one."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

DEADLINE = 20.0


class Subscription:
    """One subscription on a socket of its own."""

    def __init__(self, connection: ClientConnection) -> None:
        """Take an acknowledged socket on which the subscription was sent."""
        self._connection = connection

    async def next(self, deadline: float = DEADLINE) -> dict[str, Any]:
        """Return the data of the next message, within so many seconds."""
        async with asyncio.timeout(deadline):
            message = json.loads(await self._connection.recv())
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message["payload"]
        data: dict[str, Any] = message["payload"]["data"]
        return data


@asynccontextmanager
async def subscribed(url: str, secret: str | None, document: str, **variables: Any) -> AsyncIterator[Subscription]:
    """Yield a subscription that the server has taken up."""
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as connection:
        payload = {"authorization": f"Bearer {secret}"} if secret else {}
        await connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        async with asyncio.timeout(DEADLINE):
            assert json.loads(await connection.recv())["type"] == "connection_ack"
        request = {"query": document, "variables": variables}
        await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": request}))
        await connection.send(json.dumps({"type": "ping"}))
        async with asyncio.timeout(DEADLINE):
            assert json.loads(await connection.recv())["type"] == "pong"
        yield Subscription(connection)
