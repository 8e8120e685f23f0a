"""What of a booking is billed as it stands: its fee, changes, cancellation, no-show, and what a report undoes."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal

import pytest

from models.rules.bill import BillKind
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_bill import standing
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge, cancellation_charge
from models.rules.price import price_of
from models.rules.problem_report import ChargerProblem, ProblemReport, ProblemReportStatus
from models.rules.role import Role
from models.rules.tariff import BookingRestriction, TaxIncluded
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.catalogue import NOW, TERMS, at
from tests.rules.bills import (
    CREATED,
    GRANTED,
    PRICED,
    bills,
    canceled_at,
)
from tests.rules.tariffs import flat, tariff, time, when


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
