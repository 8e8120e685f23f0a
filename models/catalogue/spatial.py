"""Which points lie along a route, near a place or in a box: an index in degrees, distances in local km."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from models.catalogue.line import Line, line
from models.catalogue.passes import Passes, joined
from models.catalogue.plane import Booleans, Floats, Integers, Point, apart, km

AT_ONCE = 1000
"""How many pieces of a route are looked at together, which bounds the memory that a long one takes."""

KM_PER_DEGREE = 110.0
"""Somewhat less than a degree of latitude has anywhere, so that a box in degrees is never too small."""

NEAR_POLE = 0.01
"""The least cosine of latitude reckoned with, so that a box at the pole stays finite."""


MOST_PASSES = 5_000
"""More than a road past every site of a large network has; each takes about a millisecond to look at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A pass of the route by a point: its number, and where it is nearest, how many km off and along the route."""

    number: int
    off_route_km: float
    along_km: float


@dataclass(frozen=True, slots=True)
class Nearby:
    """A point near a place: its number, and how many km away it is as the crow flies."""

    number: int
    distance_km: float


class TooManyPasses(ValueError):
    """A route goes to and fro so often that to look at all its passes would keep others waiting."""


class SpatialIndex:
    """An index over points that never changes; make a new one when they do."""

    def __init__(self, points: Sequence[Point]) -> None:
        """Index `points`."""
        self._points = np.array(points, dtype=np.float64).reshape(-1, 2)
        self._tree = shapely.STRtree(shapely.points(self._points[:, 1], self._points[:, 0]))

    def along(self, route: Sequence[Point], width_km: float) -> list[Hit]:
        """Return each pass of a route of two or more points by one within `width_km`, in the order of travel.

        A pass is a stretch of the route, as long as can be, that stays within the width of the point: a route out
        and back passes twice. Its hit is where it is nearest, the first time if it is equally near more than once.
        Raise TooManyPasses.
        """
        drawn = line(route)
        chunks = [slice(first, first + AT_ONCE) for first in range(0, len(drawn.places) - 1, AT_ONCE)]
        found: list[Passes] = []
        for chunk in chunks:
            found.append(self._passes(drawn, chunk, width_km))
            if sum(len(one.number) for one in found) > 2 * MOST_PASSES:  # those of two chunks may still be one
                raise TooManyPasses(f"The route passes Locations more than {MOST_PASSES} times.")
        passes = joined(found)
        if len(passes.number) > MOST_PASSES:
            raise TooManyPasses(f"The route passes Locations more than {MOST_PASSES} times.")
        order = np.lexsort((passes.number, passes.along))
        return [Hit(int(passes.number[one]), float(passes.off[one]), float(passes.along[one])) for one in order]

    def near(self, place: Point, radius_km: float) -> list[Nearby]:
        """Return the points within `radius_km` of a place, the nearest first.

        Up to 300 km, and 70 degrees of latitude, the distance errs by less than 0.1 %.
        """
        number = np.flatnonzero(np.abs(self._points[:, 0] - place[0]) <= radius_km / KM_PER_DEGREE)
        points = self._points[number]
        points[:, 1] -= 360.0 * np.round((points[:, 1] - place[1]) / 360.0)
        distance = apart(np.array(place), points)
        order = np.lexsort((number, distance))
        return [Nearby(int(number[one]), float(distance[one])) for one in order[distance[order] <= radius_km]]

    def within(self, south: float, west: float, north: float, east: float) -> list[int]:
        """Return the numbers of the points in a box and on its edges; it lies over 180 degrees if west > east."""
        latitude, longitude = self._points.T
        as_well = np.where(np.abs(longitude) == 180.0, -longitude, longitude)  # the antimeridian has two names
        inside = (south <= latitude) & (latitude <= north)
        inside &= _between(west, longitude, east) | _between(west, as_well, east)
        return [int(number) for number in np.flatnonzero(inside)]

    def _passes(self, drawn: Line, chunk: slice, width_km: float) -> Passes:
        """Return how those pieces of a route pass points within the width."""
        start, end = drawn.places[:-1][chunk], drawn.places[1:][chunk]
        along, length = drawn.along[:-1][chunk], np.diff(drawn.along)[chunk]
        piece, number, east = self._candidates(start, end, width_km)
        point = self._points[number]
        point[:, 1] += east
        share = _share(start[piece], end[piece], point)
        foot = start[piece] + share[:, None] * (end[piece] - start[piece])
        at_foot, at_end = apart(foot, point), apart(end[piece], point)
        # A foot found in one plane may lie a little farther than the end, reckoned in another.
        off, share = np.minimum(at_foot, at_end), np.where(at_foot <= at_end, share, 1.0)
        passes = Passes(
            number=number,
            first=chunk.start + piece,
            last=chunk.start + piece,
            stays=at_end <= width_km,
            off=off,
            along=along[piece] + share * length[piece],
        )
        near = off <= width_km
        return joined([Passes(*(column[near] for column in passes))])

    def _candidates(self, start: Floats, end: Floats, width_km: float) -> tuple[Integers, Integers, Floats]:
        """Return pairs of a piece and a point that may be within the width of each other.

        The third column is how many degrees to add to the point's longitude, for a route over the antimeridian.
        """
        low, high = np.minimum(start, end), np.maximum(start, end)
        cosine = np.maximum(np.cos(np.radians(np.maximum(np.abs(low[:, 0]), np.abs(high[:, 0])))), NEAR_POLE)
        north = width_km / KM_PER_DEGREE
        west, east = low[:, 1] - north / cosine, high[:, 1] + north / cosine
        rounds = range(round(float(west.min()) / 360.0), round(float(east.max()) / 360.0) + 1)
        found = [
            self._tree.query(shapely.box(west - shift, low[:, 0] - north, east - shift, high[:, 0] + north))
            for shift in (360.0 * one for one in rounds)
        ]
        pairs = np.concatenate(found, axis=1)
        shifts = np.repeat([360.0 * one for one in rounds], [pair.shape[1] for pair in found])
        return pairs[0], pairs[1], shifts


def _share(start: Floats, end: Floats, point: Floats) -> Floats:
    """Return at which share of a straight piece, from 0 to 1, it is nearest to a point."""
    middle = (start[:, 0] + end[:, 0] + 2 * point[:, 0]) / 4
    ahead, to = km(end - start, middle), km(point - start, middle)
    square = np.maximum((ahead**2).sum(axis=1), 1e-18)
    share: Floats = np.clip((to * ahead).sum(axis=1) / square, 0.0, 1.0)
    return share


def _between(low: float, values: Floats, high: float) -> Booleans:
    """Whether each longitude lies from `low` eastward to `high`."""
    if low <= high:
        return (low <= values) & (values <= high)
    return (low <= values) | (values <= high)
