"""What must be true at the end of a simulated day, by its log and by plain SQL: written apart from the product."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.day_log import Log
from benchmarks.day_plan import Plan
from benchmarks.day_rules_alerts import ALERTS
from benchmarks.day_rules_bookings import BOOKINGS
from benchmarks.day_rules_rights import RIGHTS
from benchmarks.day_rules_sessions import SESSIONS
from benchmarks.day_rules_told import TOLD
from benchmarks.day_tables import Tables

Rule = Callable[[Plan, Log, Tables], Iterator[str]]
RULES: Sequence[Rule] = (*BOOKINGS, *SESSIONS, *RIGHTS, *ALERTS, *TOLD)


@dataclass(frozen=True, slots=True)
class Checked:
    """One rule, in words, and all that disagrees with it."""

    rule: str
    disagreements: Sequence[str]


def check(plan: Plan, log: Log, tables: Tables) -> list[Checked]:
    """Return every rule with what disagrees with it."""
    return [checked(rule.__name__, rule(plan, log, tables)) for rule in RULES]


def checked(name: str, disagreements: Iterator[str]) -> Checked:
    """Return a rule by the name of its function, with all that disagrees."""
    return Checked(name.replace("_", " "), list(disagreements))
