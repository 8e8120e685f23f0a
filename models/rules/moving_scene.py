"""Who is where at a Location when room is to be made for one more, and who would be in whose way elsewhere."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from uuid import UUID

from models.rules.interval import Interval

Key = tuple[str, str | None]
"""A charger and the bay with it, as an allocation blocks them."""

Resource = tuple[bool, str]
"""A charger (True) or a bay, by its id; the two may have the same."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a holder occupies, and the chargers and bays it may be moved to: none, if it stays."""

    id: UUID
    holder: UUID
    key: Key
    period: Interval
    elsewhere: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Newcomer:
    """For whom room is to be made, when, and where it may be; those that are named first are preferred."""

    holder: UUID
    period: Interval
    keys: tuple[Key, ...]


class Scene:
    """The newcomer and all that may have to do with it, each by a number; sets of them are bits of an integer.

    The newcomer's number is the last. Those of one holder are never in each other's way, and none of the newcomer's
    holder moves.
    """

    def __init__(self, newcomer: Newcomer, placed: Iterable[Placed]) -> None:
        """Leave out whatever no chain of moves can reach."""
        own = newcomer.holder
        there = [replace(one, elsewhere=()) if one.holder == own else one for one in placed]
        self.placed = _near(newcomer.period, there)
        self.newcomer = len(self.placed)
        self.movable = sum(1 << number for number, one in enumerate(self.placed) if one.elsewhere)
        self._who: list[Placed | Newcomer] = [*self.placed, newcomer]
        self._keys = [*(one.elsewhere for one in self.placed), newcomer.keys]
        self._at: dict[Resource, _Row] = {}
        for number, one in enumerate(self.placed):
            for resource in resources(one.key):
                self._at.setdefault(resource, _Row()).add(number, one.period)
        self._met: dict[tuple[int, Key], int] = {}
        self._options: dict[int, tuple[Key, ...]] = {}

    def period(self, number: int) -> Interval:
        """Return when it is there."""
        return self._who[number].period

    def kept(self, number: int) -> Key | None:
        """Return where it is; None of the newcomer."""
        return None if number == self.newcomer else self.placed[number].key

    def overlap(self, one: int, other: int) -> bool:
        """Whether two may not be at one charger, nor in one bay."""
        mine, its = self._who[one], self._who[other]
        return mine.holder != its.holder and mine.period.overlaps(its.period)

    def met(self, number: int, key: Key) -> int:
        """Return in whose way it would be there, as long as they are where they are."""
        known = self._met.get((number, key))
        if known is None:
            known, period = 0, self.period(number)
            for resource in resources(key):
                row = self._at.get(resource)
                for other in row.around(period) if row else ():
                    if self.overlap(number, other):
                        known |= 1 << other
            self._met[number, key] = known
        return known

    def keys(self, number: int) -> Sequence[Key]:
        """Return where else it may be, but for those that stay."""
        kept = self.kept(number)
        return [key for key in self._keys[number] if key != kept]

    def bars(self, number: int, key: Key) -> bool:
        """Whether one that stays is in its way there."""
        return self.met(number, key) & ~self.movable != 0

    def options(self, number: int) -> tuple[Key, ...]:
        """Return where else it may be without being in the way of any that stay."""
        known = self._options.get(number)
        if known is None:
            known = tuple(key for key in self.keys(number) if not self.bars(number, key))
            self._options[number] = known
        return known

    def is_full(self) -> bool:
        """Whether at some moment of the newcomer's time there are more to seat than chargers, or than bays, for them.

        That settles most cases, for whatever is there is seated already: one more seat is looked for.
        """
        period = self.period(self.newcomer)
        there = [one for one in members(self.movable) if self.period(one).overlaps(period)]
        if len({self.placed[one].holder for one in there}) < len(there):
            return False
        moments = {period.start, *(start for one in there if (start := self.period(one).start) > period.start)}
        for moment in moments:
            now = [one for one in there if self.period(one).start <= moment < self.period(one).end]
            if not self._seats(now, bays=False) or not self._seats(now, bays=True):
                return True
        return False

    def _seats(self, there: Sequence[int], *, bays: bool) -> bool:
        """Whether the newcomer finds a charger or bay when those that are there change theirs."""
        taken: dict[str, int] = {}
        for one in there:
            kept = self.placed[one].key[bays]
            if kept is not None:
                taken[kept] = one

        def seat(one: int, tried: set[str]) -> bool:
            for option in self.options(one):
                wanted = option[bays]
                if wanted is None:
                    return True
                if wanted not in tried:
                    tried.add(wanted)
                    if wanted not in taken or not self.overlap(one, taken[wanted]) or seat(taken[wanted], tried):
                        taken[wanted] = one
                        return True
            return False

        return seat(self.newcomer, set())


class _Row:
    """Who is at one charger or bay, in the order of their starts."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []

    def add(self, number: int, period: Interval) -> None:
        """Note one that starts no earlier than those before."""
        self._numbers.append(number)
        self._starts.append(period.start)
        self._ends.append(max(period.end, self._ends[-1]) if self._ends else period.end)

    def around(self, period: Interval) -> Sequence[int]:
        """Return all that overlap a period, and few others."""
        return self._numbers[bisect_right(self._ends, period.start) : bisect_left(self._starts, period.end)]


def resources(key: Key) -> tuple[Resource, ...]:
    """Return what is occupied by whoever is there."""
    evse_id, parking_bay_id = key
    return ((True, evse_id),) if parking_bay_id is None else ((True, evse_id), (False, parking_bay_id))


def members(numbers: int) -> Iterator[int]:
    """Yield the numbers of a set."""
    while numbers:
        lowest = numbers & -numbers
        yield lowest.bit_length() - 1
        numbers ^= lowest


def _near(period: Interval, placed: Iterable[Placed]) -> list[Placed]:
    """Return, in order of time, what overlaps the period, or something that may move and is near itself."""
    remaining = sorted(placed, key=lambda one: (one.period.start, one.id))
    span, reached = period, None
    while span != reached:
        reached = span
        for one in chain(remaining, reversed(remaining)):
            if one.elsewhere and one.period.overlaps(span) and not span.contains(one.period):
                span = span.hull(one.period)
    return [one for one in remaining if one.period.overlaps(span)]
