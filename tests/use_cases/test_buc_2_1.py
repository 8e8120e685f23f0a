"""BUC 2.1: a transport operator books a charger, or one of a group, with its bay, for a time that it chooses."""

from typing import Any

import pytest

from tests.api.publications import a_bay_input
from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import BOOKINGS, subscribed
from tests.use_cases.booking_documents import (
    BY_ID,
    CREATE,
    LISTED,
    REVEAL,
    VEHICLE,
    a_token,
    amounts,
    booked,
    found,
    hidden,
    named,
    not_booked,
    quoted,
    when,
)
from tests.use_cases.documents import along, ask, at, do, hours, offers, period, slots
from tests.use_cases.operators import (
    DEPOT,
    DEPOT_ANY,
    HUB,
    HUB_CCS,
    HUB_MCS,
    LONG_BAY,
    MIXED_FREE,
    MIXED_ONLY,
    PARK_ANY,
    a_charger,
    a_day,
    a_slot,
    an_offer,
    depot,
    done,
    hub,
)
from tests.use_cases.prices import TERMS
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

LORRY = {"vehicleType": "SEMI_TRACTOR", "length": 1650, "inletSide": "LEFT"}
RIGID = {"vehicleType": "RIGID", "length": 1100, "inletSide": "RIGHT"}
NINE_TO_TEN = period("09:00", "10:00")


@pytest.mark.parametrize("caller", ["fleet", "emsp"])
async def test_buc_2_1_bookable_chargers_and_their_free_slots_are_known_directly_and_through_the_msp(
    market: World, caller: str
) -> None:
    (node,) = await at(market, caller, HUB)

    told = {
        one["bookingLocation"]["id"]: (
            [evse["uid"] for evse in one["compliantEvses"]],
            [(*hours(slot), slot["available"]) for slot in one["timeslots"]],
        )
        for one in node["bookingLocations"]
    }
    assert told == {
        HUB_MCS: (["E1"], [("08:00", "12:00", 1)]),
        HUB_CCS: (["E2", "E3"], [("08:00", "12:00", 2)]),
    }


async def test_buc_2_1_step_1_a_location_is_selected_by_criteria_the_time_and_the_side_of_the_inlet(
    market: World,
) -> None:
    asked: dict[str, Any] = {
        "window": NINE_TO_TEN,
        "connectorType": "MCS",
        "minPower": 900_000,
        "guaranteedPower": 500_000,
    }
    left = await along(market, "fleet", vehicle=LORRY, energyNeeded="300", **asked)
    right = await along(market, "fleet", vehicle=RIGID, window=NINE_TO_TEN)

    assert offers(left) == [HUB_MCS, DEPOT_ANY, MIXED_FREE, MIXED_ONLY, PARK_ANY]
    assert offers(right) == [HUB_CCS]
    assert offers(await along(market, "fleet", vehicle=LORRY | {"inletSide": "RIGHT"})) == []
    assert offers(await along(market, "fleet", vehicle=LORRY, energyType="RENEWABLE"))[:2] == [HUB_MCS, MIXED_FREE]


async def test_buc_2_1_step_1_a_location_is_selected_first_and_the_criteria_then(market: World) -> None:
    (everything,) = await at(market, "fleet", HUB)
    nodes = await at(market, "fleet", HUB, window=NINE_TO_TEN, vehicle=LORRY, includeNearMisses=True)

    assert offers([everything]) == [HUB_CCS, HUB_MCS]
    assert offers(nodes) == [HUB_MCS]
    assert [hours(slot) for slot in slots(nodes, HUB_MCS)] == [("09:00", "10:00")]
    ((miss,),) = (node["nearMisses"] for node in nodes)
    assert miss["bookingLocation"]["id"] == HUB_CCS
    assert {"VEHICLE_TYPE", "INLET_SIDE"} <= set(miss["reasons"])


