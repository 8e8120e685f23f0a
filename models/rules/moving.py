"""Making room for one more by moving those that may move, so that no two overlap on a charger or bay (BUC 2.1)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.moving_scene import Key, Newcomer, Placed, Resource, Scene, members, resources

MOST_STEPS = 2000
"""How many places are tried in the search for the fewest moves."""

MOST_LOOKS = 20_000
"""How many places are looked at when all are seated anew, because that search came to no end.

So neither takes more than some 20 ms. Where any of the chargers will do for all that may move, the second finds room
with one look at each, if there is room at all. What may be missed is room at a site where many are pinned, by long
chains of moves between them.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the newcomer goes, and where those go that move for it, by their ids."""

    key: Key
    moves: Mapping[UUID, Key]


def plan(newcomer: Newcomer, placed: Iterable[Placed]) -> Plan | None:
    """Return how room is made for the newcomer, with the fewest moves that are found; None if it is not."""
    scene = Scene(newcomer, placed)
    if not scene.options(scene.newcomer) or scene.is_full():
        return None
    fewest = _Fewest(scene)
    settled = fewest.found()
    if settled is None and not fewest.tried_all:
        settled = _Anew(scene).found()
    if settled is None:
        return None
    key = settled.pop(scene.newcomer)
    return Plan(key, {scene.placed[number].id: where for number, where in settled.items()})


class _Fewest:
    """The search for the fewest moves: whoever is in the way is moved, then whoever is in the way of that.

    Any seating that holds all can be reached so: who is in the way of one that is seated as in it has to move.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.steps = MOST_STEPS
        self.tried_all = False
        self._settled: dict[int, Key] = {}
        self._at: dict[Resource, list[int]] = {}
        self._cut = False

    def found(self) -> dict[int, Key] | None:
        """Return where the newcomer and those that move go, or None."""
        for moves in range(self.scene.movable.bit_count() + 1):
            self._cut = False
            if self._settle((self.scene.newcomer,), 0, moves):
                return self._settled
            if self.steps <= 0:
                return None
            if not self._cut:
                break
        self.tried_all = True
        return None

    def _settle(self, pending: tuple[int, ...], away: int, moves: int) -> bool:
        """Seat all that are `pending`, with so many more moves at most; those that are `away` left their places."""
        if not pending:
            return True
        scene, (one, *others) = self.scene, pending
        for key in scene.options(one):
            self.steps -= 1
            if self.steps <= 0:
                return False
            moved = scene.met(one, key) & ~away
            if moved.bit_count() > moves:
                self._cut = True
            elif self._has_room(one, key):
                self._seat(one, key)
                more = tuple(sorted((*others, *members(moved)), key=lambda each: len(scene.options(each))))
                if self._settle(more, away | moved, moves - moved.bit_count()):
                    return True
                self._unseat(one)
        return False

    def _seat(self, one: int, key: Key) -> None:
        self._settled[one] = key
        for resource in resources(key):
            self._at.setdefault(resource, []).append(one)

    def _unseat(self, one: int) -> None:
        for resource in resources(self._settled.pop(one)):
            self._at[resource].pop()

    def _has_room(self, one: int, key: Key) -> bool:
        settled = (other for resource in resources(key) for other in self._at.get(resource, ()))
        return not any(self.scene.overlap(one, other) for other in settled)


class _Anew:
    """Seating all that may move anew, in the order of their starts, each where it is if it can.

    Where all chargers are alike, one is free for the next as long as they are enough.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._seated: list[tuple[int, Key]] = []
        self.looks = MOST_LOOKS
        self._at: dict[Resource, list[tuple[int, datetime]]] = {}

    def found(self) -> dict[int, Key] | None:
        """Return where the newcomer and those that move go, or None."""
        scene = self.scene
        order = sorted((scene.newcomer, *members(scene.movable)), key=lambda one: (scene.period(one).start, -one))
        tries = [self._free(order[0])]
        while self.looks > 0:
            key = next(tries[-1], None)
            if key is not None:
                self._seat(order[len(self._seated)], key)
                if len(self._seated) == len(order):
                    return {one: where for one, where in self._seated if where != scene.kept(one)}
                tries.append(self._free(order[len(self._seated)]))
            else:
                tries.pop()
                if not tries:
                    break
                self._unseat()
        return None

    def _seat(self, one: int, key: Key) -> None:
        self._seated.append((one, key))
        for resource in resources(key):
            row, end = self._at.setdefault(resource, []), self.scene.period(one).end
            row.append((one, max(end, row[-1][1]) if row else end))

    def _unseat(self) -> None:
        _, key = self._seated.pop()
        for resource in resources(key):
            self._at[resource].pop()

    def _free(self, one: int) -> Iterator[Key]:
        """Yield where there is room beside those that are seated: where it is, then where it is in least ways."""
        scene, kept = self.scene, self.scene.kept(one)
        if kept is not None and self._has_room(one, kept):
            yield kept
        free = [key for key in scene.keys(one) if self._has_room(one, key) and not scene.bars(one, key)]
        yield from sorted(free, key=lambda key: scene.met(one, key).bit_count())

    def _has_room(self, one: int, key: Key) -> bool:
        self.looks -= 1
        start = self.scene.period(one).start
        for resource in resources(key):
            for other, latest in reversed(self._at.get(resource, ())):
                if latest <= start:
                    break
                if self.scene.overlap(one, other):
                    return False
        return True
