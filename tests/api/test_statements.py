"""Lists ask the database as often for 150 items as for three, whatever is selected of each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from models.catalogue import Catalogue
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.vehicle import Vehicle
from resolvers import provider_fees, vehicles
from server.auth import beginning
from tests.factories.catalogue import a_location, a_tariff, an_offer
from tests.factories.fleet import a_fee, a_vehicle, fees
from tests.resolvers.requests import a_request, outcome
from tests.statements import Counting
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

FEW, MANY = 3, 150
ENTITIES_AT_ONCE = 60
OF_LOCATION = "id name evses { id connectors { id tariffs { id } } } parkingBays { id }"
OF_OFFER = "id location { id name } tariffs { id } calendars { id availableTimeslots { maxPower } }"
CORRIDOR = f"""
query ($number: Int!) {{
  list: corridorAvailability(first: $number, input: {{
    route: {{ coordinates: [{{ latitude: 50, longitude: 5 }}, {{ latitude: 50, longitude: 12 }}] }}
    widthKm: 5, window: {{ startDateTime: "2026-12-01T08:00:00Z", endDateTime: "2026-12-01T12:00:00Z" }}
  }}) {{
    edges {{ node {{
      location {{ {OF_LOCATION} }} bookingLocations {{ bookingLocation {{ {OF_OFFER} }} timeslots {{ available }} }}
    }} }}
  }}
}}
"""
WHOLE_SEARCH = f"""
query ($number: Int!, $vehicle: ID!) {{
  list: corridorAvailability(first: $number, input: {{
    route: {{ coordinates: [{{ latitude: 50, longitude: 5 }}, {{ latitude: 50, longitude: 12 }}] }} widthKm: 5
    travel: {{ departure: {{ at: "2026-12-01T07:00:00Z", speedKmh: 80 }} }} energyNeeded: "100" vehicleId: $vehicle
    includeNearMisses: true bookingModes: [NONE, OPTIONAL, REQUIRED] maxPrice: {{ amount: "1000", currency: "EUR" }}
  }}) {{
    edges {{ node {{
      eta detourKm location {{ {OF_LOCATION} bookingMode }}
      bookingLocations {{
        bookingLocation {{ {OF_OFFER} fees {{ words }} }} compliantEvses {{ id }}
        timeslots {{ available price {{ total {{ afterTaxes }} providerFees {{ name }} }} }} closest {{ available }}
      }}
      nearMisses {{ reasons }} walkUp {{ evse {{ id }} }}
    }} }}
  }}
}}
"""
LOCATIONS = f"""
query ($number: Int!) {{
  list: locations(first: $number) {{ edges {{ node {{ {OF_LOCATION} bookingLocations {{ {OF_OFFER} }} }} }} }}
}}
"""
BOOKINGS = f"""
query ($number: Int!) {{
  list: bookings(first: $number) {{
    edges {{ node {{
      id location {{ {OF_LOCATION} }} evse {{ id }} parkingBay {{ id }} compliantEvses {{ id connectors {{ id }} }}
      tariffs {{ currency }} tokens {{ uid }} bookingRequests {{ kind }}
    }} }}
  }}
}}
"""
ENTITIES = f"""
query ($representations: [_Any!]!) {{
  _entities(representations: $representations) {{
    __typename
    ... on Location {{ {OF_LOCATION} bookingLocations {{ id }} }}
    ... on BookingLocation {{ {OF_OFFER} }}
    ... on Evse {{ evseId location {{ id }} connectors {{ tariffs {{ id }} }} }}
    ... on Tariff {{ currency }}
    ... on Booking {{ reference location {{ {OF_LOCATION} }} tariffs {{ currency }} }}
  }}
}}
"""


@pytest.fixture
async def counting(world: World) -> Counting:
    """150 sites along a road, each booked once, and a world whose callers' statements are counted."""
    tariffs = [a_tariff("CHARGE"), *(a_tariff(f"BOOK{number}") for number in range(MANY))]
    offers: list[BookingLocation] = []
    for number in range(MANY):
        place = Decimal("50.01"), Decimal(f"{5 + number * 0.04:.5f}")
        site = a_location(f"SITE{number}", place=place, chargers={"E1": ["B1"], "E2": ["B2"]})
        offers.append(an_offer(site, tariff_ids=(tariffs[number + 1].id,)))
        await world.publish(site)
    await world.publish(*tariffs, *offers)
    database = Counting(world.database)
    world.begin = beginning(database, world.catalogue, lambda: world.now)
    return database


