"""CDRs as they are issued (BUC 4.1, 4.4), each only to whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.events import Cursor, EventKind
from models.rules.role import Role
from resolvers import cdrs
from resolvers.call import Call
from resolvers.cdrs import KnownCdr
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class CdrIssued:
    """A CDR with what became of it by now, at its place in the feed."""

    cursor: Cursor
    at: datetime
    cdr: KnownCdr


async def issued(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[CdrIssued, None]:
    """Yield the CDRs that concern the caller as they are issued.

    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    with feed.listening([of_party(caller.party_id, EventKind.CDR_ISSUED)]) as listener:
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                for one in await cdrs.many(await renew(), [recorded.event.object_id]):
                    if one is not None:
                        yield CdrIssued(recorded.cursor, recorded.at, one)
