"""What a charger tells of a session only after that ended: kept, and no part of what is billed, whatever follows."""

from decimal import Decimal

import pytest

from models.rules.bill import BillKind
from tests.factories.catalogue import at
from tests.resolvers.charging_scenes import read, started, stopped
from tests.resolvers.lifecycle import E1
from tests.resolvers.settling import granted, issued, open_site, settle, waived
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_late_reading_is_in_no_bill_whatever_else_is_settled_again(world: World) -> None:
    await open_site(world)
    one = await granted(world)
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(10.25))
    await read(world, session, (at(10.25), "10", None))
    world.later(at(10.5))
    await stopped(world, session)
    await settle(world)
    before = await issued(world, kinds=(BillKind.SESSION,))

    await read(world, session, (at(10.4), "15", None))
    await settle(world)
    await waived(world, one)
    await settle(world)

    assert [cdr.total.before_taxes for cdr in before] == [Decimal(5)]
    assert await issued(world, kinds=(BillKind.SESSION,)) == before
