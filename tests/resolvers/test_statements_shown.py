"""Statements through the API: divided, page by page, with totals, and with what an EMSP adds (BUC 4.1, 4.4, 4.5)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.api.landscape import EVERYBODY
from tests.resolvers.owing import ALL, two_months
from tests.world import Answer, World

pytestmark = pytest.mark.anyio

SUM = """
vehicle contractId locationId month currency bookings sessions cdrs energy greenEnergy greenShare
beforeTaxes afterTaxes due invoiced paid fleetDue fleetInvoiced fleetPaid
providerAfterTaxes providerDue providerInvoiced providerPaid
"""
STATEMENT = f"""
query ($period: PeriodInput!, $groupBy: [StatementGroup!], $first: Int! = 500, $after: String) {{
  statement(period: $period, groupBy: $groupBy, first: $first, after: $after) {{
    period {{ startDateTime endDateTime }}
    lines {{ edges {{ node {{ {SUM} }} }} pageInfo {{ hasNextPage endCursor }} }}
    totals {{ {SUM} }}
  }}
}}
"""
PERIOD = {"startDateTime": ALL.start.isoformat(), "endDateTime": ALL.end.isoformat()}
EVERY = ["VEHICLE", "CONTRACT", "LOCATION", "MONTH"]
PARTS = ("beforeTaxes", "afterTaxes", "due", "invoiced", "paid")
OF_FLEET = ("fleetDue", "fleetInvoiced", "fleetPaid")
OF_PROVIDER = ("providerDue", "providerInvoiced", "providerPaid")
COUNTS = ("cdrs", "energy", "greenEnergy")


async def asked(world: World, caller: str | None, **more: Any) -> Answer:
    return await world.execute(caller, STATEMENT, **{"period": PERIOD, **more})


async def read(world: World, caller: str, **more: Any) -> Any:
    """Return a statement."""
    answer = await asked(world, caller, **more)
    assert answer.errors == []
    return answer.data["statement"]


def nodes(statement: Any) -> list[Any]:
    return [edge["node"] for edge in statement["lines"]["edges"]]


async def test_a_statement_is_read_page_by_page_and_each_page_tells_the_totals_of_all(world: World) -> None:
    await two_months(world)
    whole = await read(world, "emsp", groupBy=EVERY)
    assert whole["period"] == {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}
    found: list[Any] = []
    after = None
    while True:
        page = await read(world, "emsp", groupBy=EVERY, first=3, after=after)
        assert page["totals"] == whole["totals"]
        found += nodes(page)
        after = page["lines"]["pageInfo"]["endCursor"]
        if not page["lines"]["pageInfo"]["hasNextPage"]:
            break
    assert found == nodes(whole)
    assert len(found) > 6


async def test_the_lines_of_a_statement_come_to_its_totals_but_for_cents(world: World) -> None:
    await two_months(world)
    statement = await read(world, "emsp", groupBy=EVERY)
    lines = nodes(statement)
    assert [one["currency"] for one in statement["totals"]] == ["CHF", "EUR"]
    for total in statement["totals"]:
        of = [one for one in lines if one["currency"] == total["currency"]]
        for part in (*PARTS, *OF_FLEET, "providerAfterTaxes", *OF_PROVIDER):
            apart = sum(Decimal(one[part]) for one in of) - Decimal(total[part])
            assert abs(apart) <= Decimal("0.005") * (len(of) + 1), part
        for count in COUNTS:
            assert sum(Decimal(one[count]) for one in of) == Decimal(total[count]), count


async def test_not_to_divide_it_is_to_read_the_totals(world: World) -> None:
    await two_months(world)
    for caller in ("cpo", "emsp", "fleet"):
        statement = await read(world, caller)
        assert nodes(statement) == statement["totals"]
        assert {one[name] for one in statement["totals"] for name in ("vehicle", "contractId", "month")} == {None}


async def test_what_an_emsp_adds_is_told_to_it_and_its_fleets_only(world: World) -> None:
    await two_months(world)
    added = {
        caller: [one["providerAfterTaxes"] for one in (await read(world, caller))["totals"]]
        for caller in ("cpo", "emsp", "fleet", "other_fleet")
    }
    assert added.pop("cpo") == [None, None]
    assert all(Decimal(one) >= 0 for each in added.values() for one in each)
    assert all(any(Decimal(one) > 0 for one in each) for each in added.values())


async def test_what_is_due_invoiced_and_paid_comes_to_all_of_it_for_each_side_but_for_a_cent(world: World) -> None:
    await two_months(world)
    for caller in ("cpo", "emsp", "fleet", "other_fleet"):
        statement = await read(world, caller, groupBy=EVERY)
        for line in (*nodes(statement), *statement["totals"]):
            parts = {"due invoiced paid": ("afterTaxes", PARTS[2:])}
            if caller == "cpo":
                assert {line[name] for name in (*OF_FLEET, "providerAfterTaxes", *OF_PROVIDER)} == {None}
            else:
                parts |= {"fleet": ("afterTaxes", OF_FLEET), "provider": ("providerAfterTaxes", OF_PROVIDER)}
            for name, (whole, of) in parts.items():
                apart = sum(Decimal(line[each]) for each in of) - Decimal(line[whole])
                assert abs(apart) <= Decimal("0.01"), (name, line)


async def test_each_reads_how_it_stands_itself_to_what_was_charged(world: World) -> None:
    await two_months(world)
    stood = {
        caller: {one["currency"]: one for one in (await read(world, caller))["totals"]}
        for caller in ("cpo", "emsp", "fleet", "other_fleet")
    }
    for currency, line in stood["emsp"].items():
        to_operator = [line[name] for name in PARTS]
        assert to_operator == [stood["cpo"][currency][name] for name in PARTS]
        assert to_operator[2:] != [line[name] for name in OF_FLEET]
        for caller in ("fleet", "other_fleet"):
            own = stood[caller][currency]
            assert [own[name] for name in PARTS[2:]] == [own[name] for name in OF_FLEET]


async def test_whom_nothing_concerns_is_told_nothing(world: World) -> None:
    await two_months(world)
    told = {caller: await asked(world, caller, groupBy=EVERY) for caller in EVERYBODY}
    for caller, answer in told.items():
        if caller is None or caller in ("nsp", "nap", "admin"):
            assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
        else:
            concerned = caller in ("cpo", "emsp", "fleet", "other_fleet")
            assert bool(nodes(answer.data["statement"])) is bool(answer.data["statement"]["totals"]) is concerned


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    for more in (
        {"period": PERIOD | {"endDateTime": PERIOD["startDateTime"]}},
        {"period": PERIOD | {"endDateTime": "2040-01-01T00:00:00Z"}},
        {"groupBy": [*EVERY, "MONTH"]},
        {"first": 0},
        {"after": "WyJ4Il0"},
    ):
        answer = await asked(world, "emsp", **more)
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"], more
