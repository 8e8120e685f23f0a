"""The phase of a booking at a moment, when it lapses, and until when it is canceled for nothing."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking_location import BookingTerms
from models.rules.booking_state import LIVE, Phase, ReservationStatus, cancel_until, expires_at, phase
from tests.factories.catalogue import TERMS, at, hours
from tests.rules.timeline import moment

TEN_TO_ELEVEN = hours(10, 11)
EARLY = replace(TERMS, early_start_allowed=True, early_start_time=15)
MOMENTS = st.integers(0, 24 * 60).map(moment)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(6), Phase.CONFIRMED),
        (at(9.74), Phase.CONFIRMED),
        (at(9.75), Phase.DUE),
        (at(9.99), Phase.DUE),
        (at(10), Phase.LATE),
        (at(12), Phase.LATE),
    ],
)
def test_a_granted_booking_is_due_when_its_terms_let_it_start_and_late_from_its_start(
    now: datetime, expected: Phase
) -> None:
    assert phase(ReservationStatus.RESERVED, TEN_TO_ELEVEN, EARLY, now) is expected


@pytest.mark.parametrize(
    "terms",
    [
        TERMS,
        replace(EARLY, early_start_time=None),
        replace(EARLY, early_start_allowed=False),
        replace(EARLY, early_start_allowed=None),
    ],
)
def test_without_early_start_a_booking_is_never_due_before_its_start(terms: BookingTerms) -> None:
    assert phase(ReservationStatus.RESERVED, TEN_TO_ELEVEN, terms, at(9.99)) is Phase.CONFIRMED
    assert phase(ReservationStatus.RESERVED, TEN_TO_ELEVEN, terms, at(10)) is Phase.LATE


@given(st.sampled_from(ReservationStatus), MOMENTS)
def test_time_moves_the_phase_of_a_granted_booking_only(status: ReservationStatus, now: datetime) -> None:
    found = phase(status, TEN_TO_ELEVEN, EARLY, now)

    expected = {
        ReservationStatus.PENDING: Phase.AWAITING_OPERATOR,
        ReservationStatus.FULFILLED: Phase.COMPLETED,
        ReservationStatus.REJECTED: Phase.REJECTED,
        ReservationStatus.FAILED: Phase.FAILED,
        ReservationStatus.CANCELED: Phase.CANCELED,
        ReservationStatus.NO_SHOW: Phase.NO_SHOW,
    }
    if status is ReservationStatus.RESERVED:
        assert found in {Phase.CONFIRMED, Phase.DUE, Phase.LATE}
    else:
        assert found is expected[status]


def test_a_booking_is_live_until_it_is_decided_against_or_used() -> None:
    assert {ReservationStatus.PENDING, ReservationStatus.RESERVED} == LIVE


def test_an_unused_booking_lapses_after_the_timeout_of_its_terms() -> None:
    assert expires_at(TEN_TO_ELEVEN, TERMS) == at(10.5)
    assert expires_at(TEN_TO_ELEVEN, replace(TERMS, noshow_timeout=0)) == at(10)
    assert expires_at(TEN_TO_ELEVEN, replace(TERMS, noshow_timeout=None)) is None


def test_a_cancellation_costs_nothing_until_the_minutes_of_the_terms() -> None:
    assert cancel_until(TEN_TO_ELEVEN, TERMS) == at(9)
    assert cancel_until(TEN_TO_ELEVEN, replace(TERMS, cancel_until_minutes=0)) == at(10)
