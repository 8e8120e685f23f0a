"""The mutations that are not of a booking's life, where they are granted: what parties publish, report and store."""

from collections.abc import Mapping
from typing import Any

from tests.api.publications import (
    LISTED,
    a_calendar_input,
    a_location_input,
    a_tariff_input,
    an_offer_input,
    sent,
    work_input,
)
from tests.resolvers.wishes import Sent, Wish, of_nothing
from tests.world import World, a_key

FAR, NEAR = "FAR", "NEAR"
"""Sites of the first operator at which nothing is booked."""

FEE: Sent = {"id": "SERVICE", "name": "Service", "currency": "EUR", "perBooking": "0.75", "vat": "21"}
FEE_DOCUMENT = """
mutation ($input: ProviderFeesPublishInput!) { providerFeesPublish(input: $input) { __typename } }
"""
VEHICLE: Sent = {"name": "Truck 1", "vehicle": {"vehicleType": "RIGID", "length": 1100}}
SAVE = "mutation ($input: VehicleSaveInput!) { vehicleSave(input: $input) { ... on Vehicle { id } } }"


def published(mutation: str, one: Sent, other: Sent, success: str, written: Mapping[str, int], *before: Any) -> Wish:
    """Return the wish of an operator to publish or take back `one`; `before` is a mutation and its object."""

    async def prepare(world: World) -> Sent:
        if before:
            await sent(world, *before)
        return {LISTED[mutation]: [one]}

    return Wish(prepare, {LISTED[mutation]: [other]}, written, "cpo", f"... on {success}")


async def of_fee(world: World) -> Sent:
    """Publish a fee."""
    await world.execute("emsp", FEE_DOCUMENT, input={"idempotencyKey": a_key(), "providerFees": [FEE]})
    return {"ids": ["SERVICE"]}


async def of_vehicle(world: World) -> Sent:
    """Store a vehicle."""
    answer = await world.execute("fleet", SAVE, input={"idempotencyKey": a_key(), **VEHICLE})
    return {"vehicleId": answer.data["vehicleSave"]["id"]}


SITE = {"location": 1, "evse": 1, "connector": 1, "parking_bay": 1, "evse_parking": 1, "event": 2}
MORE = {"calendar": 1, "timeslot": 1, "event": 2}
FEWER = {"calendar": -1, "timeslot": -1, "event": 2}

OTHER_WISHES: dict[str, Wish] = {
    "locationsPublish": published(
        "locationsPublish",
        a_location_input("NEW"),
        a_location_input("NEW", city="Delft"),
        "LocationsPublished { locations { id } }",
        SITE,
    ),
    "locationsWithdraw": published(
        "locationsWithdraw", {"id": FAR}, {"id": NEAR}, "LocationsWithdrawn { ids }", FEWER
    ),
    "tariffsPublish": published(
        "tariffsPublish",
        a_tariff_input("NEW"),
        a_tariff_input("NEW", currency="CHF"),
        "TariffsPublished { tariffs { id } }",
        {"tariff": 1, "event": 1},
    ),
    "tariffsWithdraw": published(
        "tariffsWithdraw",
        {"id": "NEW"},
        {"id": "BOOK"},
        "TariffsWithdrawn { ids }",
        {"event": 1},
        "tariffsPublish",
        a_tariff_input("NEW"),
    ),
    "bookingLocationsPublish": published(
        "bookingLocationsPublish",
        an_offer_input("NEW", FAR),
        an_offer_input("NEW", NEAR),
        "BookingLocationsPublished { bookingLocations { id } }",
        {"booking_location": 1, **MORE},
    ),
    "bookingLocationsWithdraw": published(
        "bookingLocationsWithdraw", {"id": "FAR-ANY"}, {"id": "NEAR-ANY"}, "BookingLocationsWithdrawn { ids }", FEWER
    ),
    "confirmationSet": published(
        "confirmationSet",
        {"bookingLocationId": "FAR-ANY", "confirmation": "OPERATOR"},
        {"bookingLocationId": "FAR-ANY", "confirmation": "INSTANT"},
        "ConfirmationSet { bookingLocations { id confirmation } }",
        {"event": 1},
    ),
    "calendarsPublish": published(
        "calendarsPublish",
        {"bookingLocationId": "FAR-ANY", "calendar": a_calendar_input("C2")},
        {"bookingLocationId": "FAR-ANY", "calendar": a_calendar_input("C3")},
        "CalendarsPublished { bookingLocations { id } }",
        MORE,
    ),
    "calendarsWithdraw": published(
        "calendarsWithdraw",
        {"bookingLocationId": "FAR-ANY", "calendarId": "C1"},
        {"bookingLocationId": "NEAR-ANY", "calendarId": "C1"},
        "CalendarsWithdrawn { bookingLocations { id } }",
        FEWER,
    ),
    "maintenancePublish": published(
        "maintenancePublish",
        work_input("WORK", FAR),
        work_input("WORK", NEAR),
        "MaintenancePublished { maintenance { id } }",
        {"maintenance": 1, "event": 2},
    ),
    "maintenanceWithdraw": published(
        "maintenanceWithdraw",
        {"id": "WORK"},
        {"id": "OTHER"},
        "MaintenanceWithdrawn { ids }",
        {"event": 2},
        "maintenancePublish",
        work_input("WORK", FAR),
    ),
    "evseStatusReport": Wish(
        of_nothing(evseId="NL*ABC*FAR*E1", status="OUTOFORDER"),
        {"status": "BLOCKED"},
        {"fault": 1, "event": 3},
        "cpo",
        "... on Evse { id status }",
    ),
    "providerFeesPublish": Wish(
        of_nothing(providerFees=[FEE]),
        {"providerFees": [FEE | {"vat": "19"}]},
        {"provider_fee": 1},
        shown="... on ProviderFeesPublished { providerFees { id lastUpdated } }",
    ),
    "providerFeesWithdraw": Wish(
        of_fee, {"ids": ["OTHER"]}, {"provider_fee": -1}, shown="... on ProviderFeesWithdrawn { ids }"
    ),
    "vehicleSave": Wish(
        of_nothing(**VEHICLE), {"name": "Truck 2"}, {"vehicle": 1}, "fleet", "... on Vehicle { id lastUpdated }"
    ),
    "vehicleRemove": Wish(
        of_vehicle,
        {"vehicleId": "7e57ab1e-0000-4000-8000-000000000000"},
        {"vehicle": -1},
        "fleet",
        "... on VehicleRemoved { id }",
    ),
}
"""By the mutation's name."""
