"""How often a route passes a point, against a reference that looks at every 50 m of it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings

from models.catalogue import Point, along_of_points
from tests.models.globe import Floats, moved, sampled, wrapped
from tests.models.routes import SHARE_OF_ERROR, WIDEST_KM, Case, along, cases, tolerance


def test_where_a_pass_is_equally_near_more_than_once_the_first_time_counts() -> None:
    there, back = (52.0, 5.0), (52.3, 5.7)
    points = (moved(there, 4.0, 300), (52.15, 5.4), moved(back, 3.0, 20))

    once = along((there, back), WIDEST_KM, *points)
    again = along((there, back, there, back, there), WIDEST_KM, *points)

    assert len(once) == 3
    assert [hit.number for hit in again] == [hit.number for hit in once]
    assert [hit.along_km for hit in again] == pytest.approx([hit.along_km for hit in once])


def test_a_route_out_and_back_passes_a_point_twice_and_its_far_end_once() -> None:
    home, half, far = (52.0, 5.0), (52.15, 5.35), (52.3, 5.7)
    end_km = along_of_points((home, far))[-1]
    half_km = along_of_points((home, half))[-1]

    hits = along((home, far, home), 10.0, home, half, moved(far, 3.0, 20))

    assert [hit.number for hit in hits] == [0, 1, 2, 1, 0]
    expected = [0.0, half_km, end_km, 2 * end_km - half_km, 2 * end_km]
    assert [hit.along_km for hit in hits] == pytest.approx(expected, abs=0.01)
    assert [hit.off_route_km for hit in hits] == pytest.approx([0.0, 0.0, 3.0, 0.0, 0.0], abs=0.01)


def test_a_loop_passes_its_start_when_it_leaves_and_when_it_comes_back_wherever_it_lies() -> None:
    for west in (5.0, 179.8):
        corners = ((52.0, west), (52.0, wrapped(west + 0.4)), (52.2, wrapped(west + 0.4)), (52.2, west))
        loop = (*corners, corners[0])
        along_km = along_of_points(loop)

        hits = along(loop, 5.0, *corners)

        assert [hit.number for hit in hits] == [0, 1, 2, 3, 0]
        assert [hit.along_km for hit in hits] == pytest.approx(along_km, abs=0.001)


def test_a_pass_ends_where_the_route_leaves_the_width_even_within_two_hops() -> None:
    point, tip = (52.0, 5.0), (52.5, 5.0)

    near_tip = along(((52.0, 4.99), tip, (52.0, 5.01)), 56.0, point)
    beyond = along(((52.0, 4.99), tip, (52.0, 5.01)), 55.0, point)

    assert [hit.number for hit in near_tip] == [0]
    assert [hit.number for hit in beyond] == [0, 0]


@given(cases())
def test_each_stretch_that_stays_within_the_width_is_one_hit(case: Case) -> None:
    reference = sampled(case.route)
    hits = along(case.route, case.width_km, *case.points)
    slack = 2 * tolerance(case.width_km)

    for number, point in enumerate(case.points):
        distances = reference.distances(point)
        mine = [hit for hit in hits if hit.number == number]
        surely = stretches(distances <= case.width_km - slack)
        maybe = stretches(distances <= case.width_km + slack)
        clear = True
        for first, last in maybe:
            inside = [one for one in surely if first <= one[0] and one[1] <= last]
            clear = clear and len(inside) == 1 and comes_and_goes(distances[first : last + 1])
            begin, end = reference.along[first], reference.along[last]
            there = [hit for hit in mine if begin - tolerance(begin) <= hit.along_km <= end + tolerance(end)]
            nearest = float(distances[first : last + 1].min())
            if inside:
                assert pytest.approx(nearest, abs=tolerance(nearest)) in [hit.off_route_km for hit in there]
        if clear:
            assert len(mine) == len(maybe)


def comes_and_goes(distances: Floats) -> bool:
    """Whether a route only comes nearer and then only goes farther, so that it can leave no width in between."""
    nearest = int(distances.argmin())
    nearer, farther = np.diff(distances[: nearest + 1]), np.diff(distances[nearest:])
    return bool((nearer <= 0).all() and (farther >= 0).all())


def stretches(within: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return the first and last sample of each row of samples that are within."""
    found: list[tuple[int, int]] = []
    for number in np.flatnonzero(within).tolist():
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


@settings(max_examples=40)
@given(cases())
def test_a_route_in_thousands_of_hops_is_passed_as_one_in_few(case: Case) -> None:
    dense: list[Point] = [case.route[0]]
    for (south, west), (north, east) in pairwise(case.route):
        shares = [number / 700 for number in range(1, 700)]
        dense += [(south + one * (north - south), wrapped(west + one * wrapped(east - west))) for one in shares]
        dense.append((north, east))
    few = along(case.route, case.width_km, *case.points)
    many = along(tuple(dense), case.width_km, *case.points)
    assume(all(hit.off_route_km < case.width_km * 0.998 for hit in (*few, *many)))

    assert sorted(hit.number for hit in many) == sorted(hit.number for hit in few)
    for number in range(len(case.points)):
        mine, other = ([hit for hit in hits if hit.number == number] for hits in (few, many))
        assert [hit.off_route_km for hit in other] == [
            pytest.approx(hit.off_route_km, rel=SHARE_OF_ERROR, abs=0.001) for hit in mine
        ]


def test_a_long_way_out_and_back_passes_everything_twice_but_its_far_end() -> None:
    out = [(47.0 + number / 4000, 6.0 + number / 3000) for number in range(10_000)]
    numbers = (0, 998, 999, 1000, 1001, 7777, 9_999)
    points = [moved(out[number], 3.0, 315) for number in numbers]

    hits = along((*out, *reversed(out)), 5.0, *points)

    assert [hit.number for hit in hits] == [0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0]
    turn = along_of_points(out)[-1]
    assert [hit.along_km for hit in hits[7:]] == pytest.approx(
        [2 * turn - hit.along_km for hit in reversed(hits[:6])], abs=0.1
    )
