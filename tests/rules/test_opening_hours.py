"""When a Location is open, worked out a second time minute by minute on its clock."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.interval import Interval
from models.rules.location import ExceptionalPeriod, OpeningTimes, RegularHours
from models.rules.opening_hours import local_day, merged, midnight, minutes_of, open_periods, regular_periods

AMSTERDAM = "Europe/Amsterdam"
MINUTE = timedelta(minutes=1)
CLOCKS = {
    "Europe/Amsterdam": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 30)),
}
"""Zones with two days on which their clocks change: by an hour, by half of one, and at midnight."""

WORKDAYS = tuple(RegularHours(day, "06:00", "22:00") for day in range(1, 6))
NIGHTS = tuple(
    RegularHours(day, begin, end) for day in range(1, 8) for begin, end in (("00:00", "06:00"), ("18:00", "24:00"))
)


def utc(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    """Return a moment of December 2026, or of another month."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def opened(*rows: RegularHours, **exceptions: tuple[ExceptionalPeriod, ...]) -> OpeningTimes:
    """Return opening times with those rows."""
    return OpeningTimes(twentyfourseven=False, regular_hours=rows, **exceptions)


WEEK = Interval(utc(7, 0), utc(14, 0))
TWO_DAYS = Interval(utc(1, 12), utc(3, 12))


def test_regular_hours_are_on_the_local_clock() -> None:
    assert open_periods(opened(*WORKDAYS), AMSTERDAM, WEEK) == [
        Interval(utc(day, 5), utc(day, 21)) for day in range(7, 12)
    ]


def test_what_lies_outside_the_window_is_cut_off() -> None:
    window = Interval(utc(7, 10), utc(8, 6))

    assert open_periods(opened(*WORKDAYS), AMSTERDAM, window) == [
        Interval(utc(7, 10), utc(7, 21)),
        Interval(utc(8, 5), utc(8, 6)),
    ]


def test_two_rows_that_meet_at_midnight_are_one_night() -> None:
    assert open_periods(opened(*NIGHTS), AMSTERDAM, TWO_DAYS) == [
        Interval(utc(1, 17), utc(2, 5)),
        Interval(utc(2, 17), utc(3, 5)),
    ]


@pytest.mark.parametrize("end", ["24:00", "00:00", "23:59"])
def test_every_way_to_write_the_end_of_a_day_means_midnight(end: str) -> None:
    rows = [RegularHours(2, "18:00", end), RegularHours(3, "00:00", "06:00")]

    assert open_periods(opened(*rows), AMSTERDAM, TWO_DAYS) == [Interval(utc(1, 17), utc(2, 5))]


def test_a_whole_day_is_open_from_midnight_to_midnight() -> None:
    for end in ("24:00", "00:00", "23:59"):
        assert open_periods(opened(RegularHours(2, "00:00", end)), AMSTERDAM, Interval(utc(1, 0), utc(3, 0))) == [
            Interval(utc(1, 0), utc(1, 23))
        ]


def test_a_row_that_ends_before_it_begins_ends_on_the_next_day() -> None:
    assert open_periods(opened(RegularHours(2, "20:00", "05:30")), AMSTERDAM, TWO_DAYS) == [
        Interval(utc(1, 19), utc(2, 4, 30))
    ]


def test_exceptional_openings_are_added_and_closings_win() -> None:
    times = opened(
        *WORKDAYS,
        exceptional_openings=(ExceptionalPeriod(utc(8, 20), utc(8, 23)), ExceptionalPeriod(utc(13, 8), utc(13, 10))),
        exceptional_closings=(ExceptionalPeriod(utc(8, 12), utc(8, 22)),),
    )

    assert open_periods(times, AMSTERDAM, Interval(utc(8, 0), utc(9, 0))) == [
        Interval(utc(8, 5), utc(8, 12)),
        Interval(utc(8, 22), utc(8, 23)),
    ]
    assert open_periods(times, AMSTERDAM, Interval(utc(12, 0), utc(14, 0))) == [Interval(utc(13, 8), utc(13, 10))]


