"""BUC 1.1.2: a transport operator learns which sites it can book, at what cost and under which policies."""

from decimal import Decimal
from typing import Any

import pytest

from tests.api.publications import a_tariff_input
from tests.use_cases.documents import (
    EVERYBODY,
    OPERATORS,
    PROVIDERS,
    along,
    at,
    fees_of_the_emsp,
    offers,
    place,
    slots,
)
from tests.use_cases.operators import (
    DEPOT,
    DEPOT_ANY,
    HUB,
    HUB_CCS,
    HUB_MCS,
    MIXED,
    PARK,
    PARK_ANY,
    YARD,
    an_offer,
    done,
)
from tests.use_cases.prices import FEES, TERMS, element, has_links, shown_fees
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

HOUR: dict[str, Any] = {"minutesNeeded": 60, "slots": "STARTS", "mostStarts": 1}


def amounts(price: Any) -> tuple[Decimal, Decimal]:
    """Return a price before and after taxes."""
    return Decimal(price["beforeTaxes"]), Decimal(price["afterTaxes"])


def lines(slot: Any) -> list[tuple[str, str, bool, Decimal, Decimal]]:
    """Return what an EMSP adds to a slot's price."""
    found = slot["price"]["providerFees"]
    return [(one["name"], one["currency"], one["complete"], *amounts(one["price"])) for one in found]


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_2_a_transport_operator_is_told_the_same_as_providers_in_the_same_way(
    market: World, caller: str | None
) -> None:
    for location_id in (HUB, DEPOT, MIXED, PARK):
        told = await place(market, caller, location_id)
        assert [await place(market, one, location_id) for one in PROVIDERS] == [told] * len(PROVIDERS)
    assert await along(market, caller, whole=True) == await along(market, "nsp", whole=True)


async def test_buc_1_1_2_an_operator_serves_drivers_as_a_provider_does(market: World) -> None:
    for location_id in (HUB, DEPOT, MIXED, PARK):
        assert await place(market, "cpo", location_id) == await place(market, "fleet", location_id)
    found = await at(market, "cpo", HUB, PARK, energyNeeded="200")
    assert found == await at(market, "fleet", HUB, PARK, energyNeeded="200")


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_2_a_transport_operator_is_told_every_fee_before_it_books(
    market: World, caller: str | None
) -> None:
    (found,) = await at(market, caller, HUB, whole=True)

    assert offers([found]) == [HUB_CCS, HUB_MCS]
    for one in found["bookingLocations"]:
        assert shown_fees(one["bookingLocation"]) == FEES


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_2_a_transport_operator_is_told_the_policies_and_where_to_read_them(
    market: World, caller: str | None
) -> None:
    (found,) = await at(market, caller, HUB, whole=True)

    for one in found["bookingLocations"]:
        offer = one["bookingLocation"]
        assert offer["bookingTerms"] == TERMS
        assert has_links(found["location"], offer)


async def test_buc_1_1_2_a_transport_operator_is_told_what_its_own_booking_and_charging_would_cost(
    market: World,
) -> None:
    nodes = await at(market, "fleet", HUB, PARK, energyNeeded="100", **HOUR)

    (here,), (abroad,) = slots(nodes, HUB_CCS), slots(nodes, PARK_ANY)
    price = here["price"]
    assert price["currency"] == "EUR"
    assert amounts(price["booking"]) == (Decimal("8.50"), Decimal("10.115"))
    # 100 kWh at 400 kW take 15 minutes; for the other 45 the lorry blocks the charger.
    assert amounts(price["charging"]) == (Decimal("59.00"), Decimal("70.21"))
    assert amounts(price["total"]) == (Decimal("67.50"), Decimal("80.325"))
    assert amounts(abroad["price"]["booking"]) == (Decimal("1.00"), Decimal("1.19"))


async def test_buc_1_1_2_what_is_not_asked_or_not_known_has_no_price(changing: World) -> None:
    await done(changing, "bookingLocationsPublish", an_offer(DEPOT_ANY, tariffIds=[]))
    await done(changing, "tariffsWithdraw", {"id": "CHARGE"})

    nodes = await at(changing, "fleet", DEPOT, HUB, **HOUR)

    (unknown,), (booking_only,) = slots(nodes, DEPOT_ANY), slots(nodes, HUB_MCS)
    assert [unknown["price"][part] for part in ("currency", "booking", "charging", "total")] == [None] * 4
    assert booking_only["price"]["charging"] is None
    assert amounts(booking_only["price"]["booking"]) == (Decimal("8.50"), Decimal("10.115"))


