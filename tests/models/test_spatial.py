"""What lies along a route, against a reference that looks at every 50 m of it."""

from itertools import pairwise

import pytest
from hypothesis import example, given

from models.catalogue import Hit, Point, along_of_points
from tests.models.globe import STEP_KM, apart, moved, sampled, wrapped
from tests.models.routes import LONGEST_HOP_KM, SHARE_OF_ERROR, WIDEST_KM, Case, along, cases, routes, tolerance


def nearest_of(hits: list[Hit]) -> dict[int, float]:
    """Return how far off each point lies where the route comes nearest."""
    return {hit.number: hit.off_route_km for hit in sorted(hits, key=lambda hit: -hit.off_route_km)}


def surely_of(hits: list[Hit]) -> dict[int, float]:
    """Return how far off each point lies, but those so far off that rounding decides whether they are found."""
    return {number: km for number, km in nearest_of(hits).items() if km < 1.9 * WIDEST_KM}


@given(cases())
@example(Case(((52.0, 5.0), (52.0, 5.0)), 10.0, ((52.05, 5.05), (52.5, 5.0))))
@example(Case(((-17.0, 179.6), (-17.0, -179.6)), 20.0, ((-17.1, 180.0), (-17.1, -180.0), (-16.9, -179.9))))
@example(Case(((80.0, 20.0), (80.0, 25.0)), 100.0, ((80.85, 22.5), (79.15, 22.5), (80.0, 30.1), (80.0, 14.8))))
@example(Case(((51.5, 4.0), (52.0, 5.0)), 100.0, ((52.6, 6.0), (52.5, 5.9), (51.0, 3.1))))
@example(Case(((79.6, 20.0), (80.0, 22.0)), 100.0, ((80.5, 25.2), (80.6, 24.0), (79.2, 17.0))))
@example(Case(((-33.9, 18.4), (-33.4, 19.3), (-33.9, 18.4)), 50.0, ((-33.6, 18.8), (-34.2, 18.4))))
def test_what_is_found_and_how_far_off_agrees_with_looking_everywhere(case: Case) -> None:
    reference = sampled(case.route)
    hits = along(case.route, case.width_km, *case.points)
    off = nearest_of(hits)

    for number, point in enumerate(case.points):
        nearest = float(reference.distances(point).min())
        if number in off:
            assert nearest <= case.width_km + tolerance(nearest)
            assert off[number] == pytest.approx(nearest, abs=tolerance(nearest))
        else:
            assert nearest > case.width_km - tolerance(nearest)


@given(cases())
def test_hits_come_in_the_order_of_travel_each_where_the_route_is_as_near_as_is_said(case: Case) -> None:
    reference = sampled(case.route)
    hits = along(case.route, case.width_km, *case.points)

    assert [hit.along_km for hit in hits] == sorted(hit.along_km for hit in hits)
    for hit in hits:
        assert 0 <= hit.along_km <= reference.length_km + tolerance(reference.length_km)
        assert 0 <= hit.off_route_km <= case.width_km
        there = apart(reference.at(hit.along_km), case.points[hit.number])
        assert there == pytest.approx(hit.off_route_km, abs=tolerance(hit.off_route_km) + tolerance(hit.along_km))


@given(cases())
def test_it_does_not_matter_which_way_round_the_globe_or_how_finely_a_route_is_drawn(case: Case) -> None:
    turned = tuple((latitude, wrapped(longitude + 173.0)) for latitude, longitude in case.route)
    turned_points = tuple((latitude, wrapped(longitude + 173.0)) for latitude, longitude in case.points)
    halved: list[Point] = [case.route[0]]
    for (south, west), (north, east) in pairwise(case.route):
        halved += [((south + north) / 2, wrapped(west + wrapped(east - west) / 2)), (north, east)]

    plain = surely_of(along(case.route, 2 * WIDEST_KM, *case.points))
    for other in (
        surely_of(along(turned, 2 * WIDEST_KM, *turned_points)),
        surely_of(along(tuple(halved), 2 * WIDEST_KM, *case.points)),
    ):
        assert other == {number: pytest.approx(km, rel=SHARE_OF_ERROR, abs=0.001) for number, km in plain.items()}


