"""Operators publish Locations, Tariffs, BookingLocations and Maintenance, up to 500 objects a call."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from models.db import Connection
from models.errors import BadInput
from models.events import AvailabilityCause, EventKind
from models.queries import calendars, catalogue, events, locks, publishing
from models.queries.publishing import Stored
from models.rules import defects
from models.rules.booking_location import BookingLocation
from models.rules.identity import normalized, owner
from models.rules.location import Location
from models.rules.tariff import Tariff
from resolvers import hazards, told
from resolvers.bulk import checked, checked_owner, done, last_updated, own
from resolvers.bulk_calendars import calendars_publish, checked_extent, confirmation_set, placed
from resolvers.bulk_maintenance import maintenance_impact, maintenance_publish
from resolvers.call import Call
from resolvers.changes import Change
from resolvers.publishing import checked_place, named_tariffs
from resolvers.versions import renewed

__all__ = [
    "booking_locations_publish",
    "calendars_publish",
    "confirmation_set",
    "locations_publish",
    "maintenance_impact",
    "maintenance_publish",
    "published_tariffs",
    "tariffs_publish",
]

MOST_EVSES = 10_000
"""So many chargers are written well within the time that a statement and a transaction have."""


async def locations_publish(call: Call, idempotency_key: str, changes: Sequence[Change[Location]]) -> list[str]:
    """Publish Locations whole, with their chargers and bays; one that was withdrawn is published again.

    A known charger keeps its state, which `evseStatusReport` tells; bookings of one that is gone are moved, or
    their holders are told. Raise as `bulk.done`, LostUpdate or NotAllowed.
    """
    ids = [one.value.id for one in changes]
    checked(call, changes, ids, _wrong([one.value for one in changes]))
    checked_owner(call, "Location", ids)
    if sum(len(one.value.evses) for one in changes) > MOST_EVSES:
        raise BadInput(f"These locations have more than {MOST_EVSES} chargers together; send fewer at a time.")

    async def first(connection: Connection) -> None:
        await locks.own_many(connection, ids)
        await locks.share_tariffs(connection, (tariff for one in changes for tariff in named_tariffs(one.value)))

    async def work(connection: Connection) -> list[str]:
        known = await publishing.stored(connection, "location", ids)
        new = [_renewed_location(call, one, known) for one in changes]
        await publishing.put_locations(connection, new, call.now, states_count=False)
        kind, cause = EventKind.LOCATION_PUBLISHED, AvailabilityCause.PUBLICATION
        await events.add(connection, told.published(kind, {one: one for one in ids}, cause), call.now)
        await hazards.assess_published(call, connection, ids)
        return ids

    return await done(call, idempotency_key, "locationsPublish", changes, ids, work, first=first)


async def tariffs_publish(call: Call, idempotency_key: str, changes: Sequence[Change[Tariff]]) -> list[str]:
    """Publish Tariffs; bookings keep those they were made under. Raise as `locations_publish`."""
    ids = [one.value.id for one in changes]
    checked(call, changes, ids)
    checked_owner(call, "Tariff", ids)

    async def first(connection: Connection) -> None:
        await locks.own_tariffs(connection, ids)

    async def work(connection: Connection) -> list[str]:
        known = await publishing.stored(connection, "tariff", ids)
        new = [replace(one.value, last_updated=_updated(call, "Tariff", one, known)) for one in changes]
        await publishing.put_tariffs(connection, new, call.now)
        await events.add(connection, told.tariffs(ids), call.now)
        return []  # the feed brings them to wherever they are named, which may be everywhere

    return await done(call, idempotency_key, "tariffsPublish", changes, ids, work, first=first)


async def published_tariffs(call: Call, tariff_ids: Sequence[str]) -> list[Tariff]:
    """Return the caller's tariffs of those ids, in order, whether a Location names them yet or not."""
    party = call.authenticated().party_id
    wanted = [one for one in map(normalized, tariff_ids) if owner(one) == party]
    async with call.database.reading() as connection:
        found = await catalogue.many_tariffs(connection, wanted)
    return [found[one] for one in wanted if one in found]


async def booking_locations_publish(
    call: Call, idempotency_key: str, changes: Sequence[Change[BookingLocation]]
) -> list[str]:
    """Publish BookingLocations with their calendars; how a known one confirms stays as it was set.

    Raise as `locations_publish`, and NotFound for a Location that is not published.
    """
    ids = [one.value.id for one in changes]
    checked(call, changes, ids, (wrong for one in changes for wrong in defects.of_booking_location(one.value)))
    checked_owner(call, "BookingLocation", ids)
    location_ids = [one.value.location_id for one in changes]

    async def first(connection: Connection) -> None:
        await locks.own_many(connection, location_ids)
        await locks.share_tariffs(connection, (tariff for one in changes for tariff in one.value.tariff_ids))

    async def work(connection: Connection) -> list[str]:
        known = await publishing.stored(connection, "booking_location", ids)
        places = await publishing.stored(connection, "location", location_ids)
        new = [_renewed_offer(call, one, known, places) for one in changes]
        growing = [one for offer in new for one in placed(call, offer, places[offer.location_id].time_zone)]
        checked_extent(growing)
        await publishing.put_booking_locations(connection, new, call.now)
        await calendars.clear(connection, [(one.location_id, one.id) for one in new])
        await calendars.put(connection, growing)
        kind, cause = EventKind.BOOKING_LOCATION_PUBLISHED, AvailabilityCause.CALENDAR
        at = {one.id: one.location_id for one in new}
        await events.add(connection, told.published(kind, at, cause), call.now)
        return location_ids

    return await done(call, idempotency_key, "bookingLocationsPublish", changes, ids, work, first=first)


def _wrong(locations: Sequence[Location]) -> Iterator[str]:
    for one in locations:
        yield from (f"{one.id}: {wrong}" for wrong in defects.of_location(one))


def _updated(call: Call, kind: str, change: Change[Tariff], known: dict[str, Stored]) -> datetime:
    before = last_updated(known, change.value.id)
    return renewed(call, kind, change.value.id, before, change.expected_last_updated)


def _renewed_location(call: Call, change: Change[Location], known: dict[str, Stored]) -> Location:
    before = last_updated(known, change.value.id)
    updated = renewed(call, "Location", change.value.id, before, change.expected_last_updated)
    evses = tuple(
        replace(
            evse,
            last_updated=updated,
            connectors=tuple(replace(plug, last_updated=updated) for plug in evse.connectors),
        )
        for evse in change.value.evses
    )
    return replace(change.value, evses=evses, last_updated=updated)


def _renewed_offer(
    call: Call, change: Change[BookingLocation], known: dict[str, Stored], places: dict[str, Stored]
) -> BookingLocation:
    own(call, "Location", change.value.location_id, places)
    checked_place(change.value, known, places)
    before = last_updated(known, change.value.id)
    updated = renewed(call, "BookingLocation", change.value.id, before, change.expected_last_updated)
    return replace(change.value, last_updated=updated, withdrawn=False)
