"""How fast chargers are answered and sessions reported, beside the very same statements asked by bare asyncpg.

Run: .venv/bin/python -m benchmarks.charging [--clients 16] [--sessions 400] [--readings 5] [--connections 16]
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from httpx2 import ASGITransport, AsyncClient
from rich.progress import track

from benchmarks.bookings import timed
from benchmarks.recording import Deed, Recording, recorded, replay
from models import migrations
from models.db import Database, connected
from models.rules.booking import BookingToken
from models.rules.fit import Demand
from models.rules.location import Location
from resolvers import bookings
from resolvers.booking_create import NewBooking
from resolvers.for_whom import ForWhom
from resolvers.granting import WantedSlot
from server import embedded
from server.graphql import Endpoint
from tests.factories.catalogue import a_location, a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.quoting import charging
from tests.world import FLEET_CONTRACT, World, a_key

AT_A_SITE = 20
"""Chargers at each Location."""

MINUTE = timedelta(minutes=1)
EVENTS = "SELECT count(*) FROM event"
WRITTEN = """
SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM session WHERE status = 'COMPLETED'),
    (SELECT count(*) FROM session_reading), (SELECT count(*) FROM charging_authorization)
"""
SHOWN = "id status kwh power stateOfCharge minutesLeft cost { currency afterTaxes }"
DOCUMENTS = {
    "chargingAuthorize": "... on ChargingAuthorized { authorization { id basis until } booking { id phase } }",
    "sessionStartReport": f"... on Session {{ {SHOWN} }}",
    "sessionReadingsReport": f"... on SessionReadings {{ session {{ {SHOWN} }} outcomes {{ at outcome }} }}",
    "sessionStopReport": f"... on Session {{ {SHOWN} }}",
}
GRANTED = {"ChargingAuthorized", "Session", "SessionReadings"}


class Chargers:
    """Booked chargers, each with its driver's card, whose operator reports by the GraphQL endpoint."""

    def __init__(self, world: World, client: AsyncClient, evse_ids: list[str]) -> None:
        """Take the world that the endpoint serves, and the chargers in the order of their cards."""
        self._world = world
        self._client = client
        self._evse_ids = evse_ids
        self._sessions: dict[int, str] = {}
        self.deeds: dict[tuple[str, int], Deed] = {}

    async def authorize(self, number: int) -> bool:
        """Ask whether the holder of a booking may charge."""
        return bool(await self._send("chargingAuthorize", number, **self._who(number % len(self._evse_ids))))

    async def start(self, number: int) -> bool:
        """Report that the holder of a booking has begun."""
        told = await self._send("sessionStartReport", number, **self._who(number), meterStart="1000")
        self._sessions[number] = told["id"]
        return True

    async def read(self, number: int) -> bool:
        """Report what the meter shows a minute after the last time."""
        minutes = 1 + number // len(self._evse_ids)
        reading = {
            "at": (at(10) + minutes * MINUTE).isoformat(),
            "kwh": str(5 * minutes),
            "power": 300_000,
            "stateOfCharge": 20 + minutes,
        }
        session_id = self._sessions[number % len(self._evse_ids)]
        return bool(await self._send("sessionReadingsReport", number, sessionId=session_id, readings=[reading]))

    async def stop(self, number: int) -> bool:
        """Report that a session ended."""
        wanted = {"sessionId": self._sessions[number], "reason": "DRIVER", "kwh": "200"}
        return bool(await self._send("sessionStopReport", number, **wanted))

    def _who(self, number: int) -> dict[str, Any]:
        return {"evseId": self._evse_ids[number], "token": {"uid": card(number).uid, "type": "RFID"}}

    async def _send(self, root: str, number: int, **wanted: Any) -> dict[str, Any]:
        """Send a mutation and return what came of it; whatever is refused ends the measurement."""
        query = f"mutation ($input: {_input(root)}!) {{ {root}(input: $input) {{ __typename {DOCUMENTS[root]} }} }}"
        body = {"query": query, "variables": {"input": {"idempotencyKey": a_key(), **wanted}}}
        headers = {"authorization": f"Bearer {self._world.secrets['cpo']}"}
        with recorded(self.deeds.setdefault((root, number), [])):
            response = await self._client.post("/graphql", json=body, headers=headers)
        told: dict[str, Any] = (response.json().get("data") or {}).get(root) or {}
        if told.get("__typename") not in GRANTED:
            raise RuntimeError(f"{root} came to {response.text}")
        return told


def card(number: int) -> BookingToken:
    """Return the card of a charger's driver."""
    return BookingToken("NL", "EMS", f"{number:08}", "RFID", FLEET_CONTRACT)


def _input(root: str) -> str:
    return f"{root[0].upper()}{root[1:]}Input"


