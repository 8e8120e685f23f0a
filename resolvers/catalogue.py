"""Filling the catalogue in memory from the database, and keeping it up with the feed."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from models.catalogue import Catalogue
from models.db import Database
from models.events import EventKind, Recorded
from models.queries import catalogue as stored
from models.queries import events
from resolvers.call import Call

STAND_IN_FOR = timedelta(seconds=1)
REREAD = frozenset(
    {
        EventKind.LOCATION_PUBLISHED,
        EventKind.BOOKING_LOCATION_PUBLISHED,
        EventKind.EVSE_STATUS_CHANGED,
        EventKind.FAULT_CHANGED,
        EventKind.MAINTENANCE_CHANGED,
    }
)
"""Events after which a Location is read again."""


async def load(database: Database, catalogue: Catalogue, now: datetime) -> None:
    """Read everything that is published, and the place in the feed that goes with it, in one snapshot."""
    async with database.snapshot() as connection:
        position = (await events.feed(connection)).end
        published = await stored.published(connection, None)
    catalogue.load(published, position, now)


async def follow(database: Database, catalogue: Catalogue, recorded: Sequence[Recorded]) -> None:
    """Read again every Location that the events concern; an event says only that, never what changed."""
    concerned = {one.event.location_id for one in recorded if one.event.kind in REREAD}
    tariffs = {one.event.object_id for one in recorded if one.event.kind is EventKind.TARIFF_PUBLISHED}
    location_ids = {one for one in concerned if one is not None}
    if not location_ids and not tariffs:
        return
    async with database.snapshot() as connection:
        location_ids.update(await stored.locations_of_tariffs(connection, tariffs))
        published = await stored.published(connection, sorted(location_ids))
    catalogue.refresh(location_ids, published)


async def current(call: Call) -> Catalogue:
    """Return the catalogue to search in: the one in memory, or one read just now if that lags behind the feed.

    Searches that come while the feed is held back share what is read, once a second, or reading would keep it back.
    """
    kept = call.catalogue
    if not kept.lags(call.now):
        return kept
    if kept.stand_in is None or abs(call.now - kept.stand_in[0]) >= STAND_IN_FOR:
        kept.stand_in = call.now, asyncio.create_task(_read(call.database, call.now), name="stand-in catalogue")
    return await asyncio.shield(kept.stand_in[1])


async def _read(database: Database, now: datetime) -> Catalogue:
    fresh = Catalogue()
    await load(database, fresh, now)
    return fresh


async def reread(call: Call, location_ids: Iterable[str]) -> None:
    """Read Locations that the caller has just written, so that what it asks next shows them as they are now."""
    written = sorted(set(location_ids))
    if written:
        async with call.database.snapshot() as connection:
            call.catalogue.refresh(written, await stored.published(connection, written))


async def remember(call: Call, location_ids: Iterable[str]) -> None:
    """Read the Locations that the catalogue in memory does not know yet; one statement set for all of them."""
    unknown = sorted({one for one in location_ids if call.catalogue.get(one) is None})
    if unknown:
        async with call.database.snapshot() as connection:
            call.catalogue.refresh(unknown, await stored.published(connection, unknown))


async def is_empty(database: Database) -> bool:
    """Whether nothing was ever published."""
    async with database.reading() as connection:
        return not await stored.holds_any(connection)


async def is_known(database: Database, location_id: str) -> bool:
    """Whether a Location was ever published."""
    async with database.reading() as connection:
        return await stored.version(connection, location_id) is not None


async def published_at(database: Database, booking_location_ids: Sequence[str]) -> list[datetime]:
    """Return when those BookingLocations were last updated, as far as they are published."""
    async with database.reading() as connection:
        return await stored.last_updated(connection, booking_location_ids)
