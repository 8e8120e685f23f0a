"""CDRs and statements as CSV: what is listed, to the last digit, in pages that make one text (BUC 4.1, 4.4)."""

import csv
import io
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from models.rules.statement import StatementGroup, to_cents
from resolvers import cdrs, statements
from resolvers.cdrs import CdrFilter
from resolvers.statements import WantedStatement
from tests.api.landscape import EVERYBODY
from tests.resolvers.owing import ALL, FORMULA, two_months
from tests.resolvers.settling import issued, open_site, overstayed
from tests.world import OTHER_CONTRACT, Answer, World

pytestmark = pytest.mark.anyio

CDRS = """
query ($kinds: [BillKind!], $credits: Boolean, $states: [PaymentState!], $contractId: String, $bookingIds: [ID!]
  $sessionIds: [ID!], $locationId: ID, $issued: PeriodInput, $first: Int! = 500, $after: String) {
  csv: cdrsCsv(kinds: $kinds, credits: $credits, states: $states, contractId: $contractId, bookingIds: $bookingIds
    sessionIds: $sessionIds, locationId: $locationId, issued: $issued, first: $first, after: $after) {
    text cursor hasNext
  }
}
"""
STATEMENT = """
query ($period: PeriodInput!, $groupBy: [StatementGroup!], $first: Int! = 500, $after: String) {
  csv: statementCsv(period: $period, groupBy: $groupBy, first: $first, after: $after) { text cursor hasNext }
}
"""
LISTED = """
query ($kinds: [BillKind!], $credits: Boolean, $states: [PaymentState!], $contractId: String, $locationId: ID
  $issued: PeriodInput) {
  cdrs(kinds: $kinds, credits: $credits, states: $states, contractId: $contractId, locationId: $locationId
    issued: $issued, first: 500) { edges { node { id } } }
}
"""
PERIOD = {"startDateTime": ALL.start.isoformat(), "endDateTime": ALL.end.isoformat()}
EVERY = ["VEHICLE", "CONTRACT", "LOCATION", "MONTH"]
READERS = ("cpo", "emsp", "fleet", "other_fleet")


async def asked(world: World, caller: str | None, document: str = CDRS, **wanted: Any) -> Answer:
    if document == STATEMENT:
        wanted = {"period": PERIOD, **wanted}
    return await world.execute(caller, document, **wanted)


async def page(world: World, caller: str, document: str = CDRS, **wanted: Any) -> Any:
    """Return a page of CSV."""
    answer = await asked(world, caller, document, **wanted)
    assert answer.errors == []
    return answer.data["csv"]


