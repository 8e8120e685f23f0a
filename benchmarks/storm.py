"""A storm of quotes, bookings, changes, cancellations and missions, beside the same allocations by bare asyncpg.

Run: .venv/bin/python -m benchmarks.storm [--clients 64] [--seconds 300]
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.ledger import Ledger
from benchmarks.replaying import replay
from benchmarks.storming import Storm
from models import migrations
from models.db import Database
from server import embedded
from tests.server.served import Served, served

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


async def measure(target: Served, clients: int, seconds: float) -> bool:
    """Run the storm, then replay what it took; print both, and return whether all was as it must be."""
    storm = Storm(target, random.Random(SEED))
    await storm.prepare()
    ledgers = await storm.rage(clients, seconds)
    whole = Ledger.together(ledgers)
    print(whole.told("storm, over HTTP and GraphQL"))
    print(whole.by_kind())
    bare = await replay(target.world.database, ledgers)
    print(bare.told("the same allocations, bare asyncpg"))
    print(f"an accepted booking or change costs {bare.rate / whole.rate:.1f} bare allocations")
    return await _checked(target.world.database, whole)


async def _checked(database: Database, whole: Ledger) -> bool:
    async with database.reading() as connection:
        found = {
            "deadlocks": await connection.fetchval(DEADLOCKS),
            "chargers or bays held twice": await connection.fetchval(HELD_TWICE),
            "bookings without their charger": await connection.fetchval(UNKEPT),
            "answers of 5xx, or masked faults": whole.faults,
        }
    print(", ".join(f"{name}: {count}" for name, count in found.items()))
    return not any(found.values())


def main() -> None:
    """Read the command line and measure on a PostgreSQL made for it; exit with 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64, help="how many ask at the same time")
    parser.add_argument("--seconds", type=float, default=300, help="how long the storm lasts")
    asked = parser.parse_args()

    async def run(dsn: str) -> bool:
        await migrations.upgrade(dsn)
        async with served(dsn) as target:
            return await measure(target, asked.clients, asked.seconds)

    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster") as started:
            right = asyncio.run(run(started.dsn))
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
