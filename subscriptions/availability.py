"""Slots as they go and come back (BUC 1.2.3): what is free now of the BookingLocations asked for."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from models.catalogue import Entry
from models.errors import BadInput, NotFound
from models.events import AvailabilityCause, Cursor, EventKind
from models.rules.availability import Search
from models.rules.booking_location import BookingLocation
from models.rules.identity import normalized
from models.rules.interval import Interval
from models.rules.published import PublishedLocation
from resolvers import access, provider_fees
from resolvers.asked import Asked, checked
from resolvers.call import Call
from resolvers.finding import busy, checked_window
from resolvers.free import Free, Place, look
from subscriptions.feed import Feed
from subscriptions.hub import of_location

MOST_LOCATIONS = 200
Renew = Callable[[], Awaitable[Call]]
FreeAt = tuple[PublishedLocation, Free]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a dashboard watches: Locations, or some of their BookingLocations, when, and for what is asked."""

    location_ids: tuple[str, ...]
    booking_location_ids: tuple[str, ...]
    window: Interval
    asked: Asked


@dataclass(frozen=True, slots=True)
class SlotAvailability:
    """What is free now of one BookingLocation, and why that changed; no cause for how it was at the beginning.

    Several may follow from one event; the last alone has the cursor, so that whoever resumes loses none of them.
    """

    cursor: Cursor | None
    at: datetime
    cause: AvailabilityCause | None
    published: PublishedLocation
    free: Free


async def changed(
    call: Call, renew: Renew, feed: Feed, watched: Watched, after: Cursor | None
) -> AsyncGenerator[SlotAvailability, None]:
    """Yield what is free of each watched BookingLocation, first as it is unless `after` is given, then as it changes.

    Raise BadInput or NotFound before the first one; later Resync, FellBehind or Unauthenticated.
    """
    checked_window(watched.window)
    checked(watched.asked)
    chosen = _chosen(call, watched)
    known: dict[str, FreeAt] = {}
    with feed.listening(of_location(one, EventKind.AVAILABILITY_CHANGED) for one in chosen) as listener:
        if after is None:
            found = await _free(call, watched, list(chosen))
            for number, (published, one) in enumerate(found, 1):
                known[one.booking_location.id] = (published, one)
                cursor = listener.position if number == len(found) else None
                yield SlotAvailability(cursor, call.now, None, published, one)
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                event = recorded.event
                if event.location_id is None:
                    continue
                current = await renew()
                found = await _free(current, watched, [event.location_id])
                if after is not None:
                    found += _taken_back(current, watched, event.location_id, recorded.at)
                changes = _changes(known, event.location_id, found)
                for number, (published, one) in enumerate(changes, 1):
                    known[one.booking_location.id] = (published, one)
                    cursor = recorded.cursor if number == len(changes) else None
                    yield SlotAvailability(cursor, recorded.at, event.cause, published, one)


def _chosen(call: Call, watched: Watched) -> Sequence[str]:
    """Return the Locations to listen to, or raise BadInput or NotFound."""
    if not watched.location_ids and not watched.booking_location_ids:
        raise BadInput("Name the Locations or BookingLocations to watch.")
    chosen: dict[str, None] = {}
    for location_id in watched.location_ids:
        entry = call.catalogue.get(normalized(location_id))
        chosen[_visible(call, entry, "Location", location_id)] = None
    for booking_location_id in watched.booking_location_ids:
        found = call.catalogue.booking_location(normalized(booking_location_id))
        chosen[_visible(call, found[0] if found else None, "BookingLocation", booking_location_id)] = None
    if len(chosen) > MOST_LOCATIONS:
        raise BadInput(f"One subscription watches at most {MOST_LOCATIONS} Locations; open another one.")
    return list(chosen)


def _visible(call: Call, entry: Entry | None, kind: str, wanted: str) -> str:
    if entry is None or not access.sees_location(call, entry.published.location):
        raise NotFound(kind, wanted)
    return entry.published.location.id


def _changes(known: Mapping[str, FreeAt], location_id: str, found: Sequence[FreeAt]) -> list[FreeAt]:
    """Return what differs from `known` at a Location; of what is offered no longer, nothing is free."""
    now = {one.booking_location.id: (published, one) for published, one in found}
    gone = [
        (published, Free(one.booking_location, (), ()))
        for offer_id, (published, one) in known.items()
        if published.location.id == location_id and offer_id not in now
    ]
    return [
        (published, one)
        for published, one in (*now.values(), *gone)
        if one.booking_location.id not in known or known[one.booking_location.id][1].timeslots != one.timeslots
    ]


def _taken_back(call: Call, watched: Watched, location_id: str, at: datetime) -> list[FreeAt]:
    """Return that nothing is free of what was taken back since: who resumes may have been told of it before."""
    entry = call.catalogue.get(location_id)
    if entry is None or not (entry.published.location.publish or access.owns(call, entry.published.location)):
        return []
    there = entry.published
    gone = [one for one in there.withdrawn if one.last_updated >= at and _is_watched(watched, one)]
    before = replace(there, booking_locations=(*there.booking_locations, *gone))
    return [(before, Free(one, (), ())) for one in gone]


def _is_watched(watched: Watched, offer: BookingLocation) -> bool:
    return offer.location_id in map(normalized, watched.location_ids) or offer.id in map(
        normalized, watched.booking_location_ids
    )


async def _free(call: Call, watched: Watched, location_ids: list[str]) -> list[FreeAt]:
    """Return what is free of the watched BookingLocations at those Locations; one statement, for a fleet two."""
    fees = await provider_fees.seen(call) if watched.asked.priced else ()
    taken = await busy(call, location_ids, watched.window)
    found = []
    for location_id in location_ids:
        entry = call.catalogue.get(location_id)
        if entry is None or not access.sees_location(call, entry.published.location):
            continue
        place = Place.of(entry, watched.asked, Search(watched.window, call.now), taken.get(location_id, {}), fees)
        for offer in entry.published.booking_locations:
            if _is_watched(watched, offer):
                one, _ = look(place, offer)
                found.append((entry.published, one))
    return found
