"""How long a corridor search takes on a network full of bookings, and where the time goes.

Run: .venv/bin/python -m benchmarks.search --data FOLDER [--bookings 300000] [--weeks 4] [--route FILE] [--width 10]
[--hours 24] [--clients 1 16] [--rounds 200]. The folder holds Locations, Tariffs and BookingLocations as OCPI JSON.
"""

import argparse
import asyncio
import gc
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import httpx2
import orjson
import uvicorn
import uvloop
from rich.console import Console
from rich.progress import track

from benchmarks.filling import Stretch, entries, fill, route, stretch
from benchmarks.searching import CALLER, DOCUMENT, BareFields, Searching, fields_in
from models import migrations
from models.catalogue import Catalogue
from models.db import connected
from models.rules.interval import Interval
from resolvers import catalogue as catalogues
from resolvers.corridor import Corridor
from server import clock, embedded
from server.app import GRAPHQL, create_app
from server.ocpi.report import run_import
from server.publisher import DatabasePublisher
from server.settings import Settings
from tests.world import World

MILLISECONDS = 1000.0
Deed = Callable[[], Awaitable[object]]


async def timed(name: str, clients: int, rounds: int, deed: Deed) -> None:
    """Do the deed so many times by so many clients at once, and print the rate and latencies."""
    numbers = iter(track(range(rounds), description=name, transient=True))
    taken: list[float] = []

    async def client() -> None:
        for _ in numbers:
            begun = time.perf_counter()
            await deed()
            taken.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    rate = rounds / (time.perf_counter() - begun)
    cuts = [cut * MILLISECONDS for cut in statistics.quantiles(taken, n=100)]
    print(f"{name:28} {clients:3} clients  p50 {cuts[49]:7.1f} ms  p95 {cuts[94]:7.1f} ms  {rate:6.1f}/s")


MATCH, BUSY, GAPS, PRICES, REST = "route match", "busy query", "fit and gaps", "pricing", "rest of the use case"
TOKEN, GRAPHQL_ALONE, ENCODED, WHOLE = "API token", "GraphQL execution", "encoding", "all of it"
USE_CASE, EXECUTED = "the use case", "schema.execute"
BARE_BUSY, BARE_FIELDS = "the busy query by bare asyncpg", "as many fields by bare graphql-core"


async def parts(one: Searching, rounds: int) -> None:
    """Time each part of the search with the same inputs, one after the other, and print where the time goes."""
    hit = await one.match()
    taken = await one.busy(hit)
    found = one.gaps(hit, taken)
    answer = await one.executed()
    bare = BareFields(fields_in(answer))
    waited: dict[str, Deed] = {
        MATCH: one.match,
        BUSY: lambda: one.busy(hit),
        BARE_BUSY: lambda: one.bare_busy(hit),
        USE_CASE: one.use_case,
        TOKEN: one.who_asks,
        EXECUTED: one.executed,
    }
    reckoned: dict[str, Callable[[], object]] = {
        GAPS: lambda: one.gaps(hit, taken),
        PRICES: lambda: one.prices(found),
        ENCODED: lambda: orjson.dumps({"data": answer}),
        BARE_FIELDS: bare.executed,
    }
    times: dict[str, list[float]] = {part: [] for part in (*waited, *reckoned)}
    for _ in track(range(rounds), description="parts", transient=True):
        for part, deed in waited.items():
            begun = time.perf_counter()
            await deed()
            times[part].append(time.perf_counter() - begun)
        for part, reckon in reckoned.items():
            begun = time.perf_counter()
            reckon()
            times[part].append(time.perf_counter() - begun)
    print(
        f"{len(hit)} passes, {len(found)} with something free, {len(await one.bare_busy(hit))} allocations, "
        f"{one.prices(found)} slots, {fields_in(answer)} fields, {len(orjson.dumps(answer)) / 1000:.0f} kB"
    )
    print_parts({part: statistics.median(taken) * MILLISECONDS for part, taken in times.items()})


