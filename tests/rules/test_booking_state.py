"""The phase of a booking at a moment, when it lapses, its charger is told, and what it costs nothing until."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.booking_location import MOST_MINUTES, BookingTerms
from models.rules.booking_state import (
    LIVE,
    Outcome,
    Phase,
    ReservationStatus,
    cancel_until,
    change_until,
    ended,
    expires_at,
    lapses_at,
    outcome,
    phase,
    revealed_at,
)
from models.rules.interval import EARLIEST, LATEST, Interval
from tests.factories.catalogue import TERMS, at, hours
from tests.rules.timeline import moment

HOUR = timedelta(hours=1)
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


@pytest.mark.parametrize(
    ("now", "expected"),
    [(at(6), Phase.CHANGE_PENDING), (at(9.74), Phase.CHANGE_PENDING), (at(9.75), Phase.DUE), (at(10), Phase.LATE)],
)
def test_a_granted_booking_whose_change_is_asked_for_shows_that_until_it_is_due(
    now: datetime, expected: Phase
) -> None:
    assert phase(ReservationStatus.RESERVED, TEN_TO_ELEVEN, EARLY, now, changing=True) is expected


@given(st.sampled_from([one for one in ReservationStatus if one is not ReservationStatus.RESERVED]), MOMENTS)
def test_a_request_on_any_other_booking_leaves_its_phase(status: ReservationStatus, now: datetime) -> None:
    asked = phase(status, TEN_TO_ELEVEN, EARLY, now, changing=True)

    assert asked is phase(status, TEN_TO_ELEVEN, EARLY, now)


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


def test_a_change_costs_nothing_until_the_minutes_of_the_terms() -> None:
    terms = replace(TERMS, change_until_minutes=90, cancel_until_minutes=30)

    assert change_until(TEN_TO_ELEVEN, terms) == at(8.5)
    assert change_until(TEN_TO_ELEVEN, replace(terms, change_until_minutes=0)) == at(10)


@pytest.mark.parametrize(
    ("timeout", "expected"), [(0, at(10)), (30, at(10.5)), (60, at(11)), (90, at(11)), (None, at(11))]
)
def test_a_booking_is_over_with_its_timeout_or_without_one_with_its_slot_but_never_later(
    timeout: int | None, expected: datetime
) -> None:
    assert lapses_at(TEN_TO_ELEVEN, replace(TERMS, noshow_timeout=timeout)) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (TERMS, at(10)),
        (replace(TERMS, reveal_minutes=0), at(10)),
        (replace(TERMS, reveal_minutes=120), at(8)),
        (EARLY, at(9.75)),
        (replace(EARLY, reveal_minutes=5), at(9.75)),
        (replace(EARLY, reveal_minutes=60), at(9)),
        (replace(EARLY, early_start_allowed=False, reveal_minutes=5), at(10 - 5 / 60)),
        (replace(EARLY, early_start_time=None), at(10)),
    ],
)
def test_the_charger_is_told_so_long_before_as_the_terms_say_and_at_the_latest_on_arrival(
    terms: BookingTerms, expected: datetime
) -> None:
    assert revealed_at(TEN_TO_ELEVEN, terms, at(6)) == expected


ANY_MINUTES = st.sampled_from([0, 60, MOST_MINUTES, 2**31 - 1, 10**15]) | st.integers(0, MOST_MINUTES)


@given(
    st.datetimes(timezones=st.just(UTC)) | st.sampled_from([EARLIEST, LATEST - HOUR]),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=2)),
    st.lists(ANY_MINUTES, min_size=5, max_size=5),
)
def test_no_terms_and_no_period_are_beyond_what_can_be_told(
    start: datetime, duration: timedelta, minutes: list[int]
) -> None:
    period = Interval(start, min(LATEST, start + duration) if start <= LATEST - duration else LATEST)
    change, cancel, early, noshow, reveal = minutes
    terms = replace(
        EARLY,
        change_until_minutes=change,
        cancel_until_minutes=cancel,
        early_start_time=early,
        noshow_timeout=noshow,
        reveal_minutes=reveal,
    )

    assert EARLIEST <= change_until(period, terms) <= period.start
    assert EARLIEST <= cancel_until(period, terms) <= period.start
    assert EARLIEST <= revealed_at(period, terms, EARLIEST) <= period.start
    assert period.start <= lapses_at(period, terms) <= period.end
    assert period.start <= (expires_at(period, terms) or LATEST) <= LATEST
    assert phase(ReservationStatus.RESERVED, period, terms, period.start) is Phase.LATE
    assert phase(ReservationStatus.RESERVED, period, terms, EARLIEST) in {Phase.CONFIRMED, Phase.DUE, Phase.LATE}


@given(MOMENTS, st.none() | st.integers(0, 24 * 60))
def test_the_charger_is_never_told_in_the_past(now: datetime, minutes: int | None) -> None:
    terms = replace(EARLY, reveal_minutes=minutes)

    assert revealed_at(TEN_TO_ELEVEN, terms, now) == max(now, revealed_at(TEN_TO_ELEVEN, terms, at(0, day=-1)))


@pytest.mark.parametrize(
    ("status", "by_operator", "expected"),
    [
        (ReservationStatus.PENDING, False, Outcome.OPEN),
        (ReservationStatus.RESERVED, False, Outcome.OPEN),
        (ReservationStatus.FULFILLED, False, Outcome.CHARGED),
        (ReservationStatus.NO_SHOW, False, Outcome.NO_SHOW),
        (ReservationStatus.REJECTED, False, Outcome.REJECTED),
        (ReservationStatus.FAILED, False, Outcome.FAILED),
        (ReservationStatus.CANCELED, False, Outcome.CANCELED_BY_HOLDER),
        (ReservationStatus.CANCELED, True, Outcome.CANCELED_BY_OPERATOR),
    ],
)
def test_the_outcome_tells_what_became_of_a_booking_and_who_canceled_it(
    status: ReservationStatus, by_operator: bool, expected: Outcome
) -> None:
    assert outcome(status, by_operator) is expected


@given(st.sets(st.sampled_from(Outcome)))
def test_the_states_of_some_outcomes_are_those_that_lead_to_them(wanted: set[Outcome]) -> None:
    found = ended(wanted)

    assert {outcome(status, by_operator) for status, by_operator in found} == wanted
    assert all(
        ((status, by_operator) in found) == (outcome(status, by_operator) in wanted)
        for status in ReservationStatus
        for by_operator in (False, True)
    )