def test_a_site_that_never_closes_is_open_but_for_its_closings() -> None:
    always = OpeningTimes(twentyfourseven=True)
    once = OpeningTimes(twentyfourseven=True, exceptional_closings=(ExceptionalPeriod(utc(8, 1), utc(9, 1)),))

    assert open_periods(always, AMSTERDAM, WEEK) == [WEEK]
    assert open_periods(once, AMSTERDAM, WEEK) == [
        Interval(WEEK.start, utc(8, 1)),
        Interval(utc(9, 1), WEEK.end),
    ]


def test_a_site_without_any_hours_is_closed() -> None:
    assert open_periods(opened(), AMSTERDAM, WEEK) == []


def test_a_day_of_23_hours_and_one_of_25_are_open_all_their_hours() -> None:
    sunday = opened(RegularHours(7, "00:00", "24:00"))

    assert open_periods(sunday, AMSTERDAM, Interval(utc(28, 0, month=3), utc(30, 0, month=3))) == [
        Interval(utc(28, 23, month=3), utc(29, 22, month=3))
    ]
    assert open_periods(sunday, AMSTERDAM, Interval(utc(24, 0, month=10), utc(26, 12, month=10))) == [
        Interval(utc(24, 22, month=10), utc(25, 23, month=10))
    ]


def test_a_time_that_the_clock_jumps_over_is_the_moment_of_the_jump() -> None:
    window = Interval(utc(28, 12, month=3), utc(29, 12, month=3))
    jump = utc(29, 1, month=3)

    assert open_periods(opened(RegularHours(7, "02:30", "06:00")), AMSTERDAM, window) == [
        Interval(jump, utc(29, 4, month=3))
    ]
    assert open_periods(opened(RegularHours(7, "01:00", "02:30")), AMSTERDAM, window) == [
        Interval(utc(29, 0, month=3), jump)
    ]
    assert open_periods(opened(RegularHours(7, "02:10", "02:50")), AMSTERDAM, window) == []


def test_of_a_time_that_comes_twice_an_opening_takes_the_first_and_a_closing_the_last() -> None:
    window = Interval(utc(24, 12, month=10), utc(25, 12, month=10))

    assert open_periods(opened(RegularHours(7, "02:30", "06:00")), AMSTERDAM, window) == [
        Interval(utc(25, 0, 30, month=10), utc(25, 5, month=10))
    ]
    assert open_periods(opened(RegularHours(7, "01:00", "02:30")), AMSTERDAM, window) == [
        Interval(utc(24, 23, month=10), utc(25, 1, 30, month=10))
    ]


def test_a_day_that_a_zone_left_out_was_not_open() -> None:
    friday = opened(RegularHours(5, "08:00", "18:00"))
    window = Interval(datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC))

    assert open_periods(friday, "Pacific/Apia", window) == []


def test_days_begin_at_midnight_on_the_local_clock() -> None:
    assert midnight(date(2026, 12, 1), AMSTERDAM) == utc(30, 23, month=11)
    assert midnight(date(2026, 4, 24), "Africa/Cairo") == utc(23, 22, month=4)
    assert local_day(utc(30, 23, month=11), AMSTERDAM) == date(2026, 12, 1)
    assert local_day(utc(30, 22, 59, month=11), AMSTERDAM) == date(2026, 11, 30)


@pytest.mark.parametrize("wrong", ["8:00", "08:60", "24:01", "0800", "-1:00", "aa:bb", "", "08:00:00", "٠٨:٠٠"])
def test_what_is_no_time_of_day_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="a local time is"):
        minutes_of(wrong)


def local_times(last: int) -> st.SearchStrategy[str]:
    """Draw local times, many of them near where clocks change."""
    minutes = st.integers(0, last) | st.integers(0, 190)
    return minutes.map(lambda one: f"{one // 60:02}:{one % 60:02}")


