"""Random routes with points near and far, for tests of what lies along them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from models.catalogue import Hit, Point
from models.catalogue.spatial import SpatialIndex
from tests.models.globe import STEP_KM, moved, wrapped

HIGHEST = 80.0
"""No road leads farther north."""

LONGEST_HOP_KM, WIDEST_KM = 98.0, 100.0
SHARE_OF_ERROR = 0.001
"""The error that is allowed, as a share of the distance; the reference itself is wrong by up to half a step."""


@dataclass(frozen=True)
class Case:
    """A route, a width, and points near and far."""

    route: tuple[Point, ...]
    width_km: float
    points: tuple[Point, ...]


def tolerance(km: float) -> float:
    return km * SHARE_OF_ERROR + STEP_KM / 2


def along(route: tuple[Point, ...], width_km: float, *points: Point) -> list[Hit]:
    return SpatialIndex(points).along(route, width_km)


bearings = st.floats(0, 360)
beginnings = st.one_of(
    st.tuples(st.floats(-HIGHEST, HIGHEST), st.floats(-180, 180)),
    st.tuples(st.floats(-HIGHEST, HIGHEST), st.sampled_from([179.9, -179.9, 180.0, -180.0, 0.0])),
    st.tuples(st.sampled_from([0.0, HIGHEST, -HIGHEST, 51.9]), st.floats(-180, 180)),
)


@st.composite
def routes(draw: st.DrawFn) -> tuple[Point, ...]:
    """Return a route of up to seven hops: short, long, back to a place where it was before, or nowhere."""
    route = [draw(beginnings)]
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 3)) == 0:
            route.append(draw(st.sampled_from(route)))
            continue
        km = draw(st.one_of(st.floats(0, 2), st.floats(0, LONGEST_HOP_KM), st.just(LONGEST_HOP_KM)))
        latitude, longitude = moved(route[-1], km, draw(bearings))
        route.append((max(-HIGHEST, min(HIGHEST, latitude)), longitude))
    return tuple(route)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a route with points around its places, about half of them within the width, and some anywhere."""
    route, width_km = draw(routes()), draw(st.one_of(st.floats(0.2, 5), st.floats(0.2, WIDEST_KM)))
    points: list[Point] = []
    for _ in range(draw(st.integers(1, 6))):
        number, share = draw(st.integers(0, len(route) - 2)), draw(st.floats(0, 1))
        (south, west), (north, east) = route[number], route[number + 1]
        place = south + share * (north - south), wrapped(west + share * wrapped(east - west))
        points.append(moved(place, width_km * draw(st.floats(0, 2)), draw(bearings)))
    points.extend(draw(st.lists(beginnings, max_size=2)))
    return Case(route, width_km, tuple(points))
