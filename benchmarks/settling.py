"""How fast a worker settles bookings, and how long CDRs and statements of a year take, beside bare SQL by asyncpg.

Run: .venv/bin/python -m benchmarks.settling [--bookings 1000] [--cdrs 300000] [--rounds 50] [--explain FILE]
"""

import argparse
import asyncio
import gc
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import asyncpg
from rich.progress import track

from benchmarks.charging import booking, card
from benchmarks.recording import Deed, Recording, recorded, replay
from benchmarks.settling_reads import Read, readers, reads
from benchmarks.settling_year import fill, publish
from models import migrations
from models.db import Database, connected
from models.rules.token import TokenType
from resolvers import bookings, settling
from resolvers.charging_scene import Credential
from server import embedded
from tests.factories.catalogue import a_location, an_offer, at
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import read, started, stopped
from tests.resolvers.quoting import charging
from tests.resolvers.reminding import by_worker
from tests.resolvers.settling import fees
from tests.world import World, a_key

SITES = 20
READINGS = 20
"""Of each session, in the hour of its slot."""

MILLISECONDS = 1000.0
LOCK = "SELECT 1 FROM booking WHERE id = $1 FOR UPDATE"


async def prepare(world: World, number: int) -> None:
    """Book so many chargers at twenty sites from ten to eleven, and charge at each of them; nothing is settled."""
    names = [f"E{one}" for one in range(-(-number // SITES))]
    sites = [a_location(f"SITE{one}", chargers={name: [f"B{name}"] for name in names}) for one in range(SITES)]
    await world.publish(fees(), charging("0.50"), *sites, *(an_offer(one) for one in sites))
    for first in range(0, number, 500):
        await published(world, *(a_token(card(one).uid) for one in range(first, min(first + 500, number))))
    evses = [(site, evse.id) for site in sites for evse in site.evses][:number]
    call = await world.call("emsp")
    for one, (site, evse_id) in enumerate(track(evses, description="bookings", transient=True)):
        await bookings.create(call, a_key(), booking(site, evse_id, card(one)))
    world.later(at(10))
    begun = [
        await started(world, evse_id, Credential(card(one).uid, TokenType.RFID))
        for one, (_, evse_id) in enumerate(track(evses, description="sessions", transient=True))
    ]
    world.later(at(11))
    readings = [(at(10 + one / READINGS), str(10 * one), None) for one in range(1, READINGS + 1)]
    for session in track(begun, description="ends of sessions", transient=True):
        await read(world, session, *readings)
        await stopped(world, session, kwh=Decimal(10 * READINGS))


async def measure_settling(world: World, dsn: str) -> None:
    """Settle all of it by one worker, then lock the same bookings and insert the same CDRs bare; print both."""
    deed: Deed = []
    begun = time.perf_counter()
    with recorded(deed):
        settled = await settling.settle(by_worker(world))
    whole = settled / (time.perf_counter() - begun)
    bare = await asyncpg.connect(dsn)
    try:
        floor = settled / await _bare(bare)
    finally:
        await bare.close()
    asked = sum(len(unit.statements) for unit in deed) / settled
    print(f"{settled} bookings settled by one worker {whole:8.0f}/s  {asked:.1f} statements each")
    print(f"locked, and the same CDRs inserted bare {floor:8.0f}/s")
    print(f"settling a booking takes {floor / whole:.1f} times as long")


async def _bare(bare: "asyncpg.Connection[asyncpg.Record]") -> float:
    """Insert every CDR once more under another id, those of a booking in one transaction; return the seconds."""
    rows = await bare.fetch("SELECT * FROM cdr ORDER BY booking_id, id")
    new = [{**row, "id": f"{row['id']}B"} for row in rows]
    values = ", ".join(f"${number}" for number in range(1, len(new[0]) + 1))
    insert = f"INSERT INTO cdr ({', '.join(new[0])}) VALUES ({values})"
    by_booking = [list(of_one) for _, of_one in itertools.groupby(new, lambda row: row["booking_id"])]
    begun = time.perf_counter()
    for of_one in by_booking:
        async with bare.transaction():
            await bare.fetchval(LOCK, of_one[0]["booking_id"])
            for row in of_one:
                await bare.execute(insert, *row.values())
    return time.perf_counter() - begun


async def measure_reading(world: World, database: Database, dsn: str, asked: argparse.Namespace) -> None:
    """Read everything by GraphQL, then by its own statements, then by one of SQL; print how long each takes."""
    bare = await asyncpg.connect(dsn)
    print(f"{'p50, p95 in ms':38} {'GraphQL':>15} {'its SQL':>15} {'bare SQL':>15}")
    try:
        every = [one for reader in await readers(database, bare) for one in await reads(bare, reader)]
        for one in track(every, description="reads", transient=True):
            await _measured(one, world, database, bare, asked)
    finally:
        await bare.close()


async def _measured(
    one: Read,
    world: World,
    database: Database,
    bare: "asyncpg.Connection[asyncpg.Record]",
    asked: argparse.Namespace,
) -> None:
    name = f"{one.reader.name}: {one.name}"
    deed: Deed = []
    with recorded(deed):
        await one.executed(world)
    whole = await timed(asked.rounds, lambda: one.executed(world))
    own = await timed(asked.rounds, lambda: replay(database, deed))
    floor = await timed(asked.rounds, lambda: one.asked(bare))
    cuts = " ".join(f"{middle:7.1f} {high:7.1f}" for middle, high in (whole, own, floor))
    print(f"{name:38} {cuts}  takes {whole[0] / floor[0]:5.1f} times, its SQL {own[0] / floor[0]:4.1f}")
    if asked.explain is not None:
        with asked.explain.open("a") as file:
            file.write(await explained(name, database, deed))


async def timed(rounds: int, deed: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Do the deed so many times one after the other; return p50 and p95 in milliseconds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await deed()
        taken.append(time.perf_counter() - begun)
    cuts = statistics.quantiles(taken, n=100)
    return cuts[49] * MILLISECONDS, cuts[94] * MILLISECONDS


async def explained(name: str, database: Database, deed: Deed) -> str:
    """Return how PostgreSQL does each statement of a deed."""
    found = [f"=== {name}"]
    async with database.reading() as connection:
        for statement, values in (one for unit in deed for one in unit.statements):
            rows = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", *values)
            found += [" ".join(statement.split()), *(row[0] for row in rows), ""]
    return "\n".join([*found, ""])


async def run(dsn: str, asked: argparse.Namespace) -> None:
    """Measure on an empty database."""
    await migrations.upgrade(dsn)
    async with connected(dsn) as database, World(Recording(database)).living() as world:
        await prepare(world, asked.bookings)
        await measure_settling(world, dsn)
        await publish(world)
        await fill(dsn, asked.cdrs)
        gc.collect()
        gc.freeze()  # as `serve` does
        await measure_reading(world, database, dsn, asked)


def main() -> None:
    """Read the command line and measure on a PostgreSQL made for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bookings", type=int, default=1_000, help="with a session each, that a worker settles")
    parser.add_argument("--cdrs", type=int, default=300_000, help="of a year, among which is read")
    parser.add_argument("--rounds", type=int, default=50, help="how often each is read, and in each way")
    parser.add_argument("--explain", type=Path, help="a file to which the plans of what is read are added")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster") as cluster:
            asyncio.run(run(cluster.dsn, asked))


if __name__ == "__main__":
    main()
