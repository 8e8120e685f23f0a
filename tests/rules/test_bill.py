"""What is to be billed of a booking as it stands: each fact once and each minute once (BUC 4.1)."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.bill import Bill, BillKind, Charged, LineKind, of_session, standing
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge
from models.rules.interval import Interval
from models.rules.price import price_of
from models.rules.problem_report import ChargerProblem, ProblemReport, ProblemReportStatus
from models.rules.role import Role
from models.rules.session import Reading, Session, SessionStatus, StopReason
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


def bills(one: Booking, *charged: Charged, waived: frozenset[FeeKind] = frozenset()) -> dict[BillKind, Bill]:
    found = standing(one, charged, None, waived, UTC)
    assert len({bill.subject for bill in found}) == len(found)
    return {bill.kind: bill for bill in found}


def amounts(bill: Bill) -> dict[LineKind, Decimal]:
    return {line.kind: line.price.before_taxes for line in bill.lines}


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
    request = BookingRequest(
        RequestKind.CANCEL, RequestStatus.ACCEPTED, NOW, NOW, Role.EMSP, "NL*EMS", fee=fee, position=1
    )
    canceled = replace(
        GRANTED,
        status=ReservationStatus.CANCELED,
        canceled_reason=CanceledReason.TRAFFIC,
        who_canceled=Role.EMSP,
        booking_requests=(CREATED, request),
    )
    found = bills(canceled)
    assert list(found) == [BillKind.CANCELLATION]
    assert found[BillKind.CANCELLATION].total.after_taxes == Decimal("4.8000")
    assert bills(canceled, waived=frozenset({FeeKind.CANCELLATION})) == {}


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
)
def test_every_minute_is_billed_once_and_every_kilowatt_hour(
    start: int, length: int, shares: list[int], grace: int
) -> None:
    by = tariff(
        when(time("1.00", None, 1), booking=OVERTIME),
        always(energy("1.00", None, 1), time("1.00", None, 1), parking("1.00", None, 1)),
    )
    terms = replace(TERMS, late_stop_allowed=True, late_stop_time=grace)
    one = fulfilled(replace(GRANTED, tariffs=(by,), booking_terms=terms), 10 + start / 60)
    begin, end = 10 + start / 60, 10 + (start + length) / 60
    step, energies, total = length / len(shares) / 60, [], 0
    for number, share in enumerate(shares, 1):
        total += share
        energies.append((begin + number * step, str(total)))
    (bill,) = standing(one, [used(begin, end, *energies, by=by)], None, frozenset(), UTC)
    hours = sum(
        (
            line.quantity
            for line in bill.lines
            if line.kind in (LineKind.TIME, LineKind.PARKING_TIME, LineKind.OVERTIME)
        ),
        Decimal(0),
    )
    assert abs(hours - Decimal(length) / 60) < Decimal("0.0013")
    assert sum((line.quantity for line in bill.lines if line.kind is LineKind.ENERGY), Decimal(0)) == total
