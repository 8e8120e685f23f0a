"""BUC 4.4: an operator tells the provider what a session costs, line by line, and gets paid for slot and session."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import booked, canceled
from tests.use_cases.charging_documents import tokens_of_all
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import clock, cursor_now, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, PARK_ANY
from tests.use_cases.prices import PAGE
from tests.use_cases.settlement_documents import (
    BY_ID,
    CDRS,
    CONCERNED,
    ISSUED,
    NUMBER,
    NUMBERING,
    OF_BOOKING,
    OF_SESSION,
    adds_up,
    billed,
    bills,
    lines,
    session,
    used,
)
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio


async def test_buc_4_4_the_provider_is_told_the_price_of_slot_and_session_at_once(changing: World) -> None:
    first = await booked(changing, "fleet", DEPOT_ANY, "14:00", "15:00")
    await round_of_worker(changing)
    afters = {caller: await cursor_now(changing, caller, first["id"]) for caller in CONCERNED}

    booking, one = await used(changing, until="10:40")

    for caller, after in afters.items():
        async with AsyncExitStack() as stack:
            stream = await stack.enter_async_context(subscribed(changing, caller, ISSUED, after=after))
            heard = [await stream.next() for _ in range(2)]
        assert [(message["cdr"]["kind"], message["at"][11:16]) for message in heard] == [
            ("BOOKING", "06:00"),
            ("SESSION", "10:40"),
        ]
        told = [message["cdr"] for message in heard]
        assert told == await bills(changing, caller, bookingIds=[booking["id"]])
        assert told == (await ask(changing, caller, OF_BOOKING, id=booking["id"]))["cdrs"]
        assert told[1] == await ask(changing, caller, BY_ID, id=told[1]["id"])
        of_session = await ask(changing, caller, OF_SESSION, id=one["id"])
        assert of_session["cdrs"] == told[1:]
        assert of_session["cost"]["afterTaxes"] == told[1]["total"]["afterTaxes"] == "61.8800"


async def test_buc_4_4_each_line_says_by_which_booking_revision_terms_and_tariff_element_it_is(
    changing: World,
) -> None:
    booking, one = await used(changing, until="11:45")

    slot, charged = await bills(changing, "emsp", bookingIds=[booking["id"]])

    elements = {
        (tariff["tariffId"], number): element
        for cdr in (slot, charged)
        for tariff in cdr["tariffs"]
        for number, element in enumerate(tariff["elements"])
    }
    by = [
        (
            line["kind"],
            line["tariffId"],
            (elements[line["tariffId"], line["element"]]["restrictions"] or {}).get("booking"),
        )
        for cdr in (slot, charged)
        for line in cdr["lines"]
    ]
    assert by == [
        ("RESERVATION", "NL*ABC*BOOK", "BOOKING"),
        ("RESERVATION", "NL*ABC*BOOK", "BOOKING"),
        ("ENERGY", "NL*ABC*CHARGE", None),
        ("PARKING_TIME", "NL*ABC*CHARGE", None),
        ("OVERTIME", "NL*ABC*BOOK", "BOOKING_OVERTIME"),
    ]
    for cdr in (slot, charged):
        for line in cdr["lines"]:
            prices = elements[line["tariffId"], line["element"]]["priceComponents"]
            assert line["unitPrice"] in {price["price"] for price in prices}
            assert (line["bookingId"], line["revision"], line["vat"]) == (booking["id"], 1, "19")
        assert cdr["bookingTerms"]["bookingTerms"] == PAGE.format("booking")
        assert (cdr["emspId"], cdr["contractId"], cdr["location"]["id"]) == ("NL*EMS", FLEET_CONTRACT, HUB)
        assert adds_up(cdr)
    assert (slot["sessionId"], charged["sessionId"], charged["authMethod"]) == (None, one["id"], "AUTH_REQUEST")
    assert charged["authorizationReference"] == one["authorizationReference"] == slot["authorizationReference"]
    assert charged["period"] == {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:45:00Z"}


async def test_buc_4_4_the_slot_is_billed_when_it_is_granted_and_the_session_when_it_ends(changing: World) -> None:
    await tokens_of_all(changing)
    booking, _ = await used(changing)

    slot, charged = await bills(changing, "emsp", bookingIds=[booking["id"]])

    assert (slot["issuedAt"], charged["issuedAt"]) == ("2026-12-01T06:00:00Z", "2026-12-01T10:30:00Z")
    assert (slot["period"]["endDateTime"], charged["period"]["endDateTime"]) == (
        "2026-12-01T11:00:00Z",
        "2026-12-01T10:30:00Z",
    )


async def test_buc_4_4_what_was_billed_is_found_by_whatever_it_is_of(changing: World) -> None:
    booking, one = await used(changing)
    changing.later(clock("10:40"))
    other = await booked(changing, "other_fleet", DEPOT_ANY, "14:00", "15:00")
    await billed(changing, other)
    changing.later(clock("10:50"))
    await canceled(changing, "other_fleet", other)
    await round_of_worker(changing)
    slot, charged, of_other, credit = (cdr["id"] for cdr in await bills(changing, "emsp"))

    async def found(**wanted: Any) -> list[str]:
        return [cdr["id"] for cdr in await bills(changing, "emsp", **wanted)]

    assert await found(bookingIds=[booking["id"]]) == [slot, charged]
    assert await found(sessionIds=[one["id"]]) == [charged]
    assert await found(locationId=DEPOT) == [of_other, credit]
    assert await found(kinds=["SESSION", "NO_SHOW"]) == [charged]
    assert await found(credits=False) == [slot, charged, of_other]
    assert await found(credits=True) == [credit]
    assert await found(contractId=FLEET_CONTRACT) == [slot, charged]
    assert await found(states=["INVOICED", "PAID"]) == []
    morning = {"startDateTime": "2026-12-01T06:00:00Z", "endDateTime": "2026-12-01T10:30:00Z"}
    assert await found(issued=morning) == [slot]
    pages, after = [], None
    while after is None or pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(await ask(changing, "emsp", CDRS, first=1, after=after))
        after = pages[-1]["pageInfo"]["endCursor"]
    assert [edge["node"]["id"] for page in pages for edge in page["edges"]] == [slot, charged, of_other, credit]


async def test_buc_4_4_numbers_have_no_gap_where_the_operator_asks_for_that_credits_too(changing: World) -> None:
    before, _ = await used(changing)
    assert await ask(changing, "cpo", NUMBERING) is None
    set_up = await do(changing, "cpo", NUMBER, prefix="2026-")
    gone = await booked(changing, "fleet", DEPOT_ANY, "14:00", "15:00")
    await billed(changing, gone)
    await canceled(changing, "fleet", gone)
    await billed(changing, gone)
    abroad = await booked(changing, "fleet", PARK_ANY, "14:00", "15:00")
    for start, end in (("15:00", "16:00"), ("16:00", "17:00")):
        await booked(changing, "fleet", DEPOT_ANY, start, end)
    await round_of_worker(changing)

    own = await bills(changing, "cpo")
    numbered = [cdr for cdr in own if cdr["number"] is not None]

    assert (set_up["prefix"], set_up["lastNumber"]) == ("2026-", 0)
    assert sorted(cdr["number"] for cdr in numbered) == [1, 2, 3, 4]
    assert {cdr["ocpiId"] for cdr in numbered} == {f"2026-{number:09}" for number in range(1, 5)}
    assert [cdr["number"] for cdr in numbered if cdr["credit"]] == [2]
    assert [cdr["number"] for cdr in own if cdr["bookingId"] == before["id"]] == [None, None]
    assert (await ask(changing, "cpo", NUMBERING))["lastNumber"] == 4
    (foreign,) = await bills(changing, "other_cpo")
    assert (foreign["bookingId"], foreign["number"]) == (abroad["id"], None)


async def test_buc_4_4_charging_without_a_booking_is_billed_to_the_provider_of_the_card(changing: World) -> None:
    await tokens_of_all(changing)
    one = await session(changing, "10:30", "10:45")

    (cdr,) = await bills(changing, "emsp", sessionIds=[one["id"]])

    assert (cdr["emspId"], cdr["bookingId"], cdr["bookingTerms"]) == ("NL*EMS", None, None)
    assert lines(cdr) == [("ENERGY", "100.0000", "50.0000"), ("PARKING_TIME", "0.2500", "3.0000")]
    assert {line["tariffId"] for line in cdr["lines"]} == {"NL*ABC*CHARGE"}
    assert await bills(changing, "other_emsp") == []
