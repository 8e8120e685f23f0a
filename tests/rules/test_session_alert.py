"""When warnings of a session are due: before its end, before a state of charge, and as both move."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.rules.session import Reading
from models.rules.session_alert import (
    LONGEST_MINUTES,
    AlertKind,
    AlertWish,
    SessionAlert,
    alerts,
    ends_at,
    moved,
    named,
    parts,
    projected,
)
from tests.factories.catalogue import at
from tests.factories.sessions import a_session

MINUTES = st.sets(st.integers(1, LONGEST_MINUTES), max_size=5)
ENDING, TARGET, OVER = AlertKind.SLOT_ENDING, AlertKind.TARGET_REACHED, AlertKind.NO_LONGER_ALLOWED
MINUTE = timedelta(minutes=1)
ONE = a_session()
"""A session in the slot from ten to eleven, which may be charged in until a quarter past."""


def read(*charges: int | None, every: int = 1) -> list[Reading]:
    """Return readings of those states of charge, every so many minutes from ten on."""
    return [Reading(at(10) + number * every * MINUTE, Decimal(0), None, one) for number, one in enumerate(charges)]


def ahead(*known: SessionAlert) -> dict[tuple[AlertKind, int], datetime | None]:
    """Return when the warnings that are to come are due."""
    return {(one.kind, one.minutes_before): one.due_at for one in known if one.sent_at is None}


def test_who_never_said_is_warned_a_quarter_before_the_end_and_nobody_of_a_target() -> None:
    assert ahead(*alerts(ONE, AlertWish(), None, at(10))) == {(ENDING, 15): at(10.75), (OVER, 0): at(11.25)}


def test_warnings_are_due_so_many_minutes_before_the_end_and_before_the_projected_moment() -> None:
    wish = AlertWish((30, 5, 30), 80, (10,))

    assert ahead(*alerts(ONE, wish, at(10.5), at(10))) == {
        (OVER, 0): at(11.25),
        (ENDING, 30): at(10.5),
        (ENDING, 5): at(11) - 5 * MINUTE,
        (TARGET, 10): at(10.5) - 10 * MINUTE,
    }


def test_a_use_without_a_booking_ends_when_it_is_no_longer_allowed_if_that_is_known() -> None:
    unlimited = a_session(slot_end=None, allowed_until=None)

    assert ends_at(a_session(slot_end=None)) == at(11.25)
    assert ahead(*alerts(a_session(slot_end=None), AlertWish(), None, at(10))) == {
        (ENDING, 15): at(11),
        (OVER, 0): at(11.25),
    }
    assert ahead(*alerts(unlimited, AlertWish(), None, at(10))) == {(ENDING, 15): None, (OVER, 0): None}


def test_of_warnings_whose_moment_has_passed_when_they_are_asked_for_the_last_of_each_kind_is_sent() -> None:
    found = alerts(ONE, AlertWish((30, 20, 5), 80, (60, 45)), at(11.25), at(10.75))

    assert ahead(*found) == {
        (OVER, 0): at(11.25),
        (ENDING, 20): at(11) - 20 * MINUTE,
        (ENDING, 5): at(11) - 5 * MINUTE,
        (TARGET, 45): at(10.5),
    }


def test_what_was_sent_stays_sent_when_warnings_are_asked_for_anew_and_what_is_not_asked_again_goes() -> None:
    sent = SessionAlert(ENDING, 30, at(10.5), at(10.5))
    known = (sent, SessionAlert(ENDING, 10, at(11) - 10 * MINUTE))

    found = alerts(ONE, AlertWish((30, 5)), None, at(10.75), known)

    assert sent in found
    assert ahead(*found) == {(OVER, 0): at(11.25), (ENDING, 5): at(11) - 5 * MINUTE}


def test_another_target_is_warned_of_anew_and_the_same_one_is_not() -> None:
    before = a_session(target_state_of_charge=60)
    known = (SessionAlert(TARGET, 10, at(10.25), at(10.25)),)

    same = alerts(before, AlertWish((), 60, (10,)), at(10.5), at(10.25), known)
    other = alerts(before, AlertWish((), 80, (10,)), at(10.75), at(10.25), known)

    assert ahead(*same) == {(OVER, 0): at(11.25)}
    assert ahead(*other) == {(OVER, 0): at(11.25), (TARGET, 10): at(10.75) - 10 * MINUTE}


def test_an_end_that_moves_away_is_warned_of_again_and_one_that_comes_nearer_at_once() -> None:
    known = (SessionAlert(ENDING, 15, at(10.75), at(10.75)), SessionAlert(OVER, 0, at(11.25)))
    longer, shorter = (a_session(slot_end=one, allowed_until=one) for one in (at(12), at(10.75)))

    assert ahead(*moved(longer, None, known, at(10.8))) == {(ENDING, 15): at(11.75), (OVER, 0): at(12)}
    assert ahead(*moved(shorter, None, known, at(10.8))) == {(OVER, 0): at(10.75)}
    assert moved(ONE, None, known, at(10.8)) == known


def test_a_limit_that_goes_and_comes_again_is_told_of_again() -> None:
    known = (SessionAlert(OVER, 0, at(11.25), at(11.25)),)
    unlimited = moved(a_session(allowed_until=None), None, known, at(11.5))

    assert ahead(*unlimited) == {(OVER, 0): None}
    assert ahead(*moved(a_session(allowed_until=at(13)), None, unlimited, at(12))) == {(OVER, 0): at(13)}


def test_a_target_is_warned_of_once_however_its_moment_moves() -> None:
    sent = SessionAlert(TARGET, 10, at(10.25), at(10.25))
    known = (sent, SessionAlert(TARGET, 5, at(10.5)))

    later = moved(ONE, at(10.75), known, at(10.25))
    unknown = moved(ONE, None, later, at(10.3))
    reached = moved(ONE, at(10.35), unknown, at(10.4))

    assert [ahead(*one) for one in (later, unknown, reached)] == [
        {(TARGET, 5): at(10.75) - 5 * MINUTE},
        {(TARGET, 5): None},
        {(TARGET, 5): at(10.35) - 5 * MINUTE},
    ]


def test_a_target_that_is_reached_before_any_warning_of_it_is_told_once() -> None:
    known = tuple(SessionAlert(TARGET, minutes) for minutes in (60, 30, 10))

    assert list(ahead(*moved(ONE, at(10.5), known, at(10.5)))) == [(TARGET, 10)]


def test_warnings_that_are_due_already_stay_so_when_nothing_moves_them() -> None:
    known = (SessionAlert(ENDING, 30, at(10.5)), SessionAlert(ENDING, 20, at(11) - 20 * MINUTE))

    assert moved(ONE, None, known, at(10.8)) == known


def test_a_target_lies_on_the_line_through_the_last_ten_minutes() -> None:
    assert projected(read(40, 41, 42), 80) == at(10) + 40 * MINUTE
    assert projected(read(10, 40, 41, 41, 42, every=5), 50) == at(10) + 100 * MINUTE
    assert projected(read(40, None, 42, None, every=10), 44) == at(10) + 40 * MINUTE


def test_nothing_is_projected_without_a_target_a_state_of_charge_or_a_rise() -> None:
    assert projected(read(40, 41), None) is None
    assert projected([], 80) is None
    assert projected(read(None, None, None), 80) is None
    assert projected(read(40), 80) is None
    assert projected(read(41, 41), 80) is None
    assert projected(read(42, 41), 80) is None


def test_a_target_was_reached_when_it_was_first_read() -> None:
    assert projected(read(79, 80, 85, 79), 80) == at(10) + MINUTE
    assert projected(read(90), 80) == at(10)


@given(st.lists(st.none() | st.integers(0, 100), max_size=8), st.integers(1, 100), st.integers(1, 30))
def test_what_is_projected_lies_ahead_of_the_last_reading_unless_it_was_read(
    charges: list[int | None], target: int, every: int
) -> None:
    readings = read(*charges, every=every)
    known = [one for one in readings if one.state_of_charge is not None]
    found = projected(readings, target)

    was_read = [one.at for one in known if (one.state_of_charge or 0) >= target]
    if was_read:
        assert found == was_read[0]
    elif found is not None:
        assert found > known[-1].at
        assert (known[-1].state_of_charge or 0) > min(one.state_of_charge or 0 for one in known[:-1])


@given(st.integers(0, 60), st.integers(1, 4), st.integers(2, 9), st.integers(1, 10), st.integers(61, 100))
def test_a_steady_rise_is_projected_exactly(begun: int, rise: int, number: int, every: int, target: int) -> None:
    found = projected(read(*(begun + rise * one for one in range(number)), every=every), target)

    expected = at(10) + every * MINUTE * (target - begun) / rise
    last = begun + rise * (number - 1)
    assert found is not None
    assert last >= target or abs(found - expected) < timedelta(milliseconds=1)


@given(MINUTES, MINUTES, st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_whatever_moves_every_warning_that_lies_ahead_of_the_end_is_to_be_sent_and_at_most_one_late(
    before_end: set[int], before_target: set[int], was: int, is_now: int, reached: int
) -> None:
    old, new = (a_session(slot_end=at(10) + one * MINUTE, allowed_until=None) for one in (was, is_now))
    wish = AlertWish(tuple(before_end), 80, tuple(before_target))
    begun = alerts(old, wish, None, at(10))
    found = moved(new, at(10) + reached * MINUTE, begun, at(10))

    assert {one.minutes_before for one in found if one.kind is ENDING} == before_end
    assert {one.minutes_before for one in found if one.kind is TARGET} == before_target
    assert all(one.sent_at is None for one in found if one.due_at is not None and one.due_at > at(10))
    late = [one for one in found if one.kind is TARGET and one.due_at is not None and one.due_at <= at(10)]
    assert sum(one.sent_at is None for one in late) == min(1, len(late))


@given(st.sampled_from(AlertKind), st.integers(0, LONGEST_MINUTES))
def test_the_name_of_a_warning_tells_session_kind_and_minutes(kind: AlertKind, minutes: int) -> None:
    assert parts(named("NL*ABC*1#2", kind, minutes)) == ("NL*ABC*1#2", kind, minutes)
