"""What the clients of a storm did, what they were granted, and how long it took."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.rules.interval import Interval


@dataclass(frozen=True)
class Taken:
    """One deed on allocations: a holder takes a slot, moves to one, or (without a slot) lets go."""

    holder: str
    site: int
    period: Interval | None


@dataclass
class Ledger:
    """What one client did: how many slots it was granted, and how long each request took, in seconds."""

    seconds: float = 0.0
    accepted: int = 0
    faults: int = 0
    latencies: list[float] = field(default_factory=list)
    accepting: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    deeds: list[Taken] = field(default_factory=list)

    @classmethod
    def together(cls, ledgers: Sequence["Ledger"]) -> "Ledger":
        """Return what all clients did."""
        whole = cls(seconds=max(one.seconds for one in ledgers))
        for one in ledgers:
            whole.accepted += one.accepted
            whole.faults += one.faults
            whole.latencies += one.latencies
            whole.accepting += one.accepting
            whole.answers += one.answers
        return whole

    @property
    def rate(self) -> float:
        """Accepted slots a second."""
        return self.accepted / self.seconds

    def told(self, name: str) -> str:
        """Return a line of figures."""
        cuts = statistics.quantiles(self.accepting, n=100)
        return (
            f"{name:36} {self.rate:7.0f} accepted/s  p50 {cuts[49] * 1000:7.1f} ms  p99 {cuts[98] * 1000:7.1f} ms  "
            f"accepted {self.accepted} in {self.seconds:.0f} s, {len(self.latencies)} requests"
        )

    def by_kind(self) -> str:
        """Return how often which answer was given."""
        return "  " + ", ".join(f"{name} {count}" for name, count in self.answers.most_common())
