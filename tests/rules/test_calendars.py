"""Calendars by weekly hours: what is offered from day to day, on the Location's clock, on a grid that stays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking_location import Calendar
from models.rules.calendars import begun, grown, grows_at, weekly_calendar
from models.rules.interval import Interval
from models.rules.location import RegularHours
from models.rules.weekly import WeeklyHours
from tests.factories.catalogue import NOW, at, hours

AMSTERDAM = "Europe/Amsterdam"
HOUR = timedelta(hours=1)
EVERY_DAY = range(1, 8)
DAYS = tuple(RegularHours(day, "08:00", "20:00") for day in EVERY_DAY)
NIGHTS = tuple(
    RegularHours(day, begin, end) for day in EVERY_DAY for begin, end in (("00:00", "06:00"), ("18:00", "23:59"))
)
ALWAYS = tuple(RegularHours(day, "00:00", "24:00") for day in EVERY_DAY)


def a_calendar(rows: tuple[RegularHours, ...], horizon: int = 1, begin: datetime | None = None) -> Calendar:
    """Return a calendar as its operator writes it."""
    return weekly_calendar("C1", 15, WeeklyHours(rows, horizon, 100_000, 400_000, True), begin)


def periods(calendar: Calendar) -> list[Interval]:
    """Return the timeslots' periods."""
    return [one.period for one in calendar.available_timeslots]


def test_a_calendar_begins_with_the_day_of_its_publication_and_ends_with_that_of_its_horizon() -> None:
    found = begun(a_calendar(DAYS), AMSTERDAM, at(12))

    assert found.covers == hours(-1, 47)
    assert periods(found) == [hours(7, 19), hours(31, 43)]
    assert {(one.min_power, one.max_power, one.green_energy_support) for one in found.available_timeslots} == {
        (100_000, 400_000, True)
    }


def test_what_is_over_on_the_day_of_publication_is_not_offered() -> None:
    assert periods(begun(a_calendar(NIGHTS), AMSTERDAM, at(12))) == [hours(17, 29), hours(41, 47)]


def test_a_calendar_may_begin_later_than_it_is_published() -> None:
    found = begun(a_calendar(DAYS, begin=at(9, day=3)), AMSTERDAM, at(12))

    assert found.covers == Interval(at(9, day=3), at(23, day=4))
    assert periods(found) == [hours(9, 19, day=3), hours(7, 19, day=4)]


def test_a_begin_that_is_past_counts_from_the_day_of_publication() -> None:
    past = a_calendar(DAYS, begin=at(0, day=-30))

    assert begun(past, AMSTERDAM, at(12)) == begun(a_calendar(DAYS), AMSTERDAM, at(12))


def test_the_next_day_what_ended_is_gone_and_another_day_is_offered() -> None:
    found = grown(begun(a_calendar(DAYS), AMSTERDAM, at(12)), AMSTERDAM, at(0, day=1))

    assert periods(found) == [hours(7, 19, day=1), hours(7, 19, day=2)]
    assert found.covers == hours(23, 71)


def test_a_window_that_has_begun_keeps_its_start_and_a_night_grows_over_midnight() -> None:
    first = begun(a_calendar(NIGHTS), AMSTERDAM, at(12))

    found = grown(first, AMSTERDAM, at(23.5))

    assert periods(first)[0] == periods(found)[0] == hours(17, 29)
    assert periods(found)[1:] == [hours(41, 53), hours(65, 71)]
    assert found.covers.start == at(17)


def test_a_site_that_never_closes_keeps_its_first_start_for_ever() -> None:
    calendar = begun(a_calendar(ALWAYS), AMSTERDAM, at(12))
    for day in range(1, 40):
        calendar = grown(calendar, AMSTERDAM, at(1, day=day))

    assert periods(calendar) == [Interval(at(-1), at(-1, day=41))]


def test_timeslots_follow_the_clock_when_it_changes() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)

    found = begun(a_calendar(DAYS), AMSTERDAM, before)

    assert periods(found) == [
        Interval(before - 5 * HOUR, before + 7 * HOUR),
        Interval(before + 18 * HOUR, before + 30 * HOUR),
    ]
    assert found.covers.end - found.covers.start == 47 * HOUR


def test_a_calendar_grows_with_the_next_day_on_the_clock_of_its_location() -> None:
    assert grows_at(AMSTERDAM, at(12)) == at(23)
    assert grows_at(AMSTERDAM, at(23)) == at(23, day=1)
    assert grows_at("America/New_York", at(12)) == at(5, day=1)


def test_a_calendar_without_weekly_hours_stays_as_it_is() -> None:
    fixed = Calendar("C1", hours(0, 1), 15, (), NOW)

    assert begun(fixed, AMSTERDAM, NOW) is fixed
    assert grown(fixed, AMSTERDAM, NOW) is fixed


@pytest.mark.parametrize("rows", [DAYS, NIGHTS, ALWAYS, DAYS[:1], NIGHTS[:3]])
@given(steps=st.lists(st.integers(1, 60), max_size=8), horizon=st.integers(1, 9))
def test_however_often_it_grows_it_offers_what_it_would_have_at_once(
    rows: tuple[RegularHours, ...], steps: list[int], horizon: int
) -> None:
    """In a March in which the clock changes; windows keep the starts that they had at first."""
    now = datetime(2026, 3, 20, 7, tzinfo=UTC)
    published = a_calendar(rows, horizon)
    calendar = begun(published, AMSTERDAM, now)
    far = begun(a_calendar(rows, 60), AMSTERDAM, now)
    for step in steps:
        now += step * HOUR
        calendar = grown(calendar, AMSTERDAM, now)

    clipped = [one.clipped(Interval(far.covers.start, calendar.covers.end)) for one in periods(far)]
    assert periods(calendar) == [one for one in clipped if one is not None and one.end > now]
    assert calendar.covers.end >= now + horizon * timedelta(days=1)
    assert all(calendar.covers.contains(one) for one in periods(calendar))
