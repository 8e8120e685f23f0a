"""When a vehicle gets where: by its speed, or between moments that are known."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.travel import (
    DEFAULT_SPEED_KMH,
    FASTEST_KMH,
    SLOWEST_KMH,
    Eta,
    departing,
    detour_km,
    timetabled,
)
from tests.factories.catalogue import at

NOON = at(12)
minutes = st.integers(0, 600).map(lambda number: timedelta(minutes=number))
ways = st.lists(st.tuples(st.floats(0.5, 500), minutes), max_size=6)


def timetable(first_km: float, legs: list[tuple[float, timedelta]]) -> list[Eta]:
    """Return ETAs from noon on, leg by leg."""
    etas = [(first_km, NOON)]
    for km, time in legs:
        etas.append((etas[-1][0] + km, etas[-1][1] + time))
    return etas


def test_by_its_departure_a_vehicle_drives_at_one_speed_along_the_route_and_off_it() -> None:
    travel = departing(NOON, 60.0)

    assert travel.eta(0.0) == NOON
    assert travel.eta(90.0) == at(13.5)
    assert travel.eta(90.0, off_km=5.0) == at(13.5) + timedelta(minutes=5)


def test_without_a_speed_it_drives_at_80_km_an_hour() -> None:
    assert DEFAULT_SPEED_KMH == 80.0
    assert departing(NOON).eta(80.0) == at(13)
    assert timetabled([(40.0, NOON)]).eta(0.0) == at(11.5)
    assert timetabled([(40.0, NOON)]).eta(60.0, off_km=20.0) == at(12.5)
    assert timetabled([(40.0, NOON)], 40.0).eta(60.0) == at(12.5)


def test_between_two_etas_time_is_in_proportion_to_the_way() -> None:
    travel = timetabled([(10.0, at(8)), (70.0, at(9)), (170.0, at(11))])

    assert [travel.eta(km) for km in (10.0, 40.0, 70.0, 95.0, 170.0)] == [at(8), at(8.5), at(9), at(9.5), at(11)]


def test_before_the_first_eta_behind_the_last_and_off_the_route_it_is_as_fast_as_on_the_leg_next_to_it() -> None:
    travel = timetabled([(60.0, at(8)), (120.0, at(9)), (220.0, at(11))])

    assert travel.eta(0.0) == at(7)
    assert travel.eta(0.0, off_km=30.0) == at(7.5)
    assert travel.eta(90.0, off_km=30.0) == at(9)
    assert travel.eta(120.0, off_km=25.0) == at(9.5)
    assert travel.eta(270.0) == at(12)
    assert travel.eta(270.0, off_km=25.0) == at(12.5)


def test_a_leg_on_which_it_rested_or_that_took_no_time_says_nothing_about_its_speed() -> None:
    rested = timetabled([(0.0, at(6)), (40.0, at(16))])
    at_once = timetabled([(0.0, at(6)), (40.0, at(6))], 40.0)

    assert rested.eta(20.0) == at(11)
    assert rested.eta(20.0, off_km=20.0) == at(11.25)
    assert rested.eta(120.0) == at(17)
    assert at_once.eta(20.0) == at(6)
    assert at_once.eta(20.0, off_km=20.0) == at(6.5)
    assert at_once.eta(60.0) == at(6.5)


def test_etas_are_whole_seconds_in_utc() -> None:
    amsterdam = timezone(timedelta(hours=1))
    travel = departing(datetime(2026, 12, 1, 13, tzinfo=amsterdam), 90.0)

    assert travel.eta(0.0) == NOON
    assert travel.eta(0.0).tzinfo is UTC
    assert travel.eta(0.0137) == NOON + timedelta(seconds=1)
    assert travel.eta(0.0112) == NOON


@given(st.floats(0, 100), ways, st.floats(SLOWEST_KMH, FASTEST_KMH), st.floats(0, 4000), st.floats(0, 100))
def test_who_drives_farther_is_there_no_earlier_and_the_known_moments_hold(
    first_km: float, legs: list[tuple[float, timedelta]], speed: float, farther: float, off_km: float
) -> None:
    etas = timetable(first_km, legs)
    travel = timetabled(etas, speed)

    assert [travel.eta(km) for km, _ in etas] == [moment for _, moment in etas]
    places = sorted([0.0, *(km for km, _ in etas), farther / 2, farther])
    moments = [travel.eta(km) for km in places]
    assert all(here <= there for here, there in pairwise(moments))
    for km, moment in zip(places, moments, strict=True):
        assert moment <= travel.eta(km, off_km) <= moment + timedelta(hours=off_km / SLOWEST_KMH, seconds=1)


@pytest.mark.parametrize(
    ("etas", "message"),
    [
        ([], "At least one ETA is needed."),
        ([(-0.1, NOON)], "ETA 0 is not for a place on the route."),
        ([(float("nan"), NOON)], "ETA 0 is not for a place on the route."),
        ([(0.0, NOON), (float("inf"), NOON)], "ETA 1 is not for a place on the route."),
        ([(0.0, NOON.replace(tzinfo=None))], "ETA 0 has no offset from UTC."),
        ([(5.0, NOON), (5.0, at(13))], "ETA 1 lies no farther along the route than ETA 0."),
        ([(5.0, NOON), (6.0, at(13)), (4.0, at(14))], "ETA 2 lies no farther along the route than ETA 1."),
        ([(5.0, NOON), (6.0, at(11))], "ETA 1 is earlier than ETA 0, which lies before it on the route."),
    ],
)
def test_etas_that_no_vehicle_keeps_are_refused_with_the_number_of_the_wrong_one(
    etas: list[Eta], message: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        timetabled(etas)

    assert str(refused.value) == message


@pytest.mark.parametrize("speed", [0.0, 4.9, 151.0, -80.0, float("nan"), float("inf")])
def test_a_speed_that_no_lorry_drives_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match=r"^The speed is between 5 and 150 km/h\.$"):
        departing(NOON, speed)


def test_a_detour_is_the_way_there_and_back() -> None:
    assert detour_km(3.5) == 7.0
