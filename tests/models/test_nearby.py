"""What lies near a place, or in a box, against looking at each point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import Nearby, Point
from models.catalogue.spatial import SpatialIndex
from tests.models.globe import apart, moved
from tests.models.routes import SHARE_OF_ERROR, bearings, beginnings


@given(
    beginnings, st.floats(0.1, 150), st.lists(st.tuples(st.floats(0, 2), bearings), max_size=8), st.lists(beginnings)
)
def test_what_is_near_a_place_is_what_is_within_the_radius_nearest_first(
    place: Point, radius_km: float, around: list[tuple[float, float]], anywhere: list[Point]
) -> None:
    points = [*(moved(place, radius_km * share, bearing) for share, bearing in around), *anywhere]
    found = SpatialIndex(points).near(place, radius_km)

    assert found == sorted(found, key=lambda one: (one.distance_km, one.number))
    distance = {one.number: one.distance_km for one in found}
    assert len(distance) == len(found)
    for number, point in enumerate(points):
        km = apart(place, point)
        if number in distance:
            assert distance[number] == pytest.approx(km, rel=2 * SHARE_OF_ERROR, abs=0.001)
            assert distance[number] <= radius_km
        else:
            assert km > radius_km * (1 - 2 * SHARE_OF_ERROR) - 0.001


def test_what_is_near_a_place_on_the_antimeridian_lies_on_both_sides_of_it() -> None:
    index = SpatialIndex([(-17.0, -179.9), (-17.0, 179.95), (-17.0, 180.0), (-17.0, -180.0), (-17.0, 0.0)])

    assert [one.number for one in index.near((-17.0, 180.0), 20.0)] == [2, 3, 1, 0]
    assert index.near((-17.0, 180.0), 1.0) == [Nearby(2, 0.0), Nearby(3, 0.0)]
    assert [one.number for one in index.near((-17.0, -179.99), 8.0)] == [2, 3, 1]


def test_near_and_within_find_nothing_where_nothing_is() -> None:
    empty = SpatialIndex([])

    assert empty.near((52.0, 5.0), 100.0) == []
    assert empty.within(-90.0, -180.0, 90.0, 180.0) == []
    assert SpatialIndex([(10.0, 10.0)]).near((52.0, 5.0), 100.0) == []


degrees_east = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.5, -179.5, 0.0]))
degrees_north = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 0.0]))


@given(
    st.tuples(degrees_north, degrees_north).map(sorted),
    degrees_east,
    degrees_east,
    st.lists(st.tuples(degrees_north, degrees_east), max_size=20),
)
def test_what_is_in_a_box_is_what_lies_between_its_edges_or_on_them(
    parallels: list[float], west: float, east: float, points: list[Point]
) -> None:
    south, north = parallels
    corners = [(south, west), (north, east)]
    found = SpatialIndex([*corners, *points]).within(south, west, north, east)

    def between(longitude: float) -> bool:
        return west <= longitude <= east if west <= east else longitude >= west or longitude <= east

    assert found == [
        number
        for number, (latitude, longitude) in enumerate([*corners, *points])
        if south <= latitude <= north and (between(longitude) or (abs(longitude) == 180 and between(-longitude)))
    ]
