"""Faults of chargers as they are reported and repaired (BUC 2.5), each only to whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.errors import NotFound
from models.events import Cursor, EventKind
from models.rules.identity import normalized
from resolvers import access, faults
from resolvers.call import Call
from resolvers.faults import FaultAlert
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_kind, of_location


@dataclass(frozen=True, slots=True)
class Alert:
    """A fault as it is now, at its place in the feed; of those that were open at the beginning the last has one."""

    cursor: Cursor | None
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

    Raise Unauthenticated or NotFound before the first one; later Resync, FellBehind or Unauthenticated.
    """
    call.authenticated()
    places = [_visible(call, one) for one in location_ids]
    concerns = _Concern(only_own_bookings)
    topics = [of_location(one, EventKind.FAULT_CHANGED) for one in places] or [of_kind(EventKind.FAULT_CHANGED)]
    with feed.listening(topics) as listener:
        if after is None:
            wanted = [one for one in await faults.open_alerts(call, places or None) if concerns(one)]
            for number, found in enumerate(wanted, 1):
                cursor = listener.position if number == len(wanted) else None
                yield Alert(cursor, found.fault.reported_at, found)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                told = await faults.alert(await renew(), recorded.event.object_id)
                if told is not None and concerns(told):
                    yield Alert(recorded.cursor, recorded.at, told)


class _Concern:
    """Which faults to tell of: all, or those that hit a booking of the caller, and that they no longer do."""

    def __init__(self, only_own_bookings: bool) -> None:
        self._only_own_bookings = only_own_bookings
        self._hit: set[str] = set()

    def __call__(self, found: FaultAlert) -> bool:
        known = found.fault.id in self._hit
        self._hit.discard(found.fault.id)
        if found.bookings and self._only_own_bookings:
            self._hit.add(found.fault.id)
        return known or bool(found.bookings) or not self._only_own_bookings


def _visible(call: Call, location_id: str) -> str:
    entry = call.catalogue.get(normalized(location_id))
    if entry is None or not access.sees_fault(call, entry.published.location):
        raise NotFound("Location", location_id)
    return entry.published.location.id
