"""Which points lie along a route, and how far along: an index in degrees, distances in local metres."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Point = tuple[float, float]
"""Latitude and longitude in degrees."""

LONGEST_SEGMENT_DEGREES = 0.25
"""Longer hops are cut, so that a plane fits each piece: the error stays under 0.1 % of the distance."""

EQUATOR_KM = 6378.137
FLATTENING = 1 / 298.257223563
EQUALLY_NEAR_DIGITS = 6
"""Distances that differ by less than a millimetre are the same: arithmetic does not decide which way counts."""

AT_ONCE = 1000
"""How many pieces of a route are looked at together, which bounds the memory that a long one takes."""

NEAR_POLE = 0.01
"""The least cosine of latitude reckoned with, so that a box at the pole stays finite."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A point near a route: its number, how far it lies off, and after how many km of the route."""

    number: int
    off_route_km: float
    along_km: float


class SpatialIndex:
    """An index over points that never changes; make a new one when they do."""

    def __init__(self, points: Sequence[Point]) -> None:
        """Index `points`."""
        self._latitude = np.array([latitude for latitude, _ in points], dtype=np.float64)
        self._longitude = np.array([longitude for _, longitude in points], dtype=np.float64)
        self._tree = shapely.STRtree(shapely.points(self._longitude, self._latitude))

    def along(self, route: Sequence[Point], width_km: float) -> list[Hit]:
        """Return the points within `width_km` of `route`, each where it is nearest, in the order of travel.

        Where the route comes by equally near more than once, the first time counts.
        """
        start, end = _segments(route)
        length = np.hypot(*_km(start, end, (start + end) / 2).T)
        begins = np.cumsum(length) - length
        stretches = [slice(first, first + AT_ONCE) for first in range(0, len(start), AT_ONCE)]
        found = [
            self._hits(start[some], end[some], begins[some], length[some], width_km, shift)
            for some in stretches
            for shift in (-360.0, 0.0, 360.0)  # a route over the antimeridian goes past 180 degrees
        ]
        number, off, along = _nearest(*(np.concatenate(part) for part in zip(*found, strict=True)))
        order = np.lexsort((number, along))
        return [Hit(int(number[one]), float(off[one]), float(along[one])) for one in order]

    def _hits(
        self, start: Floats, end: Floats, begins: Floats, length: Floats, width_km: float, shift: float
    ) -> tuple[Integers, Floats, Floats]:
        """Return the points within the width of those segments: number, km off the route and km along it."""
        segment, number = self._near(start, end, width_km, shift)
        off, share = self._distances(start[segment], end[segment], number, shift)
        near = off <= width_km
        along = begins[segment] + share * length[segment]
        return _nearest(number[near], off[near], along[near])

    def _near(self, start: Floats, end: Floats, width_km: float, shift: float) -> Integers:
        """Return pairs of a segment and a point that may be within the width of each other."""
        low, high = np.minimum(start, end), np.maximum(start, end)
        cosine = np.maximum(np.cos(np.radians(np.maximum(np.abs(low[:, 0]), np.abs(high[:, 0])))), NEAR_POLE)
        north = width_km / 110.0
        east = north / cosine
        boxes = shapely.box(
            low[:, 1] - east + shift, low[:, 0] - north, high[:, 1] + east + shift, high[:, 0] + north
        )
        found: Integers = self._tree.query(boxes)
        return found

    def _distances(self, start: Floats, end: Floats, number: Integers, shift: float) -> tuple[Floats, Floats]:
        """Return, pair by pair, how many km the point lies off the segment, and at which share of it."""
        point = np.stack((self._latitude[number], self._longitude[number] - shift), axis=1)
        ahead, to = _km(start, end, (start + end + 2 * point) / 4), _km(start, point, (start + end + 2 * point) / 4)
        square = np.maximum((ahead**2).sum(axis=1), 1e-18)
        share = np.clip((to * ahead).sum(axis=1) / square, 0.0, 1.0)
        foot = start + share[:, None] * (end - start)
        return np.hypot(*_km(foot, point, (foot + point) / 2).T), share


def _nearest(number: Integers, off: Floats, along: Floats) -> tuple[Integers, Floats, Floats]:
    """Return of every point the place where it is nearest to the route, the first of those that are equally near."""
    order = np.lexsort((along, off.round(EQUALLY_NEAR_DIGITS), number))
    chosen = order[np.unique(number[order], return_index=True)[1]]
    return number[chosen], off[chosen], along[chosen]


def _segments(route: Sequence[Point]) -> tuple[Floats, Floats]:
    """Return starts and ends of the route's pieces, as latitude and unwrapped longitude."""
    points = np.array(route, dtype=np.float64)
    points[:, 1] = np.unwrap(points[:, 1], period=360.0)
    start, end = points[:-1], points[1:]
    pieces = np.maximum(np.ceil(np.abs(end - start).max(axis=1) / LONGEST_SEGMENT_DEGREES).astype(np.int64), 1)
    whole = np.repeat(np.arange(len(start)), pieces)
    piece = np.arange(len(whole)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = (end - start)[whole] / pieces[whole, None]
    return start[whole] + step * piece[:, None], start[whole] + step * (piece + 1)[:, None]


def _km(start: Floats, end: Floats, touching: Floats) -> Floats:
    """Return the way from `start` to `end`, in km to the north and east, in the plane that touches at a place."""
    return (end - start) * np.stack(_km_per_degree(touching[:, 0]), axis=1)


def _km_per_degree(latitude: Floats) -> tuple[Floats, Floats]:
    """Return the km of one degree to the north and to the east at `latitude`, on the WGS 84 ellipsoid."""
    squared = FLATTENING * (2 - FLATTENING)
    sine = np.sin(np.radians(latitude))
    flat = 1 - squared * sine**2
    to_east = np.radians(1.0) * EQUATOR_KM * np.cos(np.radians(latitude)) / np.sqrt(flat)
    to_north = np.radians(1.0) * EQUATOR_KM * (1 - squared) / flat**1.5
    return to_north, to_east
