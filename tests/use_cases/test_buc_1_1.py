"""BUC 1.1: whoever plans a route for a lorry is told, along it, the sites that meet the wishes of its operator."""

from datetime import datetime
from typing import Any

import pytest

from tests.api.test_vehicles import saved
from tests.use_cases.documents import EVERYBODY, ROAD, along, at, do, offers, period, place, sites
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
    done,
    hub,
)
from tests.world import World

pytestmark = pytest.mark.anyio

LONG = {HUB_MCS, DEPOT_ANY, MIXED_ONLY, MIXED_FREE, PARK_ANY}
EVERYTHING = LONG | {HUB_CCS}
LORRY = {
    "vehicleType": "SEMI_TRACTOR",
    "length": 1650,
    "height": 400,
    "width": 255,
    "weight": 40_000,
    "trailer": True,
    "dangerousGoods": True,
    "refrigeration": True,
    "driveThrough": True,
    "inletSide": "LEFT",
    "connectorTypes": ["MCS"],
}
BOX = {"box": {"south": 49, "west": 4, "north": 51, "east": 6.5}}
PREFERENCES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, EVERYTHING),
    "long lorries": ({"vehicle": {"vehicleType": "SEMI_TRACTOR"}}, LONG),
    "short lorries": ({"vehicle": {"vehicleType": "RIGID"}}, {HUB_CCS}),
    "cars": ({"vehicle": {"vehicleType": "PERSONAL_VEHICLE"}}, set()),
    "length": ({"vehicle": {"length": 1650}}, LONG),
    "too much length": ({"vehicle": {"length": 1876}}, set()),
    "height": ({"vehicle": {"height": 405}}, LONG),
    "width": ({"vehicle": {"width": 258}}, LONG),
    "weight": ({"vehicle": {"weight": 40_000}}, LONG),
    "a trailer": ({"vehicle": {"trailer": True}}, LONG),
    "dangerous goods": ({"vehicle": {"dangerousGoods": True}}, LONG),
    "cooling": ({"vehicle": {"refrigeration": True}}, LONG),
    "no reversing": ({"vehicle": {"driveThrough": True}}, LONG),
    "inlet on the left": ({"vehicle": {"inletSide": "LEFT"}}, LONG),
    "inlet on the right": ({"vehicle": {"inletSide": "RIGHT"}}, {HUB_CCS}),
    "all of a lorry": ({"vehicle": LORRY}, LONG),
    "plug": ({"connectorType": "IEC_62196_T2_COMBO"}, {HUB_CCS}),
    "a cable": ({"connectorFormat": "CABLE"}, EVERYTHING),
    "a socket": ({"connectorFormat": "SOCKET"}, set()),
    "available power": ({"minPower": 500_000}, LONG),
    "guaranteed power": ({"guaranteedPower": 300_000}, LONG),
    "green energy": ({"energyType": "RENEWABLE"}, EVERYTHING - {DEPOT_ANY}),
    "no fossil energy": ({"energyType": "FOSSIL_FREE"}, EVERYTHING - {DEPOT_ANY}),
    "facilities": ({"facilities": ["WIFI", "SHOWER"]}, {HUB_MCS, HUB_CCS}),
    "facilities of no one site": ({"facilities": ["WIFI", "HOTEL"]}, set()),
    "operator": ({"operatorIds": ["DE*XYZ"]}, {PARK_ANY}),
    "booking only": ({"bookingModes": ["REQUIRED"]}, {DEPOT_ANY, MIXED_ONLY}),
    "no need to book": ({"bookingModes": ["OPTIONAL"]}, EVERYTHING - {DEPOT_ANY, MIXED_ONLY}),
    "price": ({"maxPrice": {"amount": "6.54", "currency": "EUR"}}, {PARK_ANY}),
    "a higher price": ({"maxPrice": {"amount": "6.55", "currency": "EUR"}}, EVERYTHING),
    "time": ({"minutesNeeded": 240}, EVERYTHING),
    "too much time": ({"minutesNeeded": 255}, set()),
    "energy": ({"energyNeeded": "1200"}, {HUB_CCS, *LONG}),
    "more energy": ({"energyNeeded": "2000"}, LONG),
    "the evening": ({"window": period("18:00", "20:00")}, EVERYTHING - {PARK_ANY}),
}
"""What a transport operator asks for, and what it is told of all that lies on its road."""


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one != "cpo"])
async def test_buc_1_1_everybody_is_told_the_sites_along_a_route_in_the_order_of_travel(
    market: World, caller: str | None
) -> None:
    there = await along(market, caller)
    back = await along(market, caller, route={"coordinates": ROAD["coordinates"][::-1]})

    assert sites(there) == [HUB, DEPOT, MIXED, PARK]
    assert sites(back) == sites(there)[::-1]
    assert [round(node["distanceAlongKm"] / KM_PER_DEGREE, 1) for node in there] == [0.1, 1.1, 2.1, 3.1]
    assert {round(node["detourKm"]) for node in there} == {0}