async def prepare(dsn: str, sessions: int) -> tuple[dict[str | None, str | None], list[str]]:
    """Publish sites and cards, book every charger from ten to eleven; return the API tokens, and the chargers."""
    async with connected(dsn) as database, World(database).living() as world:
        names = [f"E{number}" for number in range(AT_A_SITE)]
        sites = [
            a_location(f"SITE{number}", chargers={one: [f"B{one}"] for one in names})
            for number in range(-(-sessions // AT_A_SITE))
        ]
        await world.publish(a_tariff(), charging("0.50"), *sites, *(an_offer(one) for one in sites))
        evses = [(site, evse.id) for site in sites for evse in site.evses][:sessions]
        for first in range(0, sessions, 500):
            numbers = range(first, min(first + 500, sessions))
            await published(world, *(a_token(card(number).uid) for number in numbers))
        call = await world.call("emsp")
        for number in track(range(sessions), description="bookings", transient=True):
            await bookings.create(call, a_key(), booking(*evses[number], card(number)))
        return world.secrets, [evse_id for _, evse_id in evses]


def booking(site: Location, evse_id: str, token: BookingToken) -> NewBooking:
    """Return what books a charger from ten to eleven for a card."""
    slot = WantedSlot(an_offer(site).id, hours(10, 11), Demand(), evse_id=evse_id)
    return NewBooking(slot, ForWhom(tokens=(token,)))


async def measure(database: Database, bare: Database, clients: int, readings: int, prepared: Any) -> None:
    """Report everything through the endpoint, then ask the same statements of the copy; print both."""
    world = World(Recording(database))
    world.secrets, evse_ids = prepared
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(world.feed.following())
        transport = ASGITransport(Endpoint(world.begin, world.feed, ()))
        client = await stack.enter_async_context(AsyncClient(transport=transport, base_url="http://server"))
        world.later(at(10))
        chargers = Chargers(world, client, evse_ids)
        many = len(evse_ids)
        await _both(bare, chargers, "chargingAuthorize", clients, many * readings, chargers.authorize)
        await _both(bare, chargers, "sessionStartReport", clients, many, chargers.start)
        world.later(at(10) + readings * MINUTE)
        told = await _counted(database)
        await _both(bare, chargers, "sessionReadingsReport", clients, many * readings, chargers.read)
        each = (await _counted(database) - told) / (many * readings)
        await _both(bare, chargers, "sessionStopReport", clients, many, chargers.stop)
    if await _written(database) != await _written(bare):
        raise RuntimeError("the statements did not write the same when they were asked again")
    print(f"1,000 sessions that report each minute: {1000 / 60 * each:.1f} events/s")


async def _both(
    bare: Database, chargers: Chargers, root: str, clients: int, deeds: int, deed: Callable[[int], Any]
) -> None:
    async def again(number: int) -> bool:
        await replay(bare, chargers.deeds[root, number])
        return True

    whole = await timed(root, clients, deeds, deed)
    statements = [sum(len(unit.statements) for unit in chargers.deeds[root, number]) for number in range(deeds)]
    same = await timed("the same statements by bare asyncpg", clients, deeds, again)
    asked = sum(statements) / deeds
    print(f"  {asked:.1f} statements; the endpoint takes {same / whole:.1f} times as long as they do bare")


async def _counted(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.fetchval(EVENTS))


async def _written(database: Database) -> tuple[int, ...]:
    async with database.reading() as connection:
        return tuple(await connection.fetchrow(WRITTEN) or ())


async def _copied(dsn: str, beside: str) -> str:
    """Return a copy of a database to which nobody is connected, by a connection to the one `beside`."""
    name = dsn.split("@/")[1].split("?")[0]
    connection = await asyncpg.connect(dsn.replace(f"@/{name}", f"@/{beside}"))
    try:
        await connection.execute(f"CREATE DATABASE {name}_copy TEMPLATE {name} STRATEGY FILE_COPY")
    finally:
        await connection.close()
    return dsn.replace(f"@/{name}", f"@/{name}_copy")


async def run(dsn: str, asked: argparse.Namespace) -> None:
    """Measure on an empty database, and on a copy of it from before that."""
    await migrations.upgrade(dsn)
    prepared = await prepare(dsn, asked.sessions)
    copy = await _copied(dsn, "postgres")
    async with (
        connected(dsn, connections=asked.connections) as database,
        connected(copy, connections=asked.connections) as bare,
    ):
        await measure(database, bare, asked.clients, asked.readings, prepared)


def main() -> None:
    """Read the command line and measure on a PostgreSQL made for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=16, help="how many chargers report at the same time")
    parser.add_argument("--sessions", type=int, default=400, help="how many chargers are booked and used")
    parser.add_argument("--readings", type=int, default=5, help="of each session; and how often each is authorized")
    parser.add_argument("--connections", type=int, default=16, help="to PostgreSQL")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hdv-benchmark-") as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "cluster") as started:
            asyncio.run(run(started.dsn, asked))


if __name__ == "__main__":
    main()
