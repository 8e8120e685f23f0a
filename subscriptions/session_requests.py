"""What operators are asked to start and stop, and what comes of it, each only to whom it concerns (BUC 3.3, 3.9)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.events import Cursor, EventKind
from models.rules.role import Role
from models.rules.session_request import SessionRequest
from resolvers import session_requests
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class RequestUpdated:
    """A request as it is now, at its place in the feed; of those that waited at the beginning the last has one."""

    cursor: Cursor | None
    at: datetime
    request: SessionRequest


async def updated(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[RequestUpdated, None]:
    """Yield the requests of the caller's that wait for an answer, then each as it is made and as it is answered.

    With `after`, whatever happened since comes first instead. Raise Unauthenticated or Forbidden before the first
    one; later Resync, FellBehind, Unauthenticated or Forbidden.
    """
    caller = call.acting_as(Role.CPO, Role.EMSP, Role.TO)
    with feed.listening([of_party(caller.party_id, EventKind.SESSION_REQUESTED)]) as listener:
        beginning: dict[UUID, SessionRequest] = {}
        if after is None:
            found = await session_requests.waiting(call)
            beginning = {one.id: one for one in found}
            for number, one in enumerate(found, 1):
                cursor = listener.position if number == len(found) else None
                yield RequestUpdated(cursor, one.requested_at, one)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                (one_now,) = await session_requests.many(await renew(), [recorded.event.object_id])
                if one_now is None or beginning.get(one_now.id) == one_now:
                    continue
                beginning.pop(one_now.id, None)
                yield RequestUpdated(recorded.cursor, recorded.at, one_now)