def test_one_degree_is_as_long_as_on_the_ellipsoid() -> None:
    (north,) = along(((0.0, 0.0), (1.0, 0.0)), 1.0, (1.0, 0.0))
    (east,) = along(((0.0, 0.0), (0.0, 1.0)), 1.0, (0.0, 1.0))
    (at_60,) = along(((60.0, 0.0), (60.0, 1.0)), 1.0, (60.0, 1.0))

    assert north.along_km == pytest.approx(110.574, abs=0.001)
    assert east.along_km == pytest.approx(111.319, abs=0.001)
    assert at_60.along_km == pytest.approx(55.800, abs=0.001)


@pytest.mark.parametrize("bearing", [0, 37, 90, 180, 233])
@pytest.mark.parametrize("beginning", [(51.9, 4.5), (-33.9, 179.7), (79.0, 20.0)], ids=str)
def test_places_on_a_single_hop_of_98_km_lie_as_far_along_as_they_are(beginning: Point, bearing: int) -> None:
    end = moved(beginning, LONGEST_HOP_KM, bearing)
    reference = sampled((beginning, end))
    wanted = [0.0, 0.5, 20.0, 49.0, 77.7, reference.length_km]

    hits = along((beginning, end), 0.1, *(reference.at(km) for km in wanted))

    assert [hit.number for hit in hits] == [0, 1, 2, 3, 4, 5]
    assert [hit.along_km for hit in hits] == pytest.approx(wanted, abs=STEP_KM)


def test_a_point_is_found_up_to_the_width_and_not_beyond() -> None:
    route = ((51.9, 4.0), (52.3, 5.5), (52.1, 6.4))
    reference = sampled(route)
    for point in (moved(reference.at(60.0), 9.0, 5), moved(route[-1], 80.0, 120), moved(route[0], 30.0, 250)):
        km = float(reference.distances(point).min())

        assert along(route, km + tolerance(km), point) != []
        assert along(route, km - tolerance(km), point) == []
        (hit,) = along(route, WIDEST_KM, point)
        assert len(along(route, hit.off_route_km, point)) == 1


def test_a_route_that_stands_still_finds_what_is_around_it() -> None:
    here = (47.5, 7.6)
    points = (here, moved(here, 4.9, 45), moved(here, 5.1, 45))

    hits = along((here, here, here), 5.0, *points)

    assert [hit.number for hit in hits] == [0, 1]
    assert [hit.along_km for hit in hits] == [0.0, 0.0]
    assert [hit.off_route_km for hit in hits] == pytest.approx([0.0, 4.9], rel=0.01)


def test_points_given_twice_within_a_route_change_nothing() -> None:
    route: list[Point] = [(50.0, 8.0), (50.2, 8.3), (50.1, 8.9)]
    points = (moved(route[1], 2.0, 350), moved(route[2], 1.0, 100))

    plain = along(tuple(route), 5.0, *points)
    doubled = along(tuple(point for point in route for _ in range(3)), 5.0, *points)

    assert len(plain) == 2
    assert doubled == plain


def test_a_route_far_from_everything_finds_nothing() -> None:
    assert along(((10.0, 10.0), (11.0, 11.0)), WIDEST_KM, (40.0, 10.0), (10.0, -170.0)) == []


def test_a_long_route_is_searched_in_parts_that_fit_together() -> None:
    route = tuple((47.0 + number / 4000, 6.0 + number / 3000) for number in range(20_000))
    corners = (route[0], route[-1])
    places = [route[number] for number in (0, 999, 1000, 7777, 19_999)]
    points = [moved(place, 3.0, 315) for place in places]

    plain, finely = along(corners, 5.0, *points), along(route, 5.0, *points)

    assert [hit.number for hit in finely] == [0, 1, 2, 3, 4]
    assert [hit.along_km for hit in finely] == pytest.approx([hit.along_km for hit in plain], abs=0.01)
    assert [hit.off_route_km for hit in finely] == pytest.approx([hit.off_route_km for hit in plain], abs=0.001)


@given(routes())
def test_a_point_of_a_route_lies_as_far_along_as_a_hit_there(route: tuple[Point, ...]) -> None:
    along_km = along_of_points(route)

    assert len(along_km) == len(route)
    assert along_km == sorted(along_km)
    for number, point in enumerate(route):
        assert along_km[number] == pytest.approx(sampled(route[: number + 1]).length_km, rel=SHARE_OF_ERROR, abs=0.01)
        first = next(other for other, one in enumerate(route) if one == point)
        hits = along(route, 0.01, point)
        assert any(hit.along_km == pytest.approx(along_km[first], abs=0.02) for hit in hits)
