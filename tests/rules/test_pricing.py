"""What charging, reservations and bookings cost: the standard's worked examples, and the rules at their edges."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.rules.interval import LATEST
from models.rules.pricing import booking, charging, overtime_from, reservation
from models.rules.pricing_lines import Priced
from models.rules.tariff import (
    BookingRestriction,
    DayOfWeek,
    PriceLimit,
    ReservationRestriction,
    Tariff,
    TariffDimension,
)
from models.rules.usage import Stretch
from tests.rules.tariffs import (
    always,
    amounts,
    energy,
    flat,
    lasting,
    parking,
    session,
    tariff,
    time,
    utc,
    when,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = utc("2026-12-07", "09:00")
WORKDAYS = tuple(DayOfWeek)[:5]

START_AND_ENERGY = always(flat("0.50", "20"), energy("0.25", "10"))
RESERVED = {"reservation": ReservationRestriction.RESERVATION}
EXPIRED = {"reservation": ReservationRestriction.RESERVATION_EXPIRES}

TARIFF_14 = tariff(
    when(time("1.20", step=1800), parking("1.00", step=900), start_time="00:00", end_time="17:00"),
    when(time("2.40", step=900), parking("1.00", step=900), start_time="17:00", end_time="20:00"),
    when(time("2.40", step=900), start_time="20:00", end_time="00:00"),
)
TARIFF_4 = tariff(
    always(flat("2.50", "15")),
    when(time("1.00", "20", 900), max_current="32"),
    when(time("2.00", "20", 600), min_current="32", day_of_week=WORKDAYS),
    when(time("1.25", "20", 600), min_current="32", day_of_week=(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY)),
    when(parking("5.00", "10", 300), start_time="09:00", end_time="18:00", day_of_week=WORKDAYS),
    when(parking("6.00", "10", 300), start_time="10:00", end_time="17:00", day_of_week=(DayOfWeek.SATURDAY,)),
)
TARIFF_12 = tariff(always(energy("0.25", "10")), min_price=PriceLimit(Decimal("0.50"), Decimal("0.55")))
TARIFF_6 = tariff(START_AND_ENERGY, max_price=PriceLimit(Decimal("10.00"), Decimal("11.00")))
PER_POWER = tariff(
    when(energy("0.20", "20"), max_power="16"),
    when(energy("0.35", "20"), max_power="32"),
    always(energy("0.50", "20")),
)
PER_DURATION = tariff(
    when(energy("0.00", "20"), max_duration=1800),
    when(energy("0.25", "20"), max_duration=3600),
    always(energy("0.40", "20")),
)
BOOKED = tariff(
    when(flat("2.50", "19"), time("6.00", "19", 900), booking=BookingRestriction.BOOKING),
    when(flat("15.00", "19"), booking=BookingRestriction.BOOKING_EXPIRES),
    when(flat("7.50", "19"), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
    when(time("30.00", "19", 300), booking=BookingRestriction.BOOKING_OVERTIME),
    always(energy("0.50", "19")),
)


def total(bill: Priced) -> tuple[str, str] | None:
    return amounts(bill.total)


def quantities(bill: Priced) -> list[tuple[TariffDimension | None, str]]:
    return [(line.dimension, f"{line.quantity.normalize():f}") for line in bill.lines]


@pytest.mark.parametrize(
    ("of", "minutes", "before", "after"),
    [
        (tariff(when(time("5.00", "20", 60), **RESERVED), START_AND_ENERGY), 15, "6.75", "7.6"),
        (tariff(when(flat("2.00", "20"), time("5.00", "20", 300), **RESERVED), START_AND_ENERGY), 13, "8.75", "10"),
        (
            tariff(when(flat("4.00", "20"), **EXPIRED), when(time("2.00", "20", 600), **RESERVED), START_AND_ENERGY),
            22,
            "6.5",
            "7.3",
        ),
        (
            tariff(
                when(time("6.00", "20", 600), **EXPIRED), when(time("3.00", "20", 600), **RESERVED), START_AND_ENERGY
            ),
            22,
            "7",
            "7.9",
        ),
    ],
    ids=["tariff 15", "tariff 16", "tariff 17", "tariff 18"],
)
def test_a_reservation_and_20_kwh_cost_what_the_standard_says(
    of: Tariff, minutes: int, before: str, after: str
) -> None:
    waited = reservation(of, lasting(MONDAY, minutes), AMSTERDAM, expired=False)
    charged = charging(of, session(MONDAY + timedelta(minutes=minutes), (40, "20")), AMSTERDAM)

    assert amounts(waited.total + charged.total) == (before, after)


@pytest.mark.parametrize(
    ("expires", "made", "minutes", "before", "after"),
    [
        (flat("4.00", "20"), time("2.00", "20", 600), 60, "6", "7.2"),
        (time("6.00", "20", 600), time("3.00", "20", 600), 90, "9", "10.8"),
    ],
    ids=["tariff 17", "tariff 18"],
)
def test_an_expired_reservation_costs_what_the_standard_says(
    expires: Any, made: Any, minutes: int, before: str, after: str
) -> None:
    of = tariff(when(expires, **EXPIRED), when(made, **RESERVED), START_AND_ENERGY)

    assert total(reservation(of, lasting(MONDAY, minutes), AMSTERDAM, expired=True)) == (before, after)


def test_the_flat_fee_of_making_a_reservation_is_kept_when_it_expires() -> None:
    of = tariff(
        when(time("6.00"), **EXPIRED),
        when(flat("1.00"), time("3.00"), **RESERVED),
    )

    assert total(reservation(of, lasting(MONDAY, 60), AMSTERDAM, expired=True)) == ("7", "7")


@pytest.mark.parametrize(
    ("of", "parts", "before", "after"),
    [
        (tariff(always(energy("0.25", "10"))), [(60, "20")], "5", "5.5"),
        (tariff(START_AND_ENERGY), [(60, "20")], "5.5", "6.1"),
        (TARIFF_12, [(60, "20")], "5", "5.5"),
        (TARIFF_12, [(60, "1.2")], "0.5", "0.55"),
        (tariff(START_AND_ENERGY, always(parking("2.00", "20", 900))), [(60, "20"), (40, None)], "7", "7.9"),
        (TARIFF_6, [(60, "50")], "10", "11"),
        (TARIFF_6, [(60, "30")], "8", "8.85"),
        (tariff(always(time("2.00", "10", 60))), [(150, "20")], "5", "5.5"),
        (
            tariff(always(time("3.00", "10", 60), parking("5.00", "20", 300))),
            [(150, "0"), (42, None)],
            "11.25",
            "12.75",
        ),
        (tariff(always(time("1.90", "5.2", 300))), [(150, "20")], "4.75", "4.997"),
        (tariff(always(energy("0.25", "10", 100))), [(60, "20.45")], "5.125", "5.6375"),
        (PER_POWER, [(10, "1"), (50, "40"), (7.5, "0.5")], "20.3", "24.36"),
        (PER_DURATION, [(30, "5"), (10, "1.2")], "0.3", "0.36"),
        (tariff(always(time("2.00", "10", 300))), [(118.38, "15.342")], "4", "4.4"),
        (tariff(always(time("2.00"))), [(60, "20")], "2", "2"),
    ],
    ids=[
        "tariff 8",
        "tariff 9",
        "tariff 12",
        "tariff 12, less than its minimum",
        "tariff 10",
        "tariff 6, more than its maximum",
        "tariff 6",
        "tariff 1",
        "tariff 13",
        "tariff 2",
        "tariff 3",
        "by power",
        "by duration",
        "CDR of 1.973 h",
        "tariff 19, taxes not known",
    ],
)
def test_charging_costs_what_the_standard_says(
    of: Tariff, parts: list[tuple[float, str | None]], before: str, after: str
) -> None:
    assert total(charging(of, session(MONDAY, *parts), UTC)) == (before, after)


@pytest.mark.parametrize(
    ("start", "parts", "expected"),
    [
        ("16:55", [(10, "5"), (2, None)], "0.55"),
        ("16:35", [(35, "5")], "1.3"),
        ("19:40", [(12, "5"), (20, None)], "0.73"),
    ],
    ids=["parking absorbs the step", "the last component rounds", "parking is free after 20:00"],
)
def test_step_sizes_across_elements_cost_what_the_standard_says(
    start: str, parts: list[tuple[float, str | None]], expected: str
) -> None:
    """Tariff 14; its examples are stated before tax. The third is printed as 0.80 in older editions."""
    bill = charging(TARIFF_14, session(utc("2026-12-07", start), *parts), UTC)

    assert total(bill) == (expected, expected)
    assert bill.total.taxes == ()


@pytest.mark.parametrize(
    ("start", "current", "parts", "before", "after"),
    [
        (utc("2026-12-07", "08:30"), "16", [(147, "20"), (42, None)], "8.7", "9.94"),
        (utc("2026-12-12", "12:30"), "43", [(114, "20"), (71, None)], "12.375", "13.975"),
    ],
    ids=["on Monday, at 16 A", "on Saturday, at 43 A"],
)
def test_the_complex_example_follows_current_weekday_and_local_time(
    start: Any, current: str, parts: list[tuple[float, str | None]], before: str, after: str
) -> None:
    """Tariff 4, with the step only on parking, which absorbs it."""
    assert total(charging(TARIFF_4, session(start, *parts, current=current), AMSTERDAM)) == (before, after)


def test_the_first_kwh_and_the_first_hour_are_free() -> None:
    """The hours are those of the session, so 15 minutes of charging leave 45 minutes of parking free."""
    of = tariff(
        when(energy("0.00"), max_kwh="1"),
        always(energy("0.20")),
        when(parking("0.00", step=60), max_duration=3600),
        when(parking("2.00", step=60), max_duration=14400),
        always(parking("3.00", step=60)),
    )

    bill = charging(of, session(MONDAY, (15, "20"), (165, None)), AMSTERDAM)

    assert total(bill) == ("7.8", "7.8")


def test_parking_has_a_grace_period_from_the_start_of_the_session() -> None:
    of = tariff(
        when(parking("0.00", "0"), min_duration=0, max_duration=1800),
        when(parking("3.00", "0"), min_duration=1800),
        always(energy("0.25", "10")),
    )

    assert total(charging(of, session(MONDAY, (45, None), (30, "10")), AMSTERDAM)) == ("3.25", "3.5")


def test_a_flat_fee_is_billed_once_for_all_stretches() -> None:
    of = tariff(always(flat("1.00", "0")))

    assert total(charging(of, session(MONDAY, (30, "0"), (30, "0"), (30, "0")), AMSTERDAM)) == ("1", "1")


def test_energy_rounds_up_once_by_the_component_used_last() -> None:
    of = tariff(
        when(energy("2", step=8000), start_time="00:00", end_time="17:00"),
        when(energy("2", step=5000), start_time="17:00", end_time="20:00"),
        when(energy("4", step=2000), start_time="20:00", end_time="00:00"),
    )

    bill = charging(of, session(utc("2026-12-07", "16:55"), (5, "5"), (2, "2"), (5, "5")), UTC)

    assert total(bill) == ("30", "30")
    assert quantities(bill) == [(TariffDimension.ENERGY, "5"), (TariffDimension.ENERGY, "10")]


def test_a_component_that_is_used_again_is_the_last_one() -> None:
    of = tariff(when(energy("1", step=1000), max_power="16"), always(energy("2", step=5000)))

    bill = charging(of, session(MONDAY, (30, "1.5"), (60, "40"), (30, "1")), UTC)

    assert quantities(bill) == [(TariffDimension.ENERGY, "40"), (TariffDimension.ENERGY, "3")]


@pytest.mark.parametrize(
    ("step", "kwh", "expected"), [(1, "0.1152", "0.029"), (25, "0.1152", "0.0313"), (500, "0.1152", "0.125")]
)
def test_energy_is_billed_in_steps_of_wh(step: int, kwh: str, expected: str) -> None:
    of = tariff(always(energy("0.25", step=step)))

    assert total(charging(of, session(MONDAY, (5, kwh)), UTC)) == (expected, expected)


def test_booking_a_slot_costs_its_length_in_steps() -> None:
    assert total(booking(BOOKED, lasting(utc("2026-12-07", "10:00"), 50), AMSTERDAM)) == ("8.5", "10.115")


def test_not_coming_costs_the_fee_for_an_expired_booking() -> None:
    bill = booking(BOOKED, lasting(MONDAY, 50), AMSTERDAM, BookingRestriction.BOOKING_EXPIRES)

    assert total(bill) == ("15", "17.85")


def test_canceling_late_costs_the_cancellation_fee() -> None:
    bill = booking(BOOKED, lasting(MONDAY, 50), AMSTERDAM, BookingRestriction.BOOKING_CANCELLATION_FEES)

    assert total(bill) == ("7.5", "8.925")


def test_overtime_runs_from_the_end_of_the_slot_and_the_late_stop_time() -> None:
    begins = overtime_from(utc("2026-12-07", "10:50"), 15)

    bill = booking(BOOKED, lasting(begins, 7), AMSTERDAM, BookingRestriction.BOOKING_OVERTIME)

    assert begins == utc("2026-12-07", "11:05")
    assert total(bill) == ("5", "5.95")
    assert quantities(bill) == [(TariffDimension.TIME, "0.1667")]


def test_overtime_runs_from_the_end_of_the_slot_where_the_terms_grant_nothing() -> None:
    assert overtime_from(MONDAY, None) == MONDAY


def test_overtime_begins_within_all_time_whatever_the_terms_grant() -> None:
    assert overtime_from(LATEST, 60) == LATEST
    assert overtime_from(MONDAY, 10**12) == LATEST


def test_a_fee_that_the_tariff_does_not_name_costs_nothing() -> None:
    bill = booking(tariff(START_AND_ENERGY), lasting(MONDAY, 50), AMSTERDAM)

    assert bill.lines == ()
    assert total(bill) == ("0", "0")


def test_booking_elements_never_price_charging_and_charging_elements_no_booking() -> None:
    assert total(charging(BOOKED, session(MONDAY, (60, "10")), AMSTERDAM)) == ("5", "5.95")
    assert total(booking(BOOKED, lasting(MONDAY, 60), AMSTERDAM)) == ("8.5", "10.115")


def test_an_element_that_is_for_a_booking_and_a_reservation_is_for_neither() -> None:
    of = tariff(when(flat("9.00"), booking=BookingRestriction.BOOKING, **RESERVED))

    assert total(booking(of, lasting(MONDAY, 60), AMSTERDAM)) == ("0", "0")
    assert total(reservation(of, lasting(MONDAY, 60), AMSTERDAM, expired=False)) == ("0", "0")


def test_the_limits_of_a_session_do_not_limit_a_booking() -> None:
    of = tariff(when(flat("2.00"), booking=BookingRestriction.BOOKING), min_price=PriceLimit(Decimal(5), Decimal(5)))

    assert total(booking(of, lasting(MONDAY, 60), AMSTERDAM)) == ("2", "2")


def test_a_session_of_no_time_costs_nothing_even_under_a_minimum() -> None:
    assert total(charging(TARIFF_12, [], AMSTERDAM)) == ("0", "0")


def test_a_free_tariff_costs_nothing_and_says_so() -> None:
    bill = charging(tariff(always(flat("0.00"))), session(MONDAY, (60, "20")), AMSTERDAM)

    assert quantities(bill) == [(TariffDimension.FLAT, "1")]
    assert total(bill) == ("0", "0")


def test_a_step_of_zero_rounds_nothing() -> None:
    of = tariff(always(energy("0.25", step=0), time("6.00", step=0)))

    assert quantities(charging(of, session(MONDAY, (7, "1.2345")), AMSTERDAM)) == [
        (TariffDimension.ENERGY, "1.2345"),
        (TariffDimension.TIME, "0.1167"),
    ]


def test_power_that_is_stated_counts_rather_than_energy_over_time() -> None:
    stretch = Stretch(lasting(MONDAY, 60), Decimal("15.9999"), charging=True, power=Decimal(16))

    assert [line.element for line in charging(PER_POWER, [stretch], UTC).lines] == [1]


def test_a_current_that_is_not_known_matches_no_element_that_names_one() -> None:
    bill = charging(TARIFF_4, session(MONDAY, (60, "20")), AMSTERDAM)

    assert quantities(bill) == [(TariffDimension.FLAT, "1")]


def test_the_order_of_stretches_does_not_matter() -> None:
    parts = session(utc("2026-12-07", "16:55"), (10, "5"), (2, None))

    assert charging(TARIFF_14, parts[::-1], UTC) == charging(TARIFF_14, parts, UTC)


def test_lines_name_element_quantity_and_unit_price() -> None:
    bill = charging(TARIFF_14, session(utc("2026-12-07", "16:55"), (10, "5"), (2, None)), UTC)

    assert [(line.element, line.dimension, line.quantity, line.unit_price) for line in bill.lines] == [
        (0, TariffDimension.TIME, Decimal("0.0833"), Decimal("1.20")),
        (1, TariffDimension.TIME, Decimal("0.0833"), Decimal("2.40")),
        (1, TariffDimension.PARKING_TIME, Decimal("0.25"), Decimal("1.00")),
    ]
    assert bill.currency == "EUR"
