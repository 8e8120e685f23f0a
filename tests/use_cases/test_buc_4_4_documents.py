"""BUC 4.4: what was billed leaves as the documents that people's books and the standard's interfaces take."""

import csv
import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from tests.use_cases.booking_documents import CANCEL, CANCEL_QUOTE, booked
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import clock
from tests.use_cases.operators import HUB_MCS
from tests.use_cases.settlement_documents import (
    CONCERNED,
    OTHER_PLATE,
    STRANGERS,
    billed,
    bills,
    invoiced,
    refunded,
    the,
    used,
)
from tests.world import World

pytestmark = pytest.mark.anyio

CSV = "query ($first: Int! = 2, $after: String) { cdrsCsv(first: $first, after: $after) { text cursor hasNext } }"
OCPI = "query ($bookingIds: [ID!]) { cdrs(bookingIds: $bookingIds) { edges { node { id ocpi } } } }"


async def rows(world: World, caller: str) -> dict[str, list[dict[str, str]]]:
    """Return what a caller reads as CSV, page by page of two: the rows of each CDR, one for each line."""
    text, after = "", None
    while True:
        page = await ask(world, caller, CSV, after=after)
        text += page["text"]
        if not page["hasNext"]:
            found: dict[str, list[dict[str, str]]] = {}
            for row in csv.DictReader(StringIO(text)):
                found.setdefault(row["cdrId"], []).append(row)
            return found
        after = page["cursor"]


async def documents(world: World, caller: str, booking: Any) -> dict[str, Any]:
    """Return the OCPI documents of what a booking was billed, by the id of the CDR."""
    found = (await ask(world, caller, OCPI, bookingIds=[booking["id"]]))["edges"]
    return {edge["node"]["id"]: edge["node"]["ocpi"] for edge in found}


async def test_buc_4_4_whoever_it_concerns_reads_all_of_it_as_csv_credits_too(changing: World) -> None:
    booking, _ = await used(changing)
    await refunded(changing, the(await bills(changing, "cpo"), "SESSION"), "5.00")
    found = await billed(changing, booking, "cpo")
    await invoiced(changing, [the(found, "BOOKING")])

    for caller in CONCERNED:
        listed, told = await rows(changing, caller), await bills(changing, caller)
        assert list(listed) == [cdr["id"] for cdr in told]
        assert len(listed) == len(found) == 4
        for cdr in told:
            of_lines = listed[cdr["id"]]
            assert [row["lineKind"] for row in of_lines] == [line["kind"] for line in cdr["lines"]]
            assert {row["totalAfterTaxes"] for row in of_lines} == {cdr["total"]["afterTaxes"]}
            assert sum(Decimal(row["afterTaxes"]) for row in of_lines) == Decimal(cdr["total"]["afterTaxes"])
            assert {row["state"] for row in of_lines} == {cdr["state"]}
    for caller in STRANGERS:
        assert await rows(changing, caller) == {}


async def test_buc_4_4_each_bill_is_told_as_the_standard_has_it(changing: World) -> None:
    booking, one = await used(changing, until="11:45")
    slot, charged = await bills(changing, "emsp", bookingIds=[booking["id"]])

    found = await documents(changing, "emsp", booking)

    assert found == await documents(changing, "cpo", booking) == await documents(changing, "fleet", booking)
    fee, session = found[slot["id"]], found[charged["id"]]
    assert (fee["country_code"], fee["party_id"], fee["id"]) == ("NL", "ABC", slot["ocpiId"])
    assert "session_id" not in fee
    assert session["session_id"].lower() == one["id"].rpartition("*")[2].lower()
    for document, cdr in ((fee, slot), (session, charged)):
        assert document["booking_id"].lower() == booking["id"].rpartition("*")[2].lower()
        assert document["currency"] == cdr["currency"]
        assert f"{document['total_cost']['before_taxes']:.4f}" == cdr["total"]["beforeTaxes"]
        assert document["cdr_token"]["contract_id"] == cdr["contractId"]
        assert [one["id"] for one in document["tariffs"]] == ["BOOK"] if cdr is slot else ["CHARGE", "BOOK"]
        assert json.loads(json.dumps(document)) == document
    assert (session["total_energy"], session["total_time"]) == (100, 1.75)
    assert f"{session['total_reservation_cost']['before_taxes']:.4f}" == charged["lines"][-1]["price"]["beforeTaxes"]


async def test_buc_4_4_a_late_cancellation_says_by_which_elements_it_costs_what(changing: World) -> None:
    one = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", licensePlate=OTHER_PLATE)
    changing.later(clock("08:30"))
    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=one["id"])
    await do(changing, "fleet", CANCEL, bookingId=one["id"], cancelQuoteId=quote["id"])

    fee = the(await billed(changing, one), "CANCELLATION")

    restrictions = {element["restrictions"]["booking"] for element in _elements(fee)}
    assert restrictions == {"BOOKING_CANCELLATION_FEES"}
    assert [(line["tariffId"], line["vat"], line["revision"]) for line in fee["lines"]] == [
        ("NL*ABC*BOOK", "19", 1) for _ in fee["lines"]
    ]


def _elements(cdr: Any) -> list[Any]:
    """Return by which elements of its tariffs a CDR was priced."""
    tariffs = {tariff["tariffId"]: tariff["elements"] for tariff in cdr["tariffs"]}
    return [tariffs[line["tariffId"]][line["element"]] for line in cdr["lines"]]
