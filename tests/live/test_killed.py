"""The server killed in the middle of bookings: none that was acknowledged is lost, none is made twice."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import randint, randrange
from typing import Any

import anyio
import httpx2
import pytest

from models.rules.interval import Interval
from server.demo.network import SHARED_BAY_BOOKING_LOCATION, SHARED_BAY_LOCATION
from tests.live.process import ServerProcess
from tests.server.embedded.watch import DEADLINE
from tests.world import a_key

pytestmark = pytest.mark.anyio

AT_ONCE = 8
ENOUGH = 40
MANY = 2000
QUARTER = timedelta(minutes=15)
TOMORROW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

BOOK = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) {
    __typename
    ... on Booking { id reference status timeslot { startDateTime endDateTime } }
    ... on Problem { message }
  }
}
"""
BOOKINGS = """
query ($location: ID!, $after: String) {
  bookings(locationId: $location, first: 500, after: $after) {
    edges { node { id reference status timeslot { startDateTime endDateTime } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
LOCATIONS = "{ locations(first: 500) { edges { node { id } } } }"


def wishes() -> list[dict[str, Any]]:
    """Return wishes that overlap here and there, for one bay that two chargers share."""
    made = []
    for _ in range(MANY):
        start = TOMORROW + randrange(40 * 96) * QUARTER
        end = start + randint(2, 16) * QUARTER
        made.append(
            {
                "idempotencyKey": a_key(),
                "bookingLocationId": SHARED_BAY_BOOKING_LOCATION,
                "period": {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()},
            }
        )
    return made


@dataclass
class Storm:
    """Providers that book one wish after the other until the server is gone."""

    server: ServerProcess
    wishes: list[dict[str, Any]]
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    unanswered: list[dict[str, Any]] = field(default_factory=list)
    enough: anyio.Event = field(default_factory=anyio.Event)

    async def book(self) -> None:
        """Book until the connection breaks, and keep what was answered."""
        async with self.server.client("EMSP") as client:
            while self.wishes:
                wish = self.wishes.pop()
                try:
                    came = await self.server.ask(client, BOOK, input=wish)
                except httpx2.TransportError:
                    self.unanswered.append(wish)
                    return
                kind = came["bookingCreate"].pop("__typename")
                assert kind in {"Booking", "SlotTaken"}, came
                if kind == "Booking":
                    self.acknowledged.append(came["bookingCreate"])
                if len(self.acknowledged) >= ENOUGH:
                    self.enough.set()


async def killed_while_booking(server: ServerProcess, victims: Sequence[str]) -> Storm:
    """Kill the server, and its PostgreSQL too if that is among the victims, while bookings are made."""
    storm = Storm(server, wishes())
    with anyio.fail_after(DEADLINE):
        async with anyio.create_task_group() as providers:
            for _ in range(AT_ONCE):
                providers.start_soon(storm.book)
            await storm.enough.wait()
            database = server.left_behind()
            server.kill()
            for pid in database if "postgres" in victims else ():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    assert database
    assert len(storm.acknowledged) >= ENOUGH
    assert storm.unanswered, "the server was killed too late"
    return storm


async def bookings(server: ServerProcess) -> dict[str, dict[str, Any]]:
    """Return every booking at the shared bay, by its id."""
    found: dict[str, dict[str, Any]] = {}
    after = None
    async with server.client("EMSP") as client:
        while True:
            page = (await server.ask(client, BOOKINGS, location=SHARED_BAY_LOCATION, after=after))["bookings"]
            found.update((edge["node"]["id"], edge["node"]) for edge in page["edges"])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


async def locations(server: ServerProcess) -> list[str]:
    async with server.client() as client:
        found = await server.ask(client, LOCATIONS)
    return [edge["node"]["id"] for edge in found["locations"]["edges"]]


def assert_none_overlap(found: dict[str, dict[str, Any]]) -> None:
    """The bay is held once at a time."""
    edges = ((one["timeslot"]["startDateTime"], one["timeslot"]["endDateTime"]) for one in found.values())
    held = sorted(Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in edges)
    assert not any(one.overlaps(other) for one, other in pairwise(held))


async def assert_nothing_is_lost(server: ServerProcess, acknowledged: Sequence[dict[str, Any]]) -> None:
    """Every booking that was acknowledged is there as it was answered, and the bay is held once at a time."""
    found = await bookings(server)
    assert [found.get(one["id"]) for one in acknowledged] == list(acknowledged)
    assert_none_overlap(found)


async def sent_again(server: ServerProcess, unanswered: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send what was not answered with the same keys, and return the bookings that are acknowledged now."""
    async with server.client("EMSP") as client:
        came = [(await server.ask(client, BOOK, input=one))["bookingCreate"] for one in unanswered]
    assert {one["__typename"] for one in came} <= {"Booking", "SlotTaken"}
    return [one for one in came if one.pop("__typename") == "Booking"]


async def test_a_killed_server_leaves_nothing_running_and_loses_no_acknowledged_booking(
    own_server: ServerProcess,
) -> None:
    storm = await killed_while_booking(own_server, ["server"])
    own_server.await_nothing_left()

    own_server.start()

    await assert_nothing_is_lost(own_server, storm.acknowledged)
    again = await sent_again(own_server, storm.unanswered)
    await assert_nothing_is_lost(own_server, storm.acknowledged + again)
    assert len(await bookings(own_server)) == len(storm.acknowledged) + len(again)


@pytest.mark.long
async def test_whatever_is_killed_again_and_again_no_acknowledged_booking_is_lost(own_server: ServerProcess) -> None:
    acknowledged: list[dict[str, Any]] = []
    for victims in (["server", "postgres"], ["server"]) * 3:
        storm = await killed_while_booking(own_server, victims)
        own_server.start()
        acknowledged += storm.acknowledged + await sent_again(own_server, storm.unanswered)
        await assert_nothing_is_lost(own_server, acknowledged)


async def test_a_second_start_keeps_bookings_tokens_and_network(own_server: ServerProcess) -> None:
    tokens, network = own_server.tokens, await locations(own_server)
    async with own_server.client("EMSP") as client:
        made = (await own_server.ask(client, BOOK, input=wishes()[0]))["bookingCreate"]
    assert made.pop("__typename") == "Booking"

    stopped = own_server.stop()
    left = own_server.left_behind()
    own_server.start()

    assert (stopped, left) == (0, set())
    assert own_server.tokens == tokens
    assert await locations(own_server) == network
    assert await bookings(own_server) == {made["id"]: made}
