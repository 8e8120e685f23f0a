"""Requests for bookings, one or a crowd of them at once, and what came of each."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import asyncpg

from models.db import connected
from models.errors import Refusal
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.interval import Interval
from resolvers import bookings
from resolvers.booking_create import NewBooking
from resolvers.call import Call
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import hours
from tests.resolvers.quoting import a_slot
from tests.world import World, a_key

CONNECTIONS = 40
TEN_TO_ELEVEN = hours(10, 11)
Outcome = Booking | Refusal


def a_request(offer: BookingLocation, period: Interval = TEN_TO_ELEVEN, **changes: Any) -> NewBooking:
    """Return the wish to book any charger of `offer` for an hour, changed by naming what matters."""
    whom = {one.name: changes.pop(one.name) for one in fields(ForWhom) if one.name in changes}
    return NewBooking(a_slot(offer, period, **changes), ForWhom(**whom))


async def outcome(call: Call, wanted: NewBooking, key: str | None = None) -> Outcome:
    """Return the booking, or the refusal; whatever else is raised is a fault and is not caught."""
    try:
        return await bookings.create(call, key or a_key(), wanted)
    except Refusal as refusal:
        return refusal


async def rush(world: World, dsn: str, wishes: Sequence[NewBooking], keys: Sequence[str] = ()) -> list[Outcome]:
    """Send all wishes at once, two providers taking turns, over many connections; return what came of each.

    With `keys`, one provider sends them all, each with its key. The connections are closed at the end.
    """
    async with connected(dsn, connections=CONNECTIONS) as database:
        callers = ["emsp"] if keys else ["emsp", "other_emsp"]
        calls: list[Call] = [replace(await world.call(name), database=database) for name in callers]
        given = keys or [a_key() for _ in wishes]
        asked = (
            outcome(calls[number % len(calls)], wish, key)
            for number, (wish, key) in enumerate(zip(wishes, given, strict=True))
        )
        return list(await asyncio.gather(*asked))


def counted(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many outcomes there are of each kind, by name."""
    return dict(Counter(type(one).__name__ for one in outcomes))


async def ask(dsn: str, statement: str, *values: object) -> Any:
    """Return the single value that a statement answers, by a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()
