"""BUC 2.3.3: a transport operator cancels its booking as a whole, and is told before what that costs."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.use_cases.booking_documents import (
    BY_ID,
    CANCEL,
    CANCEL_QUOTE,
    CHANGE_QUOTE,
    LISTED,
    booked,
    canceled,
    found,
    history,
    named,
)
from tests.use_cases.documents import ask, at, do, hours, period, slots
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS, PARK_ANY
from tests.world import World

pytestmark = pytest.mark.anyio

FEE = {"currency": "EUR", "beforeTaxes": "7.5000", "afterTaxes": "8.9250"}
WHOLE, REST = [("08:00", "12:00")], [("08:00", "09:00"), ("10:00", "12:00")]


async def nine_to_ten(world: World) -> Any:
    return await booked(world, "fleet", HUB_MCS, "09:00", "10:00")


async def free(world: World) -> list[tuple[str, str]]:
    return [hours(one) for one in slots(await at(world, "other_fleet", HUB), HUB_MCS)]


async def test_buc_2_3_3_a_booking_is_found_by_its_reference_and_canceled_and_its_slot_is_free_at_once(
    changing: World,
) -> None:
    made = await nine_to_ten(changing)
    seen = await found(changing, "fleet", made["reference"])
    assert await free(changing) == REST

    gone = await canceled(changing, "fleet", seen, cancellationReason="BROKEN_VEHICLE")

    assert (gone["status"], gone["phase"], gone["outcome"]) == ("CANCELED", "CANCELED", "CANCELED_BY_HOLDER")
    assert gone["canceled"] == {"cancellationReason": "BROKEN_VEHICLE", "whoCanceled": "TO"}
    assert await free(changing) == WHOLE
    assert (await booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00"))["evse"] == made["evse"]


async def test_buc_2_3_3_before_the_cut_off_it_is_told_that_it_costs_nothing(changing: World) -> None:
    made = await nine_to_ten(changing)
    assert made["cancelUntil"] == "2026-12-01T08:00:00Z"
    changing.later(moment(8))

    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=made["id"])
    untouched = await free(changing)
    gone = await canceled(changing, "fleet", made, cancelQuoteId=quote["id"])

    assert (quote["fee"], quote["cancelUntil"]) == (None, made["cancelUntil"])
    assert (quote["booking"], untouched) == ({"id": made["id"], "status": "RESERVED"}, REST)
    assert [one["fee"] for one in gone["bookingRequests"]] == [None, None]


async def test_buc_2_3_3_after_the_cut_off_the_fee_is_told_first_and_nothing_is_canceled_without_that(
    changing: World,
) -> None:
    made = await nine_to_ten(changing)
    changing.later(moment(8.25))

    due = await do(changing, "fleet", CANCEL, bookingId=made["id"])
    still = await found(changing, "fleet", made["reference"])
    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=made["id"])
    gone = await canceled(changing, "fleet", made, cancelQuoteId=quote["id"])

    assert (due["__typename"], due["afterTaxes"], due["currency"]) == ("FeeDue", "8.9250", "EUR")
    assert (still["status"], len(still["bookingRequests"])) == ("RESERVED", 1)
    assert quote["fee"] == FEE
    assert gone["status"] == "CANCELED"


@pytest.mark.parametrize("caller", ["fleet", "emsp", "cpo"])
async def test_buc_2_3_3_the_fee_and_what_was_agreed_are_kept_for_operator_and_msp_to_bill(
    changing: World, caller: str
) -> None:
    made = await nine_to_ten(changing)
    changing.later(moment(8.25))
    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=made["id"])
    await canceled(changing, "fleet", made, cancelQuoteId=quote["id"])

    seen = await ask(changing, caller, BY_ID, id=made["id"])

    assert history(seen) == [("CREATE", "ACCEPTED", "TO", "NL*EMS"), ("CANCEL", "ACCEPTED", "TO", "NL*EMS")]
    assert [one["fee"] for one in seen["bookingRequests"]] == [None, FEE]
    assert seen["bookingRequests"][1]["requestReceived"] == "2026-12-01T08:15:00Z"
    assert (seen["price"], seen["tariffs"], seen["contractIds"]) == (
        made["price"],
        made["tariffs"],
        made["contractIds"],
    )


async def test_buc_2_3_3_what_was_told_before_the_cut_off_holds_until_the_quote_is_over(changing: World) -> None:
    each = [await nine_to_ten(changing), await booked(changing, "fleet", HUB_CCS, "09:00", "10:00")]
    changing.later(moment(7.95))
    early, other = [await do(changing, "fleet", CANCEL_QUOTE, bookingId=one["id"]) for one in each]

    changing.later(moment(8.05))
    gone = await canceled(changing, "fleet", each[0], cancelQuoteId=early["id"])
    changing.later(moment(8.2))
    over = await do(changing, "fleet", CANCEL, bookingId=each[1]["id"], cancelQuoteId=other["id"])

    assert (early["fee"], early["expiresAt"]) == (None, "2026-12-01T08:07:00Z")
    assert [one["fee"] for one in gone["bookingRequests"]] == [None, None]
    assert over["__typename"] == "QuoteExpired"
    assert (await found(changing, "fleet", each[1]["reference"]))["status"] == "RESERVED"


async def test_buc_2_3_3_where_no_fee_is_priced_it_is_too_late_and_that_is_kept(changing: World) -> None:
    made = await booked(changing, "fleet", PARK_ANY, "09:00", "10:00")
    changing.later(moment(8.25))

    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=made["id"])
    refusal = await do(changing, "fleet", CANCEL, bookingId=made["id"])

    assert (quote["__typename"], refusal["__typename"]) == ("CutOffPassed", "CutOffPassed")
    assert refusal["cutOff"] == "2026-12-01T08:00:00Z"
    seen = await found(changing, "fleet", made["reference"])
    assert seen["status"] == "RESERVED"
    assert history(seen)[1:] == [("CANCEL", "DECLINED", "TO", "NL*EMS")]
    assert seen["bookingRequests"][1]["reason"]


async def test_buc_2_3_3_no_other_booking_takes_its_place_and_it_is_over_for_good(changing: World) -> None:
    made = await nine_to_ten(changing)

    await canceled(changing, "fleet", made)

    again = await do(changing, "fleet", CANCEL, bookingId=made["id"])
    change = await do(changing, "fleet", CHANGE_QUOTE, bookingId=made["id"], period=period("10:00", "11:00"))
    assert (again["__typename"], again["finally"]) == ("AlreadyFinal", "CANCELED")
    assert change["__typename"] == "AlreadyFinal"
    assert named(await ask(changing, "fleet", LISTED, statuses=["RESERVED", "PENDING"])) == []
    for caller in ("fleet", "emsp", "cpo"):
        assert (await found(changing, caller, made["reference"]))["status"] == "CANCELED"
