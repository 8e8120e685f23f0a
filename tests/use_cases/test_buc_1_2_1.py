"""BUC 1.2.1: a provider shows its transport operators when they can charge at chosen stations, as of now."""

from datetime import timedelta
from typing import Any

import pytest

from server.auth import beginning
from tests.api.publications import work_input
from tests.factories.catalogue import NOW
from tests.statements import Counting
from tests.use_cases.documents import (
    CANCEL,
    COLLECT,
    OPERATORS,
    PLACE,
    PROVIDERS,
    QUOTE,
    RELEASE,
    REPORT,
    ask,
    at,
    book,
    do,
    hours,
    period,
    place,
    sites,
    slots,
)
from tests.use_cases.operators import DEPOT, HUB, HUB_CCS, HUB_MCS, MIXED, PARK, YARD, done
from tests.world import World

pytestmark = pytest.mark.anyio

LORRY = {"vehicleType": "SEMI_TRACTOR", "length": 1650}
UNPRICED = """
query ($input: AvailabilityInput!) {
  availability(input: $input) { edges { node { location { id } bookingLocations { timeslots { available } } } } }
}
"""
SITE = f"query ($id: ID!) {{ location(id: $id) {{ {PLACE} }} }}"


def times(nodes: Any, offer_id: str = HUB_MCS) -> list[tuple[str, str]]:
    return [hours(slot) for slot in slots(nodes, offer_id)]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_2_1_a_provider_is_told_which_stations_are_for_lorries_and_when_they_are_free(
    market: World, caller: str
) -> None:
    (node,) = await at(market, caller, HUB, whole=True, vehicle=LORRY)

    assert node["location"] == await place(market, caller, HUB)
    (one,) = node["bookingLocations"]
    assert one["bookingLocation"]["id"] == HUB_MCS
    assert [evse["uid"] for evse in one["compliantEvses"]] == ["E1"]
    (charger, *_) = node["location"]["evses"]
    (bay, *_) = node["location"]["parkingBays"]
    assert charger["parking"] == [{"evsePosition": "LEFT", "parkingBay": {"ocpiId": bay["ocpiId"]}}]
    assert "SEMI_TRACTOR" in bay["vehicleTypes"]
    (slot,) = one["timeslots"]
    assert (hours(slot), slot["available"], slot["closeness"]) == (("08:00", "12:00"), 1, None)


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_2_1_a_slot_says_which_power_is_guaranteed_and_whether_it_is_green(
    market: World, caller: str
) -> None:
    nodes = await at(market, caller, HUB, DEPOT)

    told = {name: slots(nodes, name)[0] for name in (HUB_MCS, HUB_CCS, f"{DEPOT}-ANY")}
    assert {
        name: (slot["minPower"], slot["maxPower"], slot["greenEnergySupport"]) for name, slot in told.items()
    } == {
        HUB_MCS: (500_000, 1_000_000, True),
        HUB_CCS: (None, 400_000, None),
        f"{DEPOT}-ANY": (500_000, 1_000_000, False),
    }


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_2_1_slots_are_told_as_windows_or_as_the_starts_within_them(market: World, caller: str) -> None:
    nodes = await at(market, caller, HUB, minutesNeeded=120, slots="STARTS", mostStarts=500)
    two = await at(market, caller, HUB, minutesNeeded=120, slots="STARTS", mostStarts=2)

    assert times(nodes) == [
        (f"{start // 60:02}:{start % 60:02}", f"{start // 60 + 2:02}:{start % 60:02}")
        for start in range(480, 601, 15)
    ]
    assert times(two) == times(nodes)[:2]


async def test_buc_1_2_1_every_provider_and_its_operators_are_told_the_same_slots(changing: World) -> None:
    await book(changing, "other_emsp", HUB_MCS, "09:00", "10:00")

    for caller in (*PROVIDERS, *OPERATORS, "other_emsp", "cpo", "other_cpo"):
        assert times(await at(changing, caller, HUB)) == [("08:00", "09:00"), ("10:00", "12:00")]


