"""BUC 1.2: a transport operator finds when it can charge where, so that a lorry can do its mission."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.use_cases.documents import (
    BOOK,
    OPERATORS,
    PROVIDERS,
    REPORT,
    along,
    at,
    book,
    do,
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
    KM_PER_DEGREE,
    LATITUDE,
    MIXED,
    MIXED_FREE,
    MIXED_ONLY,
    PARK,
    PARK_ANY,
    YARD,
)
from tests.world import World

pytestmark = pytest.mark.anyio

ROUTE = {"coordinates": [{"latitude": LATITUDE, "longitude": longitude} for longitude in (5.0, 9.0)]}
DEPARTURE = datetime.fromisoformat("2026-12-01T07:00:00Z")
LORRY = {"vehicleType": "TRUCK_WITH_TRAILER", "length": 1875, "trailer": True, "maxPower": 600_000}
MISSION: dict[str, Any] = {
    "route": ROUTE,
    "travel": {"departure": {"at": DEPARTURE.isoformat(), "speedKmh": KM_PER_DEGREE}},
    "toleranceMinutes": 30,
    "vehicle": LORRY,
    "energyNeeded": "400",
    "slots": "STARTS",
}
"""A lorry that leaves at 7 and passes a site every hour, and needs 40 minutes at its 600 kW."""

CHOSEN: dict[str, Any] = {"vehicle": {"vehicleType": "RIGID"}, "energyNeeded": "200"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_buc_1_2_slots_begin_when_the_lorry_gets_there_and_are_as_long_as_charging_takes(market: World) -> None:
    nodes = await along(market, "fleet", **MISSION)

    assert sites(nodes) == [HUB, DEPOT, MIXED, PARK]
    for hour, node in enumerate(nodes):
        arrival = DEPARTURE + timedelta(hours=hour)
        assert abs(moment(node["eta"]) - arrival) < timedelta(minutes=2)
        for one in node["bookingLocations"]:
            assert one["timeslots"] != []
            for slot in one["timeslots"]:
                start, end = moment(slot["startDateTime"]), moment(slot["endDateTime"])
                assert abs(start - moment(node["eta"])) <= timedelta(minutes=30)
                assert end - start == timedelta(minutes=45)
                assert start.minute % 15 == 0


async def test_buc_1_2_a_mission_of_two_stops_is_found_and_can_be_booked(changing: World) -> None:
    nodes = await along(changing, "fleet", **MISSION)
    stops = [slots(nodes, DEPOT_ANY)[0], slots(nodes, PARK_ANY)[0]]

    for offer_id, slot in zip((DEPOT_ANY, PARK_ANY), stops, strict=True):
        when = {name: slot[name] for name in ("startDateTime", "endDateTime")}
        made = await do(changing, "fleet", BOOK, bookingLocationId=offer_id, period=when, vehicle=LORRY)
        assert (made["__typename"], made["status"]) == ("Booking", "RESERVED")

    after = await along(changing, "other_fleet", **MISSION)
    for offer_id, slot in zip((DEPOT_ANY, PARK_ANY), stops, strict=True):
        assert slot not in slots(after, offer_id)


async def test_buc_1_2_where_nothing_is_free_on_arrival_the_closest_slots_are_told_and_marked(
    changing: World,
) -> None:
    await book(changing, "other_fleet", DEPOT_ANY, "07:00", "11:00")

    nodes = await along(changing, "fleet", **MISSION)
    strictly = await along(changing, "fleet", **MISSION, includeClosest=False)

    assert DEPOT_ANY not in offers(nodes)
    assert [(slot["closeness"], *hours(slot)) for slot in slots(nodes, DEPOT_ANY, "closest")] == [
        ("BEFORE", "06:15", "07:00"),
        ("AFTER", "11:00", "11:45"),
    ]
    assert sites(strictly) == [HUB, MIXED, PARK]


@pytest.mark.parametrize("caller", [*OPERATORS, *PROVIDERS])
async def test_buc_1_2_slots_of_chosen_sites_are_told_to_everybody_who_asks(
    market: World, caller: str | None
) -> None:
    nodes = await at(market, caller, HUB, **CHOSEN)

    (slot,) = slots(nodes, HUB_CCS)
    assert offers(nodes) == [HUB_CCS]
    assert hours(slot) == ("08:00", "12:00")
    assert (slot["minPower"], slot["maxPower"], slot["available"]) == (None, 400_000, 2)
    assert [evse["uid"] for evse in nodes[0]["bookingLocations"][0]["compliantEvses"]] == ["E2", "E3"]


async def test_buc_1_2_slots_are_told_for_a_corridor_an_area_and_chosen_sites_alike(market: World) -> None:
    box = {"box": {"south": 49, "west": 4.5, "north": 51, "east": 6.5}}
    near = {"near": {"point": {"latitude": 50, "longitude": 5.0}, "radiusKm": 90}}
    by_name = await at(market, "fleet", HUB, DEPOT, energyNeeded="200")
    road = {"coordinates": [ROUTE["coordinates"][0], {"latitude": LATITUDE, "longitude": 6.2}]}

    for nodes in (
        await along(market, "fleet", route=road, energyNeeded="200"),
        await at(market, "fleet", where=box, energyNeeded="200"),
        await at(market, "fleet", where=near, energyNeeded="200"),
    ):
        assert sorted(sites(nodes)) == sorted(sites(by_name)) == [DEPOT, HUB]
        for offer_id in (HUB_CCS, HUB_MCS, DEPOT_ANY):
            assert slots(nodes, offer_id) == slots(by_name, offer_id) != []


async def test_buc_1_2_slots_of_one_charger_of_a_group_can_be_chosen(changing: World) -> None:
    wanted = {"bookingLocationId": HUB_CCS, "period": period("09:00", "10:00"), "evseId": f"{HUB}*E3"}
    assert (await do(changing, "fleet", BOOK, **wanted))["__typename"] == "Booking"

    taken = await do(changing, "other_fleet", BOOK, **wanted)
    nodes = await at(changing, "fleet", HUB, **CHOSEN, window=period("09:00", "10:00"))
    other = await do(changing, "other_fleet", BOOK, **wanted | {"evseId": f"{HUB}*E2"})

    assert taken["__typename"] == "SlotTaken"
    assert [slot["available"] for slot in slots(nodes, HUB_CCS)] == [1]
    assert other["__typename"] == "Booking"


POWER_AND_ENERGY: list[tuple[dict[str, Any], set[str]]] = [
    ({"guaranteedPower": 500_000}, {HUB_MCS, DEPOT_ANY, MIXED_ONLY, MIXED_FREE, PARK_ANY}),
    ({"guaranteedPower": 500_001}, set()),
    ({"minPower": 1_000_000}, {HUB_MCS, DEPOT_ANY, MIXED_ONLY, MIXED_FREE, PARK_ANY}),
    ({"minPower": 1_000_001}, set()),
    ({"energyType": "RENEWABLE"}, {HUB_CCS, HUB_MCS, MIXED_ONLY, MIXED_FREE, PARK_ANY}),
    ({"energyType": "RENEWABLE", "minPower": 300_000, "connectorType": "IEC_62196_T2_COMBO"}, {HUB_CCS}),
    ({"energyType": "RENEWABLE", "guaranteedPower": 500_000, "facilities": ["WIFI"]}, {HUB_MCS}),
]


@pytest.mark.parametrize(("asked", "expected"), POWER_AND_ENERGY)
async def test_buc_1_2_slots_have_the_power_that_is_guaranteed_and_the_energy_that_is_asked(
    market: World, asked: dict[str, Any], expected: set[str]
) -> None:
    assert set(offers(await along(market, "fleet", **asked))) == expected


async def test_buc_1_2_a_slot_is_not_told_if_it_is_too_short_for_the_energy(changing: World) -> None:
    await book(changing, "other_fleet", MIXED_FREE, "09:00", "11:00")
    asked: dict[str, Any] = {"vehicle": {"maxPower": 250_000}}

    hour = slots(await at(changing, "fleet", MIXED, energyNeeded="250", **asked), MIXED_FREE)
    longer = slots(await at(changing, "fleet", MIXED, energyNeeded="251", **asked), MIXED_FREE)

    assert [hours(slot) for slot in hour] == [("08:00", "09:00"), ("11:00", "12:00")]
    assert longer == []


async def test_buc_1_2_slots_of_broken_or_closed_sites_are_not_told(changing: World) -> None:
    await do(
        changing,
        "cpo",
        REPORT,
        evseId=f"{DEPOT}*E1",
        status="OUTOFORDER",
        fault={"expectedEnd": "2026-12-01T10:00:00Z"},
    )

    nodes = await along(changing, "fleet", window=period("06:00", "12:00"))

    assert [hours(slot) for slot in slots(nodes, DEPOT_ANY)] == [("10:00", "12:00")]
    assert [hours(slot) for slot in slots(nodes, PARK_ANY)] == [("07:00", "12:00")]
    assert [hours(slot) for slot in slots(nodes, MIXED_FREE)] == [("06:00", "12:00")]


async def test_buc_1_2_what_may_be_booked_at_all_is_known_before_and_its_slots_are_asked_for(market: World) -> None:
    known = {
        one["id"]
        for name in (HUB, DEPOT, MIXED, PARK)
        for one in (await place(market, "fleet", name))["bookingLocations"]
    }

    assert known == set(offers(await along(market, "fleet")))
    answer = await market.execute("fleet", "query ($id: ID!) { location(id: $id) { id } }", id=YARD)
    assert [code for code, _ in answer.errors] == ["NOT_FOUND"]
