"""When reminders of a booking are due: as they are asked for, and as the booking moves."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.rules.reminder import LONGEST_MINUTES, Reminder, asked, due_at, moved, named, parts
from tests.factories.catalogue import at

MINUTES = st.sets(st.integers(1, LONGEST_MINUTES), max_size=5)


def test_a_reminder_is_due_so_many_minutes_before_the_start() -> None:
    assert asked((), (60, 120, 60), at(10), at(6)) == (Reminder(120, at(8)), Reminder(60, at(9)))


def test_of_those_whose_moment_has_passed_when_they_are_asked_for_the_last_alone_is_sent() -> None:
    found = asked((), (1440, 300, 240, 60), at(10), at(6))

    assert found == (
        Reminder(1440, at(-14), at(6)),
        Reminder(300, at(5), at(6)),
        Reminder(240, at(6)),
        Reminder(60, at(9)),
    )


def test_what_was_asked_before_stays_as_it_is_and_what_is_not_asked_again_goes() -> None:
    known = (Reminder(300, at(5), at(5)), Reminder(120, at(8)), Reminder(30, at(9.5)))

    assert asked(known, (300, 120, 60), at(10), at(6)) == (*known[:2], Reminder(60, at(9)))


def test_a_booking_that_starts_later_is_reminded_of_again() -> None:
    known = [Reminder(120, at(8), at(8)), Reminder(60, at(9))]

    assert moved(known, at(12), at(8.5)) == (Reminder(120, at(10)), Reminder(60, at(11)))


def test_a_booking_that_starts_sooner_is_reminded_of_at_once_but_once() -> None:
    known = [Reminder(300, at(7)), Reminder(240, at(8)), Reminder(30, at(11.5))]

    assert moved(known, at(9), at(6)) == (Reminder(30, at(8.5)), Reminder(300, at(4), at(6)), Reminder(240, at(5)))


def test_a_reminder_that_was_sent_or_is_about_to_be_stays_so_when_the_start_does_not_move_it() -> None:
    known = (Reminder(300, at(5), at(5)), Reminder(250, at(10) - timedelta(minutes=250)), Reminder(240, at(6)))

    assert moved(known, at(10), at(7)) == known


@given(MINUTES, st.integers(0, 2 * LONGEST_MINUTES), st.integers(0, 2 * LONGEST_MINUTES))
def test_whatever_moves_every_reminder_that_lies_ahead_is_to_be_sent(
    minutes: set[int], was: int, now_in: int
) -> None:
    now = at(6)
    old, new = now + timedelta(minutes=was), now + timedelta(minutes=now_in)
    found = moved(asked((), minutes, old, now), new, now)

    assert {one.minutes_before for one in found} == minutes
    assert all(one.due_at == due_at(new, one.minutes_before) for one in found)
    assert all(one.sent_at is None for one in found if one.due_at > now)


@given(st.integers(1, LONGEST_MINUTES))
def test_the_name_of_a_reminder_tells_booking_and_minutes(minutes: int) -> None:
    assert parts(named("NL*ABC*1#2", minutes)) == ("NL*ABC*1#2", minutes)
