"""What operators send to publish: documents of the standard as inputs of the contract, and the operations."""

import re
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
)

from schema.build import schema
from tests.server.whole_site import BOOKING_LOCATION, LOCATION, TARIFF
from tests.world import World, a_key

RENAMED = {
    ("LocationInput", "ocpiId"): "id",
    ("LocationInput", "parkingBays"): "parking_places",
    ("ParkingBayInput", "ocpiId"): "id",
    ("TariffInput", "ocpiId"): "id",
    ("BookingLocationInput", "ocpiId"): "id",
}
"""Fields of inputs that the standard calls otherwise."""

VALUES = {"N/A": "NOT_APPLICABLE"}
HOURS = [{"weekday": day, "periodBegin": "06:00", "periodEnd": "22:00"} for day in range(1, 8)]


def as_input(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of the standard as an input of the contract, which says what is read of it."""
    declared = schema._schema.type_map[kind]
    assert isinstance(declared, GraphQLInputObjectType)
    given = _flat(kind, document)
    found = {}
    for name, field in declared.fields.items():
        key = RENAMED.get((kind, name)) or re.sub(r"([A-Z])", lambda letter: f"_{letter[1].lower()}", name)
        if key in given:
            found[name] = _value(name, field.type, given[key])
    return found


def a_location_input(name: str = "LOC1", /, **changes: Any) -> dict[str, Any]:
    """Return a small Location in Rotterdam with one charger at one bay."""
    return {
        "ocpiId": name,
        "publish": True,
        "address": "Waalhaven 1",
        "city": "Rotterdam",
        "country": "NLD",
        "coordinates": {"latitude": 51.92442, "longitude": 4.47773},
        "timeZone": "Europe/Amsterdam",
        "evses": [an_evse_input()],
        "parkingBays": [a_bay_input()],
        **changes,
    }


def an_evse_input(uid: str = "E1", /, **changes: Any) -> dict[str, Any]:
    """Return a working charger that serves the bay B1."""
    return {
        "uid": uid,
        "status": "AVAILABLE",
        "connectors": [a_connector_input()],
        "parking": [{"parkingId": "B1", "evsePosition": "LEFT"}],
        **changes,
    }


def a_connector_input(name: str = "1", /, **changes: Any) -> dict[str, Any]:
    """Return a plug of 400 kW."""
    return {
        "id": name,
        "standard": "IEC_62196_T2_COMBO",
        "format": "CABLE",
        "powerType": "DC",
        "maxVoltage": 800,
        "maxAmperage": 500,
        **changes,
    }


def a_bay_input(name: str = "B1", /, **changes: Any) -> dict[str, Any]:
    """Return a bay for trucks."""
    return {
        "ocpiId": name,
        "vehicleTypes": ["RIGID"],
        "restrictedToType": False,
        "reservationRequired": False,
        **changes,
    }


def a_tariff_input(name: str = "BOOK", /, **changes: Any) -> dict[str, Any]:
    """Return a tariff of 2.50 a booking."""
    component = {"type": "FLAT", "price": "2.50", "vat": "21", "stepSize": 1}
    return {
        "ocpiId": name,
        "currency": "EUR",
        "taxIncluded": "NO",
        "elements": [{"priceComponents": [component], "restrictions": {"booking": "BOOKING"}}],
        **changes,
    }


def an_offer_input(name: str = "ANY", location: str = "LOC1", /, **changes: Any) -> dict[str, Any]:
    """Return a BookingLocation for any charger of a Location, in one calendar of two days."""
    return {
        "ocpiId": name,
        "locationId": location,
        "bookingOption": {},
        "bookingTerms": {
            "supportedAccessMethods": ["OPEN"],
            "changeUntilMinutes": 60,
            "cancelUntilMinutes": 60,
        },
        "calendars": [a_calendar_input()],
        **changes,
    }


def a_calendar_input(name: str = "C1", /, **changes: Any) -> dict[str, Any]:
    """Return a calendar with one window of two days."""
    whole = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-03T00:00:00Z"}
    return {"id": name, "period": whole, "timeslotIncrement": 15, "availableTimeslots": [whole], **changes}


def a_weekly_calendar_input(name: str = "C1", /, **changes: Any) -> dict[str, Any]:
    """Return a calendar of the same hours each day, a week ahead."""
    return {
        "id": name,
        "timeslotIncrement": 30,
        "weeklyHours": {"regularHours": HOURS, "horizonDays": 7, "minPower": 150_000, **changes},
    }


def work_input(name: str = "M1", location: str = "LOC1", /, **changes: Any) -> dict[str, Any]:
    """Return planned work on all chargers of a Location, for three hours."""
    period = {"startDateTime": "2026-12-01T09:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"}
    return {"ocpiId": name, "locationId": location, "period": period, **changes}


def operation(mutation: str, shown: str = "__typename") -> str:
    """Return the operation of a mutation that asks for `shown` of its success, and for all of its refusals."""
    success = {"Publish": "Published", "Withdraw": "Withdrawn"}
    name = mutation[0].upper() + mutation[1:]
    kind = name if mutation == "confirmationSet" else re.sub("(Publish|Withdraw)$", lambda end: success[end[1]], name)
    return f"""
    mutation ($input: {name}Input!) {{
      {mutation}(input: $input) {{
        __typename
        ... on {kind} {{ {shown} }}
        ... on Problem {{ message }}
        ... on LostUpdate {{ kind id storedLastUpdated }}
        ... on NotFound {{ kind id }}
      }}
    }}
    """


async def sent(
    world: World, mutation: str, *objects: dict[str, Any], shown: str = "__typename", caller: str = "cpo"
) -> dict[str, Any]:
    """Send objects as an operator would, and return what came of it; there must be no error."""
    given = {"idempotencyKey": a_key(), LISTED[mutation]: list(objects)}
    answer = await world.execute(caller, operation(mutation, shown), input=given)
    assert answer.errors == []
    await world.feed.synced()
    result: dict[str, Any] = answer.data[mutation]
    return result


LISTED = {
    "locationsPublish": "locations",
    "locationsWithdraw": "locations",
    "tariffsPublish": "tariffs",
    "tariffsWithdraw": "tariffs",
    "bookingLocationsPublish": "bookingLocations",
    "bookingLocationsWithdraw": "bookingLocations",
    "confirmationSet": "confirmations",
    "calendarsPublish": "calendars",
    "calendarsWithdraw": "calendars",
    "maintenancePublish": "maintenance",
    "maintenanceWithdraw": "maintenance",
}
"""How each mutation calls the list of objects that it takes."""


def _flat(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with the fields that the contract has elsewhere."""
    if kind == "BookingLocationInput":
        return {**document, **document["policy"]}
    if kind == "CalendarInput":
        period = {"start_date_time": document["begin_from"], "end_date_time": document["end_before"]}
        return {**document, "period": period}
    return document


def _value(name: str, kind: GraphQLInputType, raw: Any) -> Any:
    bare = get_nullable_type(kind)
    if isinstance(bare, GraphQLList):
        return [_value(name, bare.of_type, one) for one in raw]
    if isinstance(bare, GraphQLInputObjectType):
        return as_input(bare.name, raw)
    named = get_named_type(bare).name
    if named == "Float":
        return float(raw)
    if named == "Decimal":
        return str(raw)
    if named == "ID":
        return f"NL*ABC*{raw}"
    return VALUES.get(raw, raw) if isinstance(raw, str) else raw


HIDDEN_LOCATION = {**LOCATION, "publish": False}
"""The whole site is told to some drivers only, which the standard knows for what is not published."""

LOCATION_INPUT = as_input("LocationInput", HIDDEN_LOCATION)
TARIFF_INPUT = as_input("TariffInput", TARIFF)
BOOKING_LOCATION_INPUT = as_input("BookingLocationInput", BOOKING_LOCATION)
