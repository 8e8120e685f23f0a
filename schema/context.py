"""What an operation has at hand: a fresh call, the live feed, and loaders for entities."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from resolvers.call import Call
from schema.loaders import Loaders
from subscriptions.feed import Feed

Begin = Callable[[str | None], Awaitable[Call]]


class Context:
    """One HTTP operation, or one WebSocket with all that is sent over it.

    Whoever asks is looked up once for an HTTP operation, and for every operation and event of a WebSocket, whose
    token may be revoked while it is open.
    """

    def __init__(self, begin: Begin, feed: Feed, secret: str | None, *, lasting: bool) -> None:
        """Take how a call begins and with which API token."""
        self._begin = begin
        self.lasting = lasting
        self._call: Call | None = None
        self._loaders: Loaders | None = None
        self.feed = feed
        self.secret = secret
        self.connection_params: dict[str, object] = {}

    async def call(self) -> Call:
        """Return the call of this operation, or raise Unauthenticated for a token that opens nothing."""
        if self._call is None or self.lasting:
            self._call = await self._begin(self.secret)
        return self._call

    async def loaders(self) -> Loaders:
        """Return loaders with the rights of this operation; a WebSocket's are new each time, so none goes stale."""
        if self._loaders is None or self.lasting:
            self._loaders = Loaders(await self.call())
        return self._loaders


Info = strawberry.Info[Context, Any]
