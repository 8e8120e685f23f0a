"""Finding along a route (BUC 1.1, 1.2): Locations in the order of travel with what is free there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.catalogue import Hit, Point
from models.errors import BadInput
from resolvers import access
from resolvers.availability import Asked, Available, available, busy, checked_window
from resolvers.call import Call
from resolvers.catalogue import current
from resolvers.pages import Page, checked_first, cut, foreign

MOST_POINTS = 20_000
WIDEST_KM = 100.0
LONGEST_DEGREES = 180.0
"""Half the globe; a line that goes to and fro without end would keep the search busy for minutes."""

ALONG = re.compile(r"[0-9]{7}\.[0-9]{4}")
"""How far along the route a Location lies, as its key in the list has it, in km."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """A route as points (latitude, longitude in degrees) and how far off it a Location may lie, in km."""

    route: Sequence[Point]
    width_km: float


@dataclass(frozen=True, slots=True)
class CorridorMatch:
    """What is free at a Location near the route, and where along it."""

    available: Available
    hit: Hit


async def corridor_availability(
    call: Call, corridor: Corridor, asked: Asked, *, first: int, after: tuple[str, ...] | None
) -> Page[CorridorMatch]:
    """Return the Locations along a route where something is free, in the order of travel; one statement.

    Raise BadInput for a route, width or window that cannot be searched.
    """
    limit = checked_first(first)
    _check(corridor)
    if after is not None and not (len(after) == 2 and ALONG.fullmatch(after[0])):
        raise foreign()
    checked_window(asked.window)
    hits = await (await current(call)).along(corridor.route, corridor.width_km)
    keyed = [((f"{hit.along_km:012.4f}", entry.published.location.id), entry, hit) for entry, hit in hits]
    wanted = [
        (key, entry, hit)
        for key, entry, hit in sorted(keyed, key=lambda item: item[0])
        if (after is None or key > after) and access.sees_location(call, entry.published.location)
    ]
    taken = await busy(call, [entry.published.location.id for _, entry, _ in wanted], asked.window)
    found: list[tuple[CorridorMatch, tuple[str, ...]]] = []
    for key, entry, hit in wanted:
        if len(found) > limit:
            break
        one = available(entry, asked, taken, call.now)
        if one.free:
            found.append((CorridorMatch(one, hit), key))
    return cut(found, limit)


def _check(corridor: Corridor) -> None:
    if len(corridor.route) < 2:
        raise BadInput("A route has at least two points.")
    if len(corridor.route) > MOST_POINTS:
        raise BadInput(f"A route has at most {MOST_POINTS} points; this one has {len(corridor.route)}.")
    if not 0 < corridor.width_km <= WIDEST_KM:
        raise BadInput(f"The width is more than 0 and at most {WIDEST_KM:.0f} km.")
    for number, (latitude, longitude) in enumerate(corridor.route):
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise BadInput(f"Point {number} of the route ({latitude}, {longitude}) is not on the globe.")
    if sum(_degrees(here, there) for here, there in pairwise(corridor.route)) > LONGEST_DEGREES:
        raise BadInput("The route is longer than half the globe; is a point of it elsewhere, or given twice?")


def _degrees(here: Point, there: Point) -> float:
    """Return the longer side of the box that holds two points, the short way round the globe."""
    east = abs(here[1] - there[1])
    return max(abs(here[0] - there[0]), min(east, 360.0 - east))
