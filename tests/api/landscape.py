"""A landscape with something of everybody's in it, to ask what each caller sees."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import uuid4

from models.db import connected
from models.rules.identity import part_id
from models.rules.location import Location
from tests.factories.catalogue import a_location, a_tariff, an_evse, an_offer, at
from tests.server.served import beside
from tests.world import OTHER_CONTRACT, Answer, World, a_key

EVERYBODY = (None, "cpo", "other_cpo", "emsp", "other_emsp", "fleet", "other_fleet", "nsp", "nap", "admin")
OPEN, HIDDEN, FOREIGN = "NL*ABC*OPEN", "NL*ABC*HIDDEN", "DE*XYZ*FOREIGN"
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"
UNKNOWN_REFERENCE = "0000000000"

CREATE = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) {
    __typename
    ... on Booking { id reference contractIds }
    ... on NotFound { kind id }
    ... on Problem { message }
  }
}
"""


@dataclass(frozen=True)
class Made:
    """A booking, and who may see it."""

    id: str
    reference: str
    seen_by: frozenset[str]


@dataclass(frozen=True)
class Landscape:
    """Three sites: one of an operator's that is published, one that is not, and another operator's."""

    world: World
    bookings: tuple[Made, ...]
    hours: Iterator[int]
    """Hours at which nobody has booked yet, counted from the midnight before the tests."""

    async def ask(self, caller: str | None, document: str, **variables: Any) -> Answer:
        """Execute an operation with the rights of a caller."""
        return await self.world.execute(caller, document, **variables)

    def wish(self, place: str = OPEN, **changes: Any) -> dict[str, Any]:
        """Return the input of a booking of an hour that is free."""
        return _wish(next(self.hours), place, **changes)


@asynccontextmanager
async def landscape(cluster: str, template: str) -> AsyncIterator[Landscape]:
    """Yield the landscape in a database of its own, with bookings of two providers and of two fleets."""
    name = f"landscape_{uuid4().hex}"
    async with beside(cluster.format("hdv")) as server:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        async with connected(cluster.format(name)) as database, World(database).living() as world:
            yield await _settled(world)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _settled(world: World) -> Landscape:
    foreign = a_location("FOREIGN", owner=("DE", "XYZ"))
    await world.publish(*(a_tariff(name) for name in ("CHARGE", "BOOK", "SECRET")))
    await world.publish(site("OPEN"), site("HIDDEN"), foreign)
    await world.publish(an_offer(site("OPEN")), an_offer(site("HIDDEN")), an_offer(foreign))
    hours = count(8)
    made = [
        await _booked(world, next(hours), "emsp", {"cpo", "emsp"}),
        await _booked(world, next(hours), "fleet", {"cpo", "emsp", "fleet"}),
        await _booked(world, next(hours), "other_fleet", {"cpo", "emsp", "other_fleet"}),
        await _booked(world, next(hours), "emsp", {"cpo", "emsp", "other_fleet"}, contractId=OTHER_CONTRACT),
        await _booked(world, next(hours), "other_emsp", {"cpo", "other_emsp"}),
    ]
    return Landscape(world, tuple(made), hours)


def site(name: str) -> Location:
    """Return a site with one charger; the hidden one names a tariff that nothing else names."""
    location_id = f"NL*ABC*{name}"
    charger = an_evse(location_id, "E1", ["B1"])
    if name == "HIDDEN":
        (plug,) = charger.connectors
        charger = an_evse(
            location_id, "E1", ["B1"], connectors=(replace(plug, tariff_ids=("NL*ABC*SECRET", "NL*ABC*CHARGE")),)
        )
    return a_location(name, publish=name != "HIDDEN", evses=(charger,))


def told(answer: Answer, *names: str) -> str:
    """Return a whole answer as a text in which every one of `names` reads alike, to compare it with another."""
    text = json.dumps([answer.data, answer.errors], sort_keys=True)
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), "THE NAME", text, flags=re.IGNORECASE)
    return text


def charger_of(location_id: str) -> str:
    """Return the id of a site's only charger."""
    return part_id(location_id, "E1")


def _wish(hour: int, place: str, **changes: Any) -> dict[str, Any]:
    period = {"startDateTime": at(hour).isoformat(), "endDateTime": at(hour + 1).isoformat()}
    return {"idempotencyKey": a_key(), "bookingLocationId": f"{place}-ANY", "period": period, **changes}


async def _booked(world: World, hour: int, caller: str, seen_by: set[str], **changes: Any) -> Made:
    made = await world.execute(caller, CREATE, input=_wish(hour, OPEN, **changes))
    assert made.errors == []
    booking = made.data["bookingCreate"]
    assert booking["__typename"] == "Booking", booking
    return Made(booking["id"], booking["reference"], frozenset(seen_by))
