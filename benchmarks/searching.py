"""One corridor search in all the ways in which it can be asked, and its parts, each as a call that can be timed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import asyncpg
import orjson
from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    parse,
)

from models.catalogue import Entry
from models.queries import allocations
from models.rules.availability import Search
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.nearby_times import around
from models.rules.offered import LONGEST_ALLOCATION
from models.rules.vehicle import Vehicle
from resolvers import corridor, finding
from resolvers.asked import Asked
from resolvers.call import Call
from resolvers.corridor import Corridor
from resolvers.free import Available, Place, available
from resolvers.pricing import Pricing
from schema.build import schema
from tests.world import World

CALLER = "nsp"
FIRST = 200
"""So many Locations are asked for, on one page."""

ASKED = Asked(
    Demand(
        vehicle=Vehicle(vehicle_type="SEMI_TRACTOR", height=400, width=255, weight=40_000),
        energy=Decimal(200),
    )
)
MONEY = "{ beforeTaxes afterTaxes }"
TAXED = "{ beforeTaxes taxes { percentage amount } afterTaxes }"
DOCUMENT = f"""
query ($input: CorridorAvailabilityInput!) {{
  corridorAvailability(input: $input, first: {FIRST}) {{
    edges {{ node {{
      distanceAlongKm detourKm
      location {{ id name address city coordinates {{ latitude longitude }} operator {{ name }} facilities }}
      bookingLocations {{
        bookingLocation {{ id reservationRequired confirmation bookingTerms {{ cancelUntilMinutes noshowTimeout }} }}
        timeslots {{
          startDateTime endDateTime minPower maxPower greenEnergySupport available
          price {{ currency booking {MONEY} charging {MONEY} total {TAXED} }}
        }}
        closest {{ closeness startDateTime endDateTime available }}
      }}
    }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
Busy = Mapping[str, Mapping[str, Sequence[Interval]]]


@dataclass(frozen=True, slots=True)
class Searching:
    """One search: who asks, where and when, and a connection to ask the database past the product."""

    call: Call
    world: World
    bare: "asyncpg.Connection[asyncpg.Record]"
    where: Corridor
    window: Interval

    @property
    def variables(self) -> dict[str, Any]:
        """What is asked, as clients write it."""
        vehicle = ASKED.demand.vehicle
        asked = {
            "route": {"coordinates": [{"latitude": north, "longitude": east} for north, east in self.where.route]},
            "widthKm": self.where.width_km,
            "window": {
                "startDateTime": self.window.start.isoformat(),
                "endDateTime": self.window.end.isoformat(),
            },
            "vehicle": {
                "vehicleType": vehicle.vehicle_type,
                "height": vehicle.height,
                "width": vehicle.width,
                "weight": vehicle.weight,
            },
            "energyNeeded": str(ASKED.demand.energy),
        }
        return {"input": asked}

    async def use_case(self) -> int:
        """Search; return how many Locations are found."""
        page = await corridor.corridor_availability(self.call, self.where, ASKED, first=FIRST, after=None)
        return len(page.items)

    async def executed(self) -> dict[str, Any]:
        """Search by GraphQL; return the answer as values."""
        context = self.world.context(CALLER)
        result = await schema.execute(DOCUMENT, variable_values=self.variables, context_value=context)
        if result.errors or result.data is None:
            raise RuntimeError(f"the search failed: {result.errors}")
        return result.data

    async def operation(self) -> bytes:
        """Search by GraphQL; return the answer as it goes over the wire."""
        return orjson.dumps({"data": await self.executed()})

    async def who_asks(self) -> Call:
        """Look up the caller's API token."""
        return await self.world.call(CALLER)

    async def match(self) -> list[Entry]:
        """Return the Locations along the route, once for each pass."""
        hits = await self.call.catalogue.along(self.where.route, self.where.width_km)
        return [entry for entry, _ in hits]

    async def busy(self, hit: Sequence[Entry]) -> Busy:
        """Return when they are taken."""
        return await finding.busy(self.call, _ids(hit), around(self.window))

    async def bare_busy(self, hit: Sequence[Entry]) -> Sequence[asyncpg.Record]:
        """Return the rows of the same by asyncpg alone."""
        asked = around(self.window)
        return await self.bare.fetch(
            allocations._BUSY, _ids(hit), asked.start, asked.end + LONGEST_ALLOCATION, asked.end, self.call.now
        )

    def gaps(self, hit: Sequence[Entry], taken: Busy) -> list[Available]:
        """Return what fits and is free, without prices."""
        asked, search = replace(ASKED, priced=False), Search(self.window, self.call.now)
        found = (available(Place.of(one, asked, search, taken.get(one.published.location.id, {}))) for one in hit)
        return [one for one in found if one.is_worth_telling]

    def prices(self, found: Sequence[Available]) -> int:
        """Price what is free; return how many slots that are."""
        number = 0
        for one in found:
            pricing = Pricing(one.published, ASKED, ())
            for free in one.free:
                for slot in (*free.timeslots, *free.closest):
                    pricing.priced(free.booking_location, slot.slot)
                    number += 1
        return number


def _ids(hit: Sequence[Entry]) -> list[str]:
    return list({one.published.location.id for one in hit})


@dataclass(frozen=True, slots=True)
class Item:
    """An object of the bare schema."""

    number: int = 1


class BareFields:
    """So many integers out of slotted dataclasses by graphql-core alone: what no schema can be faster than."""

    def __init__(self, fields: int) -> None:
        """Make a schema whose answer holds so many fields."""
        item = GraphQLObjectType("Item", {"number": GraphQLField(GraphQLInt)})
        items = GraphQLField(GraphQLList(item), resolve=lambda *_: self._items)
        self._items = [Item()] * (fields // 20)
        self._schema = GraphQLSchema(GraphQLObjectType("Query", {"items": items}))
        names = " ".join(f"n{number}: number" for number in range(20))
        self._document: DocumentNode = parse(f"{{ items {{ {names} }} }}")

    def executed(self) -> object:
        """Execute it."""
        return execute_sync(self._schema, self._document).data


def fields_in(answer: object) -> int:
    """Return how many fields an answer holds."""
    if isinstance(answer, dict):
        return len(answer) + sum(fields_in(value) for value in answer.values())
    return sum(fields_in(value) for value in answer) if isinstance(answer, list) else 0
