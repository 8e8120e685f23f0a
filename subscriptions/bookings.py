"""Bookings as they change (BUC 2.6, 2.11), and reminders of them (BUC 2.10), each only to whom it concerns."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.events import Cursor, EventKind
from models.rules.booking import Booking
from models.rules.reminder import parts
from models.rules.role import Role
from resolvers import bookings
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_booking, of_party


@dataclass(frozen=True, slots=True)
class BookingUpdated:
    """A booking as it is now, at its place in the feed; of those that were named, the last alone has one."""

    cursor: Cursor | None
    at: datetime
    booking: Booking


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """That a booking begins in so many minutes, at its place in the feed."""

    cursor: Cursor
    at: datetime
    booking: Booking
    minutes_before: int


async def updated(
    call: Call,
    renew: Renew,
    feed: Feed,
    booking_ids: Sequence[str],
    references: Sequence[str],
    after: Cursor | None,
) -> AsyncGenerator[BookingUpdated, None]:
    """Yield the named bookings, first as they are unless `after` is given, then as they change.

    If none is named, yield every booking of the caller's as it changes. What was told at the beginning is not told
    again before it changes, though the event of that comes later. Raise Unauthenticated, Forbidden, BadInput or
    NotFound before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    kind = EventKind.BOOKING_CHANGED
    chosen = await bookings.named(call, booking_ids, references)
    topics = [of_booking(one.object_id, kind) for one in chosen] or [of_party(caller.party_id, kind)]
    with feed.listening(topics) as listener:
        beginning: dict[UUID, Booking] = {}
        if after is None:
            found = await _seen(call, [one.object_id for one in chosen])
            beginning = {one.id: one for one in found}
            for number, one in enumerate(found, 1):
                cursor = listener.position if number == len(found) else None
                yield BookingUpdated(cursor, one.last_updated, one)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                for one in await _seen(await renew(), [recorded.event.object_id]):
                    if beginning.get(one.id) == one:
                        continue
                    beginning.pop(one.id, None)
                    yield BookingUpdated(recorded.cursor, recorded.at, one)


async def reminders(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[ReminderDue, None]:
    """Yield reminders of the caller's bookings as they fall due, each once.

    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    with feed.listening([of_party(caller.party_id, EventKind.REMINDER_DUE)]) as listener:
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                booking_id, minutes = parts(recorded.event.object_id)
                for one in await _seen(await renew(), [booking_id]):
                    yield ReminderDue(recorded.cursor, recorded.at, one, minutes)


async def _seen(call: Call, booking_ids: Sequence[str]) -> list[Booking]:
    """Return those of the bookings that the caller may see."""
    return [one for one in await bookings.many(call, booking_ids) if one is not None]
