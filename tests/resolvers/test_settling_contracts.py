"""To whom a booking is billed once it is changed: to the contracts that it is under then, and to no others."""

from datetime import timedelta
from typing import Any

import pytest

from models.rules.booking import Booking, BookingToken
from tests.resolvers.charging_scenes import CARD
from tests.resolvers.lifecycle import change_quoted, changed
from tests.resolvers.settling import granted, issued, open_site, settle, standing
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

OTHERS_CARD = BookingToken("NL", "EMS", "0FF0FF", "RFID", OTHER_CONTRACT)


async def given(world: World, one: Booking, *tokens: BookingToken, **asked: Any) -> Booking:
    """Return the booking with other tokens, a minute later, and settled."""
    world.later(world.now + timedelta(minutes=1))
    new = await changed(world, await change_quoted(world, one, **asked), tokens=tokens)
    await settle(world)
    return new


async def test_a_booking_that_another_contract_takes_over_is_credited_to_the_first(world: World) -> None:
    await open_site(world)
    one = await given(world, await granted(world), OTHERS_CARD)

    assert [(cdr.credit, cdr.parties.contract_ids) for cdr in await issued(world)] == [
        (False, (FLEET_CONTRACT,)),
        (True, (FLEET_CONTRACT,)),
        (False, (OTHER_CONTRACT,)),
    ]
    assert [cdr.contract_id for cdr in await standing(world, one)] == [OTHER_CONTRACT]


async def test_a_contract_that_comes_beside_it_changes_no_bill(world: World) -> None:
    await open_site(world)
    await given(world, await granted(world), CARD, OTHERS_CARD)

    assert [(cdr.credit, cdr.contract_id) for cdr in await issued(world)] == [(False, FLEET_CONTRACT)]
