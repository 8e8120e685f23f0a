"""What falls due is done though another duty fails."""

from dataclasses import replace

import pytest

from server import worker
from tests.factories.catalogue import a_location, an_offer
from tests.resolvers.quoting import EXPIRY, quoted
from tests.resolvers.requests import ask
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_duty_that_fails_keeps_no_other_from_being_done(world: World, dsn: str) -> None:
    site = a_location()
    await world.publish(site, an_offer(site))
    await quoted(world, an_offer(site))
    await ask(dsn, "ALTER TABLE calendar RENAME TO calendar_away")
    failed = await worker.due(replace(await world.call(None), now=EXPIRY))
    held = await ask(dsn, "SELECT count(*) FROM allocation WHERE released_at IS NULL")
    await ask(dsn, "ALTER TABLE calendar_away RENAME TO calendar")
    await ask(dsn, "ALTER TABLE quote RENAME TO quote_away")
    late = replace(await world.call(None), now=EXPIRY.replace(year=EXPIRY.year + 1))
    again = await worker.due(late)
    left = await ask(dsn, "SELECT count(*) FROM event")
    await ask(dsn, "ALTER TABLE quote_away RENAME TO quote")

    assert (failed, held) == (False, 0)
    assert (again, left) == (False, 0)
    assert await worker.due(late) is True
