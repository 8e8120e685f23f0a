"""Free windows: exactly what could be booked, worked out a second time by trying every interval."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.availability import FreeTimeslot, Search, free_timeslots
from models.rules.booking_location import BookingLocation, BookingOption, Calendar, Timeslot
from models.rules.fit import Demand
from models.rules.grid import Grid
from models.rules.interval import Interval
from models.rules.location import Status
from models.rules.misfit import Misfit
from models.rules.offered import refusal, timeslot_misfits, timeslots_for
from models.rules.seating import seating, vehicles
from models.rules.spot import Spot, spots
from tests.factories.catalogue import TERMS, UPDATED, a_location, an_offer, at, hours
from tests.rules.timeline import LAST, MINUTE, intervals, minutes, moment, short_intervals, span

DAY = hours(0, 24)
ANYTIME = replace(TERMS, min_booking_duration=None, max_booking_duration=None)


def a_calendar(*timeslots: Interval, covers: Interval | None = None, increment: int | None = 15) -> Calendar:
    """Return a calendar that covers its timeslots, unless told what it covers."""
    whole = Interval(min(one.start for one in timeslots), max(one.end for one in timeslots))
    slots = tuple(Timeslot(one, 100_000, 200_000, None) for one in timeslots)
    return Calendar("C1", covers or whole, increment, slots, UPDATED)


def offering(*calendars: Calendar, least: int | None = None, longest: int | None = None) -> BookingLocation:
    """Return what can be booked by those calendars, for so many minutes at least and at most."""
    terms = replace(TERMS, min_booking_duration=least, max_booking_duration=longest)
    return an_offer(a_location(), terms=terms, calendars=calendars)


def the_spots(**chargers: list[str]) -> tuple[Spot, ...]:
    """Return the spots of a site by the bays of its chargers."""
    return spots(a_location(chargers=dict(chargers)), BookingOption())


def periods(found: Sequence[FreeTimeslot]) -> list[Interval]:
    return [one.period for one in found]


# --- the grid


@given(st.integers(0, LAST), st.integers(1, 60), intervals())
def test_a_grid_holds_what_starts_and_ends_on_its_steps(origin: int, step: int, period: Interval) -> None:
    grid = Grid(moment(origin), step * MINUTE)

    on_it = [(edge - moment(origin)) // MINUTE % step == 0 for edge in (period.start, period.end)]

    assert grid.holds(period) == all(on_it)


@given(st.integers(0, LAST), st.integers(1, 60), intervals())
def test_the_stretch_within_is_the_longest_on_the_grid(origin: int, step: int, period: Interval) -> None:
    grid = Grid(moment(origin), step * MINUTE)
    edges = [minute for minute in range(LAST + 1) if (minute - origin) % step == 0]
    inside = [edge for edge in edges if period.start <= moment(edge) <= period.end]

    found = grid.within(period)

    assert found == (span(inside[0], inside[-1]) if len(inside) > 1 else None)


@pytest.mark.parametrize(("asked", "given_"), [(0, 0), (1, 15), (15, 15), (16, 30), (45, 45)])
def test_a_duration_is_rounded_up_to_the_grid(asked: int, given_: int) -> None:
    assert Grid(at(0), 15 * MINUTE).rounded_up(asked * MINUTE) == given_ * MINUTE


# --- how many vehicles


PLACES = st.dictionaries(
    st.sampled_from(["E1", "E2", "E3", "E4"]),
    st.lists(st.sampled_from(["B1", "B2", "B3", "B4"]), unique=True, max_size=4),
    max_size=4,
)


def most(pairs: Sequence[tuple[str, str | None]]) -> int:
    """Return the size of the largest choice of pairs without a charger or bay twice, by trying all."""
    for size in range(len(pairs), 0, -1):
        for chosen in combinations(pairs, size):
            bays = [bay for _, bay in chosen if bay is not None]
            if len({evse for evse, _ in chosen}) == size and len(set(bays)) == len(bays):
                return size
    return 0


@given(PLACES)
def test_vehicles_are_counted_as_by_trying_every_choice(places: dict[str, list[str]]) -> None:
    found = the_spots(**places)

    seated = seating(found)

    assert vehicles(found) == len(seated) == most([one.key for one in found])
    assert {one.key for one in seated} <= {one.key for one in found}
    assert most([one.key for one in seated]) == len(seated)


@given(PLACES.filter(bool))
def test_whoever_sits_down_first_leaves_room_for_all_the_others(places: dict[str, list[str]]) -> None:
    found = the_spots(**places)
    first = seating(found)[0]

    left = [one for one in found if one.evse != first.evse]
    left = [one for one in left if one.parking_bay is None or one.parking_bay != first.parking_bay]

    assert vehicles(left) == vehicles(found) - 1


def test_two_chargers_with_one_bay_serve_one_vehicle() -> None:
    assert vehicles(the_spots(E1=["B1"], E2=["B1"])) == 1


def test_a_charger_that_serves_two_bays_leaves_one_to_the_other() -> None:
    assert vehicles(the_spots(E1=["B1", "B2"], E2=["B1"])) == 2


def test_chargers_without_bays_serve_a_vehicle_each() -> None:
    assert vehicles(the_spots(E1=[], E2=[], E3=["B1"])) == 3


# --- what is free


@dataclass(frozen=True)
class Case:
    """What is offered, what is taken, and what is asked for."""

    offer: BookingLocation
    spots: tuple[Spot, ...]
    busy: Mapping[str, Sequence[Interval]]
    window: Interval
    now: int
    needed: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    calendars = tuple(draw(_calendars()) for _ in range(draw(st.integers(1, 2))))
    least, longest = draw(st.sampled_from([(None, None), (10, None), (None, 45), (20, 60), (30, 30)]))
    found = the_spots(**draw(PLACES))
    ids = sorted({one for spot in found for one in spot.key if one is not None})
    busy = {one: draw(st.lists(short_intervals(), max_size=4)) for one in ids}
    return Case(
        offering(*calendars, least=least, longest=longest),
        found,
        busy,
        draw(st.just(DAY) | intervals()),
        draw(st.integers(0, LAST // 2)),
        draw(st.sampled_from([0, 0, 1, 20, 50])),
    )


@st.composite
def _calendars(draw: st.DrawFn) -> Calendar:
    timeslots = draw(st.lists(intervals(), min_size=1, max_size=2))
    covers = draw(st.none() | intervals())
    return a_calendar(*timeslots, covers=covers, increment=draw(st.sampled_from([None, 5, 10, 15, 20, 30, 60])))


def bookable(case: Case) -> Iterator[Interval]:
    """Yield each interval that the calendars and terms allow and that some spot has free."""
    terms = case.offer.terms
    least = max(1, terms.min_booking_duration or 0, case.needed)
    free = [_free(case, spot) for spot in case.spots]
    for calendar in case.offer.calendars:
        step = calendar.timeslot_increment or 1
        for timeslot in calendar.available_timeslots:
            offered = minutes(timeslot.period) & minutes(calendar.covers) & minutes(case.window)
            edges = range((timeslot.period.start - at(0)) // MINUTE % step, LAST + 1, step)
            for start, end in combinations(edges, 2):
                held = set(range(start, end))
                is_allowed = least <= end - start <= (terms.max_booking_duration or LAST) and start >= case.now
                if is_allowed and held <= offered and any(held <= one for one in free):
                    yield span(start, end)


def _free(case: Case, spot: Spot) -> set[int]:
    taken = [period for one in spot.key if one is not None for period in case.busy.get(one, ())]
    return set(range(LAST + 1)) - minutes(*taken)


def shown(case: Case) -> list[FreeTimeslot]:
    search = Search(case.window, moment(case.now))
    return free_timeslots(case.offer, case.spots, case.busy, search, Demand(minutes=case.needed or None))


@given(cases())
def test_every_interval_that_can_be_booked_lies_in_a_window_that_is_shown(case: Case) -> None:
    windows = periods(shown(case))

    assert all(any(window.contains(one) for window in windows) for one in bookable(case))


@given(cases())
def test_every_window_that_is_shown_can_be_booked_to_both_its_ends(case: Case) -> None:
    can_be_booked = list(bookable(case))

    for window in periods(shown(case)):
        inside = [one for one in can_be_booked if window.contains(one)]
        assert min(one.start for one in inside) == window.start
        assert max(one.end for one in inside) == window.end


@given(cases())
def test_a_window_tells_how_many_spots_at_once_are_free_for_all_of_it(case: Case) -> None:
    for one in shown(case):
        free = [spot.key for spot in case.spots if minutes(one.period) <= _free(case, spot)]
        assert one.available == most(free) > 0


@given(cases(), intervals())
def test_what_is_refused_is_what_no_calendar_and_no_term_allows(case: Case, period: Interval) -> None:
    open_case = replace(case, busy={}, window=DAY, needed=0, spots=the_spots(E1=[]))

    assert (refusal(case.offer, period, moment(case.now)) is None) == (period in set(bookable(open_case)))


def test_windows_of_several_chargers_overlap_and_none_lies_in_another() -> None:
    offer = offering(a_calendar(hours(8, 18)))
    busy = {"NL*ABC*LOC1*E1": [hours(10, 11)], "NL*ABC*LOC1*B2": [hours(14, 15)], "NL*ABC*LOC1*E3": [hours(10, 15)]}

    found = free_timeslots(offer, the_spots(E1=["B1"], E2=["B2"], E3=["B3"]), busy, Search(DAY, at(6)))

    assert [(one.period, one.available) for one in found] == [
        (hours(8, 14), 1),
        (hours(11, 18), 1),
    ]


def test_each_part_of_a_window_is_counted_also_where_another_charger_is_free_in_it_only() -> None:
    offer = offering(a_calendar(hours(8, 18)))
    busy = {"NL*ABC*LOC1*E1": [hours(10, 11)]}

    (found,) = free_timeslots(offer, the_spots(E1=["B1"], E2=["B2"]), busy, Search(DAY, at(6)), counted=True)

    assert (found.period, found.available) == (hours(8, 18), 1)
    assert [(one.period, one.available) for one in found.counts] == [
        (hours(8, 10), 2),
        (hours(10, 11), 1),
        (hours(11, 18), 2),
    ]


def test_what_is_left_between_bookings_is_offered_if_it_is_long_enough() -> None:
    offer = offering(a_calendar(hours(8, 18)), least=30)
    busy = {"NL*ABC*LOC1*E1": [hours(9, 10), hours(10.25, 12), hours(13, 13.1), hours(14, 15), hours(17.75, 19)]}

    found = free_timeslots(offer, the_spots(E1=[]), busy, Search(DAY, at(6)))

    assert periods(found) == [hours(8, 9), hours(12, 13), hours(13.25, 14), hours(15, 17.75)]


def test_a_broken_charger_is_offered_from_its_expected_end_on() -> None:
    offer = offering(a_calendar(hours(8, 18)))
    (spot,) = the_spots(E1=["B1"])
    broken = replace(spot, evse=replace(spot.evse, status=Status.OUTOFORDER, fault_expected_end=at(12.1)))
    without_end = replace(spot, evse=replace(spot.evse, status=Status.OUTOFORDER))

    assert periods(free_timeslots(offer, [broken], {}, Search(DAY, at(6)))) == [hours(12.25, 18)]
    assert free_timeslots(offer, [without_end], {}, Search(DAY, at(6))) == []


def test_nothing_is_free_in_a_window_that_is_over() -> None:
    offer = offering(a_calendar(DAY))

    assert free_timeslots(offer, the_spots(E1=[]), {}, Search(hours(8, 12), at(12))) == []


def test_a_timeslot_with_too_little_power_is_not_offered_and_one_that_states_none_is() -> None:
    weak, silent = (Timeslot(period, None, power) for period, power in ((hours(8, 9), 200_000), (hours(9, 10), None)))
    calendar = replace(a_calendar(hours(8, 10)), available_timeslots=(weak, silent))
    offer = offering(calendar)

    found = free_timeslots(offer, the_spots(E1=[]), {}, Search(DAY, at(6)), Demand(min_power=200_001))

    assert periods(found) == [hours(9, 10)]
    assert timeslots_for(offer, hours(8, 9)) == [weak]
    assert timeslot_misfits(weak, Demand(min_power=200_000), None) == []
    assert timeslot_misfits(weak, Demand(min_power=200_001), None) == [Misfit.POWER_TOO_LOW]


def test_no_booking_is_longer_than_an_allocation_may_be() -> None:
    offer = offering(a_calendar(hours(0, 96)))

    assert refusal(offer, hours(0, 48), at(0)) is None
    assert refusal(offer, hours(0, 48.25), at(0)) == "the longest booking takes 2880 minutes"
    assert free_timeslots(offer, the_spots(E1=[]), {}, Search(hours(0, 96), at(0)), Demand(minutes=49 * 60)) == []


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        (hours(9, 10), "it starts in the past"),
        (hours(10.5, 10.75), "the shortest booking takes 30 minutes"),
        (hours(10.5, 15), "the longest booking takes 240 minutes"),
        (hours(17.5, 18.5), "the operator offers no timeslot that holds it"),
        (hours(11, 12, day=1), "the operator offers no timeslot that holds it"),
        (hours(10.5, 11.1), "start and end lie on steps of 15 minutes from the start of the timeslot"),
        (hours(10.25, 11.25), None),
        (hours(17, 18), None),
    ],
)
def test_a_refusal_says_why(period: Interval, reason: str | None) -> None:
    offer = offering(a_calendar(hours(8, 18)), least=30, longest=240)

    assert refusal(offer, period, at(10.25)) == reason


def test_a_booking_lies_in_one_timeslot() -> None:
    offer = offering(a_calendar(hours(8, 10), hours(10, 12)))

    assert refusal(offer, hours(9, 11), at(6)) == "the operator offers no timeslot that holds it"


def test_a_calendar_ends_its_timeslots_and_leaves_their_grid_alone() -> None:
    offer = offering(a_calendar(hours(8.1, 12), covers=hours(9, 11)))

    found = free_timeslots(offer, the_spots(E1=[]), {}, Search(DAY, at(6)))

    assert periods(found) == [hours(9.1, 10.85)]
