"""What a search tells beside free windows: arrival, closest slots, starts, misses, walk-up chargers, prices."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from models.rules.booking_location import BookingLocation, BookingOption
from models.rules.identity import object_id
from models.rules.interval import Interval
from models.rules.location import Location, OpeningTimes, RegularHours
from models.rules.tariff import (
    BookingRestriction,
    PriceComponent,
    TariffDimension,
    TariffElement,
    TariffRestrictions,
)
from tests.factories.catalogue import CPO, a_location, a_tariff, an_evse, an_offer, at, hours
from tests.resolvers.requests import a_request, outcome
from tests.world import World

pytestmark = pytest.mark.anyio

SLOT = """startDateTime endDateTime available closeness
price { currency booking { afterTaxes } total { beforeTaxes afterTaxes } }"""
FREE = f"""
location {{ id }}
bookingLocations {{
  bookingLocation {{ id }} compliantEvses {{ id }} timeslots {{ {SLOT} }} closest {{ {SLOT} }}
}}
nearMisses {{ bookingLocation {{ id }} reasons }}
walkUp {{ evse {{ id bookingMode }} price {{ charging {{ beforeTaxes }} }} }}
"""
ALONG = f"""
query ($input: CorridorAvailabilityInput!) {{
  corridorAvailability(input: $input) {{
    edges {{ node {{ distanceAlongKm detourKm eta {FREE} }} }}
  }}
}}
"""
AT = f"""
query ($input: AvailabilityInput!, $first: Int, $after: String) {{
  availability(input: $input, first: $first, after: $after) {{
    edges {{ node {{ distanceKm {FREE} }} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
LATITUDE = 50.0
KM_PER_DEGREE = 71.7
"""Of longitude at 50 degrees north."""

WINDOW = {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"}


def a_site(number: int, **changes: Any) -> Location:
    """Return a site on the road, a degree of longitude further east for each number."""
    place = (Decimal(LATITUDE).quantize(Decimal("0.00001")), Decimal(5 + number).quantize(Decimal("0.00001")))
    return a_location(f"SITE{number}", **{"place": place, **changes})


def road(*longitudes: float) -> dict[str, Any]:
    return {"coordinates": [{"latitude": LATITUDE, "longitude": one} for one in longitudes]}


def charging(per_kwh: str) -> TariffElement:
    return TariffElement((PriceComponent(TariffDimension.ENERGY, Decimal(per_kwh), Decimal(19), 1),))


def booking(flat: str) -> TariffElement:
    only = TariffRestrictions(booking=BookingRestriction.BOOKING)
    return TariffElement((PriceComponent(TariffDimension.FLAT, Decimal(flat), Decimal(19), 1),), only)


async def publish(world: World, *sites: Location, **offer: Any) -> list[BookingLocation]:
    """Publish sites, each with one thing to book and a tariff for booking at 2 and charging at 0.50."""
    offers = [an_offer(site, **offer) for site in sites]
    tariffs = (a_tariff("BOOK", elements=(booking("2.00"),)), a_tariff("CHARGE", elements=(charging("0.50"),)))
    await world.publish(*tariffs, *sites, *offers)
    return offers


async def along(world: World, caller: str | None = None, **asked: Any) -> list[Any]:
    """Return what a search along the road finds."""
    answer = await world.execute(caller, ALONG, input={"route": road(4.9, 9), "widthKm": 5.0, **asked})
    assert answer.errors == []
    return [edge["node"] for edge in answer.data["corridorAvailability"]["edges"]]


async def around(world: World, caller: str | None = None, **asked: Any) -> list[Any]:
    """Return what a search at Locations finds; everywhere unless told."""
    everywhere = {"box": {"south": -90, "west": -180, "north": 90, "east": 180}}
    answer = await world.execute(caller, AT, input={"where": everywhere, "window": WINDOW, **asked})
    assert answer.errors == []
    return [edge["node"] for edge in answer.data["availability"]["edges"]]


def ids(nodes: Sequence[Any]) -> list[str]:
    return [node["location"]["id"] for node in nodes]


def slots(node: Any, which: str = "timeslots") -> list[Interval]:
    """Return the slots of the first thing to book."""
    found = node["bookingLocations"][0][which]
    return [Interval(moment_of(one["startDateTime"]), moment_of(one["endDateTime"])) for one in found]


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- when the vehicle gets there


async def test_slots_start_when_the_vehicle_gets_there_sooner_or_later_by_the_tolerance(world: World) -> None:
    await publish(world, a_site(0), a_site(1), a_site(2))
    departure = {"at": "2026-12-01T08:00:00Z", "speedKmh": KM_PER_DEGREE}

    found = await along(
        world,
        travel={"departure": departure},
        route=road(5, 8),
        toleranceMinutes=30,
        slots="STARTS",
        minutesNeeded=60,
    )

    assert [round(node["distanceAlongKm"] / KM_PER_DEGREE, 2) for node in found] == [0, 1, 2]
    for hour, node in enumerate(found, start=8):
        assert abs((moment_of(node["eta"]) - at(hour)).total_seconds()) < 60
        starts = [one.start for one in slots(node)]
        assert starts[0] >= at(hour - 0.5 - 0.02)
        assert starts[-1] <= at(hour + 0.5 + 0.02)
        assert len(starts) in (4, 5)


async def test_etas_given_for_points_count_and_the_way_to_the_site_is_driven_too(world: World) -> None:
    off = a_site(1, place=(Decimal("50.08989"), Decimal("6.00000")))
    await publish(world, off)
    etas = [{"point": 0, "at": "2026-12-01T08:00:00Z"}, {"point": 1, "at": "2026-12-01T10:00:00Z"}]

    (node,) = await along(world, travel={"etas": etas}, route=road(5, 7), widthKm=20)

    assert round(node["detourKm"]) == 20
    assert at(9.1) < moment_of(node["eta"]) < at(9.2)


async def test_a_site_that_is_passed_twice_is_told_twice_each_with_its_time(world: World) -> None:
    await publish(world, a_site(1))
    departure = {"at": "2026-12-01T08:00:00Z", "speedKmh": KM_PER_DEGREE}

    found = await along(world, travel={"departure": departure}, route=road(5, 7, 5))

    assert ids(found) == ["NL*ABC*SITE1"] * 2
    assert [round((moment_of(node["eta"]) - at(8)).total_seconds() / 3600) for node in found] == [1, 3]


async def test_a_site_that_is_reached_after_the_window_is_left_out(world: World) -> None:
    await publish(world, a_site(0), a_site(3))
    departure = {"at": "2026-12-01T08:00:00Z", "speedKmh": 40}

    found = await along(world, travel={"departure": departure}, window=WINDOW, route=road(5, 9))

    assert ids(found) == ["NL*ABC*SITE0"]


# --- closest, starts, misses, walk-up


async def test_where_nothing_is_free_the_closest_slots_are_told_and_marked(world: World) -> None:
    site = a_site(0)
    (offer,) = await publish(world, site)
    for start in (7, 10):
        await outcome(await world.call("emsp"), a_request(offer, hours(start, start + 3)))

    (node,) = await along(world, window=WINDOW, minutesNeeded=60)
    without = await along(world, window=WINDOW, minutesNeeded=60, includeClosest=False)

    assert without == []
    (one,) = node["bookingLocations"]
    assert one["timeslots"] == []
    assert [slot["closeness"] for slot in one["closest"]] == ["BEFORE", "AFTER"]
    assert slots(node, "closest") == [hours(6, 7), hours(13, 14)]


async def test_what_fits_is_told_with_every_charger_that_complies_and_how_many_are_free(world: World) -> None:
    site = a_site(0, chargers={"E1": ["B1"], "E2": ["B2"], "E3": ["B3"]})
    weak = an_evse(site.id, "E3", ["B3"], power=50_000)
    site = replace(site, evses=(*site.evses[:2], weak))
    (offer,) = await publish(world, site)
    await outcome(await world.call("emsp"), a_request(offer, hours(8, 9), evse_id=site.evses[0].id))

    (node,) = await along(world, window=WINDOW, minPower=100_000, minutesNeeded=60, slots="STARTS", mostStarts=5)

    (one,) = node["bookingLocations"]
    assert [evse["id"] for evse in one["compliantEvses"]] == [site.evses[0].id, site.evses[1].id]
    assert [slot["available"] for slot in one["timeslots"]] == [1, 1, 1, 1, 2]


async def test_near_misses_are_told_with_their_reasons_if_asked_for(world: World) -> None:
    short, closed = a_site(0), a_site(1, opening_times=OpeningTimes(False, (RegularHours(1, "08:00", "18:00"),)))
    short = replace(short, parking_bays=tuple(replace(bay, max_vehicle_length=1200) for bay in short.parking_bays))
    await publish(world, short, closed)

    asked: dict[str, Any] = {"window": WINDOW, "vehicle": {"length": 1650, "vehicleType": "RIGID"}}
    found = await along(world, **asked)
    missed = await along(world, **asked, includeNearMisses=True)

    assert found == []
    assert [node["nearMisses"][0]["reasons"] for node in missed] == [["VEHICLE_TOO_LONG"], ["CLOSED"]]


async def test_chargers_that_nobody_can_book_are_told_if_asked_for(world: World) -> None:
    site = a_site(0, chargers={"E1": ["B1"], "E2": ["B2"], "E3": []})
    await publish(world, site, option=BookingOption(evse_uid="E1"))

    asked: dict[str, Any] = {"window": WINDOW, "energyNeeded": "100"}
    (booked,) = await along(world, **asked)
    (both,) = await along(world, **asked, bookingModes=["NONE", "OPTIONAL"])
    (walk_up,) = await along(world, **asked, bookingModes=["NONE"])

    assert booked["walkUp"] == []
    assert [one["evse"]["id"] for one in both["walkUp"]] == [f"{site.id}*E2", f"{site.id}*E3"]
    assert both["bookingLocations"] != []
    assert walk_up["bookingLocations"] == []
    assert {one["evse"]["bookingMode"] for one in walk_up["walkUp"]} == {"NONE"}
    assert [Decimal(one["price"]["charging"]["beforeTaxes"]) for one in walk_up["walkUp"]] == [50, 50]


async def test_only_what_must_be_booked_is_told_if_that_is_asked(world: World) -> None:
    optional, required = a_site(0), a_site(1)
    await world.publish(optional, required, an_offer(optional), an_offer(required, reservation_required=True))

    told = {mode: ids(await along(world, window=WINDOW, bookingModes=[mode])) for mode in ("OPTIONAL", "REQUIRED")}

    assert told == {"OPTIONAL": [optional.id], "REQUIRED": [required.id]}


async def test_facilities_and_operators_narrow_the_answer(world: World) -> None:
    plain, other = a_site(0), a_site(1, facilities=("WIFI", "HOTEL"), owner=("DE", "XYZ"))
    await publish(world, plain, other)

    assert ids(await along(world, window=WINDOW, facilities=["HOTEL"])) == [other.id]
    assert ids(await along(world, window=WINDOW, facilities=["HOTEL", "CAFE"])) == []
    assert ids(await along(world, window=WINDOW, operatorIds=["nl*abc"])) == [plain.id]
    assert ids(await along(world, window=WINDOW, operatorIds=["DE*XYZ", "NL*ABC"])) == [plain.id, other.id]


# --- prices


async def test_each_slot_has_the_price_of_booking_and_charging_for_what_was_asked(world: World) -> None:
    await publish(world, a_site(0))

    (node,) = await along(world, window=WINDOW, energyNeeded="100")

    (slot,) = node["bookingLocations"][0]["timeslots"]
    total = slot["price"]["total"]
    assert slot["price"]["currency"] == "EUR"
    assert (Decimal(total["beforeTaxes"]), Decimal(total["afterTaxes"])) == (Decimal(52), Decimal("61.88"))


async def test_a_price_limit_leaves_out_what_is_dearer_or_unknown(world: World) -> None:
    unpriced = a_site(1, evses=(an_evse(object_id(*CPO, "SITE1"), "E1"),), parking_bays=())
    unpriced = replace(
        unpriced,
        evses=tuple(replace(e, connectors=(replace(e.connectors[0], tariff_ids=()),)) for e in unpriced.evses),
    )
    await publish(world, a_site(0))
    await world.publish(unpriced, an_offer(unpriced, tariff_ids=()))

    async def reasons(amount: str, currency: str = "EUR") -> list[Any]:
        limit = {"amount": amount, "currency": currency}
        found = await along(world, window=WINDOW, energyNeeded="100", maxPrice=limit, includeNearMisses=True)
        return [[miss["reasons"] for miss in node["nearMisses"]] for node in found]

    assert await reasons("61.88") == [[], [["PRICE_UNKNOWN"]]]
    assert await reasons("61.87") == [[["PRICE_TOO_HIGH"]], [["PRICE_UNKNOWN"]]]
    assert await reasons("100", "CHF") == [[["PRICE_UNKNOWN"]], [["PRICE_UNKNOWN"]]]


# --- anywhere else


async def test_near_a_point_the_nearest_comes_first_and_pages_go_on(world: World) -> None:
    sites = [a_site(number) for number in (2, 0, 1)]
    await publish(world, *sites)
    near = {"near": {"point": {"latitude": LATITUDE, "longitude": 5}, "radiusKm": 100}}

    found = await around(world, where=near)
    first = await world.execute(None, AT, input={"where": near, "window": WINDOW}, first=1)
    after = first.data["availability"]["pageInfo"]["endCursor"]
    second = await world.execute(None, AT, input={"where": near, "window": WINDOW}, first=1, after=after)

    assert ids(found) == ["NL*ABC*SITE0", "NL*ABC*SITE1"]
    assert [round(node["distanceKm"]) for node in found] == [0, 72]
    assert ids([edge["node"] for edge in second.data["availability"]["edges"]]) == ["NL*ABC*SITE1"]
    assert second.data["availability"]["pageInfo"]["hasNextPage"] is False


async def test_a_box_may_lie_over_the_antimeridian_and_ids_are_told_in_their_order(world: World) -> None:
    fiji = a_site(0, place=(Decimal("-17.00000"), Decimal("179.90000")))
    taveuni = a_site(1, place=(Decimal("-16.90000"), Decimal("-179.90000")))
    await publish(world, fiji, taveuni, a_site(2))

    over = await around(world, where={"box": {"south": -20, "west": 179, "north": -10, "east": -179}})
    named = await around(world, where={"locationIds": [taveuni.id.lower(), fiji.id]})

    assert ids(over) == ids(named) == [fiji.id, taveuni.id]
    assert [node["distanceKm"] for node in named] == [None, None]


SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({"where": {"locationIds": []}}, "`locationIds` has 1 to 500"),
    ({"where": {"box": {"south": 2, "west": 0, "north": 1, "east": 1}}}, "`box.south` lies north"),
    ({"where": {"box": {"south": -91, "west": 0, "north": 1, "east": 1}}}, "The point (-91.0, 0.0) is not"),
    ({"where": {"near": {"point": {"latitude": 1, "longitude": 1}, "radiusKm": 0}}}, "`radiusKm` is more than 0"),
    ({"slots": "STARTS"}, "`slots: STARTS` needs"),
    ({"mostStarts": 0}, "`mostStarts` is between"),
    ({"energyNeeded": "0"}, "`energyNeeded` is more than 0"),
    ({"energyNeeded": "1E-1000000"}, "`energyNeeded` is more than 0"),
    ({"energyNeeded": "1." + "0" * 99_999}, "`energyNeeded` is more than 0"),
    ({"maxPrice": {"amount": "1E-1000000", "currency": "EUR"}}, "`maxPrice.amount` is between"),
    ({"bookingModes": []}, "`bookingModes` names at least one"),
    ({"maxPrice": {"amount": "-1", "currency": "EUR"}}, "`maxPrice.amount` is between"),
    ({"maxPrice": {"amount": "1", "currency": "EURO"}}, "`maxPrice.currency` is a code"),
    ({"facilities": ["WIFI"] * 101}, "`facilities` has at most 100"),
    ({"vehicle": {"weight": 0}}, "`vehicle.weight` is in kg"),
    ({"vehicle": {"length": 1}, "vehicleId": "x"}, "Give `vehicle` or `vehicleId`"),
]
"""What is asked, and how the answer begins."""


@pytest.mark.parametrize(("asked", "said"), SENSELESS)
async def test_what_makes_no_sense_is_bad_input(world: World, asked: dict[str, Any], said: str) -> None:
    everywhere = {"box": {"south": -90, "west": -180, "north": 90, "east": 180}}

    answer = await world.execute(None, AT, input={"where": everywhere, "window": WINDOW, **asked})

    assert [(code, message[: len(said)]) for code, message in answer.errors] == [("BAD_USER_INPUT", said)]


TIMELESS: list[tuple[dict[str, Any], str]] = [
    ({}, "Say when: give `window`"),
    ({"travel": {"departure": {"at": "2026-12-01T08:00:00Z", "speedKmh": 0}}}, "`travel`: "),
    ({"travel": {"etas": []}}, "`travel`: "),
    ({"travel": {"etas": [{"point": 2, "at": "2026-12-01T08:00:00Z"}]}}, "`travel.etas` names point 2"),
    ({"window": WINDOW, "toleranceMinutes": -1}, "`toleranceMinutes` is between"),
]


@pytest.mark.parametrize(("asked", "said"), TIMELESS)
async def test_a_corridor_is_searched_at_a_time_that_makes_sense(
    world: World, asked: dict[str, Any], said: str
) -> None:
    await publish(world, a_site(0))

    answer = await world.execute(None, ALONG, input={"route": road(4.9, 9), "widthKm": 5.0, **asked})

    assert [(code, message[: len(said)]) for code, message in answer.errors] == [("BAD_USER_INPUT", said)]


async def test_what_is_not_there_to_see_is_left_out(world: World) -> None:
    hidden, seen = a_site(0, publish=False), a_site(1)
    await publish(world, hidden, seen)
    where = {"locationIds": [hidden.id, "NL*ABC*NONE", seen.id]}

    assert ids(await around(world, where=where)) == [seen.id]
    assert ids(await around(world, "cpo", where=where)) == [hidden.id, seen.id]


async def test_a_window_is_cut_to_where_it_becomes_cheap_enough(world: World) -> None:
    site = a_site(0)
    late = TariffRestrictions(booking=BookingRestriction.BOOKING, start_time="11:00")
    cheap = replace(booking("1.00"), restrictions=late)
    await world.publish(a_tariff("BOOK", elements=(cheap, booking("10.00"))), site, an_offer(site))

    (node,) = await along(world, window=WINDOW, maxPrice={"amount": "5", "currency": "EUR"})

    assert slots(node) == [hours(10, 12)]
    assert node["bookingLocations"][0]["timeslots"][0]["price"]["booking"]["afterTaxes"] == "1.1900"


async def test_a_walk_up_charger_is_one_that_is_open_at_the_eta_with_the_energy_asked(world: World) -> None:
    opened = {
        name: OpeningTimes(False, (RegularHours(2, *name),)) for name in (("08:00", "09:45"), ("09:30", "20:00"))
    }
    sites = [replace(a_site(number), opening_times=times) for number, times in enumerate(opened.values())]
    await world.publish(*sites)
    travel = {"departure": {"at": "2026-12-01T09:00:00Z", "speedKmh": 100}}
    asked: dict[str, Any] = {"travel": travel, "route": road(5, 6), "bookingModes": ["NONE"], "widthKm": 1}

    assert ids(await along(world, **asked)) == ["NL*ABC*SITE1"]
    assert ids(await along(world, **asked, energyType="RENEWABLE")) == []
    assert ids(await along(world, **asked, guaranteedPower=1)) == []


async def test_a_page_ends_early_when_its_slots_are_very_many_and_goes_on(world: World) -> None:
    sites = [a_site(number) for number in range(40)]
    await publish(world, *sites, increment=1)
    everywhere = {"box": {"south": -90, "west": -180, "north": 90, "east": 180}}
    asked = {"where": everywhere, "window": WINDOW, "slots": "STARTS", "minutesNeeded": 30, "mostStarts": 400}

    first = await world.execute(None, AT, input=asked, first=40)
    page = first.data["availability"]
    second = await world.execute(None, AT, input=asked, first=40, after=page["pageInfo"]["endCursor"])

    assert 0 < len(page["edges"]) < len(sites)
    assert page["pageInfo"]["hasNextPage"] is True
    assert second.errors == []
    assert len(page["edges"]) + len(second.data["availability"]["edges"]) <= len(sites)


async def test_a_route_that_goes_to_and_fro_without_end_is_refused(world: World) -> None:
    await publish(world, a_site(0))
    bends = [5.0 + number % 2 / 100 for number in range(12_000)]

    answer = await world.execute(None, ALONG, input={"route": road(*bends), "widthKm": 0.1, "window": WINDOW})

    assert [(code, message[:24]) for code, message in answer.errors] == [
        ("BAD_USER_INPUT", "The route passes Locatio")
    ]


async def test_etas_for_two_points_at_one_place_are_one_rest(world: World) -> None:
    await publish(world, a_site(1))
    moments = ("08:00", "09:00", "10:00", "11:00")
    etas = [{"point": point, "at": f"2026-12-01T{moment}:00Z"} for point, moment in enumerate(moments)]

    (node,) = await along(world, travel={"etas": etas}, route=road(4, 5, 5, 7))

    assert abs((moment_of(node["eta"]) - at(10.5)).total_seconds()) < 60
