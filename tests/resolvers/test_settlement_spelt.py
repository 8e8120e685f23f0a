"""A fleet reads what it owes under its contract however that is spelt, and its EMSP's fees are for it just so."""

import pytest

from models.rules.booking import BookingToken
from models.rules.interval import Interval
from models.rules.role import Role
from models.rules.statement import StatementGroup, StatementLine
from resolvers import cdrs, parties, provider_fees, provider_lines, statements
from resolvers.cdrs import CdrFilter
from resolvers.for_whom import ForWhom
from resolvers.provider_lines import LineFilter
from resolvers.statements import WantedStatement
from tests.factories.catalogue import at
from tests.resolvers.adding import CHARGERS, OFFER, a_share, a_sum, lines, settled, the_site
from tests.resolvers.lifecycle import booked
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

PLAIN = "NLEMSC00000001A"
SPELT = [(FLEET_CONTRACT, PLAIN), (PLAIN, FLEET_CONTRACT), (FLEET_CONTRACT, "nl*ems*c00000001*a")]
"""How the API token of a fleet and a fee for it have its contract, and how its bookings have it."""


async def settled_day(world: World, fleet: str, token: str) -> None:
    """Let a fleet have an API token, and be booked for, with a sum and a share for its contract on top."""
    await the_site(world, a_sum("0.75", contract_ids=(fleet,)), a_share("10", contract_ids=(fleet,)))
    made = await parties.create_token(world.database, "NL*EMS", Role.TO, world.now, contract_ids=[fleet])
    world.secrets["spelt"] = made
    card = ForWhom(tokens=(BookingToken("NL", "EMS", "04A1B2C3", "RFID", token),))
    await booked(world, OFFER, evse_id=CHARGERS[0], whom=card)
    await settled(world)


async def statement(world: World, caller: str) -> list[StatementLine]:
    wanted = WantedStatement(Interval(at(0), at(24)), (StatementGroup.CONTRACT,))
    page = await statements.page(await world.call(caller), wanted, first=10, after=None)
    return [one for one, _ in page.items]


@pytest.mark.parametrize(("fleet", "token"), SPELT)
async def test_a_fleets_statement_holds_what_is_under_its_contract(world: World, fleet: str, token: str) -> None:
    await settled_day(world, fleet, token)

    (own,) = await statement(world, "spelt")

    assert [own] == await statement(world, "emsp")
    assert (own.contract_id, own.bookings, str(own.before_taxes)) == (token, 1, "2.50")
    assert str(own.provider) == "1.21"  # 0.75 and a tenth of 2.50, with 21 percent of tax
    assert await statement(world, "other_fleet") == []


@pytest.mark.parametrize(("fleet", "token"), SPELT)
async def test_a_fleet_reads_what_its_emsp_adds(world: World, fleet: str, token: str) -> None:
    await settled_day(world, fleet, token)
    (cdr,) = (await cdrs.page(await world.call("spelt"), CdrFilter(contract_id=fleet), first=9, after=None)).items

    found = await lines(world, "spelt", LineFilter(contract_id=fleet))
    (share,) = await provider_lines.of_cdrs(await world.call("spelt"), [cdr[0].cdr.object_id])

    assert {one.fee_id: one.contract_ids for one in found} == {"SERVICE": (token,), "SHARE": (token,)}
    assert [one.fee_id for one in share] == ["SHARE"]
    assert await lines(world, "other_fleet") == []
    assert [fee.id for fee in await provider_fees.seen(await world.call("spelt"))] == ["SERVICE", "SHARE"]
