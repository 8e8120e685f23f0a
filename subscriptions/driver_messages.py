"""Messages to drivers as they are sent and acknowledged (BUC 3.11), each only to whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.events import Cursor, EventKind
from models.rules.driver_message import DriverMessage
from models.rules.role import Role
from resolvers import driver_messages
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it is now, at its place in the feed; of those that waited at the beginning the last has one."""

    cursor: Cursor | None
    at: datetime
    message: DriverMessage


async def received(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[Received, None]:
    """Yield the messages of the last day that nobody acknowledged, unless `after` is given, then each as it is sent.

    One is yielded again when it is acknowledged, so that its operator, and whoever else passes it on, knows.
    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    with feed.listening([of_party(caller.party_id, EventKind.DRIVER_MESSAGE_SENT)]) as listener:
        told: dict[UUID, DriverMessage] = {}
        if after is None:
            found = await driver_messages.waiting(call)
            told = {one.id: one for one in found}
            for number, one in enumerate(found, 1):
                cursor = listener.position if number == len(found) else None
                yield Received(cursor, one.sent_at, one)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                (one_now,) = await driver_messages.many(await renew(), [recorded.event.object_id])
                if one_now is not None and told.pop(one_now.id, None) != one_now:
                    yield Received(recorded.cursor, recorded.at, one_now)
