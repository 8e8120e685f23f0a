"""Sessions as they go on (BUC 3.7, 3.8), each only to whom it concerns."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.errors import BadInput, NotFound
from models.events import Cursor, EventKind
from models.rules.role import Role
from models.rules.session import Session
from resolvers import bookings, sessions
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_booking, of_party

MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """A session as it is now, at its place in the feed; of those at the beginning, the last alone has one."""

    cursor: Cursor | None
    at: datetime
    session: Session


async def updated(
    call: Call,
    renew: Renew,
    feed: Feed,
    session_ids: Sequence[str],
    booking_ids: Sequence[str],
    after: Cursor | None,
) -> AsyncGenerator[SessionUpdated, None]:
    """Yield the named sessions and those of the named bookings, first as they are unless `after` is given.

    If nothing is named, yield every session of the caller's as it changes. Raise Unauthenticated, Forbidden, BadInput
    or NotFound before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    if len(session_ids) + len(booking_ids) > MOST_NAMED:
        raise BadInput(f"Name at most {MOST_NAMED} sessions and bookings at once.")
    named = await sessions.many(call, session_ids)
    chosen = [_known(one, "Session", name) for one, name in zip(named, session_ids, strict=True)]
    booked = {one.id for one in await bookings.named(call, booking_ids, [])} if booking_ids else set()
    kind = EventKind.SESSION_CHANGED
    topics = [of_party(caller.party_id, kind)] if booked or not chosen else []
    topics += [of_booking(one.object_id, kind) for one in chosen] if not topics else []
    wanted = {one.id for one in chosen}
    with feed.listening(topics) as listener:
        beginning: dict[UUID, Session] = {}
        if after is None and (wanted or booked):
            found = await _beginning(call, [one.object_id for one in chosen], booking_ids)
            beginning = {one.id: one for one in found}
            for number, one in enumerate(found, 1):
                yield SessionUpdated(listener.position if number == len(found) else None, one.last_updated, one)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                for now in await sessions.many(await renew(), [recorded.event.object_id]):
                    if now is None or not _asked(now, wanted, booked) or beginning.get(now.id) == now:
                        continue
                    beginning.pop(now.id, None)
                    yield SessionUpdated(recorded.cursor, recorded.at, now)


async def _beginning(call: Call, session_ids: Sequence[str], booking_ids: Sequence[str]) -> list[Session]:
    """Return the sessions that are named, and those of the bookings that are, each once."""
    named = [one for one in await sessions.many(call, session_ids) if one is not None]
    of_bookings = [one for group in await sessions.of_bookings(call, booking_ids) for one in group]
    return list({one.id: one for one in (*named, *of_bookings)}.values())


def _asked(one: Session, wanted: set[UUID], booked: set[UUID]) -> bool:
    return not (wanted or booked) or one.id in wanted or one.booking_id in booked


def _known(one: Session | None, kind: str, name: str) -> Session:
    if one is None:
        raise NotFound(kind, name)
    return one
