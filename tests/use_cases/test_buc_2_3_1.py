"""BUC 2.3.1: a transport operator changes the time of a booking, and has the old slot until the new is granted."""

import pytest

from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import BOOKINGS, subscribed
from tests.use_cases.booking_documents import (
    CHANGE,
    CHANGE_QUOTE,
    LISTED,
    amounts,
    booked,
    change_quoted,
    changed,
    found,
    hidden,
    history,
    named,
    not_booked,
    options,
    when,
)
from tests.use_cases.documents import ask, at, do, hours, period, slots
from tests.use_cases.operators import DEPOT_ANY, HUB, HUB_MCS, MIXED_FREE, an_offer, done
from tests.use_cases.prices import TERMS
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

LATER = period("10:00", "11:00")
HALF_LATER = period("09:30", "10:30")
MCS = {"evse": {"id": f"{HUB}*E1"}, "bay": {"ocpiId": "B1"}}


async def free(world: World, caller: str = "other_fleet") -> list[tuple[str, str]]:
    return [hours(one) for one in slots(await at(world, caller, HUB), HUB_MCS)]


async def test_buc_2_3_1_steps_1_and_2_a_reference_as_it_is_typed_finds_the_booking_and_its_details(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", energyNeeded="100")

    typed = f" {made['reference'][:5].lower()}-{made['reference'][5:].lower()} "
    seen = await found(changing, "fleet", typed)

    shown = {name: value for name, value in made.items() if name != "__typename"}
    assert seen == shown
    assert (when(seen), seen["contractIds"], seen["phase"]) == (("09:00", "10:00"), [FLEET_CONTRACT], "CONFIRMED")
    assert await hidden(changing, "fleet", "AAAAAAAAAA")


async def test_buc_2_3_1_step_3_other_options_are_shown_as_if_the_booking_were_not_there(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", energyNeeded="100")
    await booked(changing, "other_emsp", HUB_MCS, "11:00", "12:00")

    windows = await options(changing, "fleet", made, window=period("08:00", "14:00"))
    starts = await options(changing, "fleet", made, window=period("08:00", "10:30"), slots="STARTS")

    assert [hours(one) for one in windows[HUB_MCS]] == [("08:00", "11:00"), ("12:00", "14:00")]
    for window in windows[HUB_MCS]:
        assert amounts(window["price"]) == amounts(made["price"])
    assert [hours(one)[0] for one in starts[HUB_MCS]] == [
        "08:00",
        "08:15",
        "08:30",
        "08:45",
        "09:00",
        "09:15",
        "09:30",
    ]
    assert await free(changing) == [("08:00", "09:00"), ("10:00", "11:00")]


async def test_buc_2_3_1_step_4_the_new_slot_is_priced_and_held_while_the_old_one_is_kept(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")

    quote = await change_quoted(changing, "fleet", made, period=period("10:00", "11:30"))

    assert when(quote["quote"]) == ("10:00", "11:30")
    assert (quote["booking"]["reference"], when(quote["booking"])) == (made["reference"], ("09:00", "10:00"))
    assert (quote["fee"], quote["changeUntil"], quote["expiresAt"]) == (
        None,
        "2026-12-01T07:00:00Z",
        "2026-12-01T06:10:00Z",
    )
    assert quote["priceDifference"] == {"currency": "EUR", "beforeTaxes": "3.0000", "afterTaxes": "3.5700"}
    assert (quote["minPowerDifference"], quote["maxPowerDifference"]) == (0, 0)
    remaining = {one["bookingLocation"]["id"]: one["timeslots"] for one in quote["remaining"]}
    assert [hours(one) for one in remaining[HUB_MCS]] == [("06:00", "21:00")]
    assert await free(changing) == [("08:00", "09:00"), ("11:30", "12:00")]
    for start, end in (("09:00", "10:00"), ("10:30", "11:30")):
        assert (await not_booked(changing, "other_emsp", HUB_MCS, start, end))["__typename"] == "SlotTaken"


async def test_buc_2_3_1_step_5_the_old_slot_is_free_by_itself_once_the_new_one_is_booked(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    quote = await change_quoted(changing, "fleet", made, period=LATER)

    after = await changed(changing, "fleet", quote)

    assert (after["id"], after["revision"], after["status"]) == (made["id"], 2, "RESERVED")
    assert (when(after), after["reservationExpiresAt"]) == (("10:00", "11:00"), "2026-12-01T10:30:00Z")
    assert await free(changing) == [("08:00", "10:00"), ("11:00", "12:00")]
    assert named(await ask(changing, "fleet", LISTED)) == [after["reference"]]
    assert when(await booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00")) == ("09:00", "10:00")


async def test_buc_2_3_1_the_new_slot_may_overlap_the_old_one_on_the_same_charger_and_bay(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")

    after = await changed(changing, "fleet", await change_quoted(changing, "fleet", made, period=HALF_LATER))

    assert when(after) == ("09:30", "10:30")
    assert (after["evse"], after["parkingBay"]) == (MCS["evse"], MCS["bay"])
    assert await free(changing) == [("08:00", "09:30"), ("10:30", "12:00")]


async def test_buc_2_3_1_step_6_a_new_reference_goes_to_the_msp_and_the_to_and_the_old_one_still_finds_it(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    quote = await change_quoted(changing, "fleet", made, period=LATER)

    async with subscribed(changing, "emsp", BOOKINGS, references=[made["reference"]]) as stream:
        first = (await stream.next())["booking"]
        after = await changed(changing, "fleet", quote)
        second = (await stream.next())["booking"]

    assert [(one["reference"], one["revision"]) for one in (first, second)] == [
        (made["reference"], 1),
        (after["reference"], 2),
    ]
    assert after["reference"] != made["reference"]
    for caller in ("fleet", "emsp", "cpo"):
        for reference in (made["reference"], after["reference"]):
            seen = await found(changing, caller, reference)
            assert (seen["id"], seen["reference"], when(seen)) == (made["id"], after["reference"], ("10:00", "11:00"))
    assert history(after) == [("CREATE", "ACCEPTED", "TO", "NL*EMS"), ("CHANGE", "ACCEPTED", "TO", "NL*EMS")]
    assert [one["quoteId"] for one in after["bookingRequests"]][1] == quote["quote"]["id"]


async def test_buc_2_3_1_what_is_taken_is_refused_with_the_closest_slots_and_the_booking_stays(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    await booked(changing, "other_emsp", HUB_MCS, "10:00", "11:00")

    refusal = await do(changing, "fleet", CHANGE_QUOTE, bookingId=made["id"], period=period("10:30", "11:30"))
    seen = await found(changing, "fleet", made["reference"])

    assert refusal["__typename"] == "SlotTaken"
    assert [hours(one) for one in refusal["closest"]] == [("09:00", "10:00"), ("11:00", "12:00")]
    assert (seen["reference"], seen["revision"], when(seen)) == (made["reference"], 1, ("09:00", "10:00"))


async def test_buc_2_3_1_a_quote_that_nobody_follows_lapses_and_the_booking_stays(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    quote = await change_quoted(changing, "fleet", made, period=LATER)

    changing.later(moment(6.2))
    refusal = await do(changing, "fleet", CHANGE, quoteId=quote["quote"]["id"])

    assert refusal["__typename"] == "QuoteExpired"
    assert await free(changing) == [("08:00", "09:00"), ("10:00", "12:00")]
    assert (await found(changing, "fleet", made["reference"]))["reference"] == made["reference"]


async def test_buc_2_3_1_after_the_cut_off_a_fee_is_told_first_and_kept_in_the_history(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    changing.later(moment(7.5))
    fee = {"currency": "EUR", "beforeTaxes": "5.0000", "afterTaxes": "5.9500"}

    quote = await change_quoted(changing, "fleet", made, period=LATER)
    after = await changed(changing, "fleet", quote)

    assert quote["fee"] == fee
    assert [one["fee"] for one in after["bookingRequests"]] == [None, fee]
    for caller in ("emsp", "cpo"):
        seen = await found(changing, caller, after["reference"])
        assert [one["fee"] for one in seen["bookingRequests"]] == [None, fee]
    assert after["price"] == made["price"]


async def test_buc_2_3_1_where_no_fee_is_priced_or_the_terms_allow_none_a_change_is_refused(changing: World) -> None:
    unpriced = an_offer(DEPOT_ANY, bookingTerms=TERMS | {"fees": []})
    fixed = an_offer(MIXED_FREE, bookingTerms=TERMS | {"changeNotAllowed": True}, bookingOption={"evseUid": "E2"})
    await done(changing, "bookingLocationsPublish", unpriced, fixed)
    late, never = [await booked(changing, "fleet", one, "09:00", "10:00") for one in (DEPOT_ANY, MIXED_FREE)]

    refused = await do(changing, "fleet", CHANGE_QUOTE, bookingId=never["id"], period=LATER)
    changing.later(moment(7.5))
    too_late = await do(changing, "fleet", CHANGE_QUOTE, bookingId=late["id"], period=LATER)

    assert (refused["__typename"], too_late["__typename"]) == ("NotAllowed", "CutOffPassed")