async def test_buc_2_1_step_1_a_profile_of_the_vehicle_says_on_which_side_its_inlet_is(changing: World) -> None:
    saved = await do(changing, "fleet", VEHICLE, name="Truck 7", vehicle=RIGID, licensePlate="12-ABC-3")

    nodes = await at(changing, "fleet", HUB, vehicleId=saved["id"])
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", vehicleId=saved["id"])
    refusal = await not_booked(changing, "fleet", HUB_MCS, "09:00", "10:00", vehicleId=saved["id"])

    assert offers(nodes) == [HUB_CCS]
    assert (made["inletSide"], made["licensePlate"]) == ("RIGHT", "12-ABC-3")
    assert refusal["__typename"] == "DoesNotFit"
    assert "INLET_SIDE" in refusal["reasons"]


async def test_buc_2_1_steps_2_and_3_where_nothing_is_free_at_that_time_the_closest_slots_are_shown(
    changing: World,
) -> None:
    await booked(changing, "other_emsp", HUB_MCS, "08:00", "10:00")

    nodes = await at(changing, "fleet", HUB, window=NINE_TO_TEN, vehicle=LORRY, minutesNeeded=60)
    refusal = await not_booked(changing, "fleet", HUB_MCS, "09:00", "10:00", vehicle=LORRY)

    assert slots(nodes, HUB_MCS) == []
    assert [(*hours(one), one["closeness"]) for one in slots(nodes, HUB_MCS, "closest")] == [
        ("07:00", "08:00", "BEFORE"),
        ("10:00", "11:00", "AFTER"),
    ]
    assert refusal["__typename"] == "SlotTaken"
    assert [hours(one) for one in refusal["closest"]] == [("07:00", "08:00"), ("10:00", "11:00")]
    made = await booked(changing, "fleet", HUB_MCS, *hours(refusal["closest"][1]), vehicle=LORRY)
    assert when(made) == ("10:00", "11:00")


async def test_buc_2_1_step_4_a_to_books_with_its_own_msp_uid_only(changing: World) -> None:
    anonymous = await changing.execute(
        None, CREATE, input={"idempotencyKey": a_key(), "bookingLocationId": HUB_MCS, "period": NINE_TO_TEN}
    )
    foreign = [
        await not_booked(changing, "fleet", HUB_MCS, "09:00", "10:00", tokens=[a_token(OTHER_CONTRACT)]),
        await not_booked(changing, "fleet", HUB_MCS, "09:00", "10:00", contractId=OTHER_CONTRACT),
    ]
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", tokens=[a_token(FLEET_CONTRACT)])

    assert [code for code, _ in anonymous.errors] == ["UNAUTHENTICATED"]
    assert [one["__typename"] for one in foreign] == ["NotAllowed", "NotAllowed"]
    assert made["contractIds"] == [FLEET_CONTRACT]
    assert (await ask(changing, "cpo", BY_ID, id=made["id"]))["tokens"] == [a_token(FLEET_CONTRACT)]


async def test_buc_2_1_step_5_a_charger_and_its_bay_are_blocked_for_that_to_whatever_else_offers_them(
    changing: World,
) -> None:
    site = hub()
    beside = a_charger("E5", "MCS", 1_000_000, ("B1", "RIGHT"))
    await done(changing, "locationsPublish", site | {"evses": [*site["evses"], beside]})
    same_bay, same_charger = f"{HUB}-BESIDE", f"{HUB}-EITHER"
    await done(changing, "bookingLocationsPublish", an_offer(same_bay, bookingOption={"evseUid": "E5"}))
    await done(changing, "bookingLocationsPublish", an_offer(same_charger, bookingOption={"parkingId": "B1"}))

    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", vehicle=LORRY)

    assert (made["evse"], made["parkingBay"]) == ({"id": f"{HUB}*E1"}, {"ocpiId": "B1"})
    nodes = await at(changing, "other_fleet", HUB)
    for offer_id in (HUB_MCS, same_bay, same_charger):
        assert [hours(one) for one in slots(nodes, offer_id)] == [("08:00", "09:00"), ("10:00", "12:00")]
        for caller in ("fleet", "other_fleet", "other_emsp"):
            refusal = await not_booked(changing, caller, offer_id, "09:45", "10:45")
            assert refusal["__typename"] == "SlotTaken"
    assert when(await booked(changing, "other_emsp", same_bay, "10:00", "11:00")) == ("10:00", "11:00")


