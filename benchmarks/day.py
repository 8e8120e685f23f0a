"""A simulated day of charging, driven through the API with the clock passed in; at its end everything must agree.

Run: .venv/bin/python -m benchmarks.day [--seed 1] [--locations 50] [--trucks 300] [--crashes]

Trucks arrive early, late, never, at the wrong charger and with the wrong card, stop early and overstay; some walk up,
chargers fail. Fees are billed, waived, given back, invoiced and paid; with --crashes server and workers are cut off.
What comes of it is checked by rules that are written apart from the product.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.day_crashes import crashing_server
from benchmarks.day_ledger import Books, books
from benchmarks.day_ledger_rules import LEDGER
from benchmarks.day_living import Day
from benchmarks.day_log import Log
from benchmarks.day_plan import NOW, Plan, a_plan
from benchmarks.day_rules import Checked, check, checked
from benchmarks.day_tables import Tables, tables
from models import migrations
from server import embedded, logs
from tests.server.served import served

HOURS = 14.0
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Lived:
    """A day that is over."""

    plan: Plan
    log: Log
    tables: Tables
    books: Books
    checked: Sequence[Checked]

    @property
    def disagreements(self) -> list[str]:
        """All that does not agree, each with its rule."""
        return [f"{one.rule}: {each}" for one in self.checked for each in one.disagreements]


async def lived(
    dsn: str,
    seed: int,
    locations: int,
    trucks: int,
    hours: float,
    progress: Progress | None = None,
    *,
    crashes: bool = False,
) -> Lived:
    """Live a day on a migrated, empty database, with `crashes` of server and workers or without; check what came."""
    plan, log = a_plan(seed, locations, trucks, hours), Log()
    task = progress.add_task("06:00", total=(plan.end - NOW).total_seconds()) if progress else None

    def show(now: datetime) -> None:
        if progress is not None and task is not None:
            progress.update(task, completed=(now - NOW).total_seconds(), description=f"{now:%H:%M}")

    with crashing_server(seed, log.accounts.crashes) if crashes else nullcontext():
        async with served(dsn) as target:
            await Day(target, plan, log, seed, crashes=crashes).live(show)
            stored = await tables(dsn, log.rounds[-1])
            kept = await books(target, plan, log, stored)
    found = [*check(plan, log, stored), *(checked(rule.__name__, rule(kept)) for rule in LEDGER)]
    return Lived(plan, log, stored, kept, found)


def summary(day: Lived) -> list[Table]:
    """Return what happened, and which rules hold, as tables."""
    happened = Table("what came of it", "how often", title="A simulated day")
    for name, found in _counted(day).items():
        for what, times in sorted(found.items()):
            happened.add_row(f"{name}: {what}", str(times))
    rules = Table("what must be true", "disagreements", title="Rules")
    for one in day.checked:
        rules.add_row(one.rule, f"[red]{len(one.disagreements)}" if one.disagreements else "[green]0")
    return [happened, rules]


def _counted(day: Lived) -> dict[str, Counter[str]]:
    log, stored = day.log, day.tables
    return {
        "planned": Counter(one.visit.arrival if one.visit.booked_at else "WALK_UP" for one in day.plan.trucks),
        "mistake": Counter(one.visit.mistake for one in day.plan.trucks),
        "booking": Counter(str(one["status"]) for one in stored.bookings),
        "session": Counter(str(one["basis"]) for one in stored.sessions),
        "stopped": Counter(str(one["stop_reason"]) for one in stored.sessions),
        "refused": Counter(one.reason for one in log.attempts if one.reason),
        "reading": Counter(one.outcome for one in log.readings),
        "operator asked": Counter(one.expected for one in log.commands),
        "availability told": Counter(str(one["cause"]) for one in stored.events if one["cause"]),
        "availability heard": log.heard,
        "billed": Counter(f"{one['kind']} {one['currency']}" for one in day.books.cdrs if one["credits"] is None),
        "credited": Counter(f"{one['kind']} {one['currency']}" for one in day.books.cdrs if one["credits"]),
        "added by providers": Counter(str(one["kind"]) for one in day.books.lines if one["credits"] is None),
        "crash": log.accounts.crashes,
        "in all": Counter(
            {
                "mutations": len(log.deeds),
                "worker's rounds": len(log.rounds),
                "chargers failed": len(log.outages),
                "freed early": len(log.freed),
                "events": len(stored.events),
            }
        ),
    }


async def _run(dsn: str, asked: argparse.Namespace, console: Console) -> Lived:
    await migrations.upgrade(dsn)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        return await lived(
            dsn, asked.seed, asked.locations, asked.trucks, asked.hours, progress, crashes=asked.crashes
        )


def main() -> None:
    """Read the command line and live a day on a PostgreSQL made for it; exit with 1 if anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="the same seed plans the same day")
    parser.add_argument("--locations", type=int, default=50, help="how many sites there are")
    parser.add_argument("--trucks", type=int, default=300, help="how many trucks come, or do not")
    parser.add_argument("--hours", type=float, default=HOURS, help="within how many hours all slots lie")
    parser.add_argument("--crashes", action="store_true", help="let server and workers crash at random moments")
    parser.add_argument("--shown", type=int, default=SHOWN, help="how many disagreements are spelled out")
    asked = parser.parse_args()
    logs.configure()
    console, begun = Console(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster", durable=False) as started:
            day = asyncio.run(_run(started.dsn, asked, console))
    for table in summary(day):
        console.print(table)
    console.print(f"seed {asked.seed}, {time.perf_counter() - begun:.0f} s")
    found = day.disagreements
    for one in found[: asked.shown]:
        console.print(one, style="red", markup=False, highlight=False)
    if found:
        console.print(f"{len(found)} disagreements; these are the first." if len(found) > asked.shown else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
