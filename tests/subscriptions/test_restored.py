"""A database that was brought here from elsewhere, and one whose feed is held back."""

from datetime import timedelta

import pytest

from models.catalogue import Catalogue
from models.db import Database, connected
from resolvers import bookings, events, publishing
from subscriptions.feed import Feed
from tests.factories.catalogue import NOW, UPDATED, a_location, an_offer
from tests.resolvers.requests import a_request
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

ELSEWHERE = "UPDATE event_floor SET epoch = 'another-1', xid = '900000000', id = 5"
A_WRITER = "SELECT pg_current_xact_id()"


async def test_events_of_another_history_are_forgotten_and_new_ones_told(world: World, database: Database) -> None:
    await world.publish(a_location())
    async with database.transaction() as connection:
        await connection.execute(ELSEWHERE)

    catalogue = Catalogue()
    async with Feed(database, catalogue, lambda: NOW).following() as feed:
        await feed.synced()
        later = a_location("LATER")
        await publishing.location(await world.call(None), later)
        await feed.synced()

    assert catalogue.get(later.id) is not None
    async with database.reading() as connection:
        assert await connection.fetchval("SELECT epoch FROM event_floor") == catalogue.position.epoch
        assert await connection.fetchval("SELECT count(*) FROM event") == 2


async def test_a_database_of_its_own_is_adopted_once(world: World, database: Database) -> None:
    assert not await events.adopt(database)


async def test_while_an_older_writer_lingers_searches_read_the_database(
    world: World, database: Database, dsn: str
) -> None:
    place = a_location()
    async with connected(dsn, connections=2) as elsewhere, elsewhere.transaction() as lingering:
        await lingering.execute(A_WRITER)
        await publishing.location(await world.call(None), place)
        world.later(NOW + timedelta(seconds=6))
        found = await world.execute(None, "query ($id: ID!) { location(id: $id) { id } }", id=place.id)
        assert world.catalogue.get(place.id) is None

    assert found.errors == []
    assert found.data == {"location": {"id": place.id}}


async def test_a_booking_at_a_place_that_the_catalogue_has_not_heard_of_is_answered_in_full(
    world: World, database: Database, dsn: str
) -> None:
    place = a_location()
    offer = an_offer(place, last_updated=UPDATED)
    async with connected(dsn, connections=2) as elsewhere, elsewhere.transaction() as lingering:
        await lingering.execute(A_WRITER)
        await publishing.location(await world.call(None), place)
        await publishing.booking_location(await world.call(None), offer)
        made = await bookings.create(await world.call("emsp"), a_key(), a_request(offer))
        told = await world.execute("emsp", "{ bookings { edges { node { id location { id } } } } }")

    assert told.errors == []
    assert told.data["bookings"]["edges"] == [{"node": {"id": made.object_id, "location": {"id": place.id}}}]
