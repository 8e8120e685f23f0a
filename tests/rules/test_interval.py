"""Intervals hold their start and not their end, and every minute is free or busy, never both."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.interval import EARLIEST, LATEST, Interval, gaps, outermost, shifted
from tests.factories.catalogue import at, hours
from tests.rules.timeline import intervals, joined, minutes

SOME = st.lists(intervals(), max_size=8)


def test_an_interval_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval(at(10), at(10))
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval(at(10), at(9))


def test_an_interval_needs_offsets() -> None:
    naive = datetime(2026, 12, 1, 10)  # noqa: DTZ001 - what is refused

    with pytest.raises(ValueError, match="times with an offset"):
        Interval(naive, at(11))
    with pytest.raises(ValueError, match="times with an offset"):
        Interval(at(9), naive)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-(10**7), 10**7) | st.integers())
def test_a_moment_is_shifted_by_minutes_or_to_the_end_of_all_time(moment: datetime, minutes: int) -> None:
    found = shifted(moment, minutes)

    if found in (EARLIEST, LATEST):
        assert abs(minutes) >= abs(found - moment) // timedelta(minutes=1)
    else:
        assert found - moment == timedelta(minutes=minutes)


def test_the_same_time_under_another_offset_is_the_same_interval() -> None:
    amsterdam = timezone(timedelta(hours=1))

    local = Interval(datetime(2026, 12, 1, 11, tzinfo=amsterdam), datetime(2026, 12, 1, 12, tzinfo=amsterdam))

    assert local == hours(10, 11)
    assert local.duration == timedelta(hours=1)


def test_neighbours_do_not_overlap() -> None:
    assert not hours(10, 11).overlaps(hours(11, 12))
    assert not hours(11, 12).overlaps(hours(10, 11))
    assert hours(10, 11).clipped(hours(11, 12)) is None


@given(intervals(), intervals())
def test_overlap_is_a_shared_minute(one: Interval, other: Interval) -> None:
    shared = minutes(one) & minutes(other)

    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    clipped = one.clipped(other)
    assert clipped == other.clipped(one)
    assert (minutes(clipped) if clipped else set()) == shared


@given(intervals(), intervals())
def test_containing_is_holding_every_minute(one: Interval, other: Interval) -> None:
    assert one.contains(other) == (minutes(other) <= minutes(one))


@given(intervals(), SOME)
def test_each_minute_of_a_window_is_free_or_busy_and_never_both(window: Interval, busy: list[Interval]) -> None:
    free = list(gaps(window, busy))

    assert minutes(*free) == minutes(window) - minutes(*busy)


@given(intervals(), SOME)
def test_gaps_come_in_order_and_with_something_busy_between_them(window: Interval, busy: list[Interval]) -> None:
    free = list(gaps(window, busy))

    assert all(one.end < other.start for one, other in pairwise(free))


@given(SOME)
def test_the_outermost_hold_all_the_others_and_none_holds_another(some: list[Interval]) -> None:
    kept = outermost(some)

    assert set(kept) <= set(some)
    assert all(any(outer.contains(one) for outer in kept) for one in some)
    assert not any(one < other for one in joined(kept) for other in joined(kept))
    assert kept == sorted(set(kept))
