"""Operators edit the Calendars of their BookingLocations, and how these confirm, up to 500 objects a call."""

from collections.abc import Sequence
from dataclasses import replace

from models.db import Connection
from models.errors import BadInput
from models.events import AvailabilityCause, Event, EventKind
from models.queries import calendars, events, publishing
from models.queries.calendars import Place
from models.queries.publishing import Stored
from models.queries.publishing_rows import PlacedCalendar
from models.rules import defects
from models.rules.booking_location import BookingLocation, Calendar
from models.rules.calendars import begun, grows_at
from models.rules.identity import normalized, owner
from resolvers import told
from resolvers.bulk import Kept, checked, done, own
from resolvers.call import Call
from resolvers.changes import CalendarChange, ConfirmationChange
from resolvers.versions import renewed

MOST_TIMESLOTS = 20_000
"""So many are written well within the time that a statement and a transaction have."""


async def calendars_publish(call: Call, idempotency_key: str, changes: Sequence[CalendarChange]) -> list[str]:
    """Add Calendars to BookingLocations, or put them in place of those of their ids, and return the BookingLocations.

    Raise as `bulk.done`, LostUpdate (by the Calendar), NotAllowed or NotFound.
    """
    offer_ids = [normalized(one.booking_location_id) for one in changes]
    keys = [f"{offer_id}*{one.calendar.id.upper()}" for offer_id, one in zip(offer_ids, changes, strict=True)]
    checked(call, changes, keys, (wrong for one in changes for wrong in defects.of_calendar(one.calendar)))
    kept = Kept("booking_location", offer_ids)

    async def work(connection: Connection) -> list[str]:
        known = await owned_offers(call, connection, kept, offer_ids)
        places = {one: (known[one].location_id, one) for one in offer_ids}
        stored = await calendars.at(connection, list(places.values()))
        new: list[PlacedCalendar] = []
        for offer_id, change in zip(offer_ids, changes, strict=True):
            there = stored[places[offer_id]]
            one = _replaced(call, change, places[offer_id], known[offer_id].time_zone, there)
            stored[places[offer_id]] = [*there, one]
            new.append(one)
        checked_extent(new)
        await calendars.put(connection, new)
        await offers_touched(call, connection, list(places.values()))
        return [place[0] for place in places.values()]

    return await done(call, idempotency_key, "calendarsPublish", changes, offer_ids, work, first=kept.lock)


async def confirmation_set(call: Call, idempotency_key: str, changes: Sequence[ConfirmationChange]) -> list[str]:
    """Set how BookingLocations confirm from now on (BUC 2.6). Raise as `calendars_publish`."""
    ids = [normalized(one.booking_location_id) for one in changes]
    checked(call, changes, ids)
    kept = Kept("booking_location", ids)

    async def work(connection: Connection) -> list[str]:
        known = await owned_offers(call, connection, kept, ids)
        kind = EventKind.BOOKING_LOCATION_PUBLISHED
        for offer_id, change in zip(ids, changes, strict=True):
            stored = known[offer_id]
            expected = change.expected_last_updated
            updated = renewed(call, "BookingLocation", offer_id, stored.last_updated, expected)
            await publishing.put_confirmation(connection, offer_id, stored.location_id, change.confirmation, updated)
        location_ids = [known[one].location_id for one in ids]
        await publishing.changed(connection, location_ids, call.now)
        changed = [Event(kind, one, known[one].location_id, owner(one)) for one in ids]
        await events.add(connection, changed, call.now)
        return location_ids

    return await done(call, idempotency_key, "confirmationSet", changes, ids, work, first=kept.lock)


async def owned_offers(call: Call, connection: Connection, kept: Kept, offer_ids: Sequence[str]) -> dict[str, Stored]:
    """Return what is stored of the caller's BookingLocations, whose Locations are `kept`.

    Raise NotAllowed or NotFound.
    """
    known = await kept.stored(connection)
    for one in offer_ids:
        own(call, "BookingLocation", one, known)
    return known


async def offers_touched(call: Call, connection: Connection, places: Sequence[Place]) -> None:
    """Note and tell that BookingLocations changed with their Calendars."""
    once = list(dict.fromkeys(places))
    await calendars.touched(connection, once, call.now)
    await publishing.changed(connection, [location_id for location_id, _ in once], call.now)
    at = {offer_id: location_id for location_id, offer_id in once}
    kind, cause = EventKind.BOOKING_LOCATION_PUBLISHED, AvailabilityCause.CALENDAR
    await events.add(connection, told.published(kind, at, cause), call.now)


def placed(call: Call, offer: BookingLocation, time_zone: str) -> list[PlacedCalendar]:
    """Return the Calendars of a BookingLocation in order, with their timeslots, all updated with it."""
    return [
        _placed(call, replace(one, last_updated=offer.last_updated), (offer.location_id, offer.id), number, time_zone)
        for number, one in enumerate(offer.calendars)
    ]


def checked_extent(found: Sequence[PlacedCalendar]) -> None:
    """Raise BadInput if there are more timeslots than one call may write."""
    if sum(len(one.calendar.available_timeslots) for one in found) > MOST_TIMESLOTS:
        raise BadInput(f"These calendars have more than {MOST_TIMESLOTS} timeslots together; send fewer at a time.")


def _replaced(
    call: Call, change: CalendarChange, place: Place, time_zone: str, there: Sequence[PlacedCalendar]
) -> PlacedCalendar:
    """Return the Calendar in the place of the one of its id, or behind all; ids are compared without case."""
    wanted = change.calendar.id
    old = next((one for one in there if one.calendar.id.upper() == wanted.upper()), None)
    before = old.calendar.last_updated if old else None
    updated = renewed(call, "Calendar", f"{place[1]}*{wanted}", before, change.expected_last_updated)
    calendar = replace(change.calendar, id=old.calendar.id if old else wanted, last_updated=updated)
    position = old.position if old else max((one.position for one in there), default=-1) + 1
    return _placed(call, calendar, place, position, time_zone)


def _placed(call: Call, calendar: Calendar, place: Place, position: int, time_zone: str) -> PlacedCalendar:
    due = grows_at(time_zone, call.now) if calendar.weekly_hours else None
    return PlacedCalendar(*place, position, begun(calendar, time_zone, call.now), due)
