"""A slow, plain reference for distances on the globe: points in space, and routes as rows of dense samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, degrees, radians, sin

import numpy as np
import numpy.typing as npt

from models.catalogue import Point

Floats = npt.NDArray[np.float64]
STEP_KM = 0.05
POLAR_KM, EQUATOR_KM, MEAN_KM = 6356.752314, 6378.137, 6371.0


def in_space(latitude: Floats, longitude: Floats) -> Floats:
    """Return where points on the WGS 84 ellipsoid lie in space, in km from the middle of the earth."""
    north, east = np.radians(latitude), np.radians(longitude)
    across = EQUATOR_KM**2 / np.hypot(EQUATOR_KM * np.cos(north), POLAR_KM * np.sin(north))
    up = across * (POLAR_KM / EQUATOR_KM) ** 2
    return np.stack(
        (across * np.cos(north) * np.cos(east), across * np.cos(north) * np.sin(east), up * np.sin(north)), axis=-1
    )


def apart(one: Point, other: Point) -> float:
    """Return the km between two points, straight through the earth: a metre less than over it, for 100 km."""
    places = in_space(np.array([one[0], other[0]]), np.array([one[1], other[1]]))
    return float(np.linalg.norm(places[1] - places[0]))


def moved(start: Point, km: float, bearing: float) -> Point:
    """Return the point about so many km from another, in a direction in degrees from north; on the globe again."""
    latitude = max(-89.0, min(89.0, start[0] + degrees(km / MEAN_KM) * cos(radians(bearing))))
    along_parallel = degrees(km / MEAN_KM) * sin(radians(bearing)) / cos(radians((start[0] + latitude) / 2))
    return latitude, wrapped(start[1] + along_parallel)


def wrapped(longitude: float) -> float:
    """Return a longitude between -180 and 180 degrees."""
    return (longitude + 180.0) % 360.0 - 180.0


@dataclass(frozen=True)
class Sampled:
    """A route as samples at most 50 m apart, each with its place in space and how many km of the route lie before."""

    latitude: Floats
    longitude: Floats
    places: Floats
    along: Floats

    @property
    def length_km(self) -> float:
        """How long the route is."""
        return float(self.along[-1])

    def distances(self, point: Point) -> Floats:
        """Return the km from every sample to a point."""
        return np.asarray(np.linalg.norm(self.places - in_space(np.array(point[0]), np.array(point[1])), axis=1))

    def at(self, km: float) -> Point:
        """Return the place after so many km."""
        number = int(np.searchsorted(self.along, km).clip(0, len(self.along) - 1))
        return float(self.latitude[number]), float(self.longitude[number])


def sampled(route: Sequence[Point]) -> Sampled:
    """Return a route as samples; a hop is a straight line in degrees, the short way round."""
    latitudes, longitudes = [route[0][0]], [route[0][1]]
    for (south, west), (north, east) in pairwise(route):
        steps = int(apart((south, west), (north, east)) / STEP_KM * 1.2) + 1
        shares = np.arange(1, steps + 1) / steps
        latitudes.extend(south + shares * (north - south))
        longitudes.extend(west + shares * wrapped(east - west))
    latitude, longitude = np.array(latitudes), np.array(longitudes)
    places = in_space(latitude, longitude)
    steps_km = np.linalg.norm(np.diff(places, axis=0), axis=1)
    return Sampled(latitude, longitude, places, np.concatenate(([0.0], np.cumsum(steps_km))))
