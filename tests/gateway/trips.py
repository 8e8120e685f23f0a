"""A fleet's trips: a second subgraph, which refers to Location and Booking and extends both."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import strawberry
import strawberry.federation
import uvicorn
from strawberry.asgi import GraphQL

from tests.gateway.program import DEADLINE


@dataclass
class PlannedStop:
    """Where a vehicle of the fleet charges on a trip, and the booking for it."""

    location_id: str
    booking_id: str | None = None


@dataclass
class PlannedTrip:
    """A trip as the fleet keeps it."""

    id: str
    name: str
    stops: list[PlannedStop] = field(default_factory=list)


@dataclass
class Fleet:
    """The fleet's trips by id, and every Authorization header that the subgraph was sent."""

    planned: dict[str, PlannedTrip]
    authorizations: list[str | None] = field(default_factory=list)


Info = strawberry.Info[Fleet, Any]


@strawberry.federation.type(keys=["id"])
class Location:
    """A charging site, of which only the trips are known here."""

    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Location":
        return cls(id=id)

    @strawberry.field
    def trips(self, info: Info) -> list["Trip"]:
        trips = info.context.planned.values()
        return [_trip(one) for one in trips if any(stop.location_id == self.id for stop in one.stops)]


@strawberry.federation.type(keys=["id"])
class Booking:
    """A booking, of which only the trip is known here."""

    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Booking":
        return cls(id=id)

    @strawberry.field
    def trip(self, info: Info) -> "Trip | None":
        trips = info.context.planned.values()
        return next((_trip(one) for one in trips if any(stop.booking_id == self.id for stop in one.stops)), None)


@strawberry.type
class TripStop:
    """A stop to charge."""

    location: Location
    booking: Booking | None


@strawberry.federation.type(keys=["id"])
class Trip:
    """A trip of one vehicle."""

    id: strawberry.ID
    name: str
    stops: list[TripStop]

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Trip | None":
        return _known(info, id)


@strawberry.type
class Query:
    """What the fleet reads."""

    @strawberry.field
    def trip(self, info: Info, id: strawberry.ID) -> Trip | None:
        return _known(info, id)

    @strawberry.field
    def trips(self, info: Info) -> list[Trip]:
        return [_trip(one) for one in info.context.planned.values()]


@strawberry.type
class Mutation:
    """What the fleet does."""

    @strawberry.mutation
    def trip_stop_book(self, info: Info, trip_id: strawberry.ID, stop: int, booking_id: strawberry.ID) -> Trip:
        planned = info.context.planned[trip_id]
        planned.stops[stop].booking_id = booking_id
        return _trip(planned)


def _known(info: Info, id: str) -> Trip | None:
    one = info.context.planned.get(id)
    return _trip(one) if one else None


def _trip(one: PlannedTrip) -> Trip:
    stops = [
        TripStop(
            location=Location(id=strawberry.ID(stop.location_id)),
            booking=Booking(id=strawberry.ID(stop.booking_id)) if stop.booking_id else None,
        )
        for stop in one.stops
    ]
    return Trip(id=strawberry.ID(one.id), name=one.name, stops=stops)


schema = strawberry.federation.Schema(query=Query, mutation=Mutation, federation_version="2.9")


class Endpoint(GraphQL[Fleet, None]):
    """The schema over HTTP."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(schema, graphql_ide=None)
        self._fleet = fleet

    async def get_context(self, request: Any, response: Any) -> Fleet:
        self._fleet.authorizations.append(request.headers.get("authorization"))
        return self._fleet


class Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def served(fleet: Fleet) -> Iterator[str]:
    """Serve the subgraph on a free port for as long as the block lasts, and yield its URL."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = Server(uvicorn.Config(Endpoint(fleet), lifespan="off", ws="none", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            assert server.listens.wait(DEADLINE), "the subgraph of trips does not listen"
            yield f"http://127.0.0.1:{bound.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            thread.join(DEADLINE)
