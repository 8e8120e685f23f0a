"""Publishing imported Locations, Tariffs and BookingLocations one by one, and never an older one over a newer."""

from models.db import Connection
from models.errors import NotAllowed, NotFound
from models.events import AvailabilityCause, EventKind
from models.queries import calendars, events, locks, publishing
from models.queries.publishing import Stored
from models.queries.publishing_rows import PlacedCalendar
from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.tariff import Tariff
from models.rules.upserted import Upserted
from resolvers import hazards, told
from resolvers.call import Call

WRITTEN = frozenset({Upserted.CREATED, Upserted.UPDATED})


async def location(call: Call, new: Location) -> Upserted:
    """Publish a Location with its chargers and bays."""

    async def work(connection: Connection) -> Upserted:
        await locks.own(connection, new.id)
        came = _compared(await publishing.stored(connection, "location", [new.id]), new)
        if came in WRITTEN:
            await locks.share_tariffs(connection, named_tariffs(new))
            await publishing.put_locations(connection, [new], call.now)
            kind, cause = EventKind.LOCATION_PUBLISHED, AvailabilityCause.PUBLICATION
            await events.add(connection, told.published(kind, {new.id: new.id}, cause), call.now)
            await hazards.assess_published(call, connection, [new.id])
        return came

    return await call.database.write(work)


async def tariff(call: Call, new: Tariff) -> Upserted:
    """Publish a Tariff; bookings keep the one they were made under."""

    async def work(connection: Connection) -> Upserted:
        await locks.own_tariffs(connection, [new.id])
        came = _compared(await publishing.stored(connection, "tariff", [new.id]), new)
        if came in WRITTEN:
            await publishing.put_tariffs(connection, [new], call.now)
            await events.add(connection, told.tariffs([new.id]), call.now)
        return came

    return await call.database.write(work)


async def booking_location(call: Call, new: BookingLocation) -> Upserted:
    """Publish a BookingLocation with its calendars.

    Raise NotFound if its Location was not published, NotAllowed if it belongs to another one already.
    """

    async def work(connection: Connection) -> Upserted:
        await locks.own(connection, new.location_id)
        known = await publishing.stored(connection, "booking_location", [new.id])
        checked_place(new, known, await publishing.stored(connection, "location", [new.location_id]))
        came = _compared(known, new)
        if came in WRITTEN:
            await locks.share_tariffs(connection, new.tariff_ids)
            await publishing.put_booking_locations(connection, [new], call.now)
            await calendars.clear(connection, [(new.location_id, new.id)])
            await calendars.put(connection, _placed(new))
            kind, cause = EventKind.BOOKING_LOCATION_PUBLISHED, AvailabilityCause.CALENDAR
            await events.add(connection, told.published(kind, {new.id: new.location_id}, cause), call.now)
        return came

    return await call.database.write(work)


def named_tariffs(location: Location) -> set[str]:
    """Return the tariffs that the connectors of a Location name."""
    return {one for evse in location.evses for plug in evse.connectors for one in plug.tariff_ids}


def checked_place(new: BookingLocation, known: dict[str, Stored], places: dict[str, Stored]) -> None:
    """Raise NotFound if its Location is not published, NotAllowed if it belongs to another one already."""
    if new.location_id not in places or places[new.location_id].withdrawn:
        raise NotFound("Location", new.location_id)
    if new.id in known and known[new.id].location_id != new.location_id:
        placed = known[new.id].location_id
        raise NotAllowed(f"BookingLocation {new.id} belongs to Location {placed}; publish it here under a new id.")


def _placed(new: BookingLocation) -> list[PlacedCalendar]:
    return [
        PlacedCalendar(new.location_id, new.id, position, calendar, None)
        for position, calendar in enumerate(new.calendars)
    ]


def _compared(known: dict[str, Stored], new: Location | Tariff | BookingLocation) -> Upserted:
    if new.id not in known:
        return Upserted.CREATED
    stored = known[new.id].last_updated
    if stored == new.last_updated:
        return Upserted.UNCHANGED
    return Upserted.UPDATED if stored < new.last_updated else Upserted.KEPT_NEWER
