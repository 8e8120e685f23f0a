"""Warnings of sessions as they fall due (BUC 3.5, 3.6), each only to whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.events import Cursor, EventKind
from models.rules.role import Role
from models.rules.session import Session
from models.rules.session_alert import TOLD_OPERATOR, AlertKind, parts
from resolvers import session_finding
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class AlertDue:
    """What somebody in a session is warned of, at its place in the feed, and the session as it is now."""

    cursor: Cursor
    at: datetime
    kind: AlertKind
    minutes_before: int
    session: Session


async def due(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[AlertDue, None]:
    """Yield warnings of the caller's sessions as they fall due, each once.

    An operator is told that charging is no longer allowed, and of faults; the rest is between provider and driver.
    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind, Unauthenticated or Forbidden.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    with feed.listening([of_party(caller.party_id, EventKind.SESSION_ALERT)]) as listener:
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                session_id, kind, minutes = parts(recorded.event.object_id)
                now = await renew()
                if now.acting_as(Role.EMSP, Role.TO, Role.CPO).role is Role.CPO and kind not in TOLD_OPERATOR:
                    continue
                (found,) = await session_finding.many(now, [session_id])
                if found is not None:
                    yield AlertDue(recorded.cursor, recorded.at, kind, minutes, found)