async def test_buc_1_1_what_lies_off_the_route_is_not_told_and_the_way_to_what_lies_beside_it_is(
    market: World,
) -> None:
    route = {"coordinates": [{"latitude": 50.2, "longitude": 5.0}, {"latitude": 50.2, "longitude": 7.0}]}

    assert await along(market, "nsp", route=route, widthKm=20) == []
    near = await along(market, "nsp", route=route, widthKm=25)
    assert sites(near) == [HUB, DEPOT, MIXED]
    assert {round(node["detourKm"] / 2) for node in near} == {22}


@pytest.mark.parametrize("preference", PREFERENCES)
async def test_buc_1_1_what_is_told_meets_the_preferences_of_the_transport_operator(
    market: World, preference: str
) -> None:
    asked, expected = PREFERENCES[preference]

    assert set(offers(await along(market, "fleet", **asked))) == expected


async def test_buc_1_1_a_fleet_states_its_vehicle_once_and_refers_to_it(market: World) -> None:
    lorry = await saved(market, name="Lorry", vehicle=LORRY)

    referred = await along(market, "fleet", vehicleId=lorry["id"])

    assert referred == await along(market, "fleet", vehicle=LORRY)
    assert set(offers(referred)) == LONG


async def test_buc_1_1_a_site_that_is_not_for_the_vehicle_is_told_with_the_reason_if_asked(market: World) -> None:
    nodes = await along(market, "fleet", vehicle=LORRY, facilities=["WIFI"], includeNearMisses=True)

    reasons = {miss["bookingLocation"]["id"]: miss["reasons"] for node in nodes for miss in node["nearMisses"]}
    assert set(offers(nodes)) == {HUB_MCS}
    assert reasons.keys() == EVERYTHING - {HUB_MCS}
    assert reasons[DEPOT_ANY] == ["FACILITIES"]
    assert {"VEHICLE_TYPE", "VEHICLE_TOO_LONG", "DRIVE_THROUGH", "INLET_SIDE"} <= set(reasons[HUB_CCS])


async def test_buc_1_1_when_the_vehicle_gets_there_is_told_from_its_departure(market: World) -> None:
    travel = {"departure": {"at": "2026-12-01T07:00:00Z", "speedKmh": KM_PER_DEGREE}}
    route = {"coordinates": [{"latitude": LATITUDE, "longitude": longitude} for longitude in (5.0, 9.0)]}

    nodes = await along(market, "fleet", route=route, travel=travel, vehicle=LORRY)

    arrivals = {node["location"]["id"]: datetime.fromisoformat(node["eta"]).timestamp() for node in nodes}
    start = datetime.fromisoformat("2026-12-01T07:00:00Z").timestamp()
    assert {name: round((at - start) / 3600, 1) for name, at in arrivals.items()} == {
        HUB: 0.0,
        DEPOT: 1.0,
        MIXED: 2.0,
        PARK: 3.0,
    }


