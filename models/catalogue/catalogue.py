"""The published catalogue in memory: what a search asks, kept up with the feed; it never decides a booking."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from models.catalogue.plane import Point, apart
from models.catalogue.spatial import Hit, Nearby, SpatialIndex
from models.events import Cursor
from models.rules.booking_location import BookingLocation
from models.rules.location import Evse, Location
from models.rules.published import PublishedLocation
from models.rules.spot import Spot, spots
from models.rules.tariff import Tariff

SHORT_ROUTE = 500
"""Points; so many are matched in a few ms, faster than a thread is found for them."""

MOST_LAG = timedelta(seconds=5)
"""When the feed is further behind, a search reads the database instead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A published Location with the spots of each of its BookingLocations, found once."""

    published: PublishedLocation
    spots: dict[str, tuple[Spot, ...]]


class Catalogue:
    """Every Location by its id, with the index that finds those along a route."""

    def __init__(self) -> None:
        """Start empty; `load` fills it."""
        self._entries: dict[str, Entry] = {}
        self._order: list[str] | None = None
        self._index: SpatialIndex | None = None
        self._indexed: list[Entry] = []
        self._parts_known = False
        self._offers: dict[str, str] = {}
        self._evses: dict[str, str] = {}
        self._tariffs: dict[str, str] = {}
        self.position = Cursor("", 0, 0)
        self.caught_up_at: datetime | None = None
        self.stand_in: tuple[datetime, asyncio.Task[Catalogue]] | None = None
        """What is searched while this one lags, and since when."""

    def load(self, published: Iterable[PublishedLocation], position: Cursor, now: datetime) -> None:
        """Replace everything by what was read at `position` of the feed."""
        self._entries.clear()
        for one in published:
            self._put(one)
        self._forget_indexes()
        self.position, self.caught_up_at = position, now

    def refresh(self, location_ids: Iterable[str], published: Iterable[PublishedLocation]) -> None:
        """Replace those Locations by how they were read again, never by an older version; one not found is gone."""
        read = {one.location.id: one for one in published}
        for location_id in location_ids:
            if location_id not in read:
                self._entries.pop(location_id, None)
        for location_id, one in read.items():
            known = self._entries.get(location_id)
            if known is None or known.published.version <= one.version:
                self._put(one)
        self._forget_indexes()

    def lags(self, now: datetime) -> bool:
        """Whether the catalogue may be older than a search should show."""
        return self.caught_up_at is None or now - self.caught_up_at > MOST_LAG

    def get(self, location_id: str) -> Entry | None:
        """Return a Location by its composite id."""
        return self._entries.get(location_id)

    def ids(self) -> list[str]:
        """Return the ids of all Locations in order."""
        if self._order is None:
            self._order = sorted(self._entries)
        return self._order

    def booking_location(self, booking_location_id: str) -> tuple[Entry, BookingLocation] | None:
        """Return what can be booked under that id, with its Location."""
        self._parts()
        entry = self._entries.get(self._offers.get(booking_location_id, ""))
        offer = entry.published.booking_location(booking_location_id) if entry else None
        return (entry, offer) if entry and offer else None

    def evse(self, evse_id: str) -> tuple[Entry, Evse] | None:
        """Return a charger by its composite id, with its Location."""
        self._parts()
        entry = self._entries.get(self._evses.get(evse_id, ""))
        evse = entry.published.location.evse(evse_id) if entry else None
        return (entry, evse) if entry and evse else None

    def tariff(self, tariff_id: str) -> tuple[Entry, Tariff] | None:
        """Return a tariff by its composite id, with a Location where it is named."""
        self._parts()
        entry = self._entries.get(self._tariffs.get(tariff_id, ""))
        tariff = entry.published.tariffs.get(tariff_id) if entry else None
        return (entry, tariff) if entry and tariff else None

    async def along(self, route: Sequence[Point], width_km: float) -> list[tuple[Entry, Hit]]:
        """Return the Locations within `width_km` of a route, in the order of travel, once for each pass.

        A long route is matched beside the event loop, so that others are served meanwhile.
        """
        index, entries = self._spatial()
        if not entries:
            return []
        if len(route) > SHORT_ROUTE:
            hits = await asyncio.to_thread(index.along, route, width_km)
        else:
            hits = index.along(route, width_km)
        return [(entries[hit.number], hit) for hit in hits]

    def near(self, place: Point, radius_km: float) -> list[tuple[Entry, Nearby]]:
        """Return the Locations within `radius_km` of a place, the nearest first."""
        index, entries = self._spatial()
        return [(entries[one.number], one) for one in index.near(place, radius_km)]

    def apart(self, one: str, other: str) -> float:
        """Return how many km two known Locations are apart, as the crow flies; exact if they are near each other."""
        if one == other:
            return 0.0
        places = [np.array(_point(self._entries[name].published.location)) for name in (one, other)]
        return float(apart(*places))

    def within(self, south: float, west: float, north: float, east: float) -> list[Entry]:
        """Return the Locations in a box, by id; it lies over the antimeridian if `west` is more than `east`."""
        index, entries = self._spatial()
        return [entries[number] for number in index.within(south, west, north, east)]

    def _spatial(self) -> tuple[SpatialIndex, list[Entry]]:
        """Return the index over all Locations and those that its numbers mean, made anew if anything changed."""
        if self._index is None:
            self._indexed = [self._entries[one] for one in self.ids()]
            self._index = SpatialIndex([_point(entry.published.location) for entry in self._indexed])
        return self._index, self._indexed

    def _put(self, published: PublishedLocation) -> None:
        location = published.location
        found = {offer.id: spots(location, offer.booking_option) for offer in published.booking_locations}
        self._entries[location.id] = Entry(published, found)

    def _forget_indexes(self) -> None:
        self._order = self._index = None
        self._parts_known = False
        self._offers = {}

    def _parts(self) -> None:
        """Index the parts of all Locations by their ids, if anything changed since."""
        if self._parts_known:
            return
        self._parts_known = True
        self._evses, self._tariffs = {}, {}
        # A tariff leads to a published Location if one names it, for whoever sees that may see the tariff.
        for location_id, entry in sorted(self._entries.items(), key=_visibility):
            self._offers.update(dict.fromkeys(entry.spots, location_id))
            self._evses.update((evse.id, location_id) for evse in entry.published.location.evses)
            self._tariffs.update(dict.fromkeys(entry.published.tariffs, location_id))


def _visibility(item: tuple[str, Entry]) -> tuple[bool, bool]:
    location = item[1].published.location
    return location.withdrawn_at is None, location.publish


def _point(location: Location) -> Point:
    return float(location.latitude), float(location.longitude)
