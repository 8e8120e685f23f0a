"""A route as clients write it: an encoded polyline, or coordinates."""

import polyline
import strawberry

from models.catalogue import Point
from models.errors import BadInput


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
        try:
            return polyline.decode(route.polyline, 5)
        except (IndexError, ValueError, OverflowError, UnicodeError):
            raise BadInput("`route.polyline` is no encoded polyline of precision 5; it breaks off.") from None
    raise BadInput("A route has at least two points.")
