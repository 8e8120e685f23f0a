"""A line in GeoJSON (RFC 7946), as clients write it."""

import json

from models.catalogue import Point
from models.errors import BadInput
from resolvers.corridor import MOST_POINTS

LARGEST = 1e9
"""No place on the globe has a larger number, its altitude in metres included."""


def line_string(given: object) -> list[Point]:
    """Return the points of a LineString, or of a Feature of one, as an object or its text; or raise BadInput.

    Altitudes are left out.
    """
    shape = _read(given) if isinstance(given, str) else given
    if isinstance(shape, dict) and shape.get("type") == "Feature":
        shape = shape.get("geometry")
    if not isinstance(shape, dict) or shape.get("type") != "LineString":
        raise BadInput("`route.geojson` is a LineString of GeoJSON, or a Feature whose geometry is one.")
    coordinates = shape.get("coordinates")
    if not isinstance(coordinates, list):
        raise BadInput(
            "The `coordinates` of `route.geojson` are a list of positions, such as [[4.4, 51.9], [4.5, 52]]."
        )
    if len(coordinates) > MOST_POINTS:
        raise BadInput(f"A route has at most {MOST_POINTS} points; this one has {len(coordinates)}.")
    return [_point(number, position) for number, position in enumerate(coordinates)]


def _read(text: str) -> object:
    try:
        return json.loads(text, parse_int=float)
    except ValueError as error:
        raise BadInput(f"`route.geojson` is no JSON: {error}.") from None
    except RecursionError:
        raise BadInput("`route.geojson` is no line: it is nested too deeply.") from None


def _point(number: int, position: object) -> Point:
    if not isinstance(position, list) or not 2 <= len(position) <= 3:
        raise BadInput(
            f"Point {number} of the route is no position: [longitude, latitude] or with altitude as third."
        )
    longitude, latitude, *_ = [_number(number, one) for one in position]
    return latitude, longitude


def _number(number: int, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise BadInput(f"Point {number} of the route holds something that is not a number.")
    if abs(value) > LARGEST:
        raise BadInput(f"Point {number} of the route is not on the globe: no place has so large a number.")
    return float(value)
