"""The GraphQL endpoint over HTTP, server-sent events and WebSocket, with refusals as GraphQL writes them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.parse_content_type import parse_content_type
from strawberry.http.streaming import HTTPStreamTransport, SSETransport
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET, UnsetType

from models.errors import Unauthenticated
from schema.build import schema
from schema.context import Begin, Context
from server.auth import secret_in, secret_of
from server.websocket import TextFrames, TransportHandler
from subscriptions.feed import Feed

INIT_TIMEOUT = timedelta(seconds=5)
SUBSCRIPTIONS_PER_SOCKET = 100
RESPONSE_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"
EVENT_STREAM = "text/event-stream"


class ServerSentEvents(SSETransport):
    """Subscriptions over plain HTTP; lines end with LF, because not every client splits CRLF."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        """Write one event."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """Write one comment, which keeps the connection open."""
        return super().encode_comment(comment).replace("\r\n", "\n")


class Endpoint(GraphQL[Context, None]):
    """The schema over HTTP and WebSocket."""

    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = TransportHandler
    stream_transport_classes_by_protocol: Mapping[str, type[HTTPStreamTransport]] = {
        GRAPHQL_SSE_PROTOCOL: ServerSentEvents
    }

    def __init__(self, begin: Begin, feed: Feed, allowed_origins: tuple[str, ...]) -> None:
        """Take how a call begins, and the live feed."""
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=SUBSCRIPTIONS_PER_SOCKET,
            allowed_origins=allowed_origins,
        )
        self._begin = begin
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self.run(request)
        except HTTPException as error:
            response = refused(error.status_code, "BAD_USER_INPUT", str(error.reason))
        if RESPONSE_JSON in request.headers.get("accept", "") and not isinstance(response, StreamingResponse):
            response.headers["content-type"] = f"{RESPONSE_JSON}; charset=utf-8"
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Return what an operation, or all operations of a socket, have at hand."""
        secret = secret_of(request.headers.get("authorization"))
        streaming = EVENT_STREAM in request.headers.get("accept", "")
        return Context(self._begin, self._feed, secret, lasting=isinstance(request, WebSocket) or streaming)

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Check the API token of a socket before anything is sent over it."""
        params = secret_in(context.connection_params)
        if params is not None:
            context.secret = params
        try:
            await context.call()
        except Unauthenticated:
            raise ConnectionRejectionError from None
        return cast(UnsetType, UNSET)

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Serve no page: what asks for one is told what to send instead."""
        return False

    def decode_json(self, data: str | bytes) -> object:
        """Read JSON; what is no JSON, or nested without end, is bad input."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str | bytes:
        """Write JSON."""
        return orjson.dumps(data)

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Read one GraphQL request; batches are not served."""
        if request.method == "POST":
            if parse_content_type(request.content_type or "")[0] != PLAIN_JSON:
                raise HTTPException(415, f"Send the body as JSON, with the header `content-type: {PLAIN_JSON}`.")
            body = await request.get_body()
            try:
                data: Any = orjson.loads(body)
            except orjson.JSONDecodeError as error:
                raise HTTPException(400, f"The body is no JSON: {error}.") from None
            if not isinstance(data, dict):
                raise HTTPException(400, 'The body is a JSON object: {"query": "...", "variables": {}}.')
            if not isinstance(data.get("operationName"), str | None):
                raise HTTPException(400, "`operationName` is a string.")
        if request.method == "GET" and "query" not in request.query_params:
            raise HTTPException(400, "Send a GraphQL query: POST a JSON object with `query`.")
        try:
            return await super().parse_http_body(request)
        except (json.JSONDecodeError, AttributeError):
            raise HTTPException(400, "`variables` and `extensions` are JSON objects.") from None

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Return what the answer begins with; its media type tells which one the client asked for."""
        sub_response = await super().get_sub_response(request)
        sub_response.media_type = RESPONSE_JSON if RESPONSE_JSON in request.headers.get("accept", "") else PLAIN_JSON
        return sub_response

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """Answer; what was not executed has no data, and status 400 in the newer media type (GraphQL over HTTP)."""
        if isinstance(response_data, list) or _executed(response_data):
            return super().create_response(response_data, sub_response)
        without_data = cast(GraphQLHTTPResponse, {k: v for k, v in response_data.items() if k != "data"})
        response = super().create_response(without_data, sub_response)
        if sub_response.media_type == RESPONSE_JSON:
            response.status_code = 400
        return response


def _executed(answer: GraphQLHTTPResponse) -> bool:
    """Whether it came to execution: an error of a field has a path, one of the request has none."""
    errors = cast(list[dict[str, Any]], answer.get("errors") or [])
    return answer.get("data") is not None or not errors or any("path" in error for error in errors)


def refused(status: int, code: str, message: str) -> Response:
    """Return a refusal that no operation was executed for, as GraphQL writes errors."""
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
    return Response(body, status_code=status, media_type=PLAIN_JSON)
