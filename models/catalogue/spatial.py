"""Which points lie along a route, and how far along: an index in degrees, distances in local metres."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Point = tuple[float, float]
"""Latitude and longitude in degrees."""

LONGEST_SEGMENT_DEGREES = 0.25
"""Longer hops are cut, so that a plane fits each piece: the error stays under 0.1 % of the distance."""

EQUATOR_KM = 6378.137
FLATTENING = 1 / 298.257223563
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
        """Return the points within `width_km` of `route`, each where it is nearest, in the order of travel."""
        start, end = _segments(route)
        length = _lengths(start, end)
        begins = np.concatenate(([0.0], np.cumsum(length)[:-1]))
        best: dict[int, Hit] = {}
        for shift in (-360.0, 0.0, 360.0):  # a route over the antimeridian goes past 180 degrees
            segment, number = self._near(start, end, width_km, shift)
            off, share = self._distances(start[segment], end[segment], number, shift)
            for one in np.flatnonzero(off <= width_km):
                along = float(begins[segment[one]] + share[one] * length[segment[one]])
                hit = Hit(int(number[one]), float(off[one]), along)
                known = best.get(hit.number)
                if known is None or (hit.off_route_km, hit.along_km) < (known.off_route_km, known.along_km):
                    best[hit.number] = hit
        return sorted(best.values(), key=lambda hit: (hit.along_km, hit.number))

    def _near(self, start: Floats, end: Floats, width_km: float, shift: float) -> npt.NDArray[np.int64]:
        """Return pairs of a segment and a point that may be within the width of each other."""
        low, high = np.minimum(start, end), np.maximum(start, end)
        cosine = np.maximum(np.cos(np.radians(np.maximum(np.abs(low[:, 0]), np.abs(high[:, 0])))), NEAR_POLE)
        north = width_km / 110.0
        east = north / cosine
        boxes = shapely.box(
            low[:, 1] - east + shift, low[:, 0] - north, high[:, 1] + east + shift, high[:, 0] + north
        )
        found: npt.NDArray[np.int64] = self._tree.query(boxes)
        return found

    def _distances(
        self, start: Floats, end: Floats, number: npt.NDArray[np.int64], shift: float
    ) -> tuple[Floats, Floats]:
        """Return, pair by pair, how many km the point lies off the segment, and at which share of it."""
        east, north = _km_per_degree((start[:, 0] + end[:, 0]) / 2)
        ahead_x, ahead_y = (end[:, 1] - start[:, 1]) * east, (end[:, 0] - start[:, 0]) * north
        to_x = (self._longitude[number] - shift - start[:, 1]) * east
        to_y = (self._latitude[number] - start[:, 0]) * north
        square = np.maximum(ahead_x**2 + ahead_y**2, 1e-18)
        share = np.clip((to_x * ahead_x + to_y * ahead_y) / square, 0.0, 1.0)
        return np.hypot(to_x - share * ahead_x, to_y - share * ahead_y), share


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


def _lengths(start: Floats, end: Floats) -> Floats:
    east, north = _km_per_degree((start[:, 0] + end[:, 0]) / 2)
    return np.hypot((end[:, 1] - start[:, 1]) * east, (end[:, 0] - start[:, 0]) * north)


def _km_per_degree(latitude: Floats) -> tuple[Floats, Floats]:
    """Return the km of one degree to the east and to the north at `latitude`, on the WGS 84 ellipsoid."""
    squared = FLATTENING * (2 - FLATTENING)
    sine = np.sin(np.radians(latitude))
    flat = 1 - squared * sine**2
    to_east = np.radians(1.0) * EQUATOR_KM * np.cos(np.radians(latitude)) / np.sqrt(flat)
    to_north = np.radians(1.0) * EQUATOR_KM * (1 - squared) / flat**1.5
    return to_east, to_north
