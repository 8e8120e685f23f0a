"""Letting calendars with weekly hours grow by another day, and forgetting work that is long over."""

from datetime import datetime, timedelta

from models.db import Connection, Database
from models.errors import TryAgain
from models.events import AvailabilityCause, EventKind
from models.queries import calendars, events, locks, maintenance, publishing
from models.queries.calendars import DueCalendar, Place
from models.queries.publishing_rows import PlacedCalendar
from models.rules.calendars import grown, grows_at
from models.rules.interval import Interval
from resolvers import told

BATCH = 100
FIRST: Place = ("", "")
KEEP_MAINTENANCE = timedelta(days=30)


async def extend(database: Database, now: datetime) -> int:
    """Let the calendars grow whose Locations have begun another day, and return at how many BookingLocations.

    Each BookingLocation is a transaction of its own; one whose Location is busy waits for the next round.
    """
    extended, place = 0, FIRST
    while True:
        async with database.reading() as connection:
            found = await calendars.growing(connection, now, place, BATCH)
        for place in found:
            extended += await _extend_one(database, place, now)
        if len(found) < BATCH:
            return extended


async def forget_maintenance(database: Database, now: datetime) -> int:
    """Delete Maintenance that ended long ago, in batches, and return how many there were."""
    gone, batch = 0, -1
    while batch:
        batch = await database.write(lambda connection: maintenance.prune(connection, now, KEEP_MAINTENANCE, BATCH))
        gone += batch
    return gone


async def _extend_one(database: Database, place: Place, now: datetime) -> bool:
    """Let the calendars of a BookingLocation grow, unless another worker has seen to it."""

    async def work(connection: Connection) -> bool:
        location_id, offer_id = place
        await locks.own(connection, location_id)
        due = await calendars.due(connection, place, now)
        if not due:
            return False
        after = [_grown(one, now) for one in due]
        await calendars.put(connection, after)
        await publishing.changed(connection, [location_id], now)
        begin = min(one.placed.calendar.covers.end for one in due)
        end = max(one.calendar.covers.end for one in after)
        during = Interval(begin, end) if begin < end else None
        kind, cause = EventKind.BOOKING_LOCATION_PUBLISHED, AvailabilityCause.CALENDAR
        await events.add(connection, told.published(kind, {offer_id: location_id}, cause, during), now)
        return True

    try:
        return await database.write(work)
    except TryAgain:
        return False


def _grown(due: DueCalendar, now: datetime) -> PlacedCalendar:
    before = due.placed
    return PlacedCalendar(
        before.location_id,
        before.booking_location_id,
        before.position,
        grown(before.calendar, due.time_zone, now),
        grows_at(due.time_zone, now),
    )
