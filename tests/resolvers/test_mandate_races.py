"""A mandate that ends while somebody books under it: who comes first decides, and nothing is booked afterwards."""

import asyncio
from dataclasses import replace

import pytest

from models.db import connected
from models.errors import NotAllowed
from models.queries import mandates as stored
from models.rules.booking import Booking
from resolvers import bookings
from tests.factories.catalogue import NOW, a_location, an_offer
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import a_request, ask
from tests.resolvers.trips import BOOKER, PROVIDER, granted, revoked
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

DEADLINE = 10.0
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_nothing_is_booked_under_a_mandate_once_its_end_is_answered(world: World, dsn: str) -> None:
    place = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(20)})
    offer = an_offer(place)
    await world.publish(place, offer)
    mandate = await granted(world)
    async with connected(dsn, connections=20) as database:
        booker = replace(await world.call("other_emsp"), database=database)

        async def book() -> object:
            wanted = a_request(offer, on_behalf_of=PROVIDER)
            return await or_refusal(bookings.create(booker, a_key(), wanted))

        asked = [asyncio.create_task(book()) for _ in range(15)]
        await revoked(world, mandate)
        known = await ask(dsn, "SELECT count(*) FROM booking")
        came = await asyncio.gather(*asked)

    made = [one for one in came if isinstance(one, Booking)]
    assert len(made) == known == await ask(dsn, "SELECT count(*) FROM booking")
    assert {type(one) for one in came} <= {Booking, NotAllowed}


async def test_the_end_of_a_mandate_waits_for_whoever_books_under_it(world: World, dsn: str) -> None:
    mandate = await granted(world)

    async with world.database.transaction() as connection:
        assert await stored.kept(connection, PROVIDER, BOOKER) == mandate
        ending = asyncio.create_task(revoked(world, mandate))
        async with asyncio.timeout(DEADLINE):
            while await ask(dsn, WAITING) == 0:
                pass
        assert not ending.done()

    assert (await ending).revoked_at == NOW
