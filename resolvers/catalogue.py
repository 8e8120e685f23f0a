"""Filling the catalogue in memory from the database, and keeping it up with the feed."""

from collections.abc import Sequence
from datetime import datetime

from models.catalogue import Catalogue
from models.db import Database
from models.events import EventKind, Recorded
from models.queries import catalogue as stored
from models.queries import events
from resolvers.call import Call

REREAD = frozenset(
    {
        EventKind.LOCATION_PUBLISHED,
        EventKind.BOOKING_LOCATION_PUBLISHED,
        EventKind.EVSE_STATUS_CHANGED,
        EventKind.FAULT_CHANGED,
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
        for tariff_id in tariffs:
            location_ids.update(await stored.locations_of_tariff(connection, tariff_id))
        published = await stored.published(connection, sorted(location_ids))
    catalogue.refresh(location_ids, published)


async def current(call: Call) -> Catalogue:
    """Return the catalogue to search in: the one in memory, or one read now if that lags behind the feed."""
    if not call.catalogue.lags(call.now):
        return call.catalogue
    fresh = Catalogue()
    await load(call.database, fresh, call.now)
    return fresh


async def is_empty(database: Database) -> bool:
    """Whether nothing was ever published."""
    async with database.reading() as connection:
        return not await stored.holds_any(connection)


async def published_at(database: Database, location_id: str) -> datetime | None:
    """Return when a Location's calendars were last published, or None if it has none."""
    async with database.reading() as connection:
        for published in await stored.published(connection, [location_id]):
            return max((offer.last_updated for offer in published.booking_locations), default=None)
    return None
