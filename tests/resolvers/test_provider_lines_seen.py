"""Who sees what an EMSP adds: itself, and its fleets what is under their contracts; operators and bookers nothing."""

from typing import Any

import pytest

from models.errors import BadInput, Forbidden, Unauthenticated
from models.queries import cdrs
from models.rules.booking import Booking, BookingToken
from models.rules.interval import Interval
from models.rules.payment import PaymentState
from models.rules.provider_line import ProviderLineKind
from resolvers import bookings, provider_lines
from resolvers.for_whom import ForWhom
from resolvers.provider_lines import LineFilter
from server.auth import beginning
from tests.api.landscape import EVERYBODY
from tests.factories.catalogue import NOW, at, hours
from tests.models.databases import run
from tests.resolvers.adding import (
    ALL,
    CHARGERS,
    OFFER,
    SITE,
    a_share,
    a_sum,
    booked_by_fleet,
    lines,
    publish,
    settled,
    the_site,
)
from tests.resolvers.lifecycle import booked
from tests.resolvers.trips import granted, revoked
from tests.statements import Counting
from tests.world import FLEET_CONTRACT, FLEETS, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

LISTED = """
query ($first: Int! = 50, $after: String, $kinds: [ProviderLineKind!], $contractId: String) {
  providerLines(first: $first, after: $after, kinds: $kinds, contractId: $contractId) {
    edges { node {
      id emspId kind feeId name contractIds contractId licensePlate locationId bookingId cdrId month
      price { currency beforeTaxes taxes { name percentage amount } afterTaxes }
      credit creditReferenceId state invoiceId issuedAt
    } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ON_CDRS = """
{ cdrs { edges { node { id providerLines { kind cdrId price { beforeTaxes } state } } } } }
"""
SHOWN = {"emsp": 4, "fleet": 2, "other_fleet": 2}
WITHOUT = ("cpo", "other_cpo", "nsp", "nap", "admin")
FEED = "SELECT DISTINCT kind FROM event ORDER BY kind"


async def two_fleets(world: World) -> list[Booking]:
    """Let two fleets book, each with a sum and a share of 10 percent on top."""
    await the_site(world, a_sum("0.75"), a_share("10"))
    made = [
        await booked(world, OFFER, caller=caller, evse_id=evse_id)
        for caller, evse_id in zip(("fleet", "other_fleet"), CHARGERS, strict=False)
    ]
    await settled(world)
    return made


async def cdrs_of(world: World, made: list[Booking]) -> list[str]:
    """Return the CDRs by which bookings are billed."""
    async with world.database.reading() as connection:
        found = [await cdrs.billed(connection, one.id) for one in made]
    return [cdr.object_id for each in found for cdr in each]


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_lines_are_listed_for_their_emsp_and_its_fleets_and_for_nobody_else(
    world: World, caller: str | None
) -> None:
    await two_fleets(world)

    answer = await world.execute(caller, LISTED)

    if caller is None or caller in WITHOUT:
        assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
        with pytest.raises(Forbidden if caller else Unauthenticated):
            await provider_lines.page(await world.call(caller), ALL, first=50, after=None)
    else:
        assert len(answer.data["providerLines"]["edges"]) == SHOWN.get(caller, 0)
        assert len(await lines(world, caller)) == SHOWN.get(caller, 0)


@pytest.mark.parametrize("caller", EVERYBODY)
async def test_the_shares_of_cdrs_are_told_by_the_same_rule(world: World, caller: str | None) -> None:
    ids = await cdrs_of(world, await two_fleets(world))

    found = await provider_lines.of_cdrs(await world.call(caller), [*ids, "NL*ABC*NONE", "nothing"])

    mine, others = caller in ("emsp", "fleet"), caller in ("emsp", "other_fleet")
    assert [len(each) for each in found] == [int(mine), int(others), 0, 0]


@pytest.mark.parametrize("caller", ["cpo", "emsp", "fleet", "other_fleet"])
async def test_a_cdr_tells_the_shares_of_it_to_its_emsp_and_its_fleet(world: World, caller: str) -> None:
    await two_fleets(world)

    answer = await world.execute(caller, ON_CDRS)

    assert answer.errors == []
    seen = [edge["node"] for edge in answer.data["cdrs"]["edges"]]
    assert len(seen) == (1 if caller in FLEETS else 2)
    for cdr in seen:
        share = {"kind": "MARKUP", "cdrId": cdr["id"], "price": {"beforeTaxes": "0.2500"}, "state": "DUE"}
        assert cdr["providerLines"] == ([] if caller == "cpo" else [share])


async def test_the_shares_of_many_cdrs_are_read_by_one_statement_and_by_none_for_an_operator(world: World) -> None:
    await two_fleets(world)
    asked: dict[str, list[list[str]]] = {"emsp": [], "cpo": []}
    for start in (14, 16):
        for caller, statements in asked.items():
            counting = Counting(world.database)
            world.begin = beginning(counting, world.catalogue, lambda: world.now)
            assert (await world.execute(caller, ON_CDRS)).errors == []
            statements.append([one for one in counting.since() if "FROM provider_line" in one])
        await booked_by_fleet(world, hours(start, start + 1), CHARGERS[2])
        await settled(world)

    assert [len(each) for each in asked["emsp"]] == [1, 1]
    assert asked["cpo"] == [[], []]


async def test_who_books_under_a_mandate_sees_the_booking_and_no_line_of_it(world: World) -> None:
    await the_site(world, a_sum("0.75"), a_share("10"))
    await publish(world, a_sum("5", "BOOKERS"), caller="other_emsp")
    mandate = await granted(world)
    whom = ForWhom(contract_id=FLEET_CONTRACT, on_behalf_of="NL*EMS")
    one = await booked(world, OFFER, caller="other_emsp", whom=whom, evse_id=CHARGERS[0])
    await settled(world)
    ids = await cdrs_of(world, [one])

    assert (await bookings.get(await world.call("other_emsp"), one.object_id)).id == one.id
    assert await lines(world, "other_emsp") == []
    assert await provider_lines.of_cdrs(await world.call("other_emsp"), ids) == [[]]
    shown = (await world.execute("other_emsp", ON_CDRS)).data["cdrs"]["edges"]
    assert [edge["node"]["providerLines"] for edge in shown] == [[]]
    await revoked(world, mandate)
    assert await lines(world, "other_emsp") == []
    assert sorted(line.fee_id for line in await lines(world, "fleet")) == ["SERVICE", "SHARE"]
    assert sorted(line.fee_id for line in await lines(world)) == ["SERVICE", "SHARE"]


async def test_a_line_shows_all_that_it_is_for(world: World) -> None:
    (one, _) = await two_fleets(world)
    (cdr_id,) = await cdrs_of(world, [one])

    answer = await world.execute("fleet", LISTED)

    by_kind = {edge["node"]["kind"]: edge["node"] for edge in answer.data["providerLines"]["edges"]}
    share, fee = by_kind["MARKUP"], by_kind["PER_BOOKING"]
    assert share | {"id": None} == {
        "id": None,
        "emspId": "NL*EMS",
        "kind": "MARKUP",
        "feeId": "SHARE",
        "name": "Fee SHARE",
        "contractIds": [FLEET_CONTRACT],
        "contractId": FLEET_CONTRACT,
        "licensePlate": None,
        "locationId": SITE.id,
        "bookingId": one.object_id,
        "cdrId": cdr_id,
        "month": None,
        "price": {
            "currency": "EUR",
            "beforeTaxes": "0.2500",
            "taxes": [{"name": "VAT", "percentage": "21", "amount": "0.0525"}],
            "afterTaxes": "0.3025",
        },
        "credit": False,
        "creditReferenceId": None,
        "state": "DUE",
        "invoiceId": None,
        "issuedAt": "2026-12-01T06:00:00Z",
    }
    assert (fee["cdrId"], fee["bookingId"], fee["price"]["afterTaxes"]) == (None, one.object_id, "0.9075")


async def test_a_fleet_is_told_its_own_of_several_contracts_and_no_fee_that_is_for_another(world: World) -> None:
    await the_site(world, a_sum("1", "ALL"), a_sum("2", "OTHERS", contract_ids=(OTHER_CONTRACT,)))
    tokens = tuple(BookingToken("NL", "EMS", name, "RFID", name) for name in (FLEET_CONTRACT, OTHER_CONTRACT))
    await booked(world, OFFER, whom=ForWhom(tokens=tokens), evse_id=CHARGERS[0])
    await settled(world)

    async def shown(caller: str) -> list[tuple[str, list[str]]]:
        edges = (await world.execute(caller, LISTED)).data["providerLines"]["edges"]
        return sorted((edge["node"]["feeId"], edge["node"]["contractIds"]) for edge in edges)

    assert await shown("fleet") == [("ALL", [FLEET_CONTRACT])]
    assert await shown("other_fleet") == [("ALL", [OTHER_CONTRACT]), ("OTHERS", [OTHER_CONTRACT])]
    assert await shown("emsp") == [("ALL", [FLEET_CONTRACT, OTHER_CONTRACT]), ("OTHERS", [OTHER_CONTRACT])]


async def test_a_fleet_cannot_ask_with_which_contracts_a_booking_was_shared(world: World) -> None:
    await the_site(world, a_sum("1", "ALL"))
    tokens = tuple(BookingToken("NL", "EMS", name, "RFID", name) for name in (FLEET_CONTRACT, OTHER_CONTRACT))
    await booked(world, OFFER, whom=ForWhom(tokens=tokens), evse_id=CHARGERS[0])
    await settled(world)

    assert await lines(world, "fleet", LineFilter(contract_id=OTHER_CONTRACT)) == []
    assert len(await lines(world, "fleet", LineFilter(contract_id=FLEET_CONTRACT))) == 1
    assert len(await lines(world, "emsp", LineFilter(contract_id=OTHER_CONTRACT))) == 1


async def test_a_booking_that_names_no_contract_bears_what_is_for_all_and_its_emsp_alone_sees_it(
    world: World,
) -> None:
    await the_site(world, a_sum("1", "ALL"), a_sum("2", "MINE", contract_ids=(FLEET_CONTRACT,)))
    await booked(world, OFFER, evse_id=CHARGERS[0])

    await settled(world)

    assert [line.fee_id for line in await lines(world)] == ["ALL"]
    assert await lines(world, "fleet") == []


async def test_a_list_holds_what_was_asked_for(world: World, dsn: str) -> None:
    await two_fleets(world)
    world.later(at(7))
    await booked_by_fleet(world, evse_id=CHARGERS[2])
    await settled(world)
    await run(dsn, "UPDATE provider_line SET state = 'INVOICED', invoice_id = 'I' WHERE issued_at = $1", NOW)

    async def number(**wanted: Any) -> int:
        return len(await lines(world, wanted=LineFilter(**wanted)))

    assert await number() == 6
    assert await number(contract_id=FLEET_CONTRACT) == 4
    assert await number(contract_id=OTHER_CONTRACT, kinds=(ProviderLineKind.MARKUP,)) == 1
    assert await number(kinds=(ProviderLineKind.MARKUP, ProviderLineKind.MONTHLY)) == 3
    assert await number(states=(PaymentState.DUE,)) == 2
    assert await number(states=(PaymentState.INVOICED, PaymentState.PAID)) == 4
    assert await number(issued=Interval(NOW, at(7))) == 4
    assert await number(issued=Interval(at(7), at(8))) == 2
    assert len(await lines(world, "fleet", LineFilter(contract_id=OTHER_CONTRACT))) == 0


async def test_a_list_is_read_page_by_page(world: World) -> None:
    await two_fleets(world)

    found: list[str] = []
    after = None
    for more in (True, False):
        page = (await world.execute("emsp", LISTED, first=2, after=after)).data["providerLines"]
        found += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is more
    assert found == [str(line.id) for line in await lines(world)]
    assert len(set(found)) == 4
    for foreign in (("yesterday", "1"), ("only one",)):
        with pytest.raises(BadInput, match="cursor of another list"):
            await provider_lines.page(await world.call("emsp"), ALL, first=2, after=foreign)


async def test_nothing_of_lines_is_told_to_those_who_follow(world: World, dsn: str) -> None:
    await the_site(world)
    await booked_by_fleet(world, evse_id=CHARGERS[0])
    await settled(world)
    before = await run(dsn, FEED)

    await publish(world, a_sum("3"))
    await booked_by_fleet(world, evse_id=CHARGERS[1])
    await settled(world)

    assert await run(dsn, FEED) == before
    assert len(await lines(world)) == 1
