"""BUC 1.1.4: a transport operator learns which chargers it can use with a booking only, at what cost and how."""

from decimal import Decimal
from typing import Any

import pytest

from tests.use_cases.documents import (
    BOOK,
    OPERATORS,
    along,
    at,
    do,
    fees_of_the_emsp,
    hours,
    offers,
    period,
    place,
    sites,
    slots,
)
from tests.use_cases.operators import (
    DEPOT,
    DEPOT_ANY,
    HUB,
    HUB_CCS,
    HUB_MCS,
    MIXED,
    MIXED_FREE,
    MIXED_ONLY,
    PARK,
    PARK_ANY,
    an_offer,
    done,
)
from tests.use_cases.prices import FEES, TERMS, has_links, shown_fees
from tests.world import World

pytestmark = pytest.mark.anyio

ONLY: dict[str, Any] = {"bookingModes": ["REQUIRED"]}
AT_WILL: dict[str, Any] = {"bookingModes": ["OPTIONAL"]}
LORRY = {"vehicleType": "TRUCK_WITH_TRAILER", "length": 1875, "trailer": True}
BOX = {"box": {"south": 49, "west": 5.5, "north": 51, "east": 7.5}}


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_4_a_transport_operator_finds_them_along_a_route_in_an_area_and_by_name(
    market: World, caller: str | None
) -> None:
    near = {"near": {"point": {"latitude": 50, "longitude": 6.1}, "radiusKm": 100}}

    for nodes in (
        await along(market, caller, vehicle=LORRY, **ONLY),
        await at(market, caller, where=near, vehicle=LORRY, **ONLY),
        await at(market, caller, where=BOX, vehicle=LORRY, **ONLY),
        await at(market, caller, HUB, DEPOT, MIXED, PARK, vehicle=LORRY, **ONLY),
    ):
        assert sites(nodes) == [DEPOT, MIXED]
        assert offers(nodes) == [DEPOT_ANY, MIXED_ONLY]


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_4_who_does_not_want_to_book_is_told_of_the_others(market: World, caller: str | None) -> None:
    assert offers(await along(market, caller, **AT_WILL)) == [HUB_CCS, HUB_MCS, MIXED_FREE, PARK_ANY]
    nodes = await along(market, caller, bookingModes=["NONE"])
    assert [one["evse"]["id"] for node in nodes for one in node["walkUp"]] == [f"{HUB}*E4", f"{MIXED}*E3"]


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_4_a_transport_operator_is_told_that_it_must_book_and_at_what_cost(
    market: World, caller: str | None
) -> None:
    for node in await along(market, caller, whole=True, **ONLY):
        told, (one,) = node["location"], node["bookingLocations"]
        offer = one["bookingLocation"]
        modes = {evse["uid"]: evse["bookingMode"] for evse in told["evses"]}
        assert offer["bookingMode"] == "REQUIRED"
        assert [modes[evse["uid"]] for evse in one["compliantEvses"]] == ["REQUIRED"]
        assert shown_fees(offer) == FEES
        assert offer["bookingTerms"] == TERMS
        assert has_links(told, offer)
    assert (await place(market, caller, DEPOT))["bookingMode"] == "REQUIRED"
    assert (await place(market, caller, MIXED))["bookingMode"] == "OPTIONAL"


async def test_buc_1_1_4_a_fleet_sees_what_its_emsp_adds_and_who_has_none_does_not(changing: World) -> None:
    await fees_of_the_emsp(
        changing, {"id": "S", "name": "Service", "currency": "EUR", "perBooking": "1.00", "percentage": "10"}
    )
    asked = {"minutesNeeded": 60, "slots": "STARTS", "mostStarts": 1, **ONLY}

    told = {caller: slots(await along(changing, caller, **asked), DEPOT_ANY) for caller in OPERATORS}

    for found in told.values():
        (slot,) = found
        assert Decimal(slot["price"]["booking"]["afterTaxes"]) == Decimal("10.115")
    added = {caller: slot["price"]["providerFees"] for caller, (slot,) in told.items()}
    assert added[None] == []
    assert added["fleet"] == added["other_fleet"]
    assert [Decimal(line["price"]["afterTaxes"]) for line in added["fleet"]] == [Decimal("1.85")]


async def test_buc_1_1_4_what_is_told_can_be_booked_and_is_told_no_more_once_it_is(changing: World) -> None:
    (slot,) = slots(await along(changing, "fleet", **ONLY), MIXED_ONLY)
    assert hours(slot) == ("08:00", "12:00")

    wanted = {"bookingLocationId": MIXED_ONLY, "period": period("08:00", "12:00"), "vehicle": LORRY}
    first, second = [await do(changing, caller, BOOK, **wanted) for caller in ("fleet", "other_fleet")]

    assert (first["__typename"], first["status"]) == ("Booking", "RESERVED")
    assert second["__typename"] == "SlotTaken"
    nodes = await along(changing, "other_fleet", **ONLY)
    assert offers(nodes) == [DEPOT_ANY]
    closest = slots(nodes, MIXED_ONLY, "closest")
    assert [(slot["closeness"], *hours(slot)) for slot in closest] == [
        ("BEFORE", "07:30", "08:00"),
        ("AFTER", "12:00", "12:30"),
    ]


async def test_buc_1_1_4_a_site_that_is_turned_to_booked_vehicles_only_is_told_so_at_once(changing: World) -> None:
    await done(changing, "bookingLocationsPublish", an_offer(HUB_MCS, reservationRequired=True, bookingOption={}))

    for caller in OPERATORS:
        assert offers(await along(changing, caller, vehicle=LORRY, **ONLY)) == [HUB_MCS, DEPOT_ANY, MIXED_ONLY]
        assert offers(await along(changing, caller, vehicle=LORRY, **AT_WILL)) == [MIXED_FREE, PARK_ANY]