async def booked(world: World, counting: Counting) -> list[Booking]:
    """Book once at every site."""
    call = await world.call("emsp")
    offers = [
        entry.published.booking_locations[0] for entry in map(world.catalogue.get, world.catalogue.ids()) if entry
    ]
    made = [await outcome(call, a_request(offer)) for offer in offers]
    counting.since()
    return [one for one in made if isinstance(one, Booking)]


async def listed(
    world: World, counting: Counting, caller: str | None, document: str, number: int, **variables: Any
) -> list[str]:
    """Return the statements behind a list of so many items."""
    answer = await world.execute(caller, document, number=number, **variables)
    assert answer.errors == []
    assert len(answer.data["list"]["edges"]) == number
    return counting.since()


async def found(
    world: World, counting: Counting, caller: str | None, representations: Sequence[dict[str, Any]]
) -> list[str]:
    """Return the statements behind so many entities."""
    answer = await world.execute(caller, ENTITIES, representations=list(representations))
    assert answer.errors == []
    assert [one["__typename"] for one in answer.data["_entities"]] == [one["__typename"] for one in representations]
    return counting.since()


async def test_a_corridor_search_asks_one_statement(world: World, counting: Counting) -> None:
    few, many = [await listed(world, counting, None, CORRIDOR, number) for number in (FEW, MANY)]

    assert few == many
    assert len(many) == 1
    assert "FROM allocation" in many[0]


async def test_a_search_for_all_that_there_is_to_ask_asks_three_statements_beside_who_asks(
    world: World, counting: Counting
) -> None:
    truck = await vehicles.save(await world.call("fleet"), a_key(), a_vehicle(vehicle=Vehicle(length=1650)))
    await provider_fees.publish(await world.call("emsp"), a_key(), fees(a_fee()))
    counting.since()

    few, many = [
        await listed(world, counting, "fleet", WHOLE_SEARCH, number, vehicle=str(truck.id)) for number in (FEW, MANY)
    ]

    assert few == many
    assert len(many) == 4
    for table, statement in zip(("vehicle", "provider_fee", "allocation"), many[1:], strict=True):
        assert f"FROM {table}" in statement


async def test_a_corridor_search_that_reads_the_database_asks_as_often_for_150(
    world: World, counting: Counting
) -> None:
    asked = []
    for number in (FEW, MANY):
        world.begin = beginning(counting, Catalogue(), lambda: world.now)
        asked.append(await listed(world, counting, None, CORRIDOR, number))

    few, many = asked
    assert few == many
    assert any("FROM location" in statement for statement in many)


async def test_a_page_of_locations_asks_nothing(world: World, counting: Counting) -> None:
    few, many = [await listed(world, counting, None, LOCATIONS, number) for number in (FEW, MANY)]

    assert few == many == []


async def test_a_page_of_bookings_asks_three_statements_beside_who_asks(world: World, counting: Counting) -> None:
    await booked(world, counting)

    few, many = [await listed(world, counting, "emsp", BOOKINGS, number) for number in (FEW, MANY)]

    assert few == many
    assert len(many) == 4


async def test_entities_of_the_catalogue_ask_nothing(world: World, counting: Counting) -> None:
    kinds = {
        "Location": "NL*ABC*SITE{}",
        "BookingLocation": "NL*ABC*SITE{}-ANY",
        "Evse": "NL*ABC*SITE{}*E1",
        "Tariff": "NL*ABC*BOOK{}",
    }
    asked = []
    for number in (FEW, ENTITIES_AT_ONCE):
        wanted = [
            {"__typename": kind, "id": name.format(one)} for kind, name in kinds.items() for one in range(number)
        ]
        asked.append(await found(world, counting, None, wanted))

    assert asked == [[], []]


async def test_150_booking_entities_ask_as_often_as_three(world: World, counting: Counting) -> None:
    wanted = [{"__typename": "Booking", "id": one.object_id} for one in await booked(world, counting)]
    assert len(wanted) == MANY

    few, many = [await found(world, counting, "emsp", wanted[:number]) for number in (FEW, MANY)]

    assert few == many
    assert len(many) == 4
