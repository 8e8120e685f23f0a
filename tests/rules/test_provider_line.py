"""What an EMSP adds, line by line: whether a booking's stands, how a share is rounded, and which months are over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.bill import Bill, BillKind
from models.rules.booking import BookingRequest
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.cdr import Cdr, CdrPlace
from models.rules.parties import Parties
from models.rules.payment import PaymentState
from models.rules.price import Price, TaxAmount
from models.rules.problem_report import ChargerProblem, ProblemReportStatus, reported
from models.rules.provider_fee import ProviderFee
from models.rules.provider_line import (
    ProviderLineKind,
    fee_stands,
    markup,
    month_begin,
    monthly,
    months,
    per_booking,
    taken_back,
)
from models.rules.role import Role
from tests.factories.bookings import a_booking
from tests.factories.catalogue import NOW, at, hours
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT

CREATED = BookingRequest(RequestKind.CREATE, RequestStatus.ACCEPTED, NOW, NOW, Role.EMSP, "NL*EMS")
GRANTED = a_booking(booking_requests=(CREATED,), contract_ids=(FLEET_CONTRACT,), license_plate="12-ABC-3")
PLACE = CdrPlace("NL*ABC*LOC1", "LOC1", None, "", "", None, None, "NLD", Decimal(0), Decimal(0), "Europe/Amsterdam")
AN_ID = UUID(int=7)


def a_fee(**changes: Any) -> ProviderFee:
    plain: dict[str, Any] = {
        "emsp_id": "NL*EMS",
        "id": "SERVICE",
        "name": "Service",
        "currency": "EUR",
        "per_booking": Decimal("0.75"),
        "percentage": Decimal(2),
        "per_month": Decimal("9.90"),
        "vat": Decimal(21),
        "contract_ids": (),
        "last_updated": NOW,
    }
    return ProviderFee(**{**plain, **changes})


def a_cdr(before: str = "8.50", currency: str = "EUR", contracts: tuple[str, ...] = (FLEET_CONTRACT,)) -> Cdr:
    amount = Decimal(before)
    return Cdr(
        parties=Parties("NL*ABC", "NL*EMS", None, contracts),
        local_id="CDR1",
        number=None,
        bill=Bill(BillKind.BOOKING, "booking", currency, (), hours(10, 11), 1),
        total=Price(amount, (), amount),
        location_id="NL*ABC*LOC1",
        booking_id=GRANTED.id,
        authorization_reference=None,
        contract_id=contracts[0],
        license_plate=None,
        token=None,
        auth_method=None,
        place=PLACE,
        energy=Decimal(0),
        readings=(),
        tariffs=(),
        issued_at=NOW,
    )


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({}, True),
        ({"status": ReservationStatus.FULFILLED}, True),
        ({"status": ReservationStatus.NO_SHOW}, True),
        ({"status": ReservationStatus.CANCELED, "who_canceled": Role.TO}, True),
        ({"status": ReservationStatus.CANCELED, "who_canceled": Role.EMSP}, True),
        ({"status": ReservationStatus.CANCELED, "who_canceled": Role.CPO}, False),
        ({"status": ReservationStatus.FAILED}, False),
        ({"booking_requests": (replace(CREATED, status=RequestStatus.PENDING),)}, False),
        ({"booking_requests": (replace(CREATED, status=RequestStatus.DECLINED),)}, False),
        ({"booking_requests": (replace(CREATED, kind=RequestKind.CHANGE),)}, False),
    ],
)
def test_what_is_taken_for_a_booking_stands_unless_its_operator_did_not_keep_it(
    changes: dict[str, Any], stands: bool
) -> None:
    reason = CanceledReason.FULL if "who_canceled" in changes else None

    assert fee_stands(replace(GRANTED, canceled_reason=reason, **changes), None) is stands


@pytest.mark.parametrize("status", ProblemReportStatus)
def test_a_report_of_its_charger_takes_it_back_only_once_it_is_upheld(status: ProblemReportStatus) -> None:
    one = replace(GRANTED, status=ReservationStatus.CANCELED, who_canceled=Role.TO)
    report = reported(uuid4(), one, ChargerProblem.BLOCKED, None, (Role.TO, "NL*EMS"), NOW)

    assert fee_stands(one, replace(report, status=status)) is (status is not ProblemReportStatus.UPHELD)


def test_the_line_of_a_booking_is_its_fees_sum_with_tax() -> None:
    line = per_booking(a_fee(), GRANTED, AN_ID, at(9))

    assert line is not None
    assert line.price == Price(
        Decimal("0.7500"), (TaxAmount("VAT", Decimal(21), Decimal("0.1575")),), Decimal("0.9075")
    )
    assert (line.kind, line.booking_object_id, line.cdr_object_id) == ("PER_BOOKING", GRANTED.object_id, None)
    assert (line.contract_ids, line.contract_id, line.license_plate) == (
        (FLEET_CONTRACT,),
        FLEET_CONTRACT,
        "12-ABC-3",
    )
    assert (line.state, line.issued_at, line.name) == (PaymentState.DUE, at(9), "Service")


def test_a_line_is_for_the_contracts_that_its_fee_is_for_and_no_others() -> None:
    shared = replace(GRANTED, contract_ids=(FLEET_CONTRACT, OTHER_CONTRACT))
    mine = a_fee(contract_ids=(FLEET_CONTRACT, "ELSE"))

    for line in (
        per_booking(mine, shared, AN_ID, NOW),
        markup(mine, a_cdr(contracts=shared.contract_ids), AN_ID, NOW),
    ):
        assert line is not None
        assert line.contract_ids == (FLEET_CONTRACT,)
    everybodys = per_booking(a_fee(), shared, AN_ID, NOW)
    assert everybodys is not None
    assert (everybodys.contract_ids, everybodys.contract_id) == (shared.contract_ids, None)
    assert monthly(mine, OTHER_CONTRACT, "2026-12", AN_ID, NOW) is None


def test_a_fee_that_takes_nothing_makes_no_line() -> None:
    free = a_fee(per_booking=Decimal(0), percentage=Decimal(0), per_month=Decimal(0))

    assert per_booking(free, GRANTED, AN_ID, NOW) is None
    assert markup(free, a_cdr(), AN_ID, NOW) is None
    assert markup(a_fee(), a_cdr("0"), AN_ID, NOW) is None
    assert monthly(free, FLEET_CONTRACT, "2026-12", AN_ID, NOW) is None


def test_no_share_is_taken_of_what_is_in_another_currency() -> None:
    assert markup(a_fee(), a_cdr(currency="CHF"), AN_ID, NOW) is None


@given(st.decimals(0, 1_000_000, places=4), st.decimals(0, 1000, places=4))
def test_a_share_is_exact_but_for_one_rounding_half_up(before: Decimal, percentage: Decimal) -> None:
    line = markup(a_fee(percentage=percentage), a_cdr(str(before)), AN_ID, NOW)

    exact = Decimal(int(Fraction(before) * Fraction(percentage) * 100 + Fraction(1, 2))).scaleb(-4)
    assert (line.price.before_taxes if line else Decimal(0)) == exact


def test_what_takes_a_line_back_is_all_of_it_with_the_opposite_sign() -> None:
    line = markup(a_fee(), a_cdr(), AN_ID, NOW)
    assert line is not None
    paid = replace(line, state=PaymentState.PAID, invoice_id="I1")

    back = taken_back(paid, UUID(int=8), at(9), "CDR1-C")

    assert (line.price + back.price).after_taxes == 0
    assert (back.credits, back.cdr_id, back.state, back.invoice_id) == (AN_ID, "CDR1-C", PaymentState.DUE, None)
    assert (back.kind, back.issued_at) == (ProviderLineKind.MARKUP, at(9))
    assert replace(back, id=line.id, price=line.price, issued_at=NOW, cdr_id="CDR1", credits=None) == line


def test_the_months_that_are_over_are_those_of_utc_and_none_that_goes_on() -> None:
    since = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    new_year = datetime(2027, 1, 1, tzinfo=UTC)

    def over(until: datetime) -> list[str]:
        return [name for name, _ in months(since, until)]

    assert over(new_year) == ["2026-11", "2026-12"]
    assert over(new_year - timedelta(microseconds=1)) == ["2026-11"]
    assert over(datetime(2026, 12, 1, tzinfo=UTC) - timedelta(microseconds=1)) == []
    assert over(new_year.astimezone(timezone(timedelta(hours=-5)))) == ["2026-11", "2026-12"]


@given(st.integers(-400_000, 400_000), st.integers(0, 800))
def test_months_follow_each_other_without_a_gap(hour: int, days: int) -> None:
    since = NOW + timedelta(hours=hour)
    until = since + timedelta(days=days)
    found = [period for _, period in months(since, until)]

    ends = [month_begin(since), *(one.end for one in found)]
    assert [one.start for one in found] == ends[:-1]
    assert ends[-1] == max(month_begin(since), month_begin(until))
