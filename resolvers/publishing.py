"""Publishing Locations, Tariffs and BookingLocations, whole, and never an older one over a newer."""

from datetime import datetime

from models.db import Connection
from models.errors import NotAllowed, NotFound
from models.events import AvailabilityCause, Event, EventKind
from models.queries import catalogue, events, locks, publishing
from models.rules.booking_location import BookingLocation
from models.rules.identity import owner
from models.rules.location import Location
from models.rules.tariff import Tariff
from models.rules.upserted import Upserted
from resolvers.call import Call


async def location(call: Call, new: Location) -> Upserted:
    """Publish a Location with its chargers and bays."""

    async def work(connection: Connection) -> Upserted:
        await locks.own(connection, new.id)
        came = _compared(await publishing.last_updated(connection, "location", new.id), new.last_updated)
        if came in (Upserted.CREATED, Upserted.UPDATED):
            named = (one for evse in new.evses for plug in evse.connectors for one in plug.tariff_ids)
            await publishing.share_tariffs(connection, named)
            await publishing.put_location(connection, new, call.now)
            await events.add(connection, _changed(EventKind.LOCATION_PUBLISHED, new.id, new.id), call.now)
        return came

    return await call.database.write(work)


async def tariff(call: Call, new: Tariff) -> Upserted:
    """Publish a Tariff; bookings keep the one they were made under."""

    async def work(connection: Connection) -> Upserted:
        await publishing.own_tariff(connection, new.id)
        came = _compared(await publishing.last_updated(connection, "tariff", new.id), new.last_updated)
        if came in (Upserted.CREATED, Upserted.UPDATED):
            await publishing.put_tariff(connection, new, call.now)
            told = Event(EventKind.TARIFF_PUBLISHED, new.id, party_id=owner(new.id))
            await events.add(connection, [told], call.now)
        return came

    return await call.database.write(work)


async def booking_location(call: Call, new: BookingLocation) -> Upserted:
    """Publish a BookingLocation with its calendars.

    Raise NotFound if its Location was not published, NotAllowed if it belongs to another one already.
    """

    async def work(connection: Connection) -> Upserted:
        await locks.own(connection, new.location_id)
        await _checked_place(connection, new)
        came = _compared(await publishing.last_updated(connection, "booking_location", new.id), new.last_updated)
        if came in (Upserted.CREATED, Upserted.UPDATED):
            await publishing.share_tariffs(connection, new.tariff_ids)
            await publishing.put_booking_location(connection, new, call.now)
            told = _changed(EventKind.BOOKING_LOCATION_PUBLISHED, new.id, new.location_id, AvailabilityCause.CALENDAR)
            await events.add(connection, told, call.now)
        return came

    return await call.database.write(work)


async def _checked_place(connection: Connection, new: BookingLocation) -> None:
    if await publishing.last_updated(connection, "location", new.location_id) is None:
        raise NotFound("Location", new.location_id)
    placed = await catalogue.location_of_booking_location(connection, new.id)
    if placed not in (None, new.location_id):
        raise NotAllowed(f"BookingLocation {new.id} belongs to Location {placed}; publish it here under a new id.")


def _compared(stored: datetime | None, new: datetime) -> Upserted:
    if stored is None:
        return Upserted.CREATED
    if stored == new:
        return Upserted.UNCHANGED
    return Upserted.UPDATED if stored < new else Upserted.KEPT_NEWER


def _changed(
    kind: EventKind,
    object_id: str,
    location_id: str,
    cause: AvailabilityCause = AvailabilityCause.PUBLICATION,
) -> list[Event]:
    party = owner(location_id)
    return [
        Event(kind, object_id, location_id, party),
        Event(EventKind.AVAILABILITY_CHANGED, location_id, location_id, party, cause),
    ]
