"""BUC 1.1.3: an operator tells providers which of its chargers cannot be used at all unless they are booked."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.publications import a_bay_input
from tests.factories.catalogue import NOW
from tests.use_cases.documents import COLLECT, PROVIDERS, along, ask, at, offers, place, sites
from tests.use_cases.operators import (
    DEPOT,
    DEPOT_ANY,
    HUB,
    LONG_BAY,
    MIXED,
    MIXED_FREE,
    MIXED_ONLY,
    PARK,
    YARD,
    YARD_ANY,
    a_site,
    an_offer,
    done,
    mixed,
)
from tests.use_cases.prices import FEES, TERMS, has_links, shown_fees
from tests.world import World

pytestmark = pytest.mark.anyio

ONLY: dict[str, Any] = {"bookingModes": ["REQUIRED"]}
WALK_UP: dict[str, Any] = {"bookingModes": ["NONE"]}


def modes(location: Any) -> dict[str, str]:
    """Return whether a Location, its chargers and what can be booked there can, or must, be booked."""
    parts = {one["id"]: one["bookingMode"] for one in (*location["evses"], *location["bookingLocations"])}
    return {location["id"]: location["bookingMode"], **parts}


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_3_a_provider_asks_for_what_is_for_booked_vehicles_only(market: World, caller: str) -> None:
    nodes = await along(market, caller, **ONLY)

    assert sites(nodes) == [DEPOT, MIXED]
    assert offers(nodes) == [DEPOT_ANY, MIXED_ONLY]
    assert offers(await at(market, caller, DEPOT, HUB, MIXED, PARK, **ONLY)) == [DEPOT_ANY, MIXED_ONLY]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_3_a_site_says_that_it_is_for_booked_vehicles_only(market: World, caller: str) -> None:
    told = await place(market, caller, DEPOT)

    assert modes(told) == {DEPOT: "REQUIRED", f"{DEPOT}*E1": "REQUIRED", DEPOT_ANY: "REQUIRED"}
    (offer,) = told["bookingLocations"]
    assert (offer["reservationRequired"], offer["adHoc"]) == (True, 0)


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_3_of_a_mixed_site_each_charger_and_bay_says_whether_it_is_for_booked_vehicles_only(
    market: World, caller: str
) -> None:
    told = await place(market, caller, MIXED)

    assert modes(told) == {
        MIXED: "OPTIONAL",
        f"{MIXED}*E1": "REQUIRED",
        f"{MIXED}*E2": "OPTIONAL",
        f"{MIXED}*E3": "NONE",
        f"{MIXED}*E4": "NONE",
        MIXED_ONLY: "REQUIRED",
        MIXED_FREE: "OPTIONAL",
    }
    assert {bay["ocpiId"]: bay["reservationRequired"] for bay in told["parkingBays"]} == {
        "B1": True,
        "B2": False,
        "B3": False,
        "B4": True,
    }
    assert {one["id"]: one["adHoc"] for one in told["bookingLocations"]} == {MIXED_ONLY: None, MIXED_FREE: 1}


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_3_all_else_is_told_of_it_as_of_any_other_site(market: World, caller: str) -> None:
    nodes = await along(market, caller, whole=True, **ONLY)

    for node in nodes:
        told, (one,) = node["location"], node["bookingLocations"]
        offer = one["bookingLocation"]
        assert told == await place(market, caller, told["id"])
        assert shown_fees(offer) == FEES
        assert offer["bookingTerms"] == TERMS
        assert has_links(told, offer)
        assert {plug["maxElectricPower"] for evse in told["evses"] for plug in evse["connectors"]} == {1_000_000}
        assert {tuple(bay["vehicleTypes"]) for bay in told["parkingBays"]} == {tuple(LONG_BAY["vehicleTypes"])}
    assert nodes[0]["location"]["facilities"] == ["HOTEL"]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_3_whoever_comes_without_a_booking_is_not_sent_there(market: World, caller: str) -> None:
    nodes = await along(market, caller, **WALK_UP)

    told = [one["evse"] for node in nodes for one in node["walkUp"]]
    assert [one["id"] for one in told] == [f"{HUB}*E4", f"{MIXED}*E3"]
    assert {one["bookingMode"] for one in told} == {"NONE"}
    assert offers(nodes) == []


async def test_buc_1_1_3_a_site_all_of_whose_bays_are_for_booked_vehicles_is_so_itself(changing: World) -> None:
    bays = [a_bay_input(f"B{name}", **LONG_BAY, reservationRequired=True) for name in ("1", "2", "3", "4")]

    await done(changing, "locationsPublish", mixed(parkingBays=bays))
    told = await place(changing, "nsp", MIXED)

    assert [offer["bookingMode"] for offer in told["bookingLocations"]] == ["REQUIRED", "REQUIRED"]
    assert offers(await along(changing, "nsp", **ONLY)) == [DEPOT_ANY, MIXED_FREE, MIXED_ONLY]
    assert (await along(changing, "nsp", **WALK_UP))[-1]["location"]["id"] == HUB


async def test_buc_1_1_3_of_a_group_each_charger_says_whether_it_is_for_booked_vehicles_only(
    changing: World,
) -> None:
    await done(changing, "bookingLocationsWithdraw", {"id": "MIXED-ONLY"}, {"id": "MIXED-FREE"})
    await done(changing, "bookingLocationsPublish", an_offer(f"{MIXED}-GROUP"))

    assert modes(await place(changing, "nsp", MIXED)) == {
        MIXED: "OPTIONAL",
        f"{MIXED}*E1": "REQUIRED",
        f"{MIXED}*E2": "OPTIONAL",
        f"{MIXED}*E3": "OPTIONAL",
        f"{MIXED}*E4": "REQUIRED",
        f"{MIXED}-GROUP": "OPTIONAL",
    }
    (node,) = await at(changing, "nsp", MIXED)
    assert [evse["uid"] for evse in node["bookingLocations"][0]["compliantEvses"]] == ["E1", "E2", "E3", "E4"]


async def test_buc_1_1_3_an_operator_turns_a_site_to_booked_vehicles_only_and_back(changing: World) -> None:
    collect = {"operator": "DE*XYZ"}
    for minutes, required in enumerate((True, False), start=1):
        changing.later(NOW + timedelta(minutes=minutes))
        changed = an_offer(f"{PARK}-ANY", reservationRequired=required)
        await done(changing, "bookingLocationsPublish", changed, caller="other_cpo")
        for caller in PROVIDERS:
            found = await ask(changing, caller, COLLECT, since=changing.now.isoformat(), **collect)
            assert [edge["node"]["id"] for edge in found["edges"]] == [PARK]
            (told,) = [edge["node"] for edge in found["edges"]]
            assert told["bookingMode"] == ("REQUIRED" if required else "OPTIONAL")
            assert (PARK in sites(await along(changing, caller, **ONLY))) is required


async def test_buc_1_1_3_a_site_that_is_not_published_is_told_to_nobody_else(changing: World) -> None:
    await done(changing, "bookingLocationsPublish", an_offer(YARD_ANY, reservationRequired=True))

    for caller in (*PROVIDERS, None, "other_cpo"):
        assert YARD not in sites(await along(changing, caller, **ONLY))
    assert YARD in sites(await along(changing, "cpo", **ONLY))

    await done(changing, "locationsPublish", a_site(YARD))

    for caller in PROVIDERS:
        assert offers(await along(changing, caller, **ONLY)) == [YARD_ANY, DEPOT_ANY, MIXED_ONLY]