async def test_buc_1_1_2_a_fleet_sees_what_its_emsp_adds_as_lines_of_their_own(changing: World) -> None:
    await fees_of_the_emsp(
        changing,
        {
            "id": "SERVICE",
            "name": "Service",
            "currency": "EUR",
            "perBooking": "1.00",
            "percentage": "10",
            "vat": "21",
        },
        {"id": "ABROAD", "name": "Abroad", "currency": "CHF", "perBooking": "2.00", "percentage": "1"},
    )
    before = await at(changing, "nsp", HUB, energyNeeded="100", **HOUR)

    nodes = await at(changing, "fleet", HUB, energyNeeded="100", **HOUR)

    (slot,) = slots(nodes, HUB_CCS)
    assert sorted(lines(slot)) == [
        ("Abroad", "CHF", False, Decimal("2.00"), Decimal("2.00")),
        ("Service", "EUR", True, Decimal("7.75"), Decimal("9.3775")),
    ]
    parts = ("booking", "charging", "total")
    assert [slot["price"][part] for part in parts] == [slots(before, HUB_CCS)[0]["price"][part] for part in parts]


async def test_buc_1_1_2_what_an_emsp_adds_is_told_to_its_own_fleets_and_to_nobody_else(changing: World) -> None:
    of_all = {"id": "ALL", "name": "All", "currency": "EUR", "perBooking": "1"}
    of_one = {"id": "ONE", "name": "One", "currency": "EUR", "perBooking": "2", "contractIds": [FLEET_CONTRACT]}
    foreign = {"id": "FOREIGN", "name": "Foreign", "currency": "EUR", "perBooking": "3"}
    await fees_of_the_emsp(changing, of_all, of_one)
    await fees_of_the_emsp(changing, foreign, caller="other_emsp")

    told = {}
    for caller in EVERYBODY:
        nodes = await along(changing, caller, **HOUR)
        found = slots(nodes, HUB_MCS) + slots(nodes, PARK_ANY)
        assert len(found) == 2
        told[caller] = {line[0] for slot in found for line in lines(slot)}

    assert {caller: fees for caller, fees in told.items() if fees} == {
        "fleet": {"All", "One"},
        "other_fleet": {"All"},
    }
    for caller in EVERYBODY:
        answer = await changing.execute(caller, "{ providerFees { id } }")
        own = {"emsp": ["ALL", "ONE"], "other_emsp": ["FOREIGN"]}.get(str(caller))
        if own is None:
            assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
        else:
            assert [fee["id"] for fee in answer.data["providerFees"]] == own


async def test_buc_1_1_2_a_fee_that_depends_on_the_day_is_told_with_its_days_and_priced_on_them(
    changing: World,
) -> None:
    weekend = element("FLAT", "9.00", booking="BOOKING", dayOfWeek=["SATURDAY", "SUNDAY"])
    else_ = element("FLAT", "3.00", booking="BOOKING")
    await done(changing, "tariffsPublish", a_tariff_input("BOOK", elements=[weekend, else_]))

    (found,) = await at(changing, "fleet", DEPOT, whole=True, **HOUR)

    told = [fee for fee in found["bookingLocations"][0]["bookingLocation"]["fees"] if fee["kind"] == "RESERVATION"]
    assert [(fee["restrictions"], fee["words"]) for fee in told] == [
        (
            {"dayOfWeek": ["SATURDAY", "SUNDAY"]},
            "9.00 EUR once, plus 19 % VAT, on Saturday and Sunday only.",
        ),
        (None, "3.00 EUR once, plus 19 % VAT."),
    ]
    (tuesday,) = slots([found], DEPOT_ANY)
    assert amounts(tuesday["price"]["booking"]) == (Decimal("3.00"), Decimal("3.57"))


@pytest.mark.parametrize("caller", OPERATORS)
async def test_buc_1_1_2_what_is_not_published_is_unknown_to_a_transport_operator(
    market: World, caller: str | None
) -> None:
    for document in (f'{{ location(id: "{YARD}") {{ id }} }}', f'{{ location(id: "{YARD}-NO") {{ id }} }}'):
        answer = await market.execute(caller, document)
        assert [code for code, _ in answer.errors] == ["NOT_FOUND"]
