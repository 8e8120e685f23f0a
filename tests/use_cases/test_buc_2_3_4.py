"""BUC 2.3.4: a transport operator replaces its booking by one at another charger or another site of the operator."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.use_cases.booking_documents import (
    BY_ID,
    CANCEL_QUOTE,
    CHANGE_QUOTE,
    LISTED,
    MOVE,
    OPTIONS,
    booked,
    canceled,
    change_quoted,
    changed,
    found,
    hidden,
    history,
    named,
    options,
    quoted,
    when,
)
from tests.use_cases.documents import ask, at, do, hours, period, slots
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB_MCS, MIXED, MIXED_FREE, MIXED_ONLY, PARK, PARK_ANY
from tests.world import World

pytestmark = pytest.mark.anyio

LATER = period("10:00", "11:00")
WHOLE, REST = [("08:00", "12:00")], [("08:00", "09:00"), ("10:00", "12:00")]


async def free(world: World, offer_id: str) -> list[tuple[str, str]]:
    return [hours(one) for one in slots(await at(world, "other_fleet", offer_id.rsplit("-", 1)[0]), offer_id)]


async def moved(world: World, booking: Any, offer_id: str, **how: Any) -> Any:
    """Return what came of moving a booking to a quote that is made for it, from 10 to 11."""
    quote = await quoted(world, "fleet", offer_id, "10:00", "11:00")
    return await do(world, "fleet", MOVE, bookingId=booking["id"], quoteId=quote["id"], **how)


async def test_buc_2_3_4_options_at_another_site_of_the_operator_are_shown_for_a_booking_that_is_found(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    await booked(changing, "other_emsp", DEPOT_ANY, "08:00", "09:00")
    seen = await found(changing, "fleet", made["reference"])

    there = await options(changing, "fleet", seen, locationId=DEPOT, window=period("08:00", "12:00"))
    foreign = await changing.execute("fleet", OPTIONS, input={"bookingId": made["id"], "locationId": PARK})

    assert {name: [hours(one) for one in windows] for name, windows in there.items()} == {
        DEPOT_ANY: [("09:00", "12:00")]
    }
    assert [code for code, _ in foreign.errors] == ["BAD_USER_INPUT"]


async def test_buc_2_3_4_another_site_of_the_operator_takes_its_place_under_a_new_reference(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")

    quote = await change_quoted(changing, "fleet", made, bookingLocationId=DEPOT_ANY, period=LATER)
    meanwhile = [await free(changing, one) for one in (HUB_MCS, DEPOT_ANY)]
    after = await changed(changing, "fleet", quote)

    assert quote["quote"]["location"]["id"] == DEPOT
    assert meanwhile == [REST, [("08:00", "10:00"), ("11:00", "12:00")]]
    assert (after["id"], after["location"]["id"], when(after)) == (made["id"], DEPOT, ("10:00", "11:00"))
    assert [await free(changing, one) for one in (HUB_MCS, DEPOT_ANY)] == [
        WHOLE,
        [("08:00", "10:00"), ("11:00", "12:00")],
    ]
    assert named(await ask(changing, "fleet", LISTED)) == [after["reference"]]
    assert after["reference"] != made["reference"]
    for caller in ("fleet", "emsp", "cpo"):
        assert (await found(changing, caller, made["reference"]))["reference"] == after["reference"]


async def test_buc_2_3_4_another_charge_point_of_the_site_takes_its_place(changing: World) -> None:
    made = await booked(changing, "fleet", MIXED_ONLY, "09:00", "10:00")

    after = await changed(
        changing, "fleet", await change_quoted(changing, "fleet", made, bookingLocationId=MIXED_FREE)
    )

    assert (made["evse"]["id"], after["evse"]["id"]) == (f"{MIXED}*E1", f"{MIXED}*E2")
    assert (made["parkingBay"]["ocpiId"], after["parkingBay"]["ocpiId"]) == ("B1", "B2")
    assert [await free(changing, one) for one in (MIXED_ONLY, MIXED_FREE)] == [WHOLE, REST]


async def test_buc_2_3_4_it_is_canceled_and_another_is_booked_after_that(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")

    await canceled(changing, "fleet", made)
    after = await booked(changing, "fleet", DEPOT_ANY, "09:00", "10:00")

    assert after["reference"] != made["reference"]
    assert named(await ask(changing, "fleet", LISTED, statuses=["RESERVED"])) == [after["reference"]]
    assert [await free(changing, one) for one in (HUB_MCS, DEPOT_ANY)] == [WHOLE, REST]


@pytest.mark.parametrize("offer_id", [DEPOT_ANY, PARK_ANY])
async def test_buc_2_3_4_or_both_in_one_step_that_leaves_it_at_no_moment_with_neither(
    changing: World, offer_id: str
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", licensePlate="12-ABC-3")

    after = await moved(changing, made, offer_id)

    assert after["__typename"] == "Booking"
    assert (after["bookingLocation"]["id"], when(after), after["status"]) == (
        offer_id,
        ("10:00", "11:00"),
        "RESERVED",
    )
    assert (after["contractIds"], after["licensePlate"]) == (made["contractIds"], "12-ABC-3")
    assert made["id"] == after["replacesId"]
    old = await found(changing, "fleet", made["reference"])
    assert (old["id"], old["status"], old["outcome"]) == (made["id"], "CANCELED", "CANCELED_BY_HOLDER")
    assert old["canceled"] == {"cancellationReason": "CHANGED", "whoCanceled": "TO"}
    assert await free(changing, HUB_MCS) == WHOLE
    assert named(await ask(changing, "emsp", LISTED, statuses=["RESERVED"])) == [after["reference"]]


async def test_buc_2_3_4_if_the_other_cannot_be_had_the_booking_stays(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    late = await quoted(changing, "fleet", DEPOT_ANY, "10:00", "11:00")
    await booked(changing, "other_emsp", MIXED_FREE, "09:00", "10:00")

    taken = await do(changing, "fleet", CHANGE_QUOTE, bookingId=made["id"], bookingLocationId=MIXED_FREE)
    foreign = await do(changing, "fleet", CHANGE_QUOTE, bookingId=made["id"], bookingLocationId=PARK_ANY)
    changing.later(moment(6.5))
    lapsed = await do(changing, "fleet", MOVE, bookingId=made["id"], quoteId=late["id"])

    assert [one["__typename"] for one in (taken, foreign, lapsed)] == ["SlotTaken", "NotAllowed", "QuoteExpired"]
    seen = await found(changing, "fleet", made["reference"])
    assert (seen["status"], when(seen), seen["revision"]) == ("RESERVED", ("09:00", "10:00"), 1)
    assert await free(changing, HUB_MCS) == REST


async def test_buc_2_3_4_after_the_cut_off_a_change_costs_its_fee_which_is_kept_for_the_bill(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    changing.later(moment(7.5))
    fee = {"currency": "EUR", "beforeTaxes": "5.0000", "afterTaxes": "5.9500"}

    quote = await change_quoted(changing, "fleet", made, bookingLocationId=DEPOT_ANY)
    after = await changed(changing, "fleet", quote)

    assert quote["fee"] == fee
    for caller in ("emsp", "cpo"):
        seen = await found(changing, caller, after["reference"])
        assert history(seen)[1] == ("CHANGE", "ACCEPTED", "TO", "NL*EMS")
        assert seen["bookingRequests"][1]["fee"] == fee


async def test_buc_2_3_4_after_the_cut_off_giving_it_up_costs_its_fee_which_is_kept_for_the_bill(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    changing.later(moment(8.25))

    due = await moved(changing, made, DEPOT_ANY)
    stays = await found(changing, "fleet", made["reference"])
    told = await do(changing, "fleet", CANCEL_QUOTE, bookingId=made["id"])
    after = await moved(changing, made, PARK_ANY, cancelQuoteId=told["id"])

    fee = {"currency": "EUR", "beforeTaxes": "7.5000", "afterTaxes": "8.9250"}
    assert (due["__typename"], due["afterTaxes"], stays["status"]) == ("FeeDue", "8.9250", "RESERVED")
    assert (told["fee"], after["location"]["id"]) == (fee, PARK)
    for caller in ("emsp", "cpo"):
        seen = await ask(changing, caller, BY_ID, id=made["id"])
        assert [one["fee"] for one in seen["bookingRequests"]] == [None, fee]
    assert await hidden(changing, "cpo", after["reference"])
    assert (await found(changing, "other_cpo", after["reference"]))["bookingRequests"][0]["fee"] is None
