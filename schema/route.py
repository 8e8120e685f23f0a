"""A route as clients write it: an encoded polyline, GeoJSON, or coordinates."""

import strawberry
from strawberry.scalars import JSON

from models.catalogue import Point
from models.errors import BadInput
from schema.geojson import line_string
from schema.polylines import flexible, google


@strawberry.input(description="A place on the globe, in degrees WGS 84.")
class GeoLocationInput:
    """A place on the globe."""

    latitude: float
    longitude: float


@strawberry.input(
    one_of=True,
    description="A route, in one of the ways that navigation systems write it; it has 2 to 20,000 points.",
)
class RouteInput:
    """A route.

    GeoJSON is a JSON scalar that takes its text as well, for code generators type a scalar they do not know either as
    anything or as a string.
    """

    polyline: str | None = strawberry.field(
        default=strawberry.UNSET, description="An encoded polyline (Google's), with a precision of 5 digits."
    )
    polyline6: str | None = strawberry.field(
        default=strawberry.UNSET, description="An encoded polyline (Google's way), with a precision of 6 digits."
    )
    flexible_polyline: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A flexible polyline (HERE's) of version 1; a third dimension is left out.",
    )
    geojson: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="A LineString of GeoJSON, or a Feature of one: the object, or its text; altitudes are left out.",
    )
    coordinates: list[GeoLocationInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The points of the route in order."
    )


def points(route: RouteInput) -> list[Point]:
    """Return the points of a route as latitude and longitude, or raise BadInput that names the one that is wrong.

    Whether they lie on the globe is for the search to check.
    """
    if route.coordinates:
        return [(one.latitude, one.longitude) for one in route.coordinates]
    if route.polyline:
        return google(route.polyline, 5)
    if route.polyline6:
        return google(route.polyline6, 6)
    if route.flexible_polyline:
        return flexible(route.flexible_polyline)
    if route.geojson:
        return line_string(route.geojson)
    raise BadInput("A route has at least two points.")
