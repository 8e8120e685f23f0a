"""How a charger was used: stretches of constant power, cut wherever a tariff may change its mind."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from models.rules.interval import Interval
from models.rules.local_clock import shown, steady
from models.rules.pricing_condition import Circumstances, Exact
from models.rules.pricing_rules import Cuts, Rules

MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000
"""An hour in the microseconds that times are counted in."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a session in which power is constant: energy in kWh, current in A over all phases.

    `charging` is False while the vehicle is connected and takes nothing (PARKING_TIME). A power in kW is given only
    where it is known better than from energy and time. A current of None is not known, or 0 while parked. One that is
    not `timed` bills its energy only, because a fee of its own prices its time.
    """

    period: Interval
    energy: Decimal | Fraction
    charging: bool
    current: Decimal | None = None
    power: Decimal | None = None
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a stretch in which no restriction begins or ends: energy in kWh, time in µs, and what holds there."""

    charging: bool
    energy: Exact
    time: Exact
    now: Circumstances | None
    timed: bool = True


def cut_at(stretches: Iterable[Stretch], moment: datetime) -> Iterator[Stretch]:
    """Yield stretches, the one that goes on at a moment as two; its energy is shared by time, exactly."""
    for one in stretches:
        if not one.period.start < moment < one.period.end:
            yield one
            continue
        before, after = Interval(one.period.start, moment), Interval(moment, one.period.end)
        share = Fraction(before.duration // MICROSECOND, one.period.duration // MICROSECOND)
        drawn = Fraction(one.energy) * share
        yield replace(one, period=before, energy=drawn)
        yield replace(one, period=after, energy=Fraction(one.energy) - drawn)


def pieces(stretches: Iterable[Stretch], rules: Rules, zone: tzinfo) -> Iterator[Piece]:
    """Yield a session, in order of time, cut where the restrictions of `rules` may begin or cease to hold.

    Durations run from the start of the first stretch, pauses between stretches included.
    """
    ordered = sorted(stretches, key=lambda stretch: stretch.period.start)
    consumed: Exact = 0
    for stretch in ordered:
        if rules.restricted:
            elapsed = (stretch.period.start - ordered[0].period.start) // MICROSECOND
            yield from _cut(stretch, rules.cuts, zone, consumed, elapsed)
            consumed += Fraction(stretch.energy)
        else:
            energy = Fraction(stretch.energy) if stretch.energy else 0
            yield Piece(stretch.charging, energy, stretch.period.duration // MICROSECOND, None, stretch.timed)


def _cut(stretch: Stretch, cuts: Cuts, zone: tzinfo, consumed: Exact, elapsed: int) -> Iterator[Piece]:
    energy, time = Fraction(stretch.energy), stretch.period.duration // MICROSECOND
    rate = energy / time
    power = rate * HOUR if stretch.power is None else Fraction(stretch.power)
    current = None if stretch.current is None else Fraction(stretch.current)
    if current is None and not stretch.charging:
        current = Fraction(0)
    inner: set[Exact] = {end - elapsed for end in _between(cuts.durations, elapsed, elapsed + time)}
    inner |= {(end - consumed) / rate for end in _between(cuts.energy, consumed, consumed + energy)}
    for begin, end, local in _by_clock(stretch.period, cuts.minutes, zone):
        edges: list[Exact] = [begin, *sorted(edge for edge in inner if begin < edge < end), end]
        for left, right in pairwise(edges):
            before = consumed + rate * left if left else consumed
            drawn = energy if right - left == time else rate * (right - left)
            now = Circumstances(local, before, elapsed + left, power, current)
            yield Piece(stretch.charging, drawn, right - left, now, stretch.timed)


def _between(ends: Sequence[Fraction], low: Exact, high: Exact) -> Sequence[Fraction]:
    """Return those of sorted `ends` that lie strictly between."""
    return ends[bisect_right(ends, low) : bisect_left(ends, high)]


def _by_clock(period: Interval, minutes: Sequence[int], zone: tzinfo) -> Iterator[tuple[int, int, datetime | None]]:
    """Yield the parts of a period between those minutes of the local day, in µs from its start.

    Each comes with what the local clock shows at its start; nobody asks the clock where no minutes are given.
    """
    if not minutes:
        yield 0, period.duration // MICROSECOND, None
        return
    start = period.start.astimezone(UTC)
    for begin, end, ahead in steady(start, period.end, zone):
        moments = [begin, *shown(begin, end, ahead, minutes), end]
        for left, right in pairwise(moments):
            yield (left - start) // MICROSECOND, (right - start) // MICROSECOND, left + ahead