rows = st.builds(RegularHours, st.integers(1, 7), local_times(1439), local_times(1440))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, OpeningTimes, Interval]:
    """Draw opening times around a day on which the clocks change, and a window of at most two days there."""
    zone = draw(st.sampled_from(sorted(CLOCKS)))
    begin = datetime.combine(draw(st.sampled_from(CLOCKS[zone])), time(), UTC) - timedelta(days=1)
    starts = st.integers(0, 2 * 24 * 60).map(lambda one: begin + one * MINUTE)
    spans = st.tuples(starts, st.integers(1, 24 * 60)).map(lambda one: Interval(one[0], one[0] + one[1] * MINUTE))
    exceptions = st.lists(spans.map(lambda one: ExceptionalPeriod(one.start, one.end)), max_size=3).map(tuple)
    times = OpeningTimes(
        twentyfourseven=draw(st.integers(0, 9)) == 0,
        regular_hours=tuple(draw(st.lists(rows, max_size=8))),
        exceptional_openings=draw(exceptions),
        exceptional_closings=draw(exceptions),
    )
    return zone, times, draw(spans)


def minute_by_minute(zone: str, hours: Sequence[RegularHours], window: Interval) -> set[datetime]:
    """Return the open minutes of the window, by reading the clock at every minute of the days around."""
    clock = ZoneInfo(zone)
    every = [window.start - timedelta(days=3) + number * MINUTE for number in range(7 * 24 * 60)]
    shown = [one.astimezone(clock).replace(tzinfo=None, fold=0) for one in every]
    found: set[datetime] = set()
    for row in hours:
        for day in {one.date() for one in shown} | {shown[0].date() + timedelta(days=one) for one in range(8)}:
            if day.isoweekday() == row.weekday:
                begin = datetime.combine(day, time()) + minutes_of(row.period_begin) * MINUTE
                end = datetime.combine(day, time()) + minutes_of(row.period_end) * MINUTE
                if row.period_end in {"00:00", "23:59", "24:00"}:
                    end = datetime.combine(day + timedelta(days=1), time())
                if end <= begin:
                    end += timedelta(days=1)
                first = [number for number, one in enumerate(shown) if one == begin] or over(shown, begin)
                last = [number for number, one in enumerate(shown) if one == end] or over(shown, end)
                found |= set(every[first[0] : last[-1]])
    return found


def over(shown: Sequence[datetime], local: datetime) -> list[int]:
    """Return the first minute at which the clock shows more than a time that it never shows."""
    return [next((number for number, one in enumerate(shown) if one > local), len(shown))]


def minutes(periods: Sequence[Interval]) -> set[datetime]:
    """Return every minute that the periods hold."""
    return {one.start + number * MINUTE for one in periods for number in range(one.duration // MINUTE)}


def exceptional(periods: Sequence[ExceptionalPeriod]) -> set[datetime]:
    """Return every minute of exceptional periods."""
    return minutes([Interval(one.period_begin, one.period_end) for one in periods])


@settings(max_examples=40)
@given(cases())
def test_a_site_is_open_in_exactly_the_minutes_that_its_clock_tells(case: tuple[str, OpeningTimes, Interval]) -> None:
    zone, times, window = case
    whole = minutes([window])
    expected = whole if times.twentyfourseven else minute_by_minute(zone, times.regular_hours, window) & whole
    if not times.twentyfourseven:
        expected |= whole & minutes(
            [Interval(one.period_begin, one.period_end) for one in times.exceptional_openings]
        )
    expected -= minutes([Interval(one.period_begin, one.period_end) for one in times.exceptional_closings])

    found = open_periods(times, zone, window)

    assert minutes(found) == expected
    assert found == merged(found)
    assert all(window.contains(one) for one in found)


def test_hours_over_a_month_join_at_every_midnight() -> None:
    always = tuple(RegularHours(day, "00:00", "23:59") for day in range(1, 8))
    month = Interval(utc(1, 0, month=3), utc(1, 0, month=4))

    assert regular_periods(always, AMSTERDAM, month) == [month]
