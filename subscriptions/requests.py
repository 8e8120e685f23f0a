"""Requests on bookings that wait for their operator (BUC 2.6), each only to the operator that decides on it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.events import Cursor, EventKind, Recorded
from models.rules.booking import Booking, BookingRequest
from models.rules.role import Role
from resolvers import bookings
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class Received:
    """A request that waits, at its place in the feed; of those that waited at the beginning the last has one."""

    cursor: Cursor | None
    at: datetime
    booking: Booking
    request: BookingRequest


async def received(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[Received, None]:
    """Yield the requests that the operator has to decide on, then each as it arrives.

    With `after`, whatever arrived since comes first instead, unless it was decided on meanwhile.

    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind, Unauthenticated or Forbidden.
    """
    caller = call.acting_as(Role.CPO)
    with feed.listening([of_party(caller.party_id, EventKind.BOOKING_REQUESTED)]) as listener:
        told: set[tuple[str, int]] = set()
        if after is None:
            found = [(one, one.pending) for one in await bookings.waiting(call)]
            first = [(one, request) for one, request in found if request is not None]
            for number, (one, request) in enumerate(first, 1):
                told.add((one.object_id, request.position))
                cursor = listener.position if number == len(first) else None
                yield Received(cursor, request.request_received, one, request)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                arrived = await _waiting(await renew(), recorded)
                if arrived is not None and (arrived.booking.object_id, arrived.request.position) not in told:
                    yield arrived


async def _waiting(call: Call, recorded: Recorded) -> Received | None:
    """Return the request that an event tells of, or None if it is another operator's or waits no more."""
    event = recorded.event
    if event.party_id != call.acting_as(Role.CPO).party_id:
        return None
    (found,) = await bookings.many(call, [event.object_id])
    pending = found.pending if found else None
    if found is None or pending is None or pending.request_received != recorded.at:
        return None
    return Received(recorded.cursor, recorded.at, found, pending)
