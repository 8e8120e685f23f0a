"""When a booked charger can be reported, what is marked for credit, and what a report may become (BUC 3.10)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.alternative import looks_elsewhere, shunned
from models.rules.booking import Booking
from models.rules.booking_location import BookingOption, BookingTerms, Confirmation, Timeslot
from models.rules.booking_state import HOLDER_REASONS, OPERATOR_REASONS, CanceledReason, ReservationStatus, lapses_at
from models.rules.charge import Charge
from models.rules.estimate import NOT_KNOWN, Estimate
from models.rules.fit import Demand
from models.rules.interval import EARLIEST, LATEST, Interval
from models.rules.price import ZERO, Price
from models.rules.problem_report import (
    CANCELED_FOR,
    CONTEST_MINUTES,
    FOLLOWING,
    ChargerProblem,
    ProblemReport,
    ProblemReportStatus,
    booking_fee,
    reportable,
    reported,
)
from models.rules.role import Role
from tests.factories.catalogue import NOW, TERMS, at, hours

TEN = hours(10, 11)
PAID = Price(Decimal("2.5000"), (), Decimal("2.5000"))
CHARGING = Price(Decimal("40.0000"), (), Decimal("40.0000"))
IN_TIME = NOW + timedelta(minutes=CONTEST_MINUTES, microseconds=-1)
TOO_LATE = NOW + timedelta(minutes=CONTEST_MINUTES)
OPEN, CONTESTED, UPHELD, DISMISSED, WITHDRAWN = ProblemReportStatus


def a_booking(terms: BookingTerms = TERMS, price: Estimate | None = None, period: Interval = TEN) -> Booking:
    """Return a booking of E1."""
    return Booking(
        id=UUID(int=1),
        location_id="NL*ABC*LOC1",
        booking_location_id="NL*ABC*LOC1-ANY",
        cpo_id="NL*ABC",
        emsp_id="NL*EMS",
        contract_ids=("C1",),
        request_id="R",
        authorization_reference="A",
        reference="ABCDEFGHJK",
        revision=1,
        status=ReservationStatus.RESERVED,
        canceled_reason=None,
        who_canceled=None,
        timeslot=Timeslot(period),
        evse_id="NL*ABC*LOC1*E1",
        connector_id="NL*ABC*LOC1*E1*1",
        parking_bay_id=None,
        evse_pinned=True,
        evse_revealed_at=None,
        demand=Demand(),
        license_plate=None,
        booking_option=BookingOption(),
        booking_terms=terms,
        confirmation=Confirmation.INSTANT,
        tariffs=(),
        reserved_at=NOW,
        lapses_at=lapses_at(period, terms),
        last_updated=NOW,
        price=price,
    )


def a_report(role: Role = Role.EMSP, *, contested: bool = False) -> ProblemReport:
    """Return a report that was made now."""
    reporter = "NL*ABC" if role is Role.CPO else "NL*EMS"
    one = reported(UUID(int=2), a_booking(), ChargerProblem.BLOCKED, "A van.", (role, reporter), NOW)
    return one.contested("No van there.", NOW) if contested else one


@pytest.mark.parametrize(
    ("terms", "start"),
    [
        (TERMS, at(9.5)),
        (replace(TERMS, early_start_allowed=True, early_start_time=30), at(9)),
        (replace(TERMS, early_start_allowed=False, early_start_time=30), at(9.5)),
    ],
)
def test_a_charger_is_reported_from_half_an_hour_before_the_booking_opens_until_a_day_after_its_slot(
    terms: BookingTerms, start: object
) -> None:
    possible = reportable(a_booking(terms))

    assert (possible.start, possible.end) == (start, at(11, day=1))


@pytest.mark.parametrize("period", [Interval(EARLIEST, TEN.end), Interval(TEN.start, LATEST)])
def test_the_ends_of_time_are_no_fault(period: Interval) -> None:
    possible = reportable(a_booking(period=period))

    assert EARLIEST <= possible.start <= period.start
    assert period.end <= possible.end <= LATEST


@pytest.mark.parametrize(
    ("price", "fee"),
    [
        (None, None),
        (NOT_KNOWN, None),
        (Estimate(ZERO, "EUR", CHARGING, "EUR", CHARGING), None),
        (Estimate(None, None, CHARGING, "EUR", None), None),
        (Estimate(PAID, "EUR", CHARGING, "EUR", PAID + CHARGING), Charge(PAID, "EUR")),
        (Estimate(PAID, "CHF", CHARGING, "EUR", None), Charge(PAID, "CHF")),
    ],
)
def test_what_the_booking_alone_cost_is_marked_for_credit(price: Estimate | None, fee: Charge | None) -> None:
    assert booking_fee(a_booking(price=price)) == fee


@pytest.mark.parametrize("problem", ChargerProblem)
def test_the_booking_is_canceled_for_a_reason_that_holder_and_operator_may_give(problem: ChargerProblem) -> None:
    assert CANCELED_FOR[problem] in HOLDER_REASONS & OPERATOR_REASONS


@pytest.mark.parametrize("role", [Role.EMSP, Role.TO])
def test_a_holders_report_is_open_for_two_days_and_then_upheld(role: Role) -> None:
    one = a_report(role)

    assert (one.status, one.resolved_at) == (OPEN, None)
    assert one.contest_until == at(6, day=2)
    assert (one.standing(IN_TIME), one.standing(TOO_LATE)) == (OPEN, UPHELD)


def test_an_operators_own_report_is_upheld_at_once() -> None:
    one = a_report(Role.CPO)

    assert (one.status, one.resolved_at, one.resolution) == (UPHELD, NOW, None)
    assert not any(one.may_become(status, NOW) for status in ProblemReportStatus)


def test_what_is_contested_in_time_stays_so_until_it_is_resolved() -> None:
    one = a_report(contested=True)

    assert (one.status, one.contested_at, one.contest_reason) == (CONTESTED, NOW, "No van there.")
    assert one.standing(TOO_LATE) is CONTESTED
    assert {status for status in ProblemReportStatus if one.may_become(status, TOO_LATE)} == {
        UPHELD,
        DISMISSED,
        WITHDRAWN,
    }


def test_a_report_that_is_not_contested_cannot_be_dismissed_and_too_late_nothing_can_be_done() -> None:
    one = a_report()

    assert {status for status in ProblemReportStatus if one.may_become(status, IN_TIME)} == {
        CONTESTED,
        UPHELD,
        WITHDRAWN,
    }
    assert not any(one.may_become(status, TOO_LATE) for status in ProblemReportStatus)


@pytest.mark.parametrize("status", [UPHELD, DISMISSED, WITHDRAWN])
def test_what_is_settled_changes_no_more(status: ProblemReportStatus) -> None:
    one = a_report(contested=True).settled(status, NOW, "Seen on camera.")

    assert (one.status, one.resolved_at, one.resolution) == (status, NOW, "Seen on camera.")
    assert one.contest_reason == "No van there."
    assert status not in FOLLOWING
    assert not any(one.may_become(other, NOW) for other in ProblemReportStatus)


@given(st.lists(st.tuples(st.sampled_from(ProblemReportStatus), st.integers(0, 4 * 24 * 60)), max_size=8))
def test_whatever_is_wished_for_in_whatever_order_a_report_is_settled_at_most_once(
    wishes: list[tuple[ProblemReportStatus, int]],
) -> None:
    one, settled = a_report(), 0
    for wish, minutes in sorted(wishes, key=lambda each: each[1]):
        now = NOW + timedelta(minutes=minutes)
        if one.may_become(wish, now):
            one = one.contested("Why.", now) if wish is CONTESTED else one.settled(wish, now)
            settled += wish is not CONTESTED
        assert (one.status in (OPEN, CONTESTED)) == (one.resolved_at is None)
    assert settled == (one.resolved_at is not None)


@pytest.mark.parametrize("problem", ChargerProblem)
@pytest.mark.parametrize("role", [Role.EMSP, Role.TO, Role.CPO])
def test_who_could_not_charge_has_a_right_to_another_charger(problem: ChargerProblem, role: Role) -> None:
    canceled = ReservationStatus.CANCELED
    one = replace(a_booking(), status=canceled, canceled_reason=CANCELED_FOR[problem], who_canceled=role)

    assert looks_elsewhere(one)
    assert shunned(one).overlaps(hours(12, 13)) == (role is not Role.CPO)


def test_who_cancels_for_reasons_of_its_own_has_none() -> None:
    canceled, reason = ReservationStatus.CANCELED, CanceledReason.BROKEN_VEHICLE
    one = replace(a_booking(), status=canceled, canceled_reason=reason, who_canceled=Role.TO)

    assert not looks_elsewhere(one)
    assert shunned(one) == TEN


def test_a_report_and_its_booking_are_named_by_their_operator() -> None:
    one = a_report()

    assert one.object_id == f"NL*ABC*{str(UUID(int=2)).upper()}"
    assert one.booking_object_id == a_booking().object_id
