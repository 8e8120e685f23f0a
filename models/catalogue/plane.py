"""Distances between places near each other: km to the north and to the east, in a plane that touches the globe."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Point = tuple[float, float]
"""Latitude and longitude in degrees."""

EQUATOR_KM = 6378.137
FLATTENING = 1 / 298.257223563
SQUARED = FLATTENING * (2 - FLATTENING)


def km(degrees: Floats, touching: Floats) -> Floats:
    """Return ways given in degrees to the north and to the east in km, in the plane that touches at a latitude."""
    return degrees * np.stack(_km_per_degree(touching), axis=-1)


def apart(one: Floats, other: Floats) -> Floats:
    """Return the km between places; the plane touches half way."""
    north, east = km(other - one, (one[..., 0] + other[..., 0]) / 2).T
    distance: Floats = np.hypot(north, east)
    return distance


def _km_per_degree(latitude: Floats) -> tuple[Floats, Floats]:
    """Return the km of one degree to the north and to the east at `latitude`, on the WGS 84 ellipsoid."""
    angle = np.radians(latitude)
    flat = 1 - SQUARED * np.sin(angle) ** 2
    to_east = np.radians(EQUATOR_KM) / np.sqrt(flat)
    return to_east * (1 - SQUARED) / flat, to_east * np.cos(angle)
