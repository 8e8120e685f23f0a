"""How many statements vehicles and fees cost a search: one each at most, and none for whom they do not concern."""

from dataclasses import replace

import pytest

from models.errors import NotFound, Unauthenticated
from resolvers import provider_fees, vehicles
from resolvers.call import Call
from tests.api.landscape import EVERYBODY, UNKNOWN_UUID
from tests.factories.fleet import SEMI, a_fee, a_vehicle, fees
from tests.statements import Counting
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio


@pytest.fixture
def counting(world: World) -> Counting:
    """The world's database, whose statements are noted from here on."""
    return Counting(world.database)


async def counted(world: World, counting: Counting, caller: str | None) -> Call:
    return replace(await world.call(caller), database=counting)


async def test_the_fees_beside_a_price_are_those_for_the_fleet_that_asks(world: World, counting: Counting) -> None:
    published = fees(
        a_fee("ALL"), a_fee("MINE", contract_ids=(FLEET_CONTRACT,)), a_fee("THEIRS", contract_ids=(OTHER_CONTRACT,))
    )
    await provider_fees.publish(await world.call("emsp"), a_key(), published)
    await provider_fees.publish(await world.call("other_emsp"), a_key(), fees(a_fee("FOREIGN")))

    seen, statements = {}, {}
    for caller in EVERYBODY:
        found = await provider_fees.seen(await counted(world, counting, caller))
        seen[caller], statements[caller] = [fee.id for fee in found], len(counting.since())

    fleets = {"fleet": ["ALL", "MINE"], "other_fleet": ["ALL", "THEIRS"]}
    assert seen == {caller: [] for caller in EVERYBODY} | fleets
    assert statements == dict.fromkeys(EVERYBODY, 0) | dict.fromkeys(fleets, 1)


async def test_a_vehicle_is_found_by_one_statement(world: World, counting: Counting) -> None:
    made = await vehicles.save(await world.call("fleet"), a_key(), a_vehicle())
    call = await counted(world, counting, "fleet")

    found = await vehicles.known(call, str(made.id))

    assert len(counting.since()) == 1
    assert found == made
    assert found.vehicle == SEMI


async def test_many_vehicles_are_found_by_one_statement_in_the_order_asked_for(
    world: World, counting: Counting
) -> None:
    mine = [await vehicles.save(await world.call("fleet"), a_key(), a_vehicle()) for _ in range(3)]
    theirs = await vehicles.save(await world.call("other_fleet"), a_key(), a_vehicle())
    ids = [str(mine[2].id), "nothing", str(theirs.id), str(mine[0].id), UNKNOWN_UUID, str(mine[2].id)]

    found = await vehicles.many(await counted(world, counting, "fleet"), ids)

    assert len(counting.since()) == 1
    assert found == [mine[2], None, None, mine[0], None, mine[2]]


async def test_a_page_of_vehicles_is_one_statement_and_none_for_who_sees_none(
    world: World, counting: Counting
) -> None:
    statements = {}
    for caller in EVERYBODY[1:]:
        await vehicles.page(await counted(world, counting, caller), first=10, after=None)
        statements[caller] = len(counting.since())

    holders = ("emsp", "other_emsp", "fleet", "other_fleet")
    assert statements == dict.fromkeys(EVERYBODY[1:], 0) | dict.fromkeys(holders, 1)


async def test_a_vehicle_of_others_is_not_found_and_needs_a_token(world: World) -> None:
    made = await vehicles.save(await world.call("fleet"), a_key(), a_vehicle())

    for caller in EVERYBODY[1:]:
        if caller != "fleet":
            with pytest.raises(NotFound):
                await vehicles.known(await world.call(caller), str(made.id))
    with pytest.raises(Unauthenticated):
        await vehicles.known(await world.call(None), str(made.id))