def print_parts(p50: dict[str, float]) -> None:
    """Print the share of each part in a whole operation; what cannot be called alone is what the others leave."""
    p50[WHOLE] = p50[EXECUTED] + p50[ENCODED]
    p50[REST] = p50[USE_CASE] - sum(p50[part] for part in (MATCH, BUSY, GAPS, PRICES))
    p50[GRAPHQL_ALONE] = p50[EXECUTED] - p50[USE_CASE] - p50[TOKEN]
    for part in (MATCH, BUSY, GAPS, PRICES, REST, TOKEN, GRAPHQL_ALONE, ENCODED, WHOLE):
        print(f"{part:22} p50 {p50[part]:7.2f} ms  {p50[part] / p50[WHOLE]:5.0%}")
    print(f"route match and gaps together: p50 {p50[MATCH] + p50[GAPS]:.1f} ms")
    for part, bare in ((BUSY, BARE_BUSY), (GRAPHQL_ALONE, BARE_FIELDS)):
        print(f"{bare}: p50 {p50[bare]:.2f} ms; the product takes {p50[part] / p50[bare]:.1f} times as long")


def settle() -> None:
    """Keep what is loaded out of the collections of garbage, as `serve` does."""
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Take what to serve."""
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def served(dsn: str, now: datetime, body: bytes, secret: str) -> AsyncIterator[Deed]:
    """Serve the product on a free port of this machine and yield a search over HTTP."""
    app = create_app(Settings(worker=False), dsn, lambda: now)
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    await server.listens.wait()
    settle()
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"content-type": "application/json", "authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:

        async def post() -> None:
            response = await client.post(GRAPHQL, content=body)
            if response.status_code != httpx2.codes.OK or not response.content.startswith(b'{"data":{'):
                raise RuntimeError(f"the search failed: {response.text[:500]}")

        await post()
        yield post
    server.should_exit = True
    await serving


async def prepared(dsn: str, asked: argparse.Namespace) -> Stretch:
    """Import the data, make up the bookings, and return when they are."""
    await migrations.upgrade(dsn)
    async with connected(dsn) as database:
        await run_import([asked.data], DatabasePublisher(database, clock.now), console=Console(quiet=True))
        catalogue = Catalogue()
        await catalogues.load(database, catalogue, clock.now())
    all_of_it = [entry.published for entry in entries(catalogue)]
    chargers = sum(len(one.location.evses) for one in all_of_it)
    offers = sum(len(one.booking_locations) for one in all_of_it)
    print(f"{len(all_of_it)} Locations, {chargers} chargers, {offers} BookingLocations, {asked.bookings} bookings")
    booked = stretch(catalogue, asked.weeks)
    await fill(dsn, catalogue, booked, asked.bookings)
    return booked


async def in_process(dsn: str, now: datetime, asked: argparse.Namespace) -> tuple[bytes, str]:
    """Measure without a server; return what to post to one, and the API token to send with it."""
    bare = await asyncpg.connect(dsn)
    async with connected(dsn) as database:
        world = World(database)
        world.now = now
        async with world.living():
            settle()
            window = Interval(now, now + timedelta(hours=asked.hours))
            where = Corridor(route(asked.route), asked.width, window)
            one = Searching(await world.call(CALLER), world, bare, where, window)
            await parts(one, asked.rounds)
            for clients in asked.clients:
                await timed("the use case", clients, asked.rounds, one.use_case)
            for clients in asked.clients:
                await timed("GraphQL in process", clients, asked.rounds, one.operation)
    await bare.close()
    return orjson.dumps({"query": DOCUMENT, "variables": one.variables}), str(world.secrets[CALLER])


async def run(dsn: str, asked: argparse.Namespace) -> None:
    """Measure on the database at `dsn`."""
    now = (await prepared(dsn, asked)).middle
    body, secret = await in_process(dsn, now, asked)
    gc.unfreeze()  # the server has a catalogue of its own
    async with served(dsn, now, body, secret) as over_http:
        for clients in asked.clients:
            await timed("GraphQL over HTTP", clients, asked.rounds, over_http)


def main() -> None:
    """Read the command line and measure on a PostgreSQL made for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder of OCPI JSON")
    parser.add_argument("--bookings", type=int, default=300_000)
    parser.add_argument("--weeks", type=int, default=4, help="over which the bookings are spread")
    parser.add_argument("--route", type=Path, help="GeoJSON; Rotterdam to Genoa, if not given")
    parser.add_argument("--width", type=float, default=10, help="km on either side")
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster") as started:
            uvloop.run(run(started.dsn, asked))


if __name__ == "__main__":
    main()
