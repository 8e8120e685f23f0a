"""Starts on the grid, the closest slots where nothing is free, and why nothing is: tried minute by minute as well."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.rules.availability import FreeTimeslot, Search, free_starts
from models.rules.booking_location import BookingLocation, BookingOption, Calendar, Timeslot
from models.rules.energy import EnergyType
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.location import Status
from models.rules.maintenance import Maintenance
from models.rules.misfit import Misfit
from models.rules.nearby_times import Closeness, closest, why_not
from models.rules.site import ALWAYS_OPEN, Site
from models.rules.spot import Spot, spots
from models.rules.vehicle import Vehicle
from tests.factories.catalogue import TERMS, UPDATED, a_location, an_offer, at, hours
from tests.rules.timeline import MINUTE, intervals, short_intervals

DAY = hours(0, 24)
ANYTIME = replace(TERMS, min_booking_duration=None, max_booking_duration=None)
E1, E2 = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"


def the_spots(*chargers: str) -> tuple[Spot, ...]:
    """Return the spots of a site with those chargers and no bays."""
    return spots(a_location(chargers={uid: [] for uid in chargers or ("E1",)}), BookingOption())


def offering(*windows: Interval, increment: int = 15, **slot: object) -> BookingLocation:
    """Return what can be booked in those windows, of any length."""
    timeslots = tuple(replace(Timeslot(one, None, None, None), **slot) for one in windows)  # type: ignore[arg-type]
    calendar = Calendar("C1", DAY, increment, timeslots, UPDATED)
    return an_offer(a_location(), terms=ANYTIME, calendars=(calendar,))


def work(period: Interval, *evse_ids: str) -> Maintenance:
    return Maintenance("NL*ABC*M1", "NL", "ABC", "M1", "NL*ABC*LOC1", evse_ids, period, None, UPDATED)


def periods(found: Sequence[FreeTimeslot]) -> list[Interval]:
    return [one.period for one in found]


# --- starts


def test_starts_are_every_step_of_the_grid_that_leaves_time_enough() -> None:
    offer = offering(hours(8, 10), increment=30)
    search = Search(DAY, at(6))

    found = free_starts(offer, the_spots(), {E1: [hours(9.5, 10)]}, search, Demand(minutes=60), most=10)

    assert periods(found) == [hours(8, 9), hours(8.5, 9.5)]


def test_a_start_counts_every_charger_that_is_free_for_all_of_it() -> None:
    offer = offering(hours(8, 10), increment=60)
    search = Search(DAY, at(6))

    found = free_starts(offer, the_spots("E1", "E2"), {E1: [hours(9, 10)]}, search, Demand(minutes=60), most=10)

    assert [(one.period, one.available) for one in found] == [(hours(8, 9), 2), (hours(9, 10), 1)]


def test_no_more_starts_are_told_than_asked_and_none_after_the_last_that_is_reached() -> None:
    offer = offering(hours(8, 12))
    demand = Demand(minutes=30)

    first = free_starts(offer, the_spots(), {}, Search(DAY, at(6)), demand, most=3)
    reached = free_starts(offer, the_spots(), {}, Search(hours(9, 24), at(6), at(9.3)), demand, most=10)

    assert periods(first) == [hours(8, 8.5), hours(8.25, 8.75), hours(8.5, 9)]
    assert periods(reached) == [hours(9, 9.5), hours(9.25, 9.75)]


@pytest.mark.parametrize(
    ("power", "vehicle", "length"),
    [(None, None, 45), (200_000, None, 90), (None, 100_000, 180), (1_000_000, 300_000, 60)],
)
def test_energy_takes_as_long_as_the_least_of_plug_slot_and_vehicle_gives(
    power: int | None, vehicle: int | None, length: int
) -> None:
    offer = offering(hours(8, 18), max_power=power)
    demand = Demand(energy=Decimal(300), vehicle=Vehicle(max_power=vehicle))

    (found,) = free_starts(offer, the_spots(), {}, Search(DAY, at(6)), demand, most=1)

    assert found.period.duration == length * MINUTE


# --- closest


def test_where_nothing_is_free_the_last_before_and_the_first_after_are_told() -> None:
    offer = offering(hours(6, 20))
    search = Search(hours(10, 12), at(0))

    found = closest(offer, the_spots(), {E1: [hours(9, 13)]}, search, Demand(minutes=60), ALWAYS_OPEN)

    assert {side: one.period for side, one in found.items()} == {
        Closeness.BEFORE: hours(8, 9),
        Closeness.AFTER: hours(13, 14),
    }


def test_what_starts_in_the_window_and_ends_behind_it_comes_after() -> None:
    offer = offering(hours(6, 20))
    search = Search(hours(10, 10.5), at(0))

    found = closest(offer, the_spots(), {}, search, Demand(minutes=60), ALWAYS_OPEN)

    assert found[Closeness.AFTER].period == hours(10, 11)
    assert found[Closeness.BEFORE].period == hours(9.75, 10.75)


def test_what_is_more_than_twelve_hours_away_or_over_is_not_close() -> None:
    offer = offering(hours(0, 1), hours(23, 24))
    search = Search(hours(13.5, 14), at(1))

    assert closest(offer, the_spots(), {}, search, Demand(), ALWAYS_OPEN).keys() == {Closeness.AFTER}


@given(
    st.lists(intervals(), min_size=1, max_size=2),
    st.lists(short_intervals(), max_size=6),
    intervals(),
    st.sampled_from([5, 10, 20]),
    st.sampled_from([10, 25, 60]),
)
def test_the_closest_are_those_that_trying_every_start_finds(
    windows: list[Interval], busy: list[Interval], window: Interval, increment: int, minutes: int
) -> None:
    offer = offering(*windows, increment=increment)
    search = Search(window, at(0))
    every = list(bookable(windows, busy, increment, minutes))
    inside = [one for one in every if window.contains(one)]
    assume(not inside)

    found = closest(offer, the_spots(), {E1: busy}, search, Demand(minutes=minutes), ALWAYS_OPEN)

    reach = Interval(window.start - timedelta(hours=12), window.end + timedelta(hours=12))
    near = [one for one in every if reach.contains(one) and DAY.contains(one)]
    before = max((one.start for one in near if one.start < window.start), default=None)
    after = min((one.start for one in near if one.start >= window.start), default=None)
    told = {side: one.period.start for side, one in found.items()}
    assert (told.get(Closeness.BEFORE), told.get(Closeness.AFTER)) == (before, after)


def bookable(windows: list[Interval], busy: list[Interval], increment: int, minutes: int) -> Iterator[Interval]:
    """Yield the shortest booking at every start that is free."""
    length = -(-minutes // increment) * increment * MINUTE
    for window in windows:
        start = window.start
        while start + length <= min(window.end, DAY.end):
            one = Interval(start, start + length)
            if not any(taken.start < one.end and one.start < taken.end for taken in busy):
                yield one
            start += increment * MINUTE


# --- why nothing is free

NOTHING: dict[str, list[Interval]] = {}


@pytest.mark.parametrize(
    ("offer", "site", "demand", "expected"),
    [
        (offering(hours(2, 3)), ALWAYS_OPEN, Demand(), Misfit.NOT_OFFERED),
        (offering(hours(8, 9)), ALWAYS_OPEN, Demand(minutes=90), Misfit.NOT_OFFERED),
        (offering(hours(8, 18), max_power=100), ALWAYS_OPEN, Demand(min_power=200), Misfit.POWER_TOO_LOW),
        (offering(hours(8, 18)), ALWAYS_OPEN, Demand(guaranteed_power=1), Misfit.GUARANTEED_POWER_UNKNOWN),
        (
            offering(hours(8, 18), min_power=1),
            ALWAYS_OPEN,
            Demand(guaranteed_power=2),
            Misfit.GUARANTEED_POWER_TOO_LOW,
        ),
        (
            offering(hours(8, 18)),
            ALWAYS_OPEN,
            Demand(energy_type=EnergyType.RENEWABLE),
            Misfit.ENERGY_TYPE_UNKNOWN,
        ),
        (
            offering(hours(8, 18), green_energy_support=False),
            ALWAYS_OPEN,
            Demand(energy_type=EnergyType.RENEWABLE),
            Misfit.ENERGY_TYPE,
        ),
        (offering(hours(8, 18)), Site(open=()), Demand(), Misfit.CLOSED),
        (offering(hours(8, 18)), Site(open=(hours(8, 9), hours(10, 11))), Demand(minutes=90), Misfit.CLOSED),
        (
            offering(hours(8, 18)),
            Site(maintenance=(work(hours(8, 17.75), E1),)),
            Demand(minutes=30),
            Misfit.MAINTENANCE,
        ),
        (offering(hours(8, 18)), Site(maintenance=(work(DAY),)), Demand(), Misfit.MAINTENANCE),
    ],
)
def test_the_first_hindrance_is_told(offer: BookingLocation, site: Site, demand: Demand, expected: Misfit) -> None:
    assert why_not(offer, the_spots(), NOTHING, Search(hours(6, 20), at(0)), demand, site) == (expected,)


def test_a_broken_charger_and_one_that_is_booked_are_told_apart() -> None:
    (spot,) = the_spots()
    broken = replace(spot, evse=replace(spot.evse, status=Status.OUTOFORDER))
    what = (NOTHING, Search(hours(6, 20), at(0)), Demand(), ALWAYS_OPEN)

    assert why_not(offering(hours(8, 18)), [broken], *what) == (Misfit.CHARGER_UNUSABLE,)
    assert why_not(offering(hours(8, 18)), [spot], {E1: [DAY]}, *what[1:]) == (Misfit.FULLY_BOOKED,)


def test_work_on_another_charger_leaves_this_one_alone() -> None:
    site = Site(maintenance=(work(DAY, E2),))

    found = free_starts(
        offering(hours(8, 9)), the_spots("E1", "E2"), {}, Search(DAY, at(0)), Demand(minutes=60), site, most=5
    )

    assert [one.available for one in found] == [1]
