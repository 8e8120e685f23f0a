"""Restrictions read the clock of the place: over midnight, on its weekday and date, and when it jumps."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from models.rules.pricing import booking, charging
from models.rules.pricing_lines import Priced
from models.rules.tariff import BookingRestriction, DayOfWeek, Tariff
from tests.rules.tariffs import always, energy, lasting, session, tariff, time, utc, when

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NIGHT = tariff(when(time("1.00"), start_time="22:00", end_time="06:00"), always(time("10.00")))
SPRING = "2026-03-29"
"""The day on which Amsterdam's clock jumps from 02:00 to 03:00, at 01:00 UTC."""

AUTUMN = "2026-10-25"
"""The day on which it goes back from 03:00 to 02:00, at 01:00 UTC."""


def hours_by_element(bill: Priced) -> dict[int | None, Decimal]:
    return {line.element: line.quantity.normalize() for line in bill.lines}


def charged(of: Tariff, start: datetime, hours: float) -> dict[int | None, Decimal]:
    return hours_by_element(charging(of, session(start, (hours * 60, "10")), AMSTERDAM))


def test_a_night_runs_over_midnight() -> None:
    # 20:00 to 08:00 in Amsterdam
    assert charged(NIGHT, utc("2026-12-07", "19:00"), 12) == {0: 8, 1: 4}


@pytest.mark.parametrize(
    ("start_time", "end_time", "expected"),
    [
        ("08:00", None, {0: 16}),
        (None, "08:00", {0: 8}),
        ("08:00", "00:00", {0: 16}),
        ("08:00", "24:00", {0: 16}),
        ("00:00", "00:00", {0: 24}),
        ("08:00", "08:00", {0: 24}),
        ("23:59", "00:01", {0: Decimal("0.0333")}),
    ],
)
def test_times_without_an_end_last_until_midnight(
    start_time: str | None, end_time: str | None, expected: dict[int | None, Decimal]
) -> None:
    of = tariff(when(time("1.00"), start_time=start_time, end_time=end_time))

    assert charged(of, utc("2026-12-06", "23:00"), 24) == expected


def test_the_weekday_is_that_of_the_place() -> None:
    of = tariff(when(time("1.00"), day_of_week=(DayOfWeek.MONDAY,)), always(time("2.00")))

    # Sunday 23:30 UTC is Monday 00:30 in Amsterdam; Monday 23:30 UTC is Tuesday there
    assert charged(of, utc("2026-12-06", "23:30"), 0.5) == {0: Decimal("0.5")}
    assert charged(of, utc("2026-12-07", "22:30"), 1) == {0: Decimal("0.5"), 1: Decimal("0.5")}


def test_after_midnight_a_night_is_on_the_next_weekday() -> None:
    of = tariff(when(time("1.00"), start_time="22:00", end_time="06:00", day_of_week=(DayOfWeek.FRIDAY,)))

    # Friday 21:00 to Saturday 07:00 in Amsterdam
    assert charged(of, utc("2026-12-11", "20:00"), 10) == {0: 2}


def test_dates_are_those_of_the_place_and_the_end_date_is_not_included() -> None:
    of = tariff(when(time("1.00"), start_date="2026-12-08", end_date="2026-12-10"))

    # All of 7 to 12 December in Amsterdam
    assert charged(of, utc("2026-12-06", "23:00"), 6 * 24) == {0: 48}


@pytest.mark.parametrize(
    ("day", "next_day", "start", "hours"),
    [
        (SPRING, "2026-03-30", utc("2026-03-28", "23:00"), 23),
        (AUTUMN, "2026-10-26", utc("2026-10-24", "22:00"), 25),
    ],
    ids=["23 hours", "25 hours"],
)
def test_a_day_on_which_the_clock_jumps_is_a_day(day: str, next_day: str, start: datetime, hours: int) -> None:
    of = tariff(when(time("1.00"), start_date=day, end_date=next_day), always(time("2.00")))

    assert charged(of, start, hours + 1) == {0: hours, 1: 1}
    assert charged(of, start - timedelta(hours=1), hours + 1) == {1: 1, 0: hours}


