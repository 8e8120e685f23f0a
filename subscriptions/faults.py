"""Faults of chargers as they are reported and repaired (BUC 2.5), each only to whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.events import Cursor, EventKind
from models.rules.identity import normalized
from resolvers import faults
from resolvers.call import Call
from resolvers.faults import FaultAlert
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_kind, of_location


@dataclass(frozen=True, slots=True)
class Alert:
    """A fault as it is now, at its place in the feed."""

    cursor: Cursor
    at: datetime
    fault_alert: FaultAlert


async def alerts(
    call: Call,
    renew: Renew,
    feed: Feed,
    location_ids: tuple[str, ...],
    after: Cursor | None,
    *,
    only_own_bookings: bool,
) -> AsyncGenerator[Alert, None]:
    """Yield faults at those Locations, or all that the caller may see; only such as hit its bookings if asked.

    Those that are open come first unless `after` is given, then whatever is reported, amended or repaired.

    Raise Unauthenticated before the first one; later Resync, FellBehind or Unauthenticated.
    """
    call.authenticated()
    places = [normalized(one) for one in location_ids]
    topics = [of_location(one, EventKind.FAULT_CHANGED) for one in places] or [of_kind(EventKind.FAULT_CHANGED)]
    with feed.listening(topics) as listener:
        if after is None:
            for found in await faults.open_alerts(call, places or None):
                if found.bookings or not only_own_bookings:
                    yield Alert(listener.position, found.fault.reported_at, found)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                told = await faults.alert(await renew(), recorded.event.object_id)
                if told is not None and (told.bookings or not only_own_bookings):
                    yield Alert(recorded.cursor, recorded.at, told)