async def test_buc_2_1_step_6_of_a_group_one_charger_is_sure_to_be_there_for_each_that_booked(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", vehicle=RIGID)
    assert [one["id"] for one in made["compliantEvses"]] == [f"{HUB}*E2", f"{HUB}*E3"]

    kept = (await ask(changing, "cpo", BY_ID, id=made["id"]))["evse"]["id"]
    (left,) = slots(await at(changing, "other_fleet", HUB, window=NINE_TO_TEN), HUB_CCS)

    pinned = await booked(changing, "other_fleet", HUB_CCS, "09:00", "10:00", evseId=kept)

    (other,) = {f"{HUB}*E2", f"{HUB}*E3"} - {kept}
    second = await not_booked(changing, "other_emsp", HUB_CCS, "09:00", "10:00", evseId=other)
    assert (left["available"], pinned["evse"]["id"], second["__typename"]) == (1, kept, "SlotTaken")
    assert (await ask(changing, "cpo", BY_ID, id=made["id"]))["evse"]["id"] == other
    assert (await found(changing, "fleet", made["reference"]))["evse"] is None


async def test_buc_2_1_step_6_the_charger_that_is_kept_stands_on_the_side_of_the_inlet(changing: World) -> None:
    sides = [a_charger("E1", "MCS", 1_000_000, ("B1", "LEFT")), a_charger("E2", "MCS", 1_000_000, ("B2", "RIGHT"))]
    bays = [a_bay_input(name, **LONG_BAY) for name in ("B1", "B2")]
    await done(changing, "locationsPublish", depot(evses=sides, parkingBays=bays))
    right = LORRY | {"inletSide": "RIGHT"}

    (node,) = await at(changing, "fleet", DEPOT, vehicle=right)
    made = await booked(changing, "fleet", DEPOT_ANY, "09:00", "10:00", vehicle=right)
    pushed = await not_booked(changing, "other_fleet", DEPOT_ANY, "09:00", "10:00", evseId=f"{DEPOT}*E2")
    twice = await not_booked(changing, "other_fleet", DEPOT_ANY, "09:00", "10:00", vehicle=right)
    other = await booked(changing, "other_fleet", DEPOT_ANY, "09:00", "10:00", vehicle=LORRY)

    assert [evse["uid"] for evse in node["bookingLocations"][0]["compliantEvses"]] == ["E2"]
    assert {pushed["__typename"], twice["__typename"]} == {"SlotTaken"}
    kept = [await ask(changing, "cpo", BY_ID, id=one["id"]) for one in (made, other)]
    assert [(one["evse"]["id"], one["parkingBay"]["ocpiId"], one["inletSide"]) for one in kept] == [
        (f"{DEPOT}*E2", "B2", "RIGHT"),
        (f"{DEPOT}*E1", "B1", "LEFT"),
    ]


async def test_buc_2_1_step_7_id_and_reference_go_to_the_to_and_to_its_msp_and_to_nobody_else(
    changing: World,
) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")

    assert made["reference"]
    assert made["status"] == "RESERVED"
    assert made["reservedAt"] == "2026-12-01T06:00:00Z"
    assert made["reservationExpiresAt"] == "2026-12-01T09:30:00Z"
    async with subscribed(changing, "emsp", BOOKINGS, references=[made["reference"]]) as stream:
        heard = (await stream.next())["booking"]
    assert (heard["id"], heard["reference"]) == (made["id"], made["reference"])
    for caller in ("fleet", "emsp", "cpo"):
        assert named(await ask(changing, caller, LISTED)) == [made["reference"]]
        assert (await found(changing, caller, made["reference"].lower()))["id"] == made["id"]
    for stranger in ("other_fleet", "other_emsp", "other_cpo", "nsp", None):
        assert await hidden(changing, stranger, made["reference"])


async def test_buc_2_1_a_least_power_is_requested_and_guaranteed_as_far_as_the_operator_can(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", minPower=800_000, guaranteedPower=500_000)
    weak = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", minPower=400_000)

    assert made["powerRequired"] == 800_000
    assert (made["timeslot"]["minPower"], made["timeslot"]["maxPower"]) == (500_000, 1_000_000)
    assert (weak["timeslot"]["minPower"], weak["timeslot"]["maxPower"]) == (None, 400_000)
    refusals: list[tuple[str, dict[str, Any], str]] = [
        (HUB_MCS, {"guaranteedPower": 600_000}, "GUARANTEED_POWER_TOO_LOW"),
        (HUB_CCS, {"guaranteedPower": 1}, "GUARANTEED_POWER_UNKNOWN"),
        (HUB_CCS, {"minPower": 500_000}, "POWER_TOO_LOW"),
        (HUB_CCS, {"connectorType": "MCS"}, "CONNECTOR_TYPE"),
        (DEPOT_ANY, {"energyType": "RENEWABLE"}, "ENERGY_TYPE"),
    ]
    for offer_id, asked, why in refusals:
        refusal = await not_booked(changing, "fleet", offer_id, "11:00", "12:00", **asked)
        assert (refusal["__typename"], refusal["reasons"]) == ("DoesNotFit", [why])


async def test_buc_2_1_a_booking_tells_energy_both_tariffs_and_its_price_in_parts_as_quoted(changing: World) -> None:
    asked: dict[str, Any] = {"energyNeeded": "100", "energyType": "RENEWABLE", "vehicle": LORRY}
    quote = await quoted(changing, "fleet", HUB_MCS, "09:00", "10:00", **asked)
    made = await do(changing, "fleet", CREATE, quoteId=quote["id"])
    after = period("11:00", "12:00")
    (seen,) = slots(await at(changing, "fleet", HUB, window=after, minutesNeeded=60, **asked), HUB_MCS)

    assert (made["energyNeeded"], made["energyType"], made["timeslot"]["greenEnergySupport"]) == (
        "100",
        "RENEWABLE",
        True,
    )
    assert [one["tariffId"] for one in made["tariffs"]] == ["NL*ABC*BOOK", "NL*ABC*CHARGE"]
    assert made["price"] == quote["price"]
    assert amounts(made["price"]) == {"booking": "8.5000", "charging": "61.0000", "total": "69.5000"}
    assert made["price"]["total"]["afterTaxes"] == "82.7050"
    assert amounts(seen["price"]) == amounts(made["price"])


async def test_buc_2_1_which_charger_it_is_is_told_on_arrival_and_those_that_comply_before(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", vehicle=RIGID)
    told = []
    for hour in (6, 8.99, 9):
        changing.later(moment(hour))
        told.append(await found(changing, "fleet", made["reference"]))

    assert (made["evse"], made["parkingBay"], made["evseRevealedAt"]) == (None, None, "2026-12-01T09:00:00Z")
    assert [(one["evse"], one["parkingBay"]) for one in told[:2]] == [(None, None), (None, None)]
    assert told[2]["evse"] in made["compliantEvses"]
    assert told[2]["parkingBay"]["ocpiId"] in ("B2", "B3")


async def test_buc_2_1_an_operator_tells_the_charger_when_it_likes_or_so_long_before_as_its_terms_say(
    changing: World,
) -> None:
    first = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", vehicle=RIGID)
    early = an_offer(DEPOT_ANY, bookingTerms=TERMS | {"revealMinutes": 60}, calendars=a_day(a_slot()))
    await done(changing, "bookingLocationsPublish", early)
    second = await booked(changing, "fleet", DEPOT_ANY, "09:00", "10:00")

    revealed = await do(changing, "cpo", REVEAL, bookingId=first["id"])
    shown = await found(changing, "fleet", first["reference"])
    moved = await not_booked(changing, "other_fleet", HUB_CCS, "09:00", "10:00", evseId=shown["evse"]["id"])

    assert shown["evse"] == revealed["evse"]
    assert (shown["evseRevealedAt"], shown["reference"]) == ("2026-12-01T06:00:00Z", first["reference"])
    assert moved["__typename"] == "SlotTaken"
    assert (second["evse"], second["evseRevealedAt"]) == (None, "2026-12-01T08:00:00Z")
    changing.later(moment(8))
    assert (await found(changing, "emsp", second["reference"]))["evse"]["id"] == f"{DEPOT}*E1"
