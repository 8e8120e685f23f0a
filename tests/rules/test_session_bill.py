"""What a session that ended is billed for: energy, minutes once each, overtime, having come late."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.bill import BillKind, LineKind
from models.rules.booking_bill import standing
from models.rules.interval import Interval
from models.rules.session_bill import of_session
from models.rules.tariff import Tariff
from models.rules.terms_fee import FeeKind
from tests.factories.catalogue import TERMS, at
from tests.rules.bills import (
    BOOKING,
    GRANTED,
    LATE,
    OVERTIME,
    amounts,
    bills,
    fulfilled,
    unpriced,
    used,
)
from tests.rules.tariffs import always, energy, flat, parking, tariff, time, when


def test_a_session_costs_energy_time_and_parking_to_the_fourth_decimal() -> None:
    found = bills(fulfilled(GRANTED, 10), used(10, 11, (10.5, "33.333"), (10.75, "33.333")))
    session = found[BillKind.SESSION]
    assert amounts(session) == {
        LineKind.ENERGY: Decimal("16.6665"),
        LineKind.TIME: Decimal("3.0000"),
        LineKind.PARKING_TIME: Decimal("6.0000"),
    }
    assert session.total.before_taxes == Decimal("25.6665")


def test_a_session_of_no_time_costs_its_energy_by_the_tariff_of_its_moment_and_no_time() -> None:
    by = tariff(
        when(energy("0.30", "20"), end_time="10:00"),
        when(energy("0.90", "20"), min_power="50"),
        always(flat("1.00", "20"), energy("0.50", "20", 1000), time("6.00", "20", 3600), parking("9.00", "20")),
    )
    session = bills(fulfilled(GRANTED, 10), used(10, 10, (10, "2.5"), by=by))[BillKind.SESSION]
    assert amounts(session) == {LineKind.FLAT: Decimal("1.0000"), LineKind.ENERGY: Decimal("1.5000")}
    assert session.period == Interval(at(10), at(10) + timedelta(microseconds=1))


def test_a_session_of_no_time_costs_its_energy_also_in_overtime_and_having_come_late() -> None:
    strict = replace(GRANTED, booking_terms=replace(TERMS, fees=(LATE,)))
    session = bills(fulfilled(strict, 11.5), used(11.5, 11.5, (11.5, "2.5")))[BillKind.SESSION]
    assert amounts(session) == {LineKind.ENERGY: Decimal("1.2500"), LineKind.LATE_ARRIVAL: Decimal("7.50")}


def test_a_session_of_neither_time_nor_energy_costs_nothing() -> None:
    by = tariff(always(flat("1.00"), energy("0.50"), time("6.00", None, 60)))
    strict = replace(GRANTED, booking_terms=replace(TERMS, fees=(LATE,)))
    for charged in (used(11.5, 11.5, by=by), used(11.5, 11.5, (11.5, "0"), by=by)):
        assert list(bills(fulfilled(strict, 11.5), charged)) == [BillKind.BOOKING]


def test_the_standards_own_figure_of_a_session_in_steps_of_five_minutes() -> None:
    by = tariff(always(time("2.00", "10", 300)))
    charged = used(10, 11.973, (11.973, "10"), by=by)
    (bill,) = of_session(charged, None, frozenset(), UTC)
    assert (bill.total.before_taxes, bill.total.taxes[0].amount) == (Decimal("4.0000"), Decimal("0.4000"))


def test_minutes_of_overtime_are_billed_as_overtime_alone_and_energy_goes_on() -> None:
    found = bills(fulfilled(GRANTED, 10), used(10, 11.5, (11.5, "90")))
    assert amounts(found[BillKind.SESSION]) == {
        LineKind.ENERGY: Decimal("45.0000"),
        LineKind.TIME: Decimal("6.0000"),
        LineKind.OVERTIME: Decimal("15.0000"),
    }
    waived = bills(fulfilled(GRANTED, 10), used(10, 11.5, (11.5, "90")), waived=frozenset({FeeKind.OVERTIME}))
    assert amounts(waived[BillKind.SESSION])[LineKind.TIME] == Decimal("9.0000")


def test_minutes_before_overtime_are_not_rounded_up_into_it() -> None:
    hourly = (time("6.00", "20", 3600), energy("1.00", None, 1000))
    by = tariff(when(time("30.00", "20", 60), booking=OVERTIME), always(*hourly))
    one = fulfilled(replace(GRANTED, tariffs=(by,)), 10.5)
    (bill,) = standing(one, [used(10.5, 11.25, (11.25, "9.5"), by=by)], None, frozenset(), UTC)
    assert {line.kind: line.quantity for line in bill.lines} == {
        LineKind.ENERGY: Decimal("10.0000"),
        LineKind.TIME: Decimal("0.5000"),
        LineKind.OVERTIME: Decimal("0.2500"),
    }


@pytest.mark.parametrize("tariffs", [(), (tariff(when(flat("2.00", "20"), booking=BOOKING)),)])
def test_energy_that_nobody_prices_is_billed_at_nothing(tariffs: tuple[Tariff, ...]) -> None:
    (bill,) = of_session(unpriced(used(10, 10.5, (10.5, "30")), *tariffs), None, frozenset(), UTC)
    currency = tariffs[0].currency if tariffs else "XXX"
    assert (bill.currency, bill.total.after_taxes, bill.subject) == (
        currency,
        Decimal(0),
        f"session {bill.session_id}",
    )
    assert [(line.kind, line.quantity) for line in bill.lines] == [(LineKind.ENERGY, Decimal(30))]
    assert of_session(unpriced(used(10, 10.5), *tariffs), None, frozenset(), UTC) == []


def test_energy_is_billed_in_its_currency_though_all_of_it_came_in_overtime_of_another_one() -> None:
    by = tariff(always(time("6.00", None, 1)))
    franc = tariff(when(time("30.00", None, 1), booking=OVERTIME), currency="CHF")
    one = fulfilled(replace(GRANTED, tariffs=(franc,)), 11.0)
    found = {bill.currency: bill for bill in of_session(used(11, 11.5, (11.5, "90"), by=by), one, frozenset(), UTC)}
    assert found["EUR"].subject == f"session {found['EUR'].session_id}"
    assert amounts(found["EUR"]) == {LineKind.ENERGY: Decimal(0)}
    assert amounts(found["CHF"]) == {LineKind.OVERTIME: Decimal(15)}


def test_a_late_stop_that_the_terms_grant_is_no_overtime() -> None:
    granted = replace(GRANTED, booking_terms=replace(TERMS, late_stop_allowed=True, late_stop_time=15))
    found = bills(fulfilled(granted, 10), used(10, 11.5, (11.5, "90")))
    assert amounts(found[BillKind.SESSION])[LineKind.OVERTIME] == Decimal("7.5000")


def test_who_comes_late_pays_for_that_once() -> None:
    strict = replace(GRANTED, booking_terms=replace(TERMS, fees=(LATE,)))
    late = bills(fulfilled(strict, 10.2), used(10.2, 10.5, (10.5, "10")))[BillKind.SESSION]
    assert amounts(late)[LineKind.LATE_ARRIVAL] == Decimal("7.50")
    on_time = bills(fulfilled(strict, 10.05), used(10.05, 10.5, (10.5, "10")))[BillKind.SESSION]
    assert LineKind.LATE_ARRIVAL not in amounts(on_time)
    second = fulfilled(strict, 10)
    assert LineKind.LATE_ARRIVAL not in amounts(bills(second, used(10.4, 10.5, (10.5, "1")))[BillKind.SESSION])


def test_what_is_priced_in_two_currencies_is_two_bills() -> None:
    dear = tariff(when(time("30.00", "20", 60), booking=OVERTIME), id="NL*ABC*O", currency="CHF")
    plain = tariff(always(energy("0.50", "20")))
    booked = replace(GRANTED, tariffs=(plain, dear))
    found = standing(fulfilled(booked, 10), [used(10, 11.5, (11.5, "90"), by=plain)], None, frozenset(), UTC)
    assert [bill.currency for bill in found] == ["CHF", "EUR"]
    assert len({bill.subject for bill in found}) == 2


@given(
    start=st.integers(0, 80),
    length=st.integers(1, 200),
    shares=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    grace=st.integers(0, 30),
    step=st.sampled_from([1, 60, 900]),
)
def test_every_minute_is_billed_once_and_every_kilowatt_hour(
    start: int, length: int, shares: list[int], grace: int, step: int
) -> None:
    by = tariff(
        when(time("1.00", None, 1), booking=OVERTIME),
        always(energy("1.00", None, 1), time("1.00", None, step), parking("1.00", None, step)),
    )
    terms = replace(TERMS, late_stop_allowed=True, late_stop_time=grace)
    one = fulfilled(replace(GRANTED, tariffs=(by,), booking_terms=terms), 10 + start / 60)
    begin, end = 10 + start / 60, 10 + (start + length) / 60
    energies, total = [], 0
    for number, share in enumerate(shares, 1):
        total += share
        energies.append((begin + number * length / len(shares) / 60, str(total)))
    (bill,) = standing(one, [used(begin, end, *energies, by=by)], None, frozenset(), UTC)
    hours = sum(
        (
            line.quantity
            for line in bill.lines
            if line.kind in (LineKind.TIME, LineKind.PARKING_TIME, LineKind.OVERTIME)
        ),
        Decimal(0),
    )
    stayed = any(line.kind is LineKind.OVERTIME for line in bill.lines)
    rounding = Decimal("0.0013") + (0 if stayed else Decimal(step) / 3600)
    assert Decimal("-0.0013") < hours - Decimal(length) / 60 < rounding
    assert sum((line.quantity for line in bill.lines if line.kind is LineKind.ENERGY), Decimal(0)) == total
