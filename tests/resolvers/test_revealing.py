"""The charger of a group is told once, when the terms or the operator say, and at the latest on arrival."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from models.db import connected
from models.errors import AlreadyFinal, Forbidden, NotFound
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation, BookingTerms
from models.rules.booking_state import CanceledReason
from resolvers import access, bookings
from resolvers.booking_cancel import Cancellation
from resolvers.call import Call
from resolvers.revealing import Revelation, reveal
from server import worker
from tests.factories.catalogue import TERMS, a_location, an_offer, at, hours
from tests.resolvers.lifecycle import booked
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

E1 = "NL*ABC*LOC1*E1"
AN_HOUR_BEFORE = replace(TERMS, reveal_minutes=60)
TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED' AND object_id = $1"
DUE = "SELECT count(*) FROM booking WHERE reveal_due_at IS NOT NULL"
REVEAL = """
mutation ($input: BookingRevealInput!) {
    bookingReveal(input: $input) { __typename ... on Booking { evseRevealedAt } ... on Problem { message } }
}
"""


async def a_group(world: World, terms: BookingTerms = AN_HOUR_BEFORE, chargers: int = 1) -> BookingLocation:
    place = a_location(chargers={f"E{number}": [] for number in range(1, chargers + 1)})
    offer = an_offer(place, terms=terms)
    await world.publish(place, offer)
    return offer


async def nobodys(world: World) -> Call:
    """Return the call of a worker."""
    return replace(await world.call("cpo"), caller=None)


async def seen_charger(world: World, one: Booking, caller: str = "emsp") -> bool:
    call = await world.call(caller)
    return access.sees_charger(call, await bookings.get(call, one.object_id))


async def revealed_now(world: World, one: Booking, caller: str = "cpo", key: str | None = None) -> Booking:
    return await bookings.reveal(await world.call(caller), key or a_key(), Revelation(one.object_id))


async def test_a_charger_is_told_when_the_terms_say_and_once(world: World, dsn: str) -> None:
    one = await booked(world, await a_group(world))
    world.later(at(8.99))
    assert (await reveal(await nobodys(world)), await seen_charger(world, one)) == (0, False)

    world.later(at(9))
    done = [await reveal(await nobodys(world)) for _ in range(2)]

    assert (done, await seen_charger(world, one)) == ([1, 0], True)
    assert await ask(dsn, TOLD, one.object_id) == 2
    told = await bookings.get(await world.call("emsp"), one.object_id)
    assert (told.evse_revealed_at, told.reveal_due_at, told.last_updated) == (at(9), None, at(9))


async def test_without_a_word_in_the_terms_a_charger_is_told_on_arrival(world: World) -> None:
    early = replace(TERMS, early_start_allowed=True, early_start_time=15)
    one = await booked(world, await a_group(world, early))

    world.later(at(9.74))
    assert not await seen_charger(world, one)
    world.later(at(9.75))
    assert await seen_charger(world, one)
    assert await reveal(await nobodys(world)) == 1


async def test_a_charger_that_was_asked_for_is_not_told_again(world: World, dsn: str) -> None:
    one = await booked(world, await a_group(world), evse_id=E1)
    world.later(at(10))

    assert await reveal(await nobodys(world)) == 0
    assert await ask(dsn, TOLD, one.object_id) == 1


async def test_a_booking_that_is_over_is_told_no_charger(world: World, dsn: str) -> None:
    one = await booked(world, await a_group(world))
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(one.object_id, CanceledReason.NO_CANCELED))
    world.later(at(10))

    assert await reveal(await nobodys(world)) == 0
    assert await ask(dsn, TOLD, one.object_id) == 2


async def test_several_workers_tell_each_charger_once(world: World, dsn: str) -> None:
    offer = await a_group(world, chargers=12)
    made = [await booked(world, offer) for _ in range(12)]
    world.later(at(9))
    async with connected(dsn, connections=8) as database:
        call = replace(await nobodys(world), database=database)
        done = await asyncio.gather(*(reveal(call) for _ in range(4)))

    assert sum(done) == 12
    assert await ask(dsn, DUE) == 0
    assert [await ask(dsn, TOLD, one.object_id) for one in made] == [2] * 12


async def test_the_worker_tells_chargers(world: World, dsn: str) -> None:
    await booked(world, await a_group(world))
    world.later(at(9))

    assert await worker.due(await nobodys(world))
    assert await ask(dsn, DUE) == 0


async def test_an_operator_tells_a_charger_at_once_and_it_is_told_no_second_time(world: World, dsn: str) -> None:
    one = await booked(world, await a_group(world), period=hours(10, 11))
    world.later(at(7))

    new = await revealed_now(world, one)

    assert (new.evse_revealed_at, new.reveal_due_at, await seen_charger(world, one)) == (at(7), None, True)
    world.later(at(9))
    assert await reveal(await nobodys(world)) == 0
    assert await revealed_now(world, one) == new
    assert await ask(dsn, TOLD, one.object_id) == 2


async def test_only_its_operator_tells_a_charger_and_only_of_a_live_booking(world: World) -> None:
    one = await booked(world, await a_group(world))
    with pytest.raises(Forbidden):
        await revealed_now(world, one, "emsp")
    with pytest.raises(NotFound):
        await revealed_now(world, one, "other_cpo")
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)
    with pytest.raises(AlreadyFinal):
        await revealed_now(world, one)


async def test_a_charger_is_told_by_the_api(world: World) -> None:
    one = await booked(world, await a_group(world))
    asked: dict[str, Any] = {"idempotencyKey": a_key(), "bookingId": one.object_id}

    answer = await world.execute("cpo", REVEAL, input=asked)

    assert answer.errors == []
    assert answer.data["bookingReveal"] == {"__typename": "Booking", "evseRevealedAt": "2026-12-01T06:00:00Z"}
