"""What travels over a graphql-transport-ws socket: text frames, and messages checked before they are handled."""

from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from schema.context import Context

LONGEST_REASON = 123
"""In bytes; a close frame holds no longer one (RFC 6455, 5.5)."""

WITH_ID = ("subscribe", "complete")


class TextFrames(ASGIWebSocketAdapter):
    """Sends JSON as text, as the protocol asks, and never a reason that breaks the close frame."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message, or raise WebSocketDisconnected."""
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Close the socket."""
        await super().close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))


class TransportHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Closes the socket with 4400 on a message that is none of the protocol."""

    async def handle_message(self, message: Any) -> None:
        """Handle a message, whatever JSON value it is."""
        if isinstance(message, dict) and message.get("type") == "connection_init" and message.get("payload") is None:
            message = {"type": "connection_init"}  # the protocol lets a client send null
        complaint = _complaint(message)
        if complaint is None:
            await super().handle_message(message)
        else:
            await self.handle_invalid_message(complaint)


def _complaint(message: Any) -> str | None:
    """Return what is wrong with the shape of a message, or None."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is a JSON object with a `type`"
    if message["type"] in WITH_ID and not isinstance(message.get("id"), str):
        return "The `id` of an operation is a string"
    return _operation_complaint(message.get("payload")) if message["type"] == "subscribe" else None


def _operation_complaint(payload: Any) -> str | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "The `payload` of subscribe is a JSON object with a `query`"
    if not isinstance(payload.get("variables"), dict | None):
        return "`variables` is a JSON object"
    if not isinstance(payload.get("operationName"), str | None):
        return "`operationName` is a string"
    return None
