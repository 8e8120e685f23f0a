"""A storm of quotes, bookings, changes, cancellations and missions, beside the same allocations by bare asyncpg.

Run: .venv/bin/python -m benchmarks.storm [--clients 64] [--seconds 300]

Time passes sixty times as fast, so that holds expire; two workers do what falls due, and chargers break.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from rich.progress import Progress

from benchmarks.ledger import Ledger
from benchmarks.replaying import replay
from benchmarks.storming import DAYS, OPENING, Client, Operator
from models import migrations
from models.db import Database, connected
from models.rules.interval import Interval
from models.rules.location import Location
from models.rules.role import Role
from resolvers import parties
from resolvers.call import Call
from server import embedded, logs
from server.worker import due
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer
from tests.server.served import Served, served

OWN_BAYS: dict[str, Sequence[str]] = {f"E{number}": [f"B{number}"] for number in range(4)}
SHARED_BAYS: dict[str, Sequence[str]] = {
    "E0": ["B0", "B1"],
    "E1": ["B1", "B0"],
    "E2": ["B2", "B3"],
    "E3": ["B3", "B2"],
}
SITES = (SHARED_BAYS, OWN_BAYS, OWN_BAYS, OWN_BAYS, OWN_BAYS)
PROVIDERS, WORKERS, HASTE = 16, 2, 60
ROUND_SECONDS, TICK_SECONDS = 1.0, 0.05
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
HELD_TWICE = """
SELECT count(*) FROM allocation a JOIN allocation b
    ON a.location_id = b.location_id AND a.id < b.id AND a.during && b.during AND a.holder_id <> b.holder_id
    AND (a.evse_id = b.evse_id OR a.parking_bay_id = b.parking_bay_id)
WHERE a.released_at IS NULL AND b.released_at IS NULL
"""
UNKEPT = """
SELECT count(*) FROM booking b WHERE b.status = 'RESERVED' AND (
    SELECT count(*) FROM allocation a
    WHERE a.holder_id = b.id AND a.released_at IS NULL AND a.kind = 'BOOKING' AND a.during = b.during
) <> 1
"""
SEED = 20261122


class Storm:
    """Clients of many providers at a few sites, and all that goes on beside them."""

    def __init__(self, target: Served) -> None:
        """Take whom to ask."""
        self._target = target
        self._world = target.world
        self._rounds = self._failed = 0

    async def rage(self, clients: int, seconds: float) -> list[Ledger]:
        """Let so many clients ask for so long, and return what each did, and the operator."""
        places, secrets, chance = await self._sites(), await self._secrets(), random.Random(SEED)
        callers = [
            Client(self._target, secrets[number % PROVIDERS], places, chance.random()) for number in range(clients)
        ]
        operator = Operator(self._target, str(self._world.secrets["cpo"]), places, chance.random())
        begun = time.perf_counter()
        ends = begun + seconds
        with Progress(transient=True) as progress:
            task = progress.add_task("storm", total=seconds)

            async def pass_time() -> None:
                while (now := time.perf_counter()) < ends:
                    self._world.later(NOW + timedelta(seconds=HASTE * (now - begun)))
                    progress.update(task, completed=now - begun)
                    await asyncio.sleep(TICK_SECONDS)

            workers = (self._work_until(ends) for _ in range(WORKERS))
            asking = (one.ask_until(ends) for one in callers)
            await asyncio.gather(pass_time(), operator.report_until(ends), *workers, *asking)
        return [one.ledger for one in (*callers, operator)]

    def worked(self) -> str:
        """Return how the workers fared."""
        return f"  {self._rounds} rounds of {WORKERS} workers, {self._failed} of which left something to the next"

    async def _sites(self) -> list[Location]:
        """Publish the sites and return them."""
        window = Interval(OPENING, OPENING + timedelta(days=DAYS))
        places = [a_location(f"SITE{number}", chargers=chargers) for number, chargers in enumerate(SITES)]
        offers = [an_offer(place, windows=[window], increment=30) for place in places]
        await self._world.publish(a_tariff(), a_tariff("CHARGE"), *places, *offers)
        await self._target.published()
        return places

    async def _secrets(self) -> list[str]:
        """Give the providers their tokens and return those."""
        database, now = self._world.database, self._world.now
        names = [f"P{number:02}" for number in range(PROVIDERS)]
        made = [await parties.create(database, "NL", name, name, [Role.EMSP], now) for name in names]
        return [await parties.create_token(database, party_id, Role.EMSP, now) for party_id in made]

    async def _work_until(self, ends: float) -> None:
        world = self._world
        while time.perf_counter() < ends:
            done = await due(Call(None, world.now, world.database, world.catalogue))
            self._rounds += 1
            self._failed += not done
            await asyncio.sleep(ROUND_SECONDS)


async def measure(target: Served, clients: int, seconds: float) -> Ledger:
    """Run the storm, then replay what it took; print both, and return what all clients did."""
    storm = Storm(target)
    ledgers = await storm.rage(clients, seconds)
    whole = Ledger.together(ledgers)
    print(whole.told("storm, over HTTP and GraphQL"))
    print(whole.by_kind())
    print(storm.worked())
    bare = await replay(target.world.database, ledgers)
    print(bare.told("the same allocations, bare asyncpg"))
    print(f"an accepted booking or change costs {bare.rate / whole.rate:.1f} bare allocations")
    return whole


async def checked(database: Database, whole: Ledger) -> bool:
    """Print what went wrong, and return whether nothing did."""
    async with database.reading() as connection:
        found = {
            "deadlocks": await connection.fetchval(DEADLOCKS),
            "chargers or bays held twice": await connection.fetchval(HELD_TWICE),
            "bookings without their charger": await connection.fetchval(UNKEPT),
            "answers of 5xx, or masked faults": whole.faults,
            "differing answers to repeats": whole.differing,
        }
    print(", ".join(f"{name}: {count}" for name, count in found.items()))
    return not any(found.values())


async def run(dsn: str, clients: int, seconds: float) -> bool:
    """Measure on an empty database, and return whether all was as it must be."""
    await migrations.upgrade(dsn)
    async with served(dsn) as target:
        whole = await measure(target, clients, seconds)
    async with connected(dsn) as database:  # a connection tells of its deadlocks when it ends, at the latest
        return await checked(database, whole)


def main() -> None:
    """Read the command line and measure on a PostgreSQL made for it; exit with 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64, help="how many ask at the same time")
    parser.add_argument("--seconds", type=float, default=300, help="how long the storm lasts")
    asked = parser.parse_args()
    logs.configure()
    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster") as started:
            right = asyncio.run(run(started.dsn, asked.clients, asked.seconds))
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
