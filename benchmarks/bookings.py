"""How many bookings a second one process takes, beside the bare allocations made by asyncpg in the same run.

Run: .venv/bin/python -m benchmarks.bookings [--clients 16] [--bookings 2000] [--connections 16]
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from rich.progress import track

from models import migrations
from models.db import Database, connected
from models.errors import SlotTaken
from models.queries import allocations
from models.queries.allocations import Holder
from models.rules.fit import Demand
from models.rules.interval import Interval
from resolvers import bookings
from resolvers.booking_create import NewBooking
from resolvers.granting import WantedSlot
from server import embedded
from tests.factories.catalogue import a_location, a_tariff, an_offer, hours
from tests.world import World, a_key

SITES = 20
CHARGERS = ("E1", "E2", "E3", "E4")
SLOT = timedelta(minutes=30)
MONTH = timedelta(days=30)
FIRST = hours(8, 8.5).start
Deed = Callable[[int], Awaitable[bool]]


async def timed(name: str, clients: int, deeds: int, deed: Deed) -> float:
    """Do `deeds` deeds by so many clients at once, print the rate and latencies, return the rate."""
    numbers = iter(track(range(deeds), description=name, transient=True))
    taken: list[float] = []
    granted = 0

    async def client() -> None:
        nonlocal granted
        for number in numbers:
            begun = time.perf_counter()
            was_granted = await deed(number)
            granted += was_granted
            taken.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    rate = deeds / (time.perf_counter() - begun)
    print(f"{name:42} {rate:8.0f}/s  {_milliseconds(taken)}  granted {granted} of {deeds}")
    return rate


def _milliseconds(taken: Sequence[float]) -> str:
    cuts = statistics.quantiles(taken, n=100)
    return f"p50 {cuts[49] * 1000:6.1f} ms  p99 {cuts[98] * 1000:6.1f} ms"


def period(number: int) -> Interval:
    """Return the slot of a deed: each Location and time is asked for as often as it has chargers, and once more."""
    start = FIRST + number // (SITES * (len(CHARGERS) + 1)) % 70 * SLOT
    return Interval(start, start + SLOT)


async def measure(database: Database, clients: int, deeds: int) -> None:
    """Publish some Locations and race both ways."""
    async with World(database).living() as world:
        places = [a_location(f"SITE{n}", chargers={uid: [f"B{uid}"] for uid in CHARGERS}) for n in range(SITES)]
        offers = [an_offer(place) for place in places]
        await world.publish(a_tariff(), a_tariff("CHARGE"), *places, *offers)
        call = await world.call("emsp")

        async def book(number: int) -> bool:
            wanted = NewBooking(WantedSlot(offers[number % SITES].id, period(number), Demand()))
            try:
                await bookings.create(call, a_key(), wanted)
            except SlotTaken:
                return False
            return True

        async def allocate(number: int) -> bool:
            place = places[number % SITES]
            async with database.transaction() as connection:
                for evse in place.evses:
                    spot = evse.id, evse.parking[0].parking_bay_id
                    later = Interval(period(number).start + MONTH, period(number).end + MONTH)
                    if await allocations.take(connection, place.id, spot, later, Holder(uuid4())):
                        return True
            return False

        bare = await timed("bare allocations by asyncpg", clients, deeds, allocate)
        whole = await timed("bookings (checks, terms, history, events)", clients, deeds, book)
        print(f"a booking costs {bare / whole:.1f} bare allocations")


def main() -> None:
    """Read the command line and measure on a PostgreSQL made for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--bookings", type=int, default=2000)
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()

    async def run(dsn: str) -> None:
        await migrations.upgrade(dsn)
        async with connected(dsn, connections=asked.connections) as database:
            await measure(database, asked.clients, asked.bookings)

    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster") as started:
            asyncio.run(run(started.dsn))


if __name__ == "__main__":
    main()
