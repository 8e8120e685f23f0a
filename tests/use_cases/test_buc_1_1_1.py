"""BUC 1.1.1: an operator tells providers and collectors which of its sites can be booked, and what that costs."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.publications import a_calendar_input, a_tariff_input, work_input
from tests.factories.catalogue import NOW
from tests.use_cases.documents import COLLECT, EVERYBODY, PROVIDERS, REPORT, along, ask, do, offers, place
from tests.use_cases.operators import (
    CAR_BAY,
    DEPOT,
    HUB,
    HUB_CCS,
    HUB_MCS,
    LONG_BAY,
    MIXED,
    PARK,
    SHORT_BAY,
    YARD,
    a_site,
    an_offer,
    done,
    hub,
)
from tests.use_cases.prices import BOOKING_ELEMENTS, FEES, element, has_links, shown_fees
from tests.world import World

pytestmark = pytest.mark.anyio


async def collected(world: World, caller: str | None, first: int = 10, **asked: Any) -> list[tuple[str, Any]]:
    """Return what a collector is told page by page: each id with its Location, or None if it is to be deleted."""
    told: list[tuple[str, Any]] = []
    after, more = None, True
    while more:
        page = await ask(world, caller, COLLECT, first=first, after=after, **asked)
        here = [(edge["node"]["id"], edge["node"]) for edge in page["edges"]]
        told += here + [(one["id"], None) for one in page["withdrawn"]]
        assert len(page["edges"]) + len(page["withdrawn"]) <= first
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return told


async def names(world: World, caller: str | None, **asked: Any) -> list[str]:
    """Return the ids that a collector is told, a minus before those that it is to delete."""
    return [name if told else f"-{name}" for name, told in await collected(world, caller, **asked)]


# --- what the operator has to say of a site


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_1_a_provider_is_told_of_each_site_with_its_chargers_and_bays(
    market: World, caller: str
) -> None:
    told = await place(market, caller, HUB)

    assert (told["name"], told["helpPhone"]) == (f"Site {HUB}", "+31 10 1234567")
    assert told["facilities"] == ["RESTAURANT", "SHOWER", "WIFI"]
    assert told["energyMix"]["energySources"] == [{"source": "WIND", "percentage": "100"}]
    assert told["openingTimes"] == {"twentyfourseven": True, "regularHours": []}
    assert [(evse["uid"], evse["status"]) for evse in told["evses"]] == [
        (uid, "AVAILABLE") for uid in ("E1", "E2", "E3", "E4")
    ]
    plugs = [plug for evse in told["evses"] for plug in evse["connectors"]]
    assert [(plug["standard"], plug["maxElectricPower"]) for plug in plugs] == [
        ("MCS", 1_000_000),
        ("IEC_62196_T2_COMBO", 400_000),
        ("IEC_62196_T2_COMBO", 400_000),
        ("IEC_62196_T2_COMBO", 150_000),
    ]
    assert [evse["parking"] for evse in told["evses"]] == [
        [{"evsePosition": side, "parkingBay": {"ocpiId": bay}}]
        for side, bay in (("LEFT", "B1"), ("RIGHT", "B2"), ("RIGHT", "B3"), ("RIGHT", "B4"))
    ]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_1_a_provider_is_told_for_which_vehicles_each_bay_is(market: World, caller: str) -> None:
    told = await place(market, caller, HUB)

    bays = {bay["ocpiId"]: bay for bay in told["parkingBays"]}
    for name, published in (("B1", LONG_BAY), ("B2", SHORT_BAY), ("B3", SHORT_BAY), ("B4", CAR_BAY)):
        assert bays[name] == bays[name] | published
    for kind, expected in (("SEMI_TRACTOR", HUB_MCS), ("RIGID", HUB_CCS)):
        assert offers(await along(market, caller, vehicle={"vehicleType": kind}, facilities=["WIFI"])) == [expected]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_1_a_provider_is_told_what_can_be_booked_and_what_cannot(market: World, caller: str) -> None:
    told = {one: await place(market, caller, one) for one in (HUB, DEPOT, MIXED)}

    assert {one: found["bookingMode"] for one, found in told.items()} == {
        HUB: "OPTIONAL",
        DEPOT: "REQUIRED",
        MIXED: "OPTIONAL",
    }
    assert {evse["id"]: evse["bookingMode"] for evse in told[HUB]["evses"]} == {
        f"{HUB}*E1": "OPTIONAL",
        f"{HUB}*E2": "OPTIONAL",
        f"{HUB}*E3": "OPTIONAL",
        f"{HUB}*E4": "NONE",
    }
    for offer in told[HUB]["bookingLocations"]:
        assert (offer["bookingMode"], offer["confirmation"]) == ("OPTIONAL", "INSTANT")
        assert offer["bookingTerms"]["supportedAccessMethods"] == ["LICENSE_PLATE", "TOKEN"]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_1_a_provider_is_told_every_fee_as_data_and_in_words_with_the_tariff_behind_it(
    market: World, caller: str
) -> None:
    told = await place(market, caller, HUB)

    for offer in told["bookingLocations"]:
        assert shown_fees(offer) == FEES
        (tariff,) = offer["tariffs"]
        assert tariff["elements"] == [
            {"priceComponents": one["priceComponents"], "restrictions": one["restrictions"]}
            for one in BOOKING_ELEMENTS
        ]


@pytest.mark.parametrize("caller", PROVIDERS)
async def test_buc_1_1_1_a_provider_is_told_where_prices_and_policies_are_to_be_read(
    market: World, caller: str
) -> None:
    told = await place(market, caller, HUB)

    assert [has_links(told, offer) for offer in told["bookingLocations"]] == [True, True]


async def test_buc_1_1_1_a_site_without_prices_has_no_fees_and_one_with_few_has_those(changing: World) -> None:
    await done(changing, "bookingLocationsPublish", an_offer(HUB_CCS, tariffIds=[], bookingTerms=None))
    await done(changing, "tariffsPublish", a_tariff_input("CHARGE", elements=[element("ENERGY", "0.50")]))

    few, all_but_blocking = (await place(changing, "nsp", HUB))["bookingLocations"]

    assert few["fees"] == []
    assert shown_fees(all_but_blocking).keys() == FEES.keys() - {"BLOCKING"}


async def test_buc_1_1_1_a_fee_that_is_to_change_is_told_before_it_does(changing: World) -> None:
    begin = "2027-01-01T00:00:00Z"
    old = a_tariff_input("OLD", elements=[element("FLAT", "2.00", booking="BOOKING")], endDateTime=begin)
    new = a_tariff_input("NEW", elements=[element("FLAT", "3.00", booking="BOOKING")], startDateTime=begin)
    await done(changing, "tariffsPublish", old, new)
    await done(changing, "bookingLocationsPublish", an_offer(f"{DEPOT}-ANY", tariffIds=["OLD", "NEW"]))

    (offer,) = (await place(changing, "nap", DEPOT))["bookingLocations"]

    told = [fee for fee in offer["fees"] if fee["kind"] == "RESERVATION"]
    assert [(fee["flat"], fee["startDateTime"], fee["endDateTime"]) for fee in told] == [
        ("2.00", None, begin),
        ("3.00", begin, None),
    ]


# --- kept up to date, and collected


async def test_buc_1_1_1_the_state_of_a_charger_is_told_as_it_is_reported(changing: World) -> None:
    for minutes, status in enumerate(("OUTOFORDER", "CHARGING", "AVAILABLE"), start=1):
        changing.later(NOW + timedelta(minutes=minutes))
        await do(changing, "cpo", REPORT, evseId=f"{HUB}*E1", status=status)
        for caller in PROVIDERS:
            assert (await place(changing, caller, HUB))["evses"][0]["status"] == status
            assert await names(changing, caller, since=changing.now.isoformat()) == [HUB]


@pytest.mark.parametrize("first", [1, 3])
async def test_buc_1_1_1_a_collector_harvests_the_whole_catalogue_page_by_page(market: World, first: int) -> None:
    told = await collected(market, "nap", first=first)

    assert [name for name, _ in told] == [PARK, DEPOT, HUB, MIXED]
    for name, location in told:
        assert location == await place(market, "nsp", name)


async def test_buc_1_1_1_a_collector_narrows_its_harvest(changing: World) -> None:
    await done(changing, "bookingLocationsWithdraw", {"id": "HUB-MCS"}, {"id": "HUB-CCS"})

    assert await names(changing, "nap", bookable=True) == [PARK, DEPOT, MIXED]
    assert await names(changing, "nap", bookable=False) == [HUB]
    assert await names(changing, "nap", operator="DE*XYZ") == [PARK]
    assert await names(changing, "nap", country="NLD") == [PARK, DEPOT, HUB, MIXED]
    assert (await place(changing, "nap", HUB))["bookingMode"] == "NONE"


async def test_buc_1_1_1_a_collector_hears_of_every_kind_of_change_and_of_deletions(changing: World) -> None:
    published = [
        ("locationsPublish", hub() | {"name": "New"}, [HUB]),
        ("tariffsPublish", a_tariff_input("BOOK"), [DEPOT, HUB, MIXED]),
        ("bookingLocationsPublish", an_offer(f"{DEPOT}-ANY"), [DEPOT]),
        ("confirmationSet", {"bookingLocationId": "MIXED-FREE", "confirmation": "OPERATOR"}, [MIXED]),
        ("calendarsPublish", {"bookingLocationId": "DEPOT-ANY", "calendar": a_calendar_input()}, [DEPOT]),
        ("maintenancePublish", work_input("WORK", HUB), [HUB]),
        ("maintenanceWithdraw", {"id": "WORK"}, [HUB]),
        ("tariffsWithdraw", {"id": "BOOK"}, [DEPOT, HUB, MIXED]),
        ("bookingLocationsWithdraw", {"id": "MIXED-FREE"}, [MIXED]),
        ("locationsPublish", a_site(MIXED, publish=False), [f"-{MIXED}"]),
        ("locationsWithdraw", {"id": "DEPOT"}, [f"-{DEPOT}"]),
        ("locationsPublish", a_site(YARD), [YARD]),
    ]

    for minutes, (mutation, given, expected) in enumerate(published, start=1):
        changing.later(NOW + timedelta(minutes=minutes))
        await done(changing, mutation, given)
        for caller in PROVIDERS:
            told = await names(changing, caller, first=1, since=changing.now.isoformat())
            assert sorted(told) == expected, mutation

    since = (NOW + timedelta(minutes=1)).isoformat()
    assert await names(changing, "nap", first=1, since=since) == [HUB, f"-{MIXED}", f"-{DEPOT}", YARD]
    assert await names(changing, "nap") == [PARK, HUB, YARD]


async def test_buc_1_1_1_what_is_not_published_is_told_to_nobody_but_its_operator(market: World) -> None:
    for caller in EVERYBODY:
        seen = caller == "cpo"
        assert (YARD in await names(market, caller)) is seen
        answer = await market.execute(caller, f'{{ location(id: "{YARD}") {{ id }} }}')
        assert answer.errors == ([] if seen else [("NOT_FOUND", f"There is no Location {YARD}.")])
