"""How large a body may be: 1 MB, and 16 MB for operators, who publish; read once, before anything is parsed."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.graphql import refused

LARGEST_BODY = 1_000_000
LARGEST_PUBLICATION = 16_000_000
MOST_DIGITS = 20

MayPublish = Callable[[str | None], Awaitable[bool]]


class TooLarge(Exception):
    """The body is longer than it may be."""


class BodyLimit:
    """An ASGI application behind a limit of the body's size."""

    def __init__(self, app: ASGIApp, may_publish: MayPublish) -> None:
        """Take whom to protect, and who tells by the Authorization header whether the sender may publish."""
        self._app = app
        self._may_publish = may_publish

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose body is within its limit; answer 413 else."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            body = await self._read(headers, receive)
        except TooLarge as error:
            await refused(413, "PAYLOAD_TOO_LARGE", str(error))(scope, receive, send)
            return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        limit = LARGEST_BODY
        announced = headers.get("content-length", "")
        if announced.isdecimal():
            size = int(announced[:MOST_DIGITS])
            if size > LARGEST_BODY:
                limit = await self._larger(headers, size)
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
            if size > limit:
                limit = await self._larger(headers, size)
        return b"".join(chunks)

    async def _larger(self, headers: Headers, size: int) -> int:
        """Return the limit of a publication, or raise TooLarge."""
        if size > LARGEST_PUBLICATION or not await self._may_publish(headers.get("authorization")):
            raise TooLarge(
                f"The body is too large: {LARGEST_BODY // 10**6} MB at most, "
                f"{LARGEST_PUBLICATION // 10**6} MB with a token of role CPO."
            )
        return LARGEST_PUBLICATION
