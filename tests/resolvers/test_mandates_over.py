"""What a party made on behalf of a provider, once its mandate is over: it is not found in any way, nor told."""

from collections.abc import Awaitable
from dataclasses import replace

import pytest

from models.errors import NotFound
from models.rules.booking import Booking
from models.rules.booking_state import ReservationStatus
from models.rules.mandate import Mandate
from resolvers import bookings, reminders
from resolvers.reminders import ReminderChange
from tests.factories.catalogue import at, hours
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.requests import a_request
from tests.resolvers.test_mandates import FOR_PROVIDER, canceled, listed
from tests.resolvers.trips import OFFER, PROVIDER, granted, open_sites, revoked, token
from tests.subscriptions.streams import BOOKINGS, subscribed
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

ENTITIES = """
query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Booking { id } } }
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with chargers that can be booked all day long."""
    await open_sites(world)
    return world


async def revokes(world: World, mandate: Mandate) -> None:
    """Let the provider end a mandate."""
    await revoked(world, mandate)


async def waits(world: World, mandate: Mandate) -> None:
    """Let the time of a mandate pass."""
    assert mandate.valid_until is not None
    world.later(mandate.valid_until)


async def narrows(world: World, mandate: Mandate) -> None:
    """Let the provider give a mandate for another contract in the place of one for any."""
    await granted(world, contract_ids=("C2",))


ENDS = {"revoked": revokes, "over": waits, "for less": narrows}


@pytest.mark.parametrize("end", ENDS)
async def test_a_booker_finds_what_it_made_in_no_way_once_its_mandate_is_over(site: World, end: str) -> None:
    mandate = await granted(site, valid_until=at(8))
    whom = replace(FOR_PROVIDER, tokens=(token(),))
    made = await booked(site, OFFER, caller="other_emsp", whom=whom)
    quote = await change_quoted(site, made, "other_emsp", period=hours(12, 13))
    assert await entity(site, made) == {"id": made.object_id}
    await ENDS[end](site, mandate)

    call = await site.call("other_emsp")
    assert await listed(site, "other_emsp") == []
    assert await bookings.many(call, [made.object_id]) == [None]
    assert await entity(site, made) is None
    tries: list[Awaitable[object]] = [
        bookings.get(call, made.object_id),
        bookings.by_reference(call, made.reference),
        bookings.named(call, [made.object_id], []),
        bookings.named(call, [], [made.reference]),
        changed(site, quote, "other_emsp"),
        change_quoted(site, made, "other_emsp", period=hours(14, 15)),
        canceled(site, "other_emsp", made),
        reminders.set(call, a_key(), ReminderChange(made.object_id, (60,))),
    ]
    for one in tries:
        with pytest.raises(NotFound):
            await one
    async with subscribed(site, "other_emsp", BOOKINGS, bookingIds=[made.object_id]) as stream:
        assert (await stream.refusal())[0] == "NOT_FOUND"
    assert await listed(site, "emsp") == await listed(site, "cpo") == [made]
    assert (await canceled(site, "emsp", made)).status is ReservationStatus.CANCELED


async def entity(world: World, one: Booking) -> object:
    """Return a booking as a gateway reads it for the booker."""
    representation = {"__typename": "Booking", "id": one.object_id}
    answer = await world.execute("other_emsp", ENTITIES, representations=[representation])
    assert answer.errors == []
    (found,) = answer.data["_entities"]
    return found


async def test_a_booker_finds_again_what_it_made_once_it_has_a_mandate_again(site: World) -> None:
    mandate = await granted(site, contract_ids=("C1",))
    made = await booked(site, OFFER, caller="other_emsp", whom=replace(FOR_PROVIDER, tokens=(token(),)))
    await revoked(site, mandate)
    assert await listed(site, "other_emsp") == []

    await granted(site, contract_ids=("C1", "C2"))

    assert await listed(site, "other_emsp") == [made]


async def test_a_booker_without_a_mandate_any_more_is_not_answered_a_second_time(site: World) -> None:
    mandate = await granted(site)
    key = a_key()
    wanted = a_request(OFFER, on_behalf_of=PROVIDER)
    made = await bookings.create(await site.call("other_emsp"), key, wanted)
    assert await bookings.create(await site.call("other_emsp"), key, wanted) == made
    await revoked(site, mandate)

    with pytest.raises(NotFound):
        await bookings.create(await site.call("other_emsp"), key, wanted)


async def test_a_booker_without_a_mandate_any_more_is_not_told_what_becomes_of_its_bookings(site: World) -> None:
    mandate = await granted(site)
    made = await booked(site, OFFER, caller="other_emsp", whom=FOR_PROVIDER)
    own = await booked(site, OFFER, hours(12, 13), "other_emsp")
    await site.feed.synced()

    async with subscribed(site, "other_emsp", BOOKINGS, bookingIds=[made.object_id, own.object_id]) as stream:
        await stream.next()
        await stream.next()
        await revoked(site, mandate)
        await canceled(site, "emsp", made)
        await canceled(site, "other_emsp", own)
        heard = await stream.next()

    assert heard["booking"]["id"] == own.object_id
