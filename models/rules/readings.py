"""What the readings of a charger's meter come to: which count, and how the charger was used between them.

Readings come twice, late, in any order, and from meters that were wrong: a meter never runs backwards.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter

from models.rules.interval import Interval
from models.rules.session import Reading, ReadingOutcome
from models.rules.usage import MICROSECOND, Stretch

AHEAD = timedelta(minutes=5)
"""So far a charger's clock may be ahead of ours."""

BY_TIME = attrgetter("at")
NOTHING = Decimal(0)
WATTS = 1000
COUNTING = frozenset({ReadingOutcome.TAKEN, ReadingOutcome.LATE})
"""What becomes part of the session."""


def judged(
    known: Sequence[Reading], new: Iterable[Reading], start: datetime, end: datetime | None, now: datetime
) -> list[tuple[Reading, ReadingOutcome]]:
    """Return what becomes of each new reading, in order of time; `known` are those that count, in order of time.

    `end` is when the session ended, if it did.
    """
    counted = list(known)
    found = []
    for one in sorted(new, key=BY_TIME):
        outcome = _judged(counted, one, Interval(start, _last(start, end, now)))
        if outcome in COUNTING:
            insort(counted, one, key=BY_TIME)
        found.append((one, outcome))
    return found


def merged(known: Iterable[Reading], new: Iterable[tuple[Reading, ReadingOutcome]]) -> list[Reading]:
    """Return all that counts, in order of time."""
    return sorted([*known, *(one for one, outcome in new if outcome in COUNTING)], key=BY_TIME)


def stretches(start: datetime, readings: Sequence[Reading], end: datetime | None = None) -> list[Stretch]:
    """Return how the charger was used from `start` to the last reading, or to `end` if that is later.

    Between two readings power is taken as constant; where no energy flowed the vehicle was parked (PARKING_TIME).
    What the meter showed at `start` already is of the first stretch, or, in a session of no time, of that moment.
    """
    measured = [(one.at, one.kwh) for one in readings if one.at >= start and one.kwh is not None]
    already = measured.pop(0)[1] if measured and measured[0][0] == start else NOTHING
    points: list[tuple[datetime, Decimal]] = [(start, NOTHING), *measured]
    if end is not None and end > points[-1][0]:
        points.append((end, max(points[-1][1], already)))
    if already and len(points) == 1:
        return [_at_once(start, already)]
    return [
        Stretch(Interval(begin, until), after - before, charging=after > before)
        for (begin, before), (until, after) in pairwise(points)
    ]


def _at_once(moment: datetime, energy: Decimal) -> Stretch:
    """Return energy of which nobody knows how long it took: it is billed, its time is not, and it has no power."""
    return Stretch(Interval(moment, moment + MICROSECOND), energy, charging=True, power=NOTHING, timed=False)


def _judged(counted: Sequence[Reading], one: Reading, within: Interval) -> ReadingOutcome:
    if not within.start <= one.at <= within.end:
        return ReadingOutcome.OUTSIDE
    place = bisect_left(counted, one.at, key=BY_TIME)
    if place < len(counted) and counted[place].at == one.at:
        return ReadingOutcome.KNOWN if counted[place] == one else ReadingOutcome.CONTRADICTS
    if one.kwh is not None and _backwards(one.kwh, counted[:place], counted[place:]):
        return ReadingOutcome.BACKWARDS
    return ReadingOutcome.TAKEN if place == len(counted) else ReadingOutcome.LATE


def _backwards(kwh: Decimal, earlier: Sequence[Reading], later: Sequence[Reading]) -> bool:
    """Whether a meter that showed `kwh` between those readings would have run backwards."""
    before = next((one.kwh for one in reversed(earlier) if one.kwh is not None), NOTHING)
    after = next((one.kwh for one in later if one.kwh is not None), kwh)
    return not before <= kwh <= after


def _last(start: datetime, end: datetime | None, now: datetime) -> datetime:
    """Return the latest moment that a reading may be of; a session of no time has at least a moment."""
    return max(end if end is not None else now + AHEAD, start + MICROSECOND)
