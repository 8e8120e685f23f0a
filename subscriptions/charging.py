"""Drivers who were refused at chargers (BUC 3.9), each only to their provider and fleet."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from models.events import Cursor, EventKind
from models.rules.authorization import ChargingAuthorization
from models.rules.role import Role
from resolvers import charging
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class ChargingRefused:
    """A refusal, at its place in the feed."""

    cursor: Cursor
    authorization: ChargingAuthorization


async def refused(
    call: Call, renew: Renew, feed: Feed, after: Cursor | None
) -> AsyncGenerator[ChargingRefused, None]:
    """Yield the refusals of the caller's drivers as they happen.

    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    with feed.listening([of_party(caller.party_id, EventKind.CHARGING_REFUSED)]) as listener:
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                for one in await charging.many(await renew(), [recorded.event.object_id]):
                    if one is not None:
                        yield ChargingRefused(recorded.cursor, one)
