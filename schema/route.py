"""A route as clients write it: an encoded polyline, or coordinates."""

import re

import polyline
import strawberry

from models.catalogue import Point
from models.errors import BadInput
from resolvers.corridor import MOST_POINTS

NUMBER = r"[_-~]{0,6}[?-^]"
"""One number of a polyline in pieces of five bits, all but the last marked; more than seven leave the globe."""

POLYLINE = re.compile(rf"(?:{NUMBER}{NUMBER})+")
LONGEST_POLYLINE = MOST_POINTS * 14


@strawberry.input(description="A place on the globe, in degrees WGS 84.")
class GeoLocationInput:
    """A place on the globe."""

    latitude: float
    longitude: float


@strawberry.input(one_of=True, description="A route, in one of the ways that navigation systems write it.")
class RouteInput:
    """A route."""

    polyline: str | None = strawberry.field(
        default=strawberry.UNSET, description="An encoded polyline (Google's), with a precision of 5 digits."
    )
    coordinates: list[GeoLocationInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The points of the route in order, at most 20,000."
    )


def points(route: RouteInput) -> list[Point]:
    """Return the points of a route as latitude and longitude, or raise BadInput."""
    if route.coordinates:
        return [(one.latitude, one.longitude) for one in route.coordinates]
    if route.polyline:
        if len(route.polyline) > LONGEST_POLYLINE:
            raise BadInput(f"`route.polyline` is too long: a route has at most {MOST_POINTS} points.")
        if not POLYLINE.fullmatch(route.polyline):
            raise BadInput(
                "`route.polyline` is no encoded polyline of precision 5; it holds other characters, or breaks off."
            )
        return polyline.decode(route.polyline, 5)
    raise BadInput("A route has at least two points.")
