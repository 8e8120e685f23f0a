"""When somebody is warned in a Session: before the end of the slot, and before a state of charge (BUC 3.5, 3.6)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.session import Reading, Session

MOST_ALERTS = 5
LONGEST_MINUTES = 240
DEFAULT_MINUTES = (15,)
WINDOW = timedelta(minutes=10)
"""How far back the rise of the state of charge is looked at; whole percents come too seldom for less."""
_MARK = "#"


class AlertKind(StrEnum):
    """Of what somebody is warned.

    SLOT_ENDING and TARGET_REACHED come so many minutes before; NO_LONGER_ALLOWED at that moment, to the operator too.
    CHARGER_FAULT comes with a fault of the charger.
    """

    SLOT_ENDING = "SLOT_ENDING"
    TARGET_REACHED = "TARGET_REACHED"
    NO_LONGER_ALLOWED = "NO_LONGER_ALLOWED"
    CHARGER_FAULT = "CHARGER_FAULT"


TOLD_OPERATOR = frozenset({AlertKind.NO_LONGER_ALLOWED, AlertKind.CHARGER_FAULT})
"""What concerns the operator too; the others are between a provider and its driver."""


@dataclass(frozen=True, slots=True)
class AlertWish:
    """How many minutes before the end of the slot, and before a state of charge in %, somebody wants to be warned.

    What it is unless it is said: once before the end, and never before a state of charge.
    """

    minutes_before_end: tuple[int, ...] = DEFAULT_MINUTES
    target_state_of_charge: int | None = None
    minutes_before_target: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionAlert:
    """One warning of a session; `due_at` is None while its moment is not known.

    `sent_at` is when it was sent, or when nobody needed it any more.
    """

    kind: AlertKind
    minutes_before: int
    due_at: datetime | None = None
    sent_at: datetime | None = None


def alerts(
    one: Session,
    wish: AlertWish,
    reached_at: datetime | None,
    now: datetime,
    known: Collection[SessionAlert] = (),
) -> tuple[SessionAlert, ...]:
    """Return the warnings of a session that are wanted from now on; what was sent of the `known` ones stays sent.

    `one` is the session as it was until now: a target that is another is warned of anew. `reached_at` is when the
    target is reached, as `projected`.
    """
    same_target = one.target_state_of_charge == wish.target_state_of_charge
    kept = {
        (each.kind, each.minutes_before): each
        for each in known
        if same_target or each.kind is not AlertKind.TARGET_REACHED
    }
    wanted = [SessionAlert(AlertKind.NO_LONGER_ALLOWED, 0)]
    wanted += [SessionAlert(AlertKind.SLOT_ENDING, minutes) for minutes in _sorted(wish.minutes_before_end)]
    if wish.target_state_of_charge is not None:
        wanted += [SessionAlert(AlertKind.TARGET_REACHED, minutes) for minutes in _sorted(wish.minutes_before_target)]
    return moved(one, reached_at, [kept.get((each.kind, each.minutes_before), each) for each in wanted], now)


def moved(
    one: Session, reached_at: datetime | None, known: Iterable[SessionAlert], now: datetime
) -> tuple[SessionAlert, ...]:
    """Return the `known` warnings of a session whose end, or whose projected moment of the target, is another.

    A warning of the end that lies ahead again is sent again, because that is another end; one of the target is sent
    once, however the projection moves. Of those of a kind whose moment has passed with that, the last alone is sent.
    """
    late: list[SessionAlert] = []
    others: list[SessionAlert] = []
    for old in known:
        new = replace(old, due_at=_due_at(one, reached_at, old))
        if old.kind is not AlertKind.TARGET_REACHED and _lies_ahead_again(old, new, now):
            new = replace(new, sent_at=None)
        (late if _passed_by_that(old, new, now) else others).append(new)
    return (*others, *_last_of_late(late, now))


def projected(readings: Sequence[Reading], target: int | None) -> datetime | None:
    """Return when a state of charge is, or was, reached, by readings in order of time; None if that is not known.

    It is the line through the last reading and the first of the ten minutes before, or the one before if there is
    none. Without readings of the state of charge, or while it does not rise, nothing is known: it is for the station
    to share it (BUC 3.5).
    """
    known = [(one.at, one.state_of_charge) for one in readings if one.state_of_charge is not None]
    if target is None or not known:
        return None
    reached = next((at for at, charge in known if charge >= target), None)
    if reached is not None or len(known) < 2:
        return reached
    last_at, last = known[-1]
    before = [one for one in known[:-1] if last_at - one[0] <= WINDOW] or known[-2:-1]
    first_at, first = before[0]
    if first >= last:
        return None
    return last_at + (last_at - first_at) * (target - last) / (last - first)


def ends_at(one: Session) -> datetime | None:
    """Return the end that is warned of: the slot's, or of a walk-up until when it is allowed; None if unlimited."""
    return one.slot_end or one.allowed_until


def named(session_id: str, kind: AlertKind, minutes: int) -> str:
    """Return what a warning is called in events: the session's composite id, its kind and its minutes."""
    return f"{session_id}{_MARK}{kind.value}{_MARK}{minutes}"


def parts(name: str) -> tuple[str, AlertKind, int]:
    """Return the session's composite id, the kind and the minutes of a warning that events name."""
    session_id, kind, minutes = name.rsplit(_MARK, 2)
    return session_id, AlertKind(kind), int(minutes)


def _sorted(minutes: Iterable[int]) -> list[int]:
    return sorted({*minutes}, reverse=True)


def _due_at(one: Session, reached_at: datetime | None, alert: SessionAlert) -> datetime | None:
    if alert.kind is AlertKind.SLOT_ENDING:
        moment = ends_at(one)
    elif alert.kind is AlertKind.NO_LONGER_ALLOWED:
        moment = one.allowed_until
    else:
        moment = reached_at
    return None if moment is None else moment - timedelta(minutes=alert.minutes_before)


def _lies_ahead_again(old: SessionAlert, new: SessionAlert, now: datetime) -> bool:
    """Whether the moment of a warning has moved, and is still to come."""
    return new.due_at != old.due_at and (new.due_at is None or new.due_at > now)


def _passed_by_that(old: SessionAlert, new: SessionAlert, now: datetime) -> bool:
    """Whether a warning that was to be sent later, or some time, is to be sent at once."""
    if new.sent_at is not None or new.due_at is None or new.due_at > now:
        return False
    return old.due_at is None or old.due_at > now


def _last_of_late(late: Sequence[SessionAlert], now: datetime) -> list[SessionAlert]:
    """Settle those whose moment has passed, all but the last of each kind: several would say the same."""
    last = {one.kind: one for one in sorted(late, key=lambda one: -one.minutes_before)}
    return [one if last[one.kind] is one else replace(one, sent_at=now) for one in late]
