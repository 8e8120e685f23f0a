"""Bookings for a vehicle that a fleet stored: it must fit, and its licence plate opens the gate."""

from dataclasses import replace

import pytest

from models.errors import DoesNotFit, NotAllowed, NotFound
from models.rules.booking_location import AccessMethod
from models.rules.fit import Demand
from models.rules.fleet import FleetVehicle
from models.rules.vehicle import InletSide, Vehicle
from resolvers import bookings, quotes, vehicles
from resolvers.booking_create import QuotedBooking
from resolvers.for_whom import ForWhom
from resolvers.vehicles import VehicleToRemove, VehicleToSave
from tests.factories.catalogue import TERMS, a_location, an_offer, at, hours
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.quoting import a_slot, book, quoted
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

PLACE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(PLACE)
PLATE = "12-ABC-3"
OTHER_PLATE = "99-XYZ-9"
TRUCK = Vehicle(vehicle_type="SEMI_TRACTOR", length=1650, inlet_side=InletSide.LEFT)
TOO_LONG = replace(TRUCK, length=2500)
RESULT = "{ __typename ... on BookingQuoted { quote { id } } ... on Problem { message } }"
QUOTE = f"mutation ($input: BookingQuoteInput!) {{ bookingQuote(input: $input) {RESULT} }}"
CREATE = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Booking { id licensePlate } ... on Problem { message } }
}
"""
CHANGE = """
mutation ($input: BookingChangeQuoteInput!) {
  bookingChangeQuote(input: $input) { __typename ... on ChangeQuote { quote { id } } ... on Problem { message } }
}
"""


async def stored(
    world: World, vehicle: Vehicle = TRUCK, plate: str | None = PLATE, caller: str = "fleet", **changes: bool
) -> FleetVehicle:
    """Return a vehicle that a fleet stored."""
    wanted = VehicleToSave(None, (), "Truck", changes.get("shared"), plate, vehicle)
    return await vehicles.save(await world.call(caller), a_key(), wanted)


@pytest.fixture
async def site(world: World) -> World:
    """A world with chargers that can be booked all day long."""
    await world.publish(PLACE, OFFER)
    return world


async def test_what_is_booked_for_a_stored_vehicle_is_for_what_that_needs_and_has_its_plate(site: World) -> None:
    truck = await stored(site)
    demand = Demand(min_power=100_000)

    made = await booked(site, OFFER, caller="fleet", vehicle_id=str(truck.id), demand=demand)
    given = await booked(
        site, OFFER, caller="fleet", vehicle_id=str(truck.id), whom=ForWhom(license_plate=OTHER_PLATE)
    )

    assert made.demand == replace(demand, vehicle=TRUCK)
    assert (made.license_plate, given.license_plate) == (PLATE, OTHER_PLATE)


async def test_a_quote_for_a_stored_vehicle_keeps_its_plate_for_the_booking(site: World) -> None:
    truck = await stored(site)
    first, second = [await quoted(site, OFFER, "fleet", vehicle_id=str(truck.id)) for _ in range(2)]
    await vehicles.remove(await site.call("fleet"), a_key(), VehicleToRemove(str(truck.id)))

    made = await book(await site.call("fleet"), first)
    given = await book(await site.call("fleet"), second, license_plate=OTHER_PLATE)

    assert (made.demand.vehicle, made.license_plate, given.license_plate) == (TRUCK, PLATE, OTHER_PLATE)


async def test_the_same_key_gives_the_same_booking_also_once_the_vehicle_is_gone(site: World) -> None:
    truck, key = await stored(site), a_key()
    wanted = a_slot(OFFER, vehicle_id=str(truck.id))
    first = await quotes.quote(await site.call("fleet"), key, wanted)
    await vehicles.remove(await site.call("fleet"), a_key(), VehicleToRemove(str(truck.id)))

    assert await quotes.quote(await site.call("fleet"), key, wanted) == first


async def test_a_stored_vehicle_that_does_not_fit_or_is_not_the_callers_is_refused(site: World) -> None:
    long, own = await stored(site, TOO_LONG), await stored(site)
    shared = await stored(site, shared=True)

    with pytest.raises(DoesNotFit):
        await quoted(site, OFFER, "fleet", vehicle_id=str(long.id))
    for caller in ("emsp", "other_fleet", "other_emsp"):
        with pytest.raises(NotFound) as unknown:
            await quoted(site, OFFER, caller, vehicle_id=str(own.id))
        assert unknown.value == NotFound("Vehicle", str(own.id))
    with pytest.raises(NotFound):
        await quoted(site, OFFER, "fleet", vehicle_id="no vehicle")
    assert (await quoted(site, OFFER, "emsp", vehicle_id=str(shared.id))).grant.license_plate == PLATE


async def test_the_plate_of_a_stored_vehicle_opens_a_site_that_only_plates_open(world: World) -> None:
    terms = replace(TERMS, supported_access_methods=(AccessMethod.LICENSE_PLATE,))
    offer = an_offer(PLACE, terms=terms)
    await world.publish(PLACE, offer)
    truck, nameless = await stored(world), await stored(world, plate=None)

    made = await booked(world, offer, caller="fleet", vehicle_id=str(truck.id))
    with pytest.raises(NotAllowed):
        await booked(world, offer, caller="fleet", vehicle_id=str(nameless.id))

    assert made.license_plate == PLATE


async def test_a_booking_changes_to_another_vehicle_with_its_plate_and_other_needs_stay(site: World) -> None:
    first, second = await stored(site), await stored(site, replace(TRUCK, length=1200), OTHER_PLATE)
    demand = Demand(min_power=100_000)
    made = await booked(site, OFFER, caller="fleet", vehicle_id=str(first.id), demand=demand)

    quote = await change_quoted(site, made, "fleet", vehicle_id=str(second.id))
    now = await changed(site, quote, "fleet")
    later = await changed(site, await change_quoted(site, now, "fleet", period=hours(12, 13)), "fleet")

    assert (now.license_plate, now.demand.vehicle.length, now.demand.min_power) == (OTHER_PLATE, 1200, 100_000)
    assert (later.license_plate, later.demand) == (OTHER_PLATE, now.demand)


async def test_a_booking_does_not_change_to_a_vehicle_that_does_not_fit(site: World) -> None:
    long = await stored(site, TOO_LONG)
    made = await booked(site, OFFER, caller="fleet")

    with pytest.raises(DoesNotFit):
        await change_quoted(site, made, "fleet", vehicle_id=str(long.id))
    assert await bookings.get(await site.call("fleet"), made.object_id) == made


async def test_a_stored_vehicle_is_named_in_graphql_instead_of_one_that_is_described(site: World) -> None:
    truck = await stored(site)
    period = {"startDateTime": at(10).isoformat(), "endDateTime": at(11).isoformat()}
    slot = {"bookingLocationId": OFFER.id, "period": period, "vehicleId": str(truck.id)}

    async def sent(document: str, **input: object) -> tuple[object, list[str]]:
        answer = await site.execute("fleet", document, input={"idempotencyKey": a_key(), **input})
        found = next(iter(answer.data.values())) if answer.data else None
        return found, [code for code, _ in answer.errors]

    made, _ = await sent(CREATE, **slot)
    quote, _ = await sent(QUOTE, **slot)
    assert isinstance(made, dict)
    assert isinstance(quote, dict)
    assert (made["__typename"], made["licensePlate"]) == ("Booking", PLATE)
    by_quote = await bookings.create(await site.call("fleet"), a_key(), QuotedBooking(quote["quote"]["id"]))
    changing, _ = await sent(CHANGE, bookingId=made["id"], vehicleId=str(truck.id))
    refused = [
        await sent(CREATE, **slot, vehicle={}),
        await sent(QUOTE, **slot, vehicle={}),
        await sent(CREATE, quoteId=quote["quote"]["id"], vehicleId=str(truck.id)),
        await sent(CHANGE, bookingId=made["id"], vehicleId=str(truck.id), needs={"vehicle": {}}),
    ]

    assert by_quote.license_plate == PLATE
    assert isinstance(changing, dict)
    assert changing["__typename"] == "ChangeQuote"
    assert refused == [(None, ["BAD_USER_INPUT"])] * 4