async def test_buc_1_1_each_site_is_told_with_all_that_a_transport_operator_decides_by(market: World) -> None:
    (node,) = await along(market, "fleet", whole=True, facilities=["WIFI"], energyNeeded="100")
    told = node["location"]
    vans, lorries = node["bookingLocations"]

    assert {kind for bay in told["parkingBays"] for kind in bay["vehicleTypes"]} >= {"SEMI_TRACTOR", "RIGID"}
    assert {plug["maxElectricPower"] for evse in told["evses"] for plug in evse["connectors"]} == {
        1_000_000,
        400_000,
        150_000,
    }
    assert [slot["maxPower"] for one in (lorries, vans) for slot in one["timeslots"]] == [1_000_000, 400_000]
    assert told["facilities"] == ["RESTAURANT", "SHOWER", "WIFI"]
    assert told["energyMix"]["isGreenEnergy"] is True
    for one in (lorries, vans):
        offer = one["bookingLocation"]
        assert (offer["bookingMode"], offer["confirmation"]) == ("OPTIONAL", "INSTANT")
        assert offer["bookingTerms"]["cancelUntilMinutes"] == 60
        carried = {element["restrictions"]["booking"] for element in offer["tariffs"][0]["elements"]}
        assert carried == {"BOOKING", "BOOKING_EXPIRES", "BOOKING_CANCELLATION_FEES", "BOOKING_OVERTIME"}
        assert {fee["kind"] for fee in offer["fees"]} >= {"RESERVATION", "CANCELLATION", "NO_SHOW", "OVERTIME"}
    assert [evse["uid"] for evse in vans["compliantEvses"]] == ["E2", "E3"]


async def test_buc_1_1_an_area_and_sites_by_name_are_asked_for_as_a_route_is(market: World) -> None:
    named = await at(market, "fleet", DEPOT, PARK, whole=True, vehicle=LORRY)
    near = await at(
        market,
        "fleet",
        where={"near": {"point": {"latitude": LATITUDE, "longitude": 8.0}, "radiusKm": 100}},
        whole=True,
        vehicle=LORRY,
    )
    box = await at(market, "fleet", where=BOX, whole=True, vehicle=LORRY)
    told = {node["location"]["id"]: node for node in await along(market, "fleet", whole=True, vehicle=LORRY)}

    assert sites(named) == [PARK, DEPOT]
    assert sites(near) == [PARK, MIXED]
    assert sites(box) == [DEPOT, HUB]
    for node in (*named, *near, *box):
        alike = told[node["location"]["id"]]
        assert node["location"] == alike["location"]
        assert node["bookingLocations"] == alike["bookingLocations"]


async def test_buc_1_1_what_is_not_published_is_told_to_its_operator_alone(market: World) -> None:
    for caller in EVERYBODY:
        told = YARD in sites(await along(market, caller))
        assert told is (caller == "cpo")


async def test_buc_1_1_what_an_operator_changes_is_told_the_next_time(changing: World) -> None:
    assert offers(await along(changing, "fleet", facilities=["HOTEL"])) == [DEPOT_ANY]

    changed = hub() | {"facilities": ["HOTEL"], "name": "Truck hotel"}
    await done(changing, "locationsPublish", changed)
    await done(changing, "locationsWithdraw", {"id": DEPOT})
    nodes = await along(changing, "fleet", whole=True, facilities=["HOTEL"])

    assert offers(nodes) == [HUB_CCS, HUB_MCS]
    assert nodes[0]["location"]["name"] == "Truck hotel"
    assert (await place(changing, "nsp", HUB))["name"] == "Truck hotel"


async def test_buc_1_1_a_site_whose_chargers_all_fail_is_not_told(changing: World) -> None:
    report = "mutation ($input: EvseStatusReportInput!) { evseStatusReport(input: $input) { __typename } }"

    await do(changing, "cpo", report, evseId=f"{DEPOT}*E1", status="OUTOFORDER")

    assert DEPOT not in sites(await along(changing, "fleet"))
