"""BUC 2.2: an MSP books for one of its users, for several, or for any, and registers what it adds for that."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.use_cases.booking_documents import (
    BOOKED_QUOTE,
    BY_ID,
    CANCEL,
    CREATE,
    LISTED,
    MANDATE,
    MANDATE_END,
    TOKENS_ADD,
    a_token,
    amounts,
    booked,
    canceled,
    change_quoted,
    changed,
    found,
    hidden,
    history,
    named,
    not_booked,
    quoted,
    when,
)
from tests.use_cases.documents import ONE_FEE, along, ask, at, do, fees_of_the_emsp, hours, offers, period, slots
from tests.use_cases.operators import DEPOT_ANY, HUB, HUB_CCS, HUB_MCS, MIXED_FREE, MIXED_ONLY, PARK_ANY
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

LORRY = {"vehicleType": "SEMI_TRACTOR", "length": 1650, "inletSide": "LEFT"}
RIGID = {"vehicleType": "RIGID", "length": 1100, "inletSide": "RIGHT"}
CARD, OTHER_CARD = a_token(FLEET_CONTRACT), a_token(OTHER_CONTRACT, "CARD-2")
TOS = ("fleet", "other_fleet")
ANYBODY_ELSE = ("other_emsp", "other_cpo", "nsp", None)
FEES_OF_MINE = "{ providerFees { id perBooking percentage } }"


async def shown_to(world: World, booking: Any) -> list[str]:
    """Return which of those who have to do with the MSP read a booking by its reference."""
    callers = ("emsp", "fleet", "other_fleet", "other_emsp")
    return [one for one in callers if not await hidden(world, one, booking["reference"])]


async def test_buc_2_2_steps_1_and_2_an_msp_selects_by_criteria_or_a_location_first_and_shows_what_is_free(
    market: World,
) -> None:
    window = period("09:00", "10:00")
    by_criteria = await along(market, "emsp", vehicle=LORRY, guaranteedPower=500_000, window=window)
    (chosen,) = await at(market, "emsp", HUB, vehicle=RIGID, window=window)

    assert offers(by_criteria) == [HUB_MCS, DEPOT_ANY, MIXED_FREE, MIXED_ONLY, PARK_ANY]
    assert [hours(one) for one in slots(by_criteria, HUB_MCS)] == [("09:00", "10:00")]
    (group,) = chosen["bookingLocations"]
    assert [evse["uid"] for evse in group["compliantEvses"]] == ["E2", "E3"]
    assert [(hours(one), one["available"]) for one in group["timeslots"]] == [(("09:00", "10:00"), 2)]


async def test_buc_2_2_step_3_where_nothing_is_free_the_msp_is_told_the_closest_slots(changing: World) -> None:
    await booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00")

    nodes = await at(changing, "emsp", HUB, vehicle=LORRY, window=period("09:00", "10:00"), minutesNeeded=60)
    refusal = await not_booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD])

    near = [("08:00", "09:00"), ("10:00", "11:00")]
    assert [hours(one) for one in slots(nodes, HUB_MCS, "closest")] == near
    assert (refusal["__typename"], [hours(one) for one in refusal["closest"]]) == ("SlotTaken", near)


async def test_buc_2_2_steps_4_and_5_an_msp_books_a_charger_for_one_user_and_it_is_blocked(changing: World) -> None:
    made = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD], vehicle=LORRY)

    assert (made["tokens"], made["contractIds"]) == ([CARD], [FLEET_CONTRACT])
    assert (made["evse"]["id"], made["parkingBay"]["ocpiId"]) == (f"{HUB}*E1", "B1")
    assert history(made) == [("CREATE", "ACCEPTED", "EMSP", "NL*EMS")]
    for caller in ("emsp", "fleet", "other_fleet", "other_emsp"):
        assert [hours(one) for one in slots(await at(changing, caller, HUB), HUB_MCS)] == [
            ("08:00", "09:00"),
            ("10:00", "12:00"),
        ]
        assert (await not_booked(changing, caller, HUB_MCS, "09:00", "10:00"))["__typename"] == "SlotTaken"


async def test_buc_2_2_step_6_an_msp_books_any_of_a_group_and_the_charger_is_told_on_arrival(changing: World) -> None:
    each = [
        await booked(changing, "emsp", HUB_CCS, "09:00", "10:00", tokens=[token], vehicle=RIGID)
        for token in (CARD, OTHER_CARD)
    ]
    third = await not_booked(changing, "other_emsp", HUB_CCS, "09:00", "10:00", vehicle=RIGID)

    assert third["__typename"] == "SlotTaken"
    assert [one["evse"] for one in each] == [None, None]
    for one in each:
        assert {evse["id"] for evse in one["compliantEvses"]} == {f"{HUB}*E2", f"{HUB}*E3"}
    changing.later(moment(9))
    told = [await found(changing, caller, one["reference"]) for caller, one in zip(TOS, each, strict=True)]
    assert {one["evse"]["id"] for one in told} == {f"{HUB}*E2", f"{HUB}*E3"}
    assert {one["parkingBay"]["ocpiId"] for one in told} == {"B2", "B3"}


async def test_buc_2_2_step_7_the_reference_goes_via_the_msp_to_the_to_it_booked_for(changing: World) -> None:
    made = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD])

    assert await shown_to(changing, made) == ["emsp", "fleet"]
    assert named(await ask(changing, "fleet", LISTED)) == [made["reference"]]
    assert (await found(changing, "fleet", made["reference"]))["id"] == made["id"]
    assert (await ask(changing, "cpo", BY_ID, id=made["id"]))["tokens"] == [CARD]
    for caller in ANYBODY_ELSE:
        assert await hidden(changing, caller, made["reference"])


async def test_buc_2_2_a_booking_may_be_for_several_users_each_of_whom_sees_its_own_part(changing: World) -> None:
    made = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD, OTHER_CARD])

    assert made["tokens"] == [CARD, OTHER_CARD]
    assert await shown_to(changing, made) == ["emsp", "fleet", "other_fleet"]
    for caller, token in zip(TOS, (CARD, OTHER_CARD), strict=True):
        seen = await found(changing, caller, made["reference"])
        assert (seen["tokens"], seen["contractIds"]) == ([token], [token["contractId"]])
        refused = await do(changing, caller, CANCEL, bookingId=made["id"])
        assert refused["__typename"] == "NotAllowed"
    foreign = CARD | {"countryCode": "DE", "partyId": "EMO"}
    refusal = await not_booked(changing, "emsp", HUB_MCS, "11:00", "12:00", tokens=[foreign])
    assert refusal["__typename"] == "NotAllowed"


async def test_buc_2_2_a_booking_for_any_user_names_none_and_tokens_are_added_later(changing: World) -> None:
    made = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00")
    assert (made["tokens"], made["contractIds"]) == ([], [])
    assert await shown_to(changing, made) == ["emsp"]

    changing.later(moment(8.5))
    first = await do(changing, "emsp", TOKENS_ADD, bookingId=made["id"], tokens=[CARD])
    second = await do(changing, "emsp", TOKENS_ADD, bookingId=made["id"], tokens=[OTHER_CARD])

    assert first["tokens"] == [CARD]
    assert second["tokens"] == [CARD, OTHER_CARD]
    assert await shown_to(changing, made) == ["emsp", "fleet", "other_fleet"]
    kept = ("id", "reference", "revision", "timeslot", "price", "evse")
    assert [second[name] for name in kept] == [made[name] for name in kept]
    assert [one[:2] for one in history(second)] == [
        ("CREATE", "ACCEPTED"),
        ("CHANGE", "ACCEPTED"),
        ("CHANGE", "ACCEPTED"),
    ]


async def test_buc_2_2_a_third_party_books_on_behalf_of_an_msp_by_its_mandate(changing: World) -> None:
    asked: dict[str, Any] = {"onBehalfOf": "NL*EMS", "tokens": [CARD]}
    refusal = await not_booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00", **asked)
    assert refusal["__typename"] == "NotAllowed"

    await do(changing, "emsp", MANDATE, bookerId="DE*EMO", contractIds=[FLEET_CONTRACT])
    made = await booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00", **asked)
    beyond = await not_booked(
        changing, "other_emsp", HUB_CCS, "09:00", "10:00", onBehalfOf="NL*EMS", tokens=[OTHER_CARD]
    )

    assert (made["bookerId"], made["contractIds"]) == ("DE*EMO", [FLEET_CONTRACT])
    assert history(made) == [("CREATE", "ACCEPTED", "EMSP", "DE*EMO")]
    assert await shown_to(changing, made) == ["emsp", "fleet", "other_emsp"]
    assert named(await ask(changing, "emsp", LISTED)) == [made["reference"]]
    assert beyond["__typename"] == "NotAllowed"


async def test_buc_2_2_whoever_booked_by_a_mandate_manages_that_until_the_mandate_ends(changing: World) -> None:
    mandate = await do(changing, "emsp", MANDATE, bookerId="DE*EMO")
    made = await booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00", onBehalfOf="NL*EMS", tokens=[CARD])
    quote = await change_quoted(changing, "other_emsp", made, period=period("09:30", "10:30"))
    later = await changed(changing, "other_emsp", quote)
    assert when(later) == ("09:30", "10:30")

    await do(changing, "emsp", MANDATE_END, mandateId=mandate["id"])
    refused = await do(changing, "other_emsp", CANCEL, bookingId=made["id"])
    no_more = await not_booked(changing, "other_emsp", HUB_CCS, "09:00", "10:00", onBehalfOf="NL*EMS")

    assert (refused["__typename"], no_more["__typename"]) == ("NotFound", "NotAllowed")
    assert await shown_to(changing, made) == ["emsp", "fleet"]
    assert (await canceled(changing, "fleet", made))["status"] == "CANCELED"


async def test_buc_2_2_step_8_what_the_msp_adds_is_told_to_its_to_before_and_kept_with_what_is_booked(
    changing: World,
) -> None:
    await fees_of_the_emsp(changing, ONE_FEE)
    (shown,) = slots(await at(changing, "fleet", HUB, window=period("09:00", "10:00"), minutesNeeded=60), HUB_MCS)
    quote = await quoted(changing, "fleet", HUB_MCS, "09:00", "10:00", energyNeeded="100")
    made = await do(changing, "fleet", CREATE, quoteId=quote["id"])
    await fees_of_the_emsp(changing, ONE_FEE | {"perBooking": "9.00"})

    (before,), (line,) = shown["price"]["providerFees"], quote["providerFees"]
    assert (before["name"], before["price"]["beforeTaxes"]) == ("Service", "1.8500")
    assert (line["name"], line["currency"], line["complete"]) == ("Service", "EUR", True)
    assert line["price"]["beforeTaxes"] == "7.9500"
    kept = await ask(changing, "fleet", BOOKED_QUOTE, id=quote["id"])
    assert (kept["bookingId"], kept["outcome"], kept["providerFees"]) == (made["id"], "BOOKED", [line])
    assert amounts(made["price"]) == {"booking": "8.5000", "charging": "61.0000", "total": "69.5000"}


async def test_buc_2_2_each_booking_is_registered_at_the_msp_with_what_it_can_invoice_its_fee_by(
    changing: World,
) -> None:
    await fees_of_the_emsp(changing, ONE_FEE)
    own = await booked(changing, "emsp", HUB_MCS, "09:00", "10:00", tokens=[CARD])
    direct = await booked(changing, "other_fleet", HUB_CCS, "10:00", "11:00")

    assert await ask(changing, "emsp", FEES_OF_MINE) == [{"id": "SERVICE", "perBooking": "1.00", "percentage": "10"}]
    assert named(await ask(changing, "emsp", LISTED)) == [own["reference"], direct["reference"]]
    registered = [await ask(changing, "emsp", BY_ID, id=one["id"]) for one in (own, direct)]
    assert [(one["contractIds"], one["price"]["booking"]["beforeTaxes"]) for one in registered] == [
        ([FLEET_CONTRACT], "8.5000"),
        ([OTHER_CONTRACT], "8.5000"),
    ]
    assert await ask(changing, "other_emsp", FEES_OF_MINE) == []
    theirs = await quoted(changing, "other_emsp", HUB_CCS, "09:00", "10:00")
    assert theirs["providerFees"] == []


@pytest.mark.parametrize("caller", ["emsp", "fleet"])
async def test_buc_2_2_a_booking_says_by_which_quote_it_was_made(changing: World, caller: str) -> None:
    quote = await quoted(changing, caller, HUB_MCS, "09:00", "10:00")

    made = await do(changing, caller, CREATE, quoteId=quote["id"])

    assert [one["quoteId"] for one in made["bookingRequests"]] == [quote["id"]]
