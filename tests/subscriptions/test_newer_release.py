"""A newer release beside this one writes events that are unknown here: the feed goes on without them."""

import pytest

from models.events import EventKind
from resolvers import events
from tests.factories.catalogue import NOW, a_location
from tests.world import World

pytestmark = pytest.mark.anyio

WRITE = "INSERT INTO event (kind, object_id, location_id, party_id, cause, at) VALUES ($1, $2, $2, 'NL*ABC', $3, $4)"


async def test_unknown_kinds_and_causes_do_not_stop_the_feed(world: World) -> None:
    site = a_location()
    await world.publish(site)
    before = world.catalogue.position
    async with world.database.transaction() as connection:
        await connection.execute(WRITE, "TELEPORTED", site.id, None, NOW)
        await connection.execute(WRITE, EventKind.AVAILABILITY_CHANGED.value, site.id, "MAGIC", NOW)
        await connection.execute(WRITE, "TELEPORTED", site.id, None, NOW)

    await world.publish(a_location("LOC2"))
    stretch = await events.after(world.database, before)

    told = [(one.event.kind, one.event.object_id, one.event.cause) for one in stretch.recorded]
    assert told[0] == (EventKind.AVAILABILITY_CHANGED, site.id, None)
    assert {name for _, name, _ in told[1:]} == {"NL*ABC*LOC2"}
    assert world.catalogue.get("NL*ABC*LOC2") is not None
