"""BUC 2.4: an MSP modifies or cancels what it booked for a transport operator: time, vehicle, charger or site."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import BOOKINGS, subscribed
from tests.use_cases.booking_documents import (
    BY_ID,
    CANCEL,
    CANCEL_QUOTE,
    CHANGE,
    CHANGE_QUOTE,
    LISTED,
    MOVE,
    VEHICLE,
    a_token,
    booked,
    canceled,
    change_quoted,
    changed,
    found,
    hidden,
    history,
    named,
    not_booked,
    options,
    quoted,
    when,
)
from tests.use_cases.documents import ask, at, do, hours, period, slots
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, HUB_CCS, HUB_MCS, PARK, PARK_ANY
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

CARD, OTHER_CARD = a_token(FLEET_CONTRACT), a_token(OTHER_CONTRACT, "CARD-2")
LORRY = {"vehicleType": "SEMI_TRACTOR", "length": 1650, "inletSide": "LEFT"}
RIGID = {"vehicleType": "RIGID", "length": 1100, "inletSide": "RIGHT"}
LATER = period("10:00", "11:00")
WHOLE, REST = [("08:00", "12:00")], [("08:00", "09:00"), ("10:00", "12:00")]
MODIFICATION = {"currency": "EUR", "beforeTaxes": "5.0000", "afterTaxes": "5.9500"}
CANCELLATION = {"currency": "EUR", "beforeTaxes": "7.5000", "afterTaxes": "8.9250"}


async def nine_to_ten(world: World, offer_id: str = HUB_MCS, **asked: Any) -> Any:
    """Return a booking that the MSP made for one of its users."""
    return await booked(world, "emsp", offer_id, "09:00", "10:00", tokens=[CARD], **asked)


async def free(world: World, offer_id: str = HUB_MCS) -> list[tuple[str, str]]:
    nodes = await at(world, "other_emsp", offer_id.rsplit("-", 1)[0])
    return [hours(one) for one in slots(nodes, offer_id)]


async def modified(world: World, booking: Any, **different: Any) -> Any:
    return await changed(world, "emsp", await change_quoted(world, "emsp", booking, **different))


@pytest.mark.parametrize("caller", ["fleet", "emsp"])
async def test_buc_2_4_steps_1_and_2_the_reference_finds_what_the_msp_booked_with_its_details(
    changing: World, caller: str
) -> None:
    made = await nine_to_ten(changing)
    other = await booked(changing, "other_emsp", DEPOT_ANY, "09:00", "10:00")

    seen = await found(changing, caller, made["reference"].lower())

    assert {name: value for name, value in made.items() if name != "__typename"} == seen
    assert (when(seen), seen["tokens"], seen["evse"]["id"]) == (("09:00", "10:00"), [CARD], f"{HUB}*E1")
    both = [made["reference"], other["reference"]]
    assert named(await ask(changing, caller, LISTED, references=both)) == [made["reference"]]
    assert await hidden(changing, caller, other["reference"])


async def test_buc_2_4_step_3_the_other_options_are_shown_to_the_msp_and_to_its_to(changing: World) -> None:
    made = await nine_to_ten(changing)
    await booked(changing, "other_emsp", HUB_MCS, "10:00", "11:00")

    for caller in ("emsp", "fleet"):
        here = await options(changing, caller, made, window=period("08:00", "12:00"))
        there = await options(changing, caller, made, window=period("08:00", "12:00"), locationId=DEPOT)
        full = await options(
            changing, caller, made, window=LATER, needs={"connectorType": "MCS", "minutesNeeded": 60}
        )

        assert [hours(one) for one in here[HUB_MCS]] == [("08:00", "10:00"), ("11:00", "12:00")]
        assert [(hours(one), one["available"]) for one in here[HUB_CCS]] == [(("08:00", "12:00"), 2)]
        assert [hours(one) for one in there[DEPOT_ANY]] == WHOLE
        assert here[HUB_MCS][0]["price"]["booking"]["beforeTaxes"] == "8.5000"
        assert full == {HUB_MCS: []}
    for caller in ("other_emsp", "other_fleet"):
        assert await hidden(changing, caller, made["reference"])


async def test_buc_2_4_steps_4_and_5_the_new_time_is_booked_and_the_old_slot_is_free_by_itself(
    changing: World,
) -> None:
    made = await nine_to_ten(changing)

    quote = await change_quoted(changing, "emsp", made, period=LATER)
    held = await free(changing)
    after = await changed(changing, "emsp", quote)

    assert (quote["fee"], quote["priceDifference"]["beforeTaxes"]) == (None, "0.0000")
    assert held == [("08:00", "09:00"), ("11:00", "12:00")]
    assert (after["id"], when(after), after["tokens"]) == (made["id"], ("10:00", "11:00"), [CARD])
    assert await free(changing) == [("08:00", "10:00"), ("11:00", "12:00")]
    assert named(await ask(changing, "emsp", LISTED)) == [after["reference"]]
    assert history(after) == [("CREATE", "ACCEPTED", "EMSP", "NL*EMS"), ("CHANGE", "ACCEPTED", "EMSP", "NL*EMS")]


async def test_buc_2_4_step_6_the_new_reference_goes_to_the_to_via_the_msp_and_the_old_one_finds_it(
    changing: World,
) -> None:
    made = await nine_to_ten(changing)

    async with subscribed(changing, "fleet", BOOKINGS, references=[made["reference"]]) as stream:
        await stream.next()
        after = await modified(changing, made, period=LATER)
        heard = (await stream.next())["booking"]

    assert (heard["id"], heard["reference"], heard["revision"]) == (made["id"], after["reference"], 2)
    assert after["reference"] != made["reference"]
    for caller in ("emsp", "fleet", "cpo"):
        assert (await found(changing, caller, made["reference"]))["reference"] == after["reference"]


async def test_buc_2_4_another_vehicle_of_the_to_takes_the_place_of_the_first(changing: World) -> None:
    made = await nine_to_ten(changing, HUB_CCS, vehicle=RIGID, licensePlate="12-ABC-3")
    saved = await do(
        changing,
        "emsp",
        VEHICLE,
        name="Truck 8",
        vehicle=RIGID,
        licensePlate="45-DEF-6",
        contractIds=[FLEET_CONTRACT],
    )
    too_long = await do(changing, "emsp", CHANGE_QUOTE, bookingId=made["id"], needs={"vehicle": LORRY})

    same_size = await modified(changing, made, vehicleId=saved["id"])
    lorry = await modified(changing, made, bookingLocationId=HUB_MCS, needs={"vehicle": LORRY})

    assert too_long["__typename"] == "DoesNotFit"
    assert "VEHICLE_TYPE" in too_long["reasons"]
    assert (same_size["licensePlate"], same_size["inletSide"], when(same_size)) == (
        "45-DEF-6",
        "RIGHT",
        ("09:00", "10:00"),
    )
    assert (lorry["inletSide"], lorry["parkingBay"]["ocpiId"], lorry["revision"]) == ("LEFT", "B1", 3)


async def test_buc_2_4_another_plate_and_another_user_are_named_with_a_change(changing: World) -> None:
    made = await nine_to_ten(changing, licensePlate="12-ABC-3")
    quote = await change_quoted(changing, "emsp", made, period=LATER)

    after = await changed(changing, "emsp", quote, tokens=[OTHER_CARD], licensePlate="45-DEF-6")

    assert (after["tokens"], after["contractIds"], after["licensePlate"]) == (
        [OTHER_CARD],
        [OTHER_CONTRACT],
        "45-DEF-6",
    )
    assert await hidden(changing, "fleet", made["reference"])
    assert (await found(changing, "other_fleet", after["reference"]))["id"] == made["id"]


async def test_buc_2_4_another_charger_or_another_location_takes_the_place_of_the_first(changing: World) -> None:
    made = await nine_to_ten(changing, HUB_CCS)

    charger = await modified(changing, made, evseId=f"{HUB}*E3")
    site = await modified(changing, made, bookingLocationId=DEPOT_ANY, period=LATER)

    assert (charger["evse"]["id"], charger["parkingBay"]["ocpiId"]) == (f"{HUB}*E3", "B3")
    assert (site["id"], site["location"]["id"], when(site)) == (made["id"], DEPOT, ("10:00", "11:00"))
    (freed,) = slots(await at(changing, "other_emsp", HUB, window=period("09:00", "10:00")), HUB_CCS)
    assert freed["available"] == 2
    assert await free(changing, DEPOT_ANY) == [("08:00", "10:00"), ("11:00", "12:00")]
    for reference in (made["reference"], charger["reference"], site["reference"]):
        assert (await found(changing, "fleet", reference))["reference"] == site["reference"]


async def test_buc_2_4_what_cannot_be_had_leaves_the_booking_as_it_is(changing: World) -> None:
    made = await nine_to_ten(changing)
    await booked(changing, "other_emsp", HUB_MCS, "10:00", "11:00")

    taken = await do(changing, "emsp", CHANGE_QUOTE, bookingId=made["id"], period=period("10:30", "11:30"))
    foreign = await do(changing, "emsp", CHANGE_QUOTE, bookingId=made["id"], bookingLocationId=PARK_ANY)

    assert (taken["__typename"], foreign["__typename"]) == ("SlotTaken", "NotAllowed")
    assert (await found(changing, "emsp", made["reference"]))["revision"] == 1
    assert (await not_booked(changing, "other_emsp", HUB_MCS, "09:00", "10:00"))["__typename"] == "SlotTaken"


async def test_buc_2_4_an_active_booking_is_canceled_before_the_cut_off_for_nothing(changing: World) -> None:
    made = await nine_to_ten(changing)
    told = await do(changing, "emsp", CANCEL_QUOTE, bookingId=made["id"])

    gone = await canceled(changing, "emsp", made, cancelQuoteId=told["id"], cancellationReason="TRAFFIC")

    assert told["fee"] is None
    assert gone["canceled"] == {"cancellationReason": "TRAFFIC", "whoCanceled": "EMSP"}
    assert (await found(changing, "fleet", made["reference"]))["outcome"] == "CANCELED_BY_HOLDER"
    assert await free(changing) == WHOLE
    for mutation, asked in ((CANCEL, {}), (CHANGE_QUOTE, {"period": LATER})):
        assert (await do(changing, "emsp", mutation, bookingId=made["id"], **asked))["__typename"] == "AlreadyFinal"


async def test_buc_2_4_after_the_cut_off_both_cost_a_fee_that_is_told_first_and_kept(changing: World) -> None:
    made = await nine_to_ten(changing)
    changing.later(moment(7.5))
    quote = await change_quoted(changing, "emsp", made, period=period("09:15", "10:15"))
    await changed(changing, "emsp", quote)
    changing.later(moment(8.5))

    due = await do(changing, "emsp", CANCEL, bookingId=made["id"])
    told = await do(changing, "emsp", CANCEL_QUOTE, bookingId=made["id"])
    await canceled(changing, "emsp", made, cancelQuoteId=told["id"])

    assert (due["__typename"], due["afterTaxes"]) == ("FeeDue", "8.9250")
    assert (quote["fee"], told["fee"]) == (MODIFICATION, CANCELLATION)
    seen = await ask(changing, "cpo", BY_ID, id=made["id"])
    assert [(one["kind"], one["fee"]) for one in seen["bookingRequests"]] == [
        ("CREATE", None),
        ("CHANGE", MODIFICATION),
        ("CANCEL", CANCELLATION),
    ]


async def test_buc_2_4_a_booking_moves_to_another_operator_and_is_canceled_where_it_was(
    changing: World,
) -> None:
    made = await nine_to_ten(changing)
    quote = await quoted(changing, "emsp", PARK_ANY, "10:00", "11:00")
    stays = await found(changing, "emsp", made["reference"])

    after = await do(changing, "emsp", MOVE, bookingId=made["id"], quoteId=quote["id"])

    assert (stays["status"], after["location"]["id"], after["status"]) == ("RESERVED", PARK, "RESERVED")
    assert (after["tokens"], after["price"]) == ([CARD], quote["price"])
    assert made["id"] == after["replacesId"]
    for caller in ("emsp", "fleet"):
        old = await found(changing, caller, made["reference"])
        assert (old["status"], old["canceled"]["cancellationReason"]) == ("CANCELED", "CHANGED")
        assert named(await ask(changing, caller, LISTED, statuses=["RESERVED"])) == [after["reference"]]
    assert await free(changing) == WHOLE
    assert await hidden(changing, "cpo", after["reference"])


async def test_buc_2_4_no_other_msp_modifies_or_cancels_it(changing: World) -> None:
    made = await nine_to_ten(changing)
    quote = await change_quoted(changing, "emsp", made, period=LATER)

    tried = [
        await do(changing, "other_emsp", CHANGE_QUOTE, bookingId=made["id"], period=LATER),
        await do(changing, "other_emsp", CHANGE, quoteId=quote["quote"]["id"]),
        await do(changing, "other_emsp", CANCEL_QUOTE, bookingId=made["id"]),
        await do(changing, "other_emsp", CANCEL, bookingId=made["id"]),
    ]

    assert {one["__typename"] for one in tried} == {"NotFound"}
    assert await free(changing) == [("08:00", "09:00"), ("11:00", "12:00")]
    assert when(await found(changing, "emsp", made["reference"])) == ("09:00", "10:00")
