"""What the clients of a storm did, what they were granted or refused, and how long it took."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.rules.interval import Interval
from models.rules.location import Location

TRY_AGAIN = "TRY_AGAIN"
GRANTED = frozenset({"Booking", "BookingQuoted", "ChangeQuote", "Evse", "MissionBooked"})
SLOT_TAKEN = "SlotTaken"


@dataclass(frozen=True)
class Slot:
    """A time at a site, on that charger or, without one, on any."""

    place: Location
    period: Interval
    evse_id: str | None


@dataclass(frozen=True)
class Taken:
    """One deed on allocations: a holder takes a slot, moves to one, or (without a slot) lets go."""

    holder: str
    slot: Slot | None


@dataclass(frozen=True)
class Answer:
    """What came of a request, of which type or with which error code, and after how many seconds."""

    kind: str
    told: dict[str, Any]
    fault: bool
    seconds: float


@dataclass
class Ledger:
    """What one client did: how many slots it was granted, and how long each request took, in seconds.

    `wishes` tells of each slot that was granted or taken already which it was; the second half of them when together.
    """

    seconds: float = 0.0
    accepted: int = 0
    faults: int = 0
    differing: int = 0
    requests: int = 0
    repeats: int = 0
    again: int = 0
    accepting: list[float] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    deeds: list[Taken] = field(default_factory=list)

    @classmethod
    def together(cls, ledgers: Sequence["Ledger"]) -> "Ledger":
        """Return what all clients did."""
        whole = cls(seconds=max(one.seconds for one in ledgers))
        for one in ledgers:
            whole.accepted += one.accepted
            whole.faults += one.faults
            whole.differing += one.differing
            whole.requests += one.requests
            whole.repeats += one.repeats
            whole.again += one.again
            whole.accepting += one.accepting
            whole.wishes += one.wishes[len(one.wishes) // 2 :]
            whole.answers += one.answers
        return whole

    @property
    def rate(self) -> float:
        """Accepted slots a second."""
        return self.accepted / self.seconds

    def note(self, root: str, answers: Sequence[Answer], slot: Slot | None) -> Answer:
        """Note the answers to one request, sent once or twice, for `slot` if given; return the one that counts."""
        decided = [one for one in answers if one.kind != TRY_AGAIN] or [answers[0]]
        counts = decided[0]
        self.requests += 1
        self.repeats += len(answers) - 1
        self.again += sum(one.kind == TRY_AGAIN for one in answers)
        self.faults += sum(one.fault for one in answers)
        self.differing += any((one.kind, one.told) != (counts.kind, counts.told) for one in decided)
        self.answers[root, counts.kind] += 1
        if slot is not None and counts.kind in GRANTED | {SLOT_TAKEN}:
            self.wishes.append(counts.kind)
        return counts

    def told(self, name: str) -> str:
        """Return a line of figures."""
        cuts = statistics.quantiles(self.accepting, n=100)
        return (
            f"{name:36} {self.rate:7.0f} accepted/s  p50 {cuts[49] * 1000:7.1f} ms  p99 {cuts[98] * 1000:7.1f} ms  "
            f"accepted {self.accepted} in {self.seconds:.0f} s"
        )

    def by_kind(self) -> str:
        """Return how often what was granted and refused, and how often a slot was taken once it had filled."""
        granted, refused = Counter[str](), Counter[str]()
        for (root, kind), count in self.answers.items():
            if kind in GRANTED:
                granted[root] += count
            elif kind != TRY_AGAIN:
                refused[kind] += count
        taken = self.wishes.count(SLOT_TAKEN) / len(self.wishes)
        return (
            f"  {self.requests} requests, {self.repeats} of them sent twice at the same moment\n"
            f"  granted: {_counts(granted)}\n"
            f"  refused: {_counts(refused)}; {TRY_AGAIN} {self.again}\n"
            f"  of the slots asked for in the second half, {taken:.0%} were taken"
        )


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common()) or "nothing"
