"""Vehicles and contracts that come in several spellings: each is one group of a statement (BUC 4.1, 4.4)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.rules.booking import BookingToken
from models.rules.statement import StatementGroup, StatementLine
from resolvers import statements
from resolvers.for_whom import ForWhom
from resolvers.statements import WantedStatement
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.adding import a_share, publish
from tests.resolvers.lifecycle import booked, booking_tariff
from tests.resolvers.owing import ALL
from tests.resolvers.settling import settle
from tests.statements import Counting
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
PLAIN = "NLEMSC00000001A"
SPELT = (FLEET_CONTRACT, PLAIN, PLAIN.lower(), "nl*ems*c00000001*a")
"""How the contract of a fleet comes."""

STATEMENT = """
query ($period: PeriodInput!, $groupBy: [StatementGroup!], $first: Int! = 9, $after: String) {
  statement(period: $period, groupBy: $groupBy, first: $first, after: $after) {
    lines { edges { node { vehicle contractId bookings beforeTaxes } } pageInfo { hasNextPage endCursor } }
    totals { bookings beforeTaxes }
  }
  statementCsv(period: $period, groupBy: $groupBy, first: $first, after: $after) { text }
}
"""
PERIOD = {"startDateTime": ALL.start.isoformat(), "endDateTime": ALL.end.isoformat()}
VEHICLE, CONTRACT, *_ = StatementGroup


async def used(world: World, *whom: tuple[str | None, str | None], first: int = 8) -> None:
    """Let bookings of 2.50 each be settled, one after the other, with those contracts and plates."""
    for hour, (contract_id, plate) in enumerate(whom, first):
        tokens = (BookingToken("NL", "EMS", "04A1B2C3", "RFID", contract_id),) if contract_id else ()
        await booked(world, OFFER, hours(hour, hour + 1), whom=ForWhom(tokens=tokens, license_plate=plate))
    await settle(world)


async def open_site(world: World) -> None:
    """Publish a site of which each booking costs 2.50."""
    await world.publish(booking_tariff(), SITE, OFFER)


async def read(world: World, caller: str, *groups: StatementGroup, **more: Any) -> list[StatementLine]:
    wanted = WantedStatement(ALL, groups)
    page = await statements.page(await world.call(caller), wanted, **{"first": 100, "after": None, **more})
    return [one for one, _ in page.items]


async def test_a_vehicle_is_one_group_however_its_plate_is_spelt(world: World) -> None:
    await open_site(world)
    plates = ("12-BCD-3", "12 bcd 3", "I2BCD3", "\u0031\u0032\u0412CD3", "12-BCD-4", None)
    await used(world, *((FLEET_CONTRACT, plate) for plate in plates))
    for caller in ("cpo", "emsp", "fleet"):
        found = [(one.vehicle, one.bookings, str(one.before_taxes)) for one in await read(world, caller, VEHICLE)]
        assert found == [(None, 1, "2.50"), ("12 bcd 3", 4, "10.00"), ("12-BCD-4", 1, "2.50")]


async def test_what_is_no_plate_at_all_is_a_group_as_it_is(world: World) -> None:
    await open_site(world)
    await used(world, (FLEET_CONTRACT, "---"), (FLEET_CONTRACT, "-"), (FLEET_CONTRACT, None), (FLEET_CONTRACT, "-"))
    found = {one.vehicle: one.bookings for one in await read(world, "emsp", VEHICLE)}
    assert found == {"---": 1, "-": 2, None: 1}


async def test_a_contract_is_one_group_however_it_is_spelt_with_what_its_emsp_adds(world: World) -> None:
    await open_site(world)
    await publish(world, a_share("10"))
    await used(world, *((contract_id, None) for contract_id in SPELT), (OTHER_CONTRACT, None), ("1-11", None))
    await used(world, ("11-1", None), first=14)
    for caller in ("cpo", "emsp"):
        found = [(one.contract_id, one.bookings, one.before_taxes) for one in await read(world, caller, CONTRACT)]
        assert sorted(found) == [
            ("1-11", 1, Decimal("2.50")),
            ("11-1", 1, Decimal("2.50")),
            (FLEET_CONTRACT, 4, Decimal("10.00")),
            (OTHER_CONTRACT, 1, Decimal("2.50")),
        ]
    (own,) = await read(world, "fleet", CONTRACT)
    assert (own.contract_id, own.bookings, own.provider) == (FLEET_CONTRACT, 4, Decimal("1.21"))
    assert own in await read(world, "emsp", CONTRACT)


async def test_statements_of_what_is_spelt_in_several_ways_are_read_page_by_page(world: World) -> None:
    await open_site(world)
    contracts = (*SPELT, OTHER_CONTRACT, OTHER_CONTRACT.lower())
    plates = ("zz-1", "aa-1", "ZZ1", "AA 1", "b-1", "(B1)")
    await used(world, *zip(contracts, plates, strict=True))
    asked: dict[str, Any] = {"period": PERIOD, "groupBy": ["VEHICLE", "CONTRACT"]}
    whole = (await world.execute("emsp", STATEMENT, **asked)).data
    pages: list[Any] = []
    while not pages or pages[-1]["statement"]["lines"]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["statement"]["lines"]["pageInfo"]["endCursor"] if pages else None
        pages.append((await world.execute("emsp", STATEMENT, **asked, first=1, after=after)).data)
    nodes = [edge["node"] for page in pages for edge in page["statement"]["lines"]["edges"]]
    shown = [(one["vehicle"], one["contractId"], one["bookings"]) for one in nodes]
    assert shown == [("AA 1", PLAIN, 2), ("(B1)", OTHER_CONTRACT, 2), ("ZZ1", FLEET_CONTRACT, 2)]
    assert nodes == [edge["node"] for edge in whole["statement"]["lines"]["edges"]]
    assert "".join(page["statementCsv"]["text"] for page in pages) == whole["statementCsv"]["text"]
    assert {page["statement"]["totals"][0]["bookings"] for page in pages} == {6}


async def test_a_spelling_that_comes_between_two_pages_moves_no_group(world: World) -> None:
    await open_site(world)
    await used(world, (FLEET_CONTRACT, "M-1"), (FLEET_CONTRACT, "Z-1"))
    ((first, position),) = (
        await statements.page(await world.call("emsp"), WantedStatement(ALL, (VEHICLE,)), first=1, after=None)
    ).items
    await used(world, (FLEET_CONTRACT, "(Z) 1"), (FLEET_CONTRACT, "m1"), first=14)
    (rest,) = await read(world, "emsp", VEHICLE, after=position)
    assert [(one.vehicle, one.bookings) for one in (first, rest)] == [("M-1", 1), ("(Z) 1", 2)]


async def test_the_groups_of_a_statement_and_its_totals_are_of_one_moment_for_one_statement_asks_for_both(
    world: World,
) -> None:
    await open_site(world)
    await used(world, (FLEET_CONTRACT, None), (PLAIN, None))
    counting = Counting(world.database)
    call = replace(await world.call("emsp"), database=counting)
    for groups in ((), (CONTRACT,), (VEHICLE, CONTRACT)):
        found = await statements.read(call, WantedStatement(ALL, groups), first=9, after=None)
        assert len(counting.since()) == 1
        assert [one.bookings for one, _ in found.page.items] == [one.bookings for one in found.totals] == [2]