async def test_buc_1_2_1_slots_are_as_of_the_moment_at_which_they_are_asked_for(changing: World) -> None:
    async def now() -> list[tuple[str, str]]:
        return times(await at(changing, "emsp", HUB))

    whole, rest = [("08:00", "12:00")], [("08:00", "09:00"), ("10:00", "12:00")]
    assert await now() == whole
    booking_id = await book(changing, "emsp", HUB_MCS, "09:00", "10:00")
    assert await now() == rest
    await do(changing, "emsp", CANCEL, bookingId=booking_id)
    assert await now() == whole
    await do(changing, "cpo", REPORT, evseId=f"{HUB}*E1", status="INOPERATIVE")
    assert await now() == []
    await do(changing, "cpo", REPORT, evseId=f"{HUB}*E1", status="AVAILABLE")
    await done(changing, "maintenancePublish", work_input("WORK", HUB, period=period("09:00", "10:00")))
    assert await now() == rest
    await done(changing, "maintenanceWithdraw", {"id": "WORK"})
    changing.later(NOW + timedelta(hours=4))
    assert await now() == [("10:00", "12:00")]


async def test_buc_1_2_1_a_slot_that_is_held_for_another_is_free_again_once_the_hold_is_over(changing: World) -> None:
    for number in range(2):
        held = await do(changing, "emsp", QUOTE, bookingLocationId=HUB_MCS, period=period("08:00", "11:00"))
        assert held["__typename"] == "BookingQuoted"
        assert times(await at(changing, "nsp", HUB)) == [("11:00", "12:00")]
        if number:
            changing.later(NOW + timedelta(minutes=11))
        else:
            await do(changing, "emsp", RELEASE, quoteId=held["quote"]["id"])
        assert times(await at(changing, "nsp", HUB)) == [("08:00", "12:00")]


async def test_buc_1_2_1_what_is_free_is_no_part_of_what_is_collected(changing: World) -> None:
    before = await place(changing, "nap", HUB)
    changing.later(NOW + timedelta(minutes=5))

    await book(changing, "emsp", HUB_MCS, "09:00", "10:00")

    assert await place(changing, "nap", HUB) == before
    told = await ask(changing, "nap", COLLECT, since=changing.now.isoformat())
    assert (told["edges"], told["withdrawn"]) == ([], [])


async def test_buc_1_2_1_what_is_taken_and_what_it_costs_is_looked_up_only_if_it_is_asked_for(
    changing: World,
) -> None:
    database = Counting(changing.database)
    changing.begin = beginning(database, changing.catalogue, lambda: changing.now)

    async def tables(document: str, **variables: Any) -> list[str]:
        """Return which tables an operation of a fleet reads, beside who asks."""
        await ask(changing, "fleet", document, **variables)
        return [text.split("FROM ")[1].split()[0] for text in database.since() if "FROM api_token" not in text]

    where = {"where": {"locationIds": [HUB]}, "window": period("08:00", "12:00")}
    assert await tables(SITE, id=HUB) == []
    assert await tables(COLLECT) == []
    assert await tables(UNPRICED, input=where) == ["allocation"]
    priced = UNPRICED.replace("available }", "available price { currency providerFees { name } } }")
    assert await tables(priced, input=where) == ["provider_fee", "allocation"]


@pytest.mark.parametrize("caller", [*PROVIDERS, *OPERATORS, "other_cpo"])
async def test_buc_1_2_1_slots_of_what_is_not_published_are_told_to_nobody_but_its_operator(
    market: World, caller: str | None
) -> None:
    nodes = await at(market, caller, YARD, PARK)

    assert sites(nodes) == [PARK]
    assert sites(await at(market, caller, YARD)) == sites(await at(market, caller, "NL*ABC*NOWHERE")) == []
    assert times(await at(market, "cpo", MIXED, YARD), f"{YARD}-ANY") == [("08:00", "12:00")]