@pytest.mark.parametrize(
    ("start", "expected"),
    [(utc(SPRING, "00:00"), {0: 1, 1: 3}), (utc("2026-10-24", "23:00"), {0: 3, 1: 1})],
    ids=["an hour is missing", "an hour comes twice"],
)
def test_a_time_of_day_is_what_the_local_clock_shows(start: datetime, expected: dict[int | None, Decimal]) -> None:
    """Four hours from 01:00 local: until 03:00 it is one hour in spring, and three in autumn."""
    of = tariff(when(time("1.00"), start_time="01:00", end_time="03:00"), always(time("2.00")))

    assert charged(of, start, 4) == expected


def test_a_time_that_the_clock_jumps_over_begins_where_it_lands() -> None:
    of = tariff(when(time("1.00"), start_time="02:30", end_time="04:00"))

    assert charged(of, utc(SPRING, "00:00"), 4) == {0: 1}


def test_a_time_that_comes_twice_holds_twice() -> None:
    of = tariff(when(time("1.00"), start_time="02:30", end_time="02:45"))

    assert charged(of, utc("2026-10-24", "22:00"), 6) == {0: Decimal("0.5")}


def test_durations_are_elapsed_time_also_when_the_clock_jumps() -> None:
    of = tariff(when(time("1.00"), max_duration=7200), always(time("2.00")))

    assert charged(of, utc(SPRING, "00:30"), 3) == {0: 2, 1: 1}


def test_a_clock_that_jumps_by_half_an_hour_is_read_too() -> None:
    of = tariff(when(time("1.00"), start_time="01:30", end_time="02:00"))
    lord_howe = ZoneInfo("Australia/Lord_Howe")

    bill = charging(of, session(utc("2026-04-04", "14:00"), (180, "10")), lord_howe)

    assert hours_by_element(bill) == {0: 1}


def test_energy_and_duration_are_cut_where_a_restriction_begins_to_hold() -> None:
    of = tariff(
        when(energy("1"), min_kwh="5", max_kwh="7.5"),
        when(energy("2"), min_duration=3000),
        always(energy("3")),
    )

    bill = charging(of, session(utc("2026-12-07", "09:00"), (60, "12")), UTC)

    assert [(line.element, line.quantity) for line in bill.lines] == [
        (0, Decimal("2.5000")),
        (2, Decimal("7.5000")),
        (1, Decimal("2.0000")),
    ]


def test_a_price_that_changes_at_a_third_of_the_session_loses_nothing() -> None:
    """10 kWh in three hours, cut at an hour: a third of the energy is no decimal, and the sum still rounds to 10."""
    of = tariff(when(energy("0.30", step=1), max_duration=3600), always(energy("0.30", step=1)))

    bill = charging(of, session(utc("2026-12-07", "09:00"), (180, "10")), UTC)

    assert sum((line.quantity for line in bill.lines), Decimal(0)) == 10
    assert bill.total.before_taxes == 3


def test_a_booked_slot_may_cost_more_at_some_hours() -> None:
    booked = {"booking": BookingRestriction.BOOKING}
    of = tariff(
        when(time("6.00", step=900), start_time="18:00", end_time="08:00", **booked),
        when(time("12.00", step=900), **booked),
    )

    # 07:30 to 08:20 in Amsterdam: half an hour at 6.00, and 20 minutes at 12.00, billed as 30
    bill = booking(of, lasting(utc("2026-12-07", "06:30"), 50), AMSTERDAM)

    assert amounts_of(bill) == [(0, Decimal("3.0000")), (1, Decimal("6.0000"))]


def amounts_of(bill: Priced) -> Sequence[tuple[int | None, Decimal]]:
    return [(line.element, line.price.before_taxes) for line in bill.lines]