def rows(text: str) -> list[dict[str, str]]:
    """Return what a program reads in a text with a heading."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_a_row_tells_all_of_a_line_and_its_cdr(world: World) -> None:
    await open_site(world)
    one, session = await overstayed(world)
    *_, cdr = await issued(world)
    energy, overtime = rows((await page(world, "emsp", kinds=["SESSION"]))["text"])
    assert energy == {
        "cdrId": cdr.object_id,
        "number": "",
        "kind": "SESSION",
        "credit": "false",
        "creditReferenceId": "",
        "issuedAt": "2026-12-01T11:30:00Z",
        "bookingId": one.object_id,
        "revision": "1",
        "sessionId": session.object_id,
        "locationId": "NL*ABC*LOC1",
        "locationName": "Site LOC1",
        "evseId": cdr.place.evse_id or "",
        "contractId": cdr.contract_id or "",
        "licensePlate": "",
        "currency": "EUR",
        "lineKind": "ENERGY",
        "tariffId": "NL*ABC*CHARGE",
        "element": "0",
        "quantity": "120.5000",
        "unitPrice": "0.50",
        "vat": "21",
        "beforeTaxes": "60.2500",
        "afterTaxes": "72.9025",
        "totalBeforeTaxes": "63.2500",
        "totalAfterTaxes": "76.5325",
        "state": "DUE",
        "invoiceId": "",
        "fleetState": "DUE",
        "fleetInvoiceId": "",
    }
    assert (overtime["lineKind"], overtime["quantity"], overtime["afterTaxes"]) == ("OVERTIME", "0.5000", "3.6300")


async def test_the_rows_of_a_cdr_add_up_to_its_total_and_those_of_all_to_the_statement(world: World) -> None:
    await two_months(world)
    for reader in READERS:
        found = rows((await page(world, reader))["text"])
        call = await world.call(reader)
        listed = await cdrs.page(call, CdrFilter(), first=500, after=None)
        assert Counter(row["cdrId"] for row in found) == {
            one.cdr.object_id: len(one.cdr.lines) for one, _ in listed.items
        }
        by_cdr: dict[str, Decimal] = defaultdict(Decimal)
        by_currency: dict[str, Decimal] = defaultdict(Decimal)
        for row in found:
            by_cdr[row["cdrId"]] += Decimal(row["afterTaxes"])
            by_currency[row["currency"]] += Decimal(row["afterTaxes"])
        assert by_cdr == {one.cdr.object_id: one.cdr.total.after_taxes for one, _ in listed.items}
        totals = (await statements.read(call, WantedStatement(ALL, ()), first=1, after=None)).totals
        assert {name: to_cents(sum_) for name, sum_ in by_currency.items()} == {
            one.currency: one.after_taxes for one in totals if one.cdrs
        }


async def test_the_lines_of_a_credit_take_back_what_those_of_its_cdr_say(world: World) -> None:
    await two_months(world)
    found = rows((await page(world, "cpo"))["text"])
    credits = [row for row in found if row["credit"] == "true"]
    assert credits
    for row in credits:
        taken = [each for each in found if each["cdrId"] == row["creditReferenceId"]]
        assert [row["afterTaxes"], row["quantity"]] in [
            [f"-{each['afterTaxes']}", f"-{each['quantity']}"] for each in taken
        ]


@pytest.mark.parametrize(("document", "first"), [(CDRS, 1), (CDRS, 4), (STATEMENT, 1), (STATEMENT, 5)])
async def test_the_texts_of_all_pages_are_the_text_of_one(world: World, document: str, first: int) -> None:
    await two_months(world)
    divided = {"groupBy": EVERY} if document == STATEMENT else {}
    whole = await page(world, "emsp", document, **divided)
    texts: list[str] = []
    after = None
    while True:
        one = await page(world, "emsp", document, first=first, after=after, **divided)
        texts.append(one["text"])
        after = one["cursor"]
        if not one["hasNext"]:
            break
    assert "".join(texts) == whole["text"]
    assert whole["hasNext"] is False
    assert len(texts) > 2


async def test_a_statement_has_a_row_for_each_group_and_no_word_of_fees_for_an_operator(world: World) -> None:
    await two_months(world)
    for reader in ("cpo", "fleet"):
        wanted = WantedStatement(ALL, tuple(StatementGroup))
        listed = await statements.page(await world.call(reader), wanted, first=500, after=None)
        found = rows((await page(world, reader, STATEMENT, groupBy=EVERY))["text"])
        assert [(row["vehicle"], row["currency"], row["cdrs"], row["due"], row["afterTaxes"]) for row in found] == [
            (one.vehicle or "", one.currency, str(one.cdrs), str(one.due), str(one.after_taxes))
            for one, _ in listed.items
        ]
        shown = {
            name: [row[name] for row in found]
            for name in ("providerAfterTaxes", "providerDue", "fleetInvoiced", "fleetPaid")
        }
        assert shown == {
            "providerAfterTaxes": ["" if reader == "cpo" else str(one.provider) for one, _ in listed.items],
            "providerDue": ["" if reader == "cpo" else str(one.provider_due) for one, _ in listed.items],
            "fleetInvoiced": ["" if reader == "cpo" else str(one.fleet_invoiced) for one, _ in listed.items],
            "fleetPaid": ["" if reader == "cpo" else str(one.fleet_paid) for one, _ in listed.items],
        }


async def test_each_reads_how_it_stands_to_a_cdr_and_no_operator_how_its_fleet_does(world: World) -> None:
    await two_months(world)
    told = {
        reader: {
            row["cdrId"]: tuple(row[name] for name in ("state", "invoiceId", "fleetState", "fleetInvoiceId"))
            for row in rows((await page(world, reader))["text"])
        }
        for reader in READERS
    }
    for cdr_id, (state, invoice_id, fleet_state, fleet_invoice_id) in told["emsp"].items():
        assert told["cpo"][cdr_id] == (state, invoice_id, "", "")
        for reader in ("fleet", "other_fleet"):
            assert told[reader].get(cdr_id, ()) in ((), (fleet_state, fleet_invoice_id) * 2)
    assert any(of_operator != of_fleet for of_operator, _, of_fleet, _ in told["emsp"].values())


async def test_only_what_is_asked_for_is_exported(world: World) -> None:
    await two_months(world)
    for wanted in (
        {"kinds": ["SESSION"]},
        {"credits": True},
        {"states": ["INVOICED", "PAID"]},
        {"contractId": OTHER_CONTRACT},
        {"locationId": "nl*abc*there"},
        {"issued": {"startDateTime": "2027-01-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}},
    ):
        found = {row["cdrId"] for row in rows((await page(world, "emsp", **wanted))["text"])}
        listed = await world.execute("emsp", LISTED, **wanted)
        assert found == {edge["node"]["id"] for edge in listed.data["cdrs"]["edges"]} != set(), wanted
    sessions = rows((await page(world, "emsp", kinds=["SESSION"]))["text"])
    row = next(one for one in sessions if one["bookingId"])
    of_booking = rows((await page(world, "emsp", bookingIds=[row["bookingId"]]))["text"])
    assert {one["bookingId"] for one in of_booking} == {row["bookingId"]}
    of_session = rows((await page(world, "emsp", sessionIds=[row["sessionId"]]))["text"])
    assert {one["sessionId"] for one in of_session} == {row["sessionId"]}


async def test_no_cell_is_a_formula_whatever_an_operator_calls_its_site(world: World) -> None:
    await two_months(world)
    found = rows((await page(world, "cpo"))["text"])
    assert {row["locationName"] for row in found} == {f"'{FORMULA}", "Site THERE"}
    assert {row["invoiceId"] for row in found} == {"", "'-INV;1"}


async def test_each_is_told_what_it_may_list_and_a_fleet_no_contract_of_others(world: World) -> None:
    await two_months(world)
    for caller in EVERYBODY:
        for document in (CDRS, STATEMENT):
            answer = await asked(world, caller, document)
            if caller is None:
                assert [code for code, _ in answer.errors] == ["UNAUTHENTICATED"]
            elif document == STATEMENT and caller in ("nsp", "nap", "admin"):
                assert [code for code, _ in answer.errors] == ["FORBIDDEN"]
            else:
                assert bool(rows(answer.data["csv"]["text"])) is (caller in READERS)
                assert (answer.data["csv"]["cursor"] is not None) is (caller in READERS)
                assert answer.data["csv"]["text"].endswith("\r\n")
                assert answer.data["csv"]["hasNext"] is False
    assert OTHER_CONTRACT not in (await page(world, "fleet"))["text"]
    assert OTHER_CONTRACT in (await page(world, "other_fleet"))["text"]


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    for document in (CDRS, STATEMENT):
        for more in ({"first": 0}, {"first": 501}, {"after": "WyJ4Il0"}, {"after": "x"}):
            answer = await asked(world, "emsp", document, **more)
            assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"], more


async def test_so_many_rows_at_once_are_refused_before_any_is_made(world: World) -> None:
    names = " ".join(f"a{number}: cdrsCsv {{ text }}" for number in range(11))
    answer = await world.execute("emsp", f"{{ {names} }}")
    assert [code for code, _ in answer.errors] == ["COST_EXCEEDED"]
