"""When the holder of a booking is reminded of it (BUC 2.10): so many minutes before it begins."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_REMINDERS = 5
LONGEST_MINUTES = 14 * 24 * 60
_MARK = "#"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder of a booking; `sent_at` is when it was sent, or when nobody needed it any more."""

    minutes_before: int
    due_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReminderPreference:
    """How long before a booking a party is reminded, if the booking says nothing; of one contract, or of all."""

    contract_id: str | None
    minutes_before: tuple[int, ...]


def asked(
    known: Collection[Reminder], minutes: Iterable[int], start: datetime, now: datetime
) -> tuple[Reminder, ...]:
    """Return the reminders that are wanted from now on; one that is `known` already stays as it is.

    Of new ones whose moment has passed the last alone is sent, at once: several would say the same.
    """
    kept = {one.minutes_before: one for one in known}
    wanted = sorted(set(minutes), reverse=True)
    old = [kept[one] for one in wanted if one in kept]
    new = [Reminder(one, due_at(start, one)) for one in wanted if one not in kept]
    return (*old, *_last_of_late(new, now))


def moved(known: Iterable[Reminder], start: datetime, now: datetime) -> tuple[Reminder, ...]:
    """Return the reminders of a booking that starts at another time; those that lie ahead are sent, or sent again.

    Of those whose moment has passed with that, and that were not sent, the last alone is sent, at once.
    """
    late: list[Reminder] = []
    others: list[Reminder] = []
    for old in known:
        new = replace(old, due_at=due_at(start, old.minutes_before))
        if new.due_at > now:
            new = replace(new, sent_at=None)
        passed_by_that = new.sent_at is None and new.due_at <= now < old.due_at
        (late if passed_by_that else others).append(new)
    return (*others, *_last_of_late(late, now))


def due_at(start: datetime, minutes: int) -> datetime:
    """Return when a reminder is due."""
    return start - timedelta(minutes=minutes)


def named(booking_id: str, minutes: int) -> str:
    """Return what a reminder is called in events: the booking's composite id, a mark, and the minutes."""
    return f"{booking_id}{_MARK}{minutes}"


def parts(name: str) -> tuple[str, int]:
    """Return the booking's composite id and the minutes of a reminder that events name."""
    booking_id, _, minutes = name.rpartition(_MARK)
    return booking_id, int(minutes)


def _last_of_late(reminders: Iterable[Reminder], now: datetime) -> list[Reminder]:
    """Settle those whose moment has passed, all but the last of them."""
    found = list(reminders)
    last = max((one.due_at for one in found if one.due_at <= now), default=None)
    return [replace(one, sent_at=now) if last is not None and one.due_at < last else one for one in found]
