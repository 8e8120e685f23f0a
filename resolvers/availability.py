"""Finding anywhere else than along a route (BUC 1.2): near a point, in a box, or at Locations that are named."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.catalogue import Entry, Point
from models.errors import BadInput
from models.rules.availability import Search
from models.rules.identity import normalized
from models.rules.interval import Interval
from resolvers.asked import Asked, checked, with_vehicle
from resolvers.call import Call
from resolvers.catalogue import current
from resolvers.finding import Candidate, Key, checked_window, found
from resolvers.free import Available
from resolvers.pages import Page, checked_first, foreign

WIDEST_KM = 1000.0
MOST_IDS = 500


@dataclass(frozen=True, slots=True)
class Near:
    """A circle around a point (latitude, longitude in degrees), its radius in km."""

    point: Point
    radius_km: float


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the globe in degrees, its edges included; it lies over the antimeridian if west is more than east."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Named:
    """Locations by their ids; those that are not there to see are left out."""

    location_ids: tuple[str, ...]


Where = Near | Box | Named


@dataclass(frozen=True, slots=True)
class AvailabilityMatch:
    """What is free at a Location, and how far it is from the point asked for, if one was, in km."""

    available: Available
    distance_km: float | None


async def availability(
    call: Call, where: Where, window: Interval, asked: Asked, *, first: int, after: Key | None
) -> Page[AvailabilityMatch]:
    """Return Locations where something is free, the nearest first, or in the order of their ids.

    At most three statements. Raise BadInput, or NotFound for a vehicle that is not there to see.
    """
    limit = checked_first(first)
    checked_window(window)
    asked = await with_vehicle(call, checked(asked))
    search = Search(window, call.now)
    placed = await _placed(call, where)
    if after is not None and len(after) != (2 if isinstance(where, Near) else 1):
        raise foreign()
    distances = {entry.published.location.id: distance for entry, distance in placed}
    candidates = [Candidate(_key(entry, distance), entry, search) for entry, distance in placed]
    wanted = sorted((one for one in candidates if after is None or one.key > after), key=lambda one: one.key)
    told = await found(call, asked, wanted, limit)
    matches = [
        (AvailabilityMatch(one, distances[one.published.location.id]), candidate.key) for one, candidate in told.items
    ]
    return Page(matches, told.has_next)


async def _placed(call: Call, where: Where) -> Sequence[tuple[Entry, float | None]]:
    catalogue = await current(call)
    if isinstance(where, Near):
        _check_point(*where.point)
        if not 0 < where.radius_km <= WIDEST_KM:
            raise BadInput(f"`radiusKm` is more than 0 and at most {WIDEST_KM:.0f}.")
        return [(entry, hit.distance_km) for entry, hit in catalogue.near(where.point, where.radius_km)]
    if isinstance(where, Box):
        _check_box(where)
        inside = catalogue.within(where.south, where.west, where.north, where.east)
        return [(entry, None) for entry in inside]
    if not 1 <= len(where.location_ids) <= MOST_IDS:
        raise BadInput(f"`locationIds` has 1 to {MOST_IDS} entries.")
    entries: dict[str, tuple[Entry, float | None]] = {}
    for location_id in where.location_ids:
        entry = catalogue.get(normalized(location_id))
        if entry is not None:
            entries[entry.published.location.id] = (entry, None)
    return list(entries.values())


def _key(entry: Entry, distance_km: float | None) -> Key:
    name = entry.published.location.id
    return (name,) if distance_km is None else (f"{distance_km:012.4f}", name)


def _check_point(latitude: float, longitude: float) -> None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadInput(f"The point ({latitude}, {longitude}) is not on the globe.")


def _check_box(box: Box) -> None:
    _check_point(box.south, box.west)
    _check_point(box.north, box.east)
    if box.south > box.north:
        raise BadInput("`box.south` lies north of `box.north`; is one given for the other?")
