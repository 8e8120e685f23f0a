"""Alternatives to bookings as they are offered (BUC 2.8), each only to whoever may take it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.events import Cursor, EventKind
from models.rules.alternative import Alternative
from models.rules.booking import Booking
from models.rules.role import Role
from resolvers import alternatives
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered in place of a booking now, at its place in the feed; nothing, if nothing was found.

    Of those that were offered at the beginning the last has a place.
    """

    cursor: Cursor | None
    at: datetime
    booking: Booking
    alternatives: tuple[Alternative, ...]


async def offered(call: Call, renew: Renew, feed: Feed, after: Cursor | None) -> AsyncGenerator[Offered, None]:
    """Yield the caller's bookings with what is offered in their place: what is open, unless `after` is given, then
    as it is offered.

    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    with feed.listening([of_party(caller.party_id, EventKind.ALTERNATIVES_OFFERED)]) as listener:
        if after is None:
            found = await alternatives.open_offers(call)
            for number, (booking, offers) in enumerate(found, 1):
                cursor = listener.position if number == len(found) else None
                yield Offered(cursor, max(one.offered_at for one in offers), booking, tuple(offers))
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                for booking, offers in await alternatives.offered_now(await renew(), [recorded.event.object_id]):
                    yield Offered(recorded.cursor, recorded.at, booking, tuple(offers))
