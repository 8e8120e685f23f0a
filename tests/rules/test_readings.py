"""What the readings of a meter come to, in whatever order and however often they come (BUC 3.8)."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.interval import Interval
from models.rules.readings import COUNTING, judged, merged, stretches
from models.rules.session import Reading, ReadingOutcome
from models.rules.usage import Stretch
from tests.factories.catalogue import at

START, NOW = at(10), at(11)


def read(hour: float, kwh: str) -> Reading:
    return Reading(at(hour), Decimal(kwh))


def outcomes(known: list[Reading], *new: Reading) -> list[ReadingOutcome]:
    return [outcome for _, outcome in judged(known, new, START, None, NOW)]


@pytest.mark.parametrize(
    ("new", "outcome"),
    [
        (read(10.6, "30"), ReadingOutcome.TAKEN),
        (read(10.3, "15"), ReadingOutcome.LATE),
        (read(10.5, "20"), ReadingOutcome.KNOWN),
        (read(10.5, "21"), ReadingOutcome.CONTRADICTS),
        (read(10.6, "19"), ReadingOutcome.BACKWARDS),
        (read(10.3, "21"), ReadingOutcome.BACKWARDS),
        (read(9.9, "0"), ReadingOutcome.OUTSIDE),
        (read(11.09, "30"), ReadingOutcome.OUTSIDE),
        (read(11.08, "30"), ReadingOutcome.TAKEN),
    ],
)
def test_a_reading_counts_where_it_belongs_in_time(new: Reading, outcome: ReadingOutcome) -> None:
    assert outcomes([read(10.5, "20")], new) == [outcome]


def test_one_without_its_energy_stands_in_the_way_of_none() -> None:
    alone = Reading(at(10.4), None, 90_000, 55)
    found = judged([read(10.2, "5"), read(10.6, "20")], [alone, read(10.3, "7"), read(10.5, "6")], START, None, NOW)
    assert [outcome.value for _, outcome in found] == ["LATE", "LATE", "BACKWARDS"]
    assert stretches(START, [alone]) == []


def test_a_meter_below_its_start_ran_backwards() -> None:
    assert outcomes([], read(10.5, "-1")) == [ReadingOutcome.BACKWARDS]


def test_after_the_end_nothing_counts() -> None:
    found = judged([], [read(10.5, "1"), read(10.6, "2")], START, at(10.55), NOW)
    assert [outcome for _, outcome in found] == [ReadingOutcome.TAKEN, ReadingOutcome.OUTSIDE]


def test_of_what_contradicts_itself_in_one_report_the_first_counts() -> None:
    assert outcomes([], read(10.5, "20"), read(10.5, "21")) == [ReadingOutcome.TAKEN, ReadingOutcome.CONTRADICTS]


def test_between_two_readings_energy_flows_evenly_or_the_vehicle_is_parked() -> None:
    found = stretches(START, [read(10.25, "10"), read(10.5, "10")], at(10.75))
    assert found == [
        Stretch(Interval(START, at(10.25)), Decimal(10), charging=True),
        Stretch(Interval(at(10.25), at(10.5)), Decimal(0), charging=False),
        Stretch(Interval(at(10.5), at(10.75)), Decimal(0), charging=False),
    ]
    assert stretches(START, []) == []
    assert stretches(START, [read(10, "0")]) == []


def test_what_the_meter_showed_at_the_start_already_is_of_the_first_stretch() -> None:
    already = read(10, "3")
    assert stretches(START, [already, read(10.25, "10")]) == stretches(START, [read(10.25, "10")])
    assert stretches(START, [already], at(11)) == [Stretch(Interval(START, at(11)), Decimal(3), charging=True)]


@pytest.mark.parametrize("end", [None, START])
def test_energy_of_no_time_is_of_that_moment_and_no_time_of_it_counts(end: datetime | None) -> None:
    moment = Interval(START, START + timedelta(microseconds=1))
    assert stretches(START, [read(10, "3")], end) == [
        Stretch(moment, Decimal(3), charging=True, power=Decimal(0), timed=False)
    ]


READINGS = st.lists(
    st.tuples(st.integers(-300, 4200), st.integers(0, 60)).map(
        lambda one: Reading(START + timedelta(seconds=one[0]), Decimal(one[1]) if one[1] < 50 else None)
    ),
    max_size=12,
)


@given(first=READINGS, then=READINGS)
def test_what_counts_never_runs_backwards_whatever_comes(first: list[Reading], then: list[Reading]) -> None:
    counted: list[Reading] = []
    for batch in (first, then):
        found = judged(counted, batch, START, None, NOW)
        assert len(found) == len(batch)
        counted = merged(counted, found)
    moments = [one.at for one in counted]
    assert moments == sorted(set(moments))
    energies = [one.kwh for one in counted if one.kwh is not None]
    assert energies == sorted(energies)
    assert all(START <= moment <= NOW + timedelta(minutes=5) for moment in moments)
    drawn = energies[-1] if energies else 0
    assert sum(one.energy for one in stretches(START, counted)) == drawn
    assert sum(one.energy for one in stretches(START, counted, at(12))) == drawn


@given(kwh=st.lists(st.integers(0, 50), min_size=1, max_size=10), seed=st.integers(0, 1000))
def test_of_a_meter_that_was_right_the_order_and_repeats_make_no_difference(kwh: list[int], seed: int) -> None:
    right = [Reading(START + timedelta(minutes=n), Decimal(one)) for n, one in enumerate(sorted(kwh), 1)]
    shuffled = [*right, *right]
    Random(seed).shuffle(shuffled)
    counted: list[Reading] = []
    for one in shuffled:
        found = judged(counted, [one], START, None, NOW)
        assert found[0][1] in {*COUNTING, ReadingOutcome.KNOWN}
        counted = merged(counted, found)
    assert counted == right
