"""What is to be billed of a booking as it stands: each fact once and each minute once (BUC 4.1)."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.bill import Bill, BillKind, Charged, LineKind
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_bill import standing
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge, cancellation_charge
from models.rules.interval import Interval
from models.rules.price import price_of
from models.rules.problem_report import ChargerProblem, ProblemReport, ProblemReportStatus
from models.rules.role import Role
from models.rules.session import Reading, Session, SessionStatus, StopReason
from models.rules.session_bill import of_session
from models.rules.tariff import BookingRestriction, Tariff, TaxIncluded
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.bookings import a_booking
from tests.factories.catalogue import NOW, TERMS, at
from tests.factories.sessions import a_session
from tests.rules.tariffs import always, energy, flat, parking, tariff, time, when

BOOKING, EXPIRES, OVERTIME = (
    BookingRestriction.BOOKING,
    BookingRestriction.BOOKING_EXPIRES,
    BookingRestriction.BOOKING_OVERTIME,
)
PRICED = tariff(
    when(flat("2.00", "20"), time("4.00", "20", 60), booking=BOOKING),
    when(flat("10.00", "20"), booking=EXPIRES),
    when(time("30.00", "20", 60), booking=OVERTIME),
    always(energy("0.50", "20"), time("6.00", "20", 1), parking("12.00", "20", 1)),
)
CREATED = BookingRequest(RequestKind.CREATE, RequestStatus.ACCEPTED, NOW, NOW, Role.EMSP, "NL*EMS")
LATE = TermsFee(FeeKind.LATE_ARRIVAL, Decimal("7.50"), "EUR", Decimal(20))
GRANTED = a_booking(tariffs=(PRICED,), booking_requests=(CREATED,))
"""From ten to eleven."""


def used(start: float, end: float, *readings: tuple[float, str], by: Tariff = PRICED) -> Charged:
    """Return a session between two hours, with its readings."""
    counted = tuple(Reading(at(hour), Decimal(kwh)) for hour, kwh in readings)
    session: Session = a_session(
        start_date_time=at(start),
        end_date_time=at(end),
        status=SessionStatus.COMPLETED,
        stop_reason=StopReason.DRIVER,
        occupied_until=None,
        tariffs=(by,),
        kwh=counted[-1].kwh if counted else Decimal(0),
    )
    return Charged(session, counted)


def fulfilled(one: Booking, start: float) -> Booking:
    return replace(one, status=ReservationStatus.FULFILLED, charging_started_at=at(start))


def unpriced(charged: Charged, *tariffs: Tariff) -> Charged:
    """Return a session whose tariffs price no charging."""
    return replace(charged, session=replace(charged.session, tariffs=tariffs))


def bills(one: Booking, *charged: Charged, waived: frozenset[FeeKind] = frozenset()) -> dict[BillKind, Bill]:
    found = standing(one, charged, None, waived, UTC)
    assert len({bill.subject for bill in found}) == len(found)
    return {bill.kind: bill for bill in found}


def amounts(bill: Bill) -> dict[LineKind, Decimal]:
    return {line.kind: line.price.before_taxes for line in bill.lines}


def canceled_at(one: Booking, fee: Charge) -> Booking:
    """Return a booking that its holder canceled at a fee."""
    request = BookingRequest(
        RequestKind.CANCEL, RequestStatus.ACCEPTED, NOW, NOW, Role.EMSP, "NL*EMS", fee=fee, position=1
    )
    return replace(
        one,
        status=ReservationStatus.CANCELED,
        canceled_reason=CanceledReason.TRAFFIC,
        who_canceled=Role.EMSP,
        booking_requests=(CREATED, request),
    )


def test_a_granted_booking_costs_its_fee_by_the_length_of_its_slot() -> None:
    (fee,) = standing(GRANTED, (), None, frozenset(), UTC)
    assert (fee.kind, fee.total.after_taxes) == (BillKind.BOOKING, Decimal("7.2000"))
    assert [(line.tariff_id, line.element) for line in fee.lines] == [(PRICED.id, 0), (PRICED.id, 0)]


@pytest.mark.parametrize("status", [ReservationStatus.PENDING, ReservationStatus.REJECTED, ReservationStatus.FAILED])
def test_one_that_was_not_granted_costs_nothing(status: ReservationStatus) -> None:
    asked = replace(CREATED, status=RequestStatus.DECLINED)
    assert bills(replace(GRANTED, status=status, booking_requests=(asked,))) == {}


def test_a_cancellation_costs_its_own_fee_alone_as_it_was_quoted() -> None:
    fee = Charge(price_of(Decimal("4.00"), Decimal(20), TaxIncluded.NO), "EUR")
    found = bills(canceled_at(GRANTED, fee))
    assert list(found) == [BillKind.CANCELLATION]
    assert found[BillKind.CANCELLATION].total.after_taxes == Decimal("4.8000")
    assert bills(canceled_at(GRANTED, fee), waived=frozenset({FeeKind.CANCELLATION})) == {}


def test_a_cancellation_names_the_elements_that_price_it_while_they_come_to_what_was_quoted() -> None:
    by = tariff(
        when(flat("2.00", "21"), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
        when(time("3.00", "9", 60), booking=BookingRestriction.BOOKING_CANCELLATION_FEES),
    )
    quoted = cancellation_charge((by,), GRANTED.timeslot.period, UTC)
    assert quoted is not None
    other = Charge(price_of(Decimal("4.00"), Decimal(20), TaxIncluded.NO), "EUR")

    by_element = bills(canceled_at(replace(GRANTED, tariffs=(by,)), quoted))[BillKind.CANCELLATION]
    as_amount = bills(canceled_at(replace(GRANTED, tariffs=(by,)), other))[BillKind.CANCELLATION]

    assert [
        (line.tariff_id, line.element, line.quantity, line.unit_price, line.vat) for line in by_element.lines
    ] == [
        (by.id, 0, Decimal(1), Decimal("2.00"), Decimal(21)),
        (by.id, 1, Decimal(1), Decimal("3.00"), Decimal(9)),
    ]
    assert by_element.total == quoted.price
    assert [(line.tariff_id, line.vat, line.price) for line in as_amount.lines] == [(None, Decimal(20), other.price)]


def test_a_change_is_billed_by_the_terms_and_revision_that_priced_it() -> None:
    strict = replace(TERMS, fees=(TermsFee(FeeKind.MODIFICATION, Decimal(5), "EUR", Decimal(20)),))
    fee = Charge(price_of(Decimal(5), Decimal(20), TaxIncluded.NO), "EUR")
    request = BookingRequest(
        RequestKind.CHANGE,
        RequestStatus.ACCEPTED,
        NOW,
        NOW,
        Role.EMSP,
        "NL*EMS",
        fee=fee,
        position=1,
        revision=1,
        priced_by=strict,
    )
    one = replace(GRANTED, revision=3, booking_requests=(CREATED, request))

    change = bills(one)[BillKind.MODIFICATION]

    assert (change.revision, change.booking_terms, change.lines[0].vat) == (1, strict, Decimal(20))


def test_a_no_show_keeps_the_fee_and_adds_its_own_unless_that_is_waived() -> None:
    gone = replace(GRANTED, status=ReservationStatus.NO_SHOW)
    found = bills(gone)
    assert {kind: bill.total.before_taxes for kind, bill in found.items()} == {
        BillKind.BOOKING: 6,
        BillKind.NO_SHOW: 10,
    }
    assert list(bills(gone, waived=frozenset({FeeKind.NO_SHOW}))) == [BillKind.BOOKING]
    without = replace(gone, booking_terms=replace(TERMS, noshow_fee=False))
    assert list(bills(without)) == [BillKind.BOOKING]


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


@pytest.mark.parametrize(
    ("status", "stands"),
    [
        (ProblemReportStatus.OPEN, True),
        (ProblemReportStatus.CONTESTED, True),
        (ProblemReportStatus.DISMISSED, True),
        (ProblemReportStatus.WITHDRAWN, True),
        (ProblemReportStatus.UPHELD, False),
    ],
)
def test_the_fee_of_a_booking_whose_charger_was_reported_stands_until_that_is_upheld(
    status: ProblemReportStatus, stands: bool
) -> None:
    canceled = replace(
        GRANTED,
        status=ReservationStatus.CANCELED,
        canceled_reason=CanceledReason.BLOCKED,
        who_canceled=Role.TO,
    )
    found = standing(canceled, (), a_report(canceled, status), frozenset(), UTC)
    assert [bill.kind for bill in found] == ([BillKind.BOOKING] if stands else [])
    no_show = replace(GRANTED, status=ReservationStatus.NO_SHOW)
    kinds = [bill.kind for bill in standing(no_show, (), a_report(no_show, status), frozenset(), UTC)]
    assert kinds == ([BillKind.BOOKING, BillKind.NO_SHOW] if stands else [])


@pytest.mark.parametrize("status", ProblemReportStatus)
def test_a_booking_that_its_operator_canceled_costs_nothing_whatever_becomes_of_a_report(
    status: ProblemReportStatus,
) -> None:
    canceled = replace(
        GRANTED,
        status=ReservationStatus.CANCELED,
        canceled_reason=CanceledReason.BROKEN_CHARGER,
        who_canceled=Role.CPO,
    )
    assert standing(canceled, (), a_report(canceled, status), frozenset(), UTC) == []


def a_report(one: Booking, status: ProblemReportStatus) -> ProblemReport:
    return ProblemReport(
        id=one.id,
        location_id=one.location_id,
        booking_id=one.id,
        evse_id=one.evse_id,
        parties=one.parties,
        problem=ChargerProblem.BLOCKED,
        description=None,
        status=status,
        role=Role.TO,
        reporter_id="NL*EMS",
        reported_at=NOW,
        contest_until=at(12),
        contested_at=None,
        contest_reason=None,
        resolved_at=None,
        resolution=None,
        fee=None,
        last_updated=NOW,
    )


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
