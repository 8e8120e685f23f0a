"""Finding along a route (BUC 1.1, 1.2): Locations in the order of travel with what is free there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from models.catalogue import Entry, Hit, Point, TooManyPasses, along_of_points
from models.errors import BadInput
from models.rules.availability import Search
from models.rules.interval import Interval
from models.rules.travel import Travel, departing, detour_km, timetabled
from resolvers.asked import Asked, checked, with_vehicle
from resolvers.call import Call
from resolvers.catalogue import current
from resolvers.finding import Candidate, Key, checked_window, found
from resolvers.free import Available
from resolvers.pages import Page, checked_first, foreign

MOST_POINTS = 20_000
WIDEST_KM = 100.0
LONGEST_DEGREES = 180.0
"""Half the globe; a line that goes to and fro without end would keep the search busy for minutes."""

MOST_TOLERANCE = timedelta(hours=24)
LOOK_AHEAD = timedelta(hours=24)
"""How long after the last possible start free time is shown, if no window was asked for."""

ALONG = re.compile(r"[0-9]{7}\.[0-9]{4}")
"""How far along the route a Location lies, as its key in the list has it, in km."""


@dataclass(frozen=True, slots=True)
class Departure:
    """When a vehicle starts at the first point of its route, and how fast it drives, in km/h."""

    at: datetime
    speed_kmh: float


@dataclass(frozen=True, slots=True)
class Eta:
    """When a vehicle gets to a point of its route, counted from 0."""

    point: int
    at: datetime


Timing = Departure | Sequence[Eta]


@dataclass(frozen=True, slots=True)
class Corridor:
    """A route as points (latitude, longitude in degrees) and how far off it a Location may lie, in km.

    If `timing` is given, charging starts when the vehicle gets there, `tolerance` sooner or later.
    """

    route: Sequence[Point]
    width_km: float
    window: Interval | None = None
    timing: Timing | None = None
    tolerance: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class CorridorMatch:
    """What is free at a Location near the route, where along it, and when the vehicle gets there."""

    available: Available
    hit: Hit
    detour_km: float
    eta: datetime | None


@dataclass(frozen=True, slots=True)
class Passed(Candidate):
    """A Location where the route passes it."""

    hit: Hit
    eta: datetime | None


async def corridor_availability(
    call: Call, corridor: Corridor, asked: Asked, *, first: int, after: Key | None
) -> Page[CorridorMatch]:
    """Return the Locations along a route where something is free, in the order of travel, once for each pass.

    At most three statements. Raise BadInput for a route, width or window that cannot be searched, or NotFound for
    a vehicle that is not there.
    """
    limit = checked_first(first)
    _check(corridor)
    if after is not None and not (len(after) == 2 and ALONG.fullmatch(after[0])):
        raise foreign()
    if corridor.window is not None:
        checked_window(corridor.window)
    travel = _travel(corridor)
    asked = await with_vehicle(call, checked(asked))
    try:
        hits = await (await current(call)).along(corridor.route, corridor.width_km)
    except TooManyPasses as refusal:
        raise BadInput(f"{refusal} Give less of the route at once, or a smaller `widthKm`.") from None
    passed = sorted(_passed(call, corridor, travel, hits), key=lambda one: one.key)
    wanted = [one for one in passed if after is None or one.key > after]
    told = await found(call, asked, wanted, limit)
    return Page([(_match(available, one), one.key) for available, one in told.items], told.has_next)


def _match(available: Available, one: Passed) -> CorridorMatch:
    return CorridorMatch(available, one.hit, detour_km(one.hit.off_route_km), one.eta)


def _passed(
    call: Call, corridor: Corridor, travel: Travel | None, hits: Sequence[tuple[Entry, Hit]]
) -> Iterator[Passed]:
    """Yield where the route passes a Location at a time that was asked for."""
    for entry, hit in hits:
        eta = travel.eta(hit.along_km, hit.off_route_km) if travel else None
        search = _search(call, corridor, eta)
        if search is not None:
            yield Passed((f"{hit.along_km:012.4f}", entry.published.location.id), entry, search, hit, eta)


def _search(call: Call, corridor: Corridor, eta: datetime | None) -> Search | None:
    """Return when to look at a Location that is reached at `eta`, or None if that is outside the window."""
    if eta is None:
        return Search(corridor.window, call.now) if corridor.window else None
    earliest, latest = eta - corridor.tolerance, eta + corridor.tolerance
    window = corridor.window or Interval(earliest, latest + LOOK_AHEAD)
    if latest < window.start or earliest >= window.end:
        return None
    return Search(Interval(max(earliest, window.start), window.end), call.now, latest, eta)


def _travel(corridor: Corridor) -> Travel | None:
    """Return when the vehicle gets where, or None if nothing was said; raise BadInput."""
    if not timedelta(0) <= corridor.tolerance <= MOST_TOLERANCE:
        raise BadInput(f"`toleranceMinutes` is between 0 and {MOST_TOLERANCE // timedelta(minutes=1)}.")
    if corridor.timing is None:
        if corridor.window is None:
            raise BadInput("Say when: give `window`, or `travel` with a departure or ETAs.")
        return None
    try:
        if isinstance(corridor.timing, Departure):
            return departing(corridor.timing.at, corridor.timing.speed_kmh)
        return timetabled(_at_km(corridor.route, corridor.timing))
    except ValueError as error:
        raise BadInput(f"`travel`: {error}") from None


def _at_km(route: Sequence[Point], etas: Sequence[Eta]) -> list[tuple[float, datetime]]:
    for one in etas:
        if not 0 <= one.point < len(route):
            raise BadInput(f"`travel.etas` names point {one.point}; the route has points 0 to {len(route) - 1}.")
    along = along_of_points(route)
    # Two points at one place are one; a vehicle that rests there goes on at the later time.
    return list({along[one.point]: one.at for one in etas}.items())


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
