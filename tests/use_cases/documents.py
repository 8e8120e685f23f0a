"""What is asked in these use cases: the documents of providers, collectors and fleets, and how they are put."""

from collections.abc import Sequence
from typing import Any

from tests.use_cases.operators import LATITUDE
from tests.world import World, a_key

PROVIDERS = ("emsp", "nsp", "nap")
"""Whom an operator informs: a provider of drivers, one of navigation, a collector of data."""

OPERATORS = ("fleet", "other_fleet", None)
"""Transport operators: fleets with tokens of their EMSP, and one that looks without any."""

EVERYBODY = (*PROVIDERS, *OPERATORS, "other_emsp", "other_cpo", "cpo")

FEE = "kind currency flat perHour vat stepSize taxIncluded"
OFFER = f"""
id bookingMode reservationRequired adHoc confirmation tariffIds
bookingOption {{ evseUid connectorTypes vehicleTypes }}
bookingTerms {{
  supportedAccessMethods changeUntilMinutes cancelUntilMinutes noshowTimeout noshowFee lateStopAllowed lateStopTime
  minBookingDuration maxBookingDuration bookingTerms fees {{ kind amount currency vat }}
}}
fees {{ {FEE} words startDateTime endDateTime restrictions {{ dayOfWeek }} }}
tariffs {{
  id currency taxIncluded tariffAltUrl
  elements {{ priceComponents {{ type price vat stepSize }} restrictions {{ booking }} }}
}}
"""
PLACE = f"""
id name publish facilities bookingMode helpPhone timeZone lastUpdated
energyMix {{ isGreenEnergy energySources {{ source percentage }} }}
openingTimes {{ twentyfourseven regularHours {{ weekday periodBegin periodEnd }} }}
evses {{
  id uid status bookingMode capabilities
  connectors {{ standard format powerType maxElectricPower termsAndConditions tariffs {{ id tariffAltUrl }} }}
  parking {{ evsePosition parkingBay {{ ocpiId }} }}
}}
parkingBays {{
  ocpiId vehicleTypes restrictedToType maxVehicleLength maxVehicleHeight maxVehicleWidth maxVehicleWeight
  dangerousGoodsAllowed refrigerationOutlet driveThrough reservationRequired
}}
bookingLocations {{ {OFFER} }}
"""
LOCATION = f"query ($id: ID!) {{ location(id: $id) {{ {PLACE} }} }}"
COLLECT = f"""
query ($first: Int! = 10, $after: String, $since: DateTime, $bookable: Boolean, $country: String, $operator: ID) {{
  locations(
    first: $first after: $after updatedSince: $since bookable: $bookable country: $country operatorId: $operator
  ) {{ edges {{ node {{ {PLACE} }} }} withdrawn {{ id at }} pageInfo {{ hasNextPage endCursor }} }}
}}
"""
PRICE = "beforeTaxes afterTaxes"
SLOT_PRICE = f"""
currency booking {{ {PRICE} }} charging {{ {PRICE} }} total {{ {PRICE} }}
providerFees {{ name currency complete price {{ {PRICE} }} }}
"""
SLOT = f"""
startDateTime endDateTime minPower maxPower greenEnergySupport available closeness price {{ {SLOT_PRICE} }}
"""
FREE = f"""
compliantEvses {{ uid }} timeslots {{ {SLOT} }} closest {{ {SLOT} }}
"""
BESIDE = f"""
nearMisses {{ bookingLocation {{ id }} reasons }}
walkUp {{ evse {{ id bookingMode }} price {{ charging {{ {PRICE} }} }} }}
"""
BRIEF = f"location {{ id }} bookingLocations {{ bookingLocation {{ id }} {FREE} }} {BESIDE}"
WHOLE = f"location {{ {PLACE} }} bookingLocations {{ bookingLocation {{ {OFFER} }} {FREE} }} {BESIDE}"
ALONG = """
query ($input: CorridorAvailabilityInput!) {
  corridorAvailability(input: $input, first: 10) { edges { node { distanceAlongKm detourKm eta SELECTED } } }
}
"""
AT = """
query ($input: AvailabilityInput!) {
  availability(input: $input, first: 10) { edges { node { distanceKm SELECTED } } }
}
"""
BOOK = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Booking { id status } ... on Problem { message } }
}
"""
CANCEL = """
mutation ($input: BookingCancelInput!) {
  bookingCancel(input: $input) { __typename ... on Booking { id status } ... on Problem { message } }
}
"""
QUOTE = """
mutation ($input: BookingQuoteInput!) {
  bookingQuote(input: $input) { __typename ... on BookingQuoted { quote { id } } ... on Problem { message } }
}
"""
RELEASE = """
mutation ($input: BookingQuoteReleaseInput!) {
  bookingQuoteRelease(input: $input) { __typename ... on Problem { message } }
}
"""
REPORT = """
mutation ($input: EvseStatusReportInput!) {
  evseStatusReport(input: $input) { __typename ... on Evse { status } ... on Problem { message } }
}
"""
PROVIDER_FEES = """
mutation ($input: ProviderFeesPublishInput!) {
  providerFeesPublish(input: $input) { __typename ... on Problem { message } }
}
"""

WINDOW = {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"}
ROAD = {"coordinates": [{"latitude": LATITUDE, "longitude": longitude} for longitude in (4.9, 9.0)]}
ONE_FEE = {
    "id": "SERVICE",
    "name": "Service",
    "currency": "EUR",
    "perBooking": "1.00",
    "percentage": "10",
    "vat": "21",
}


async def ask(world: World, caller: str | None, document: str, **variables: Any) -> Any:
    """Return what the one root field of an operation answers; there must be no error."""
    answer = await world.execute(caller, document, **variables)
    assert answer.errors == [], answer.errors
    (found,) = answer.data.values()
    return found


async def do(world: World, caller: str | None, document: str, **wanted: Any) -> Any:
    """Return what came of a mutation, once everybody has heard of it."""
    came = await ask(world, caller, document, input={"idempotencyKey": a_key(), **wanted})
    await world.feed.synced()
    return came


async def place(world: World, caller: str | None, location_id: str) -> Any:
    """Return a Location as a caller reads it."""
    return await ask(world, caller, LOCATION, id=location_id)


async def along(world: World, caller: str | None, *, whole: bool = False, **asked: Any) -> list[Any]:
    """Return what a search along the road finds, from 8 to 12 UTC unless told; sites by their ids, or whole."""
    when = {} if "travel" in asked else {"window": WINDOW}
    document = ALONG.replace("SELECTED", WHOLE if whole else BRIEF)
    found = await ask(world, caller, document, input={"route": ROAD, "widthKm": 5.0, **when, **asked})
    return [edge["node"] for edge in found["edges"]]


async def at(world: World, caller: str | None, *location_ids: str, whole: bool = False, **asked: Any) -> list[Any]:
    """Return what a search at Locations finds, or elsewhere if `where` is given; else as above."""
    where = {"locationIds": list(location_ids)}
    document = AT.replace("SELECTED", WHOLE if whole else BRIEF)
    found = await ask(world, caller, document, input={"where": where, "window": WINDOW, **asked})
    return [edge["node"] for edge in found["edges"]]


def sites(nodes: Sequence[Any]) -> list[str]:
    """Return the ids of the Locations found."""
    return [node["location"]["id"] for node in nodes]


def offers(nodes: Sequence[Any]) -> list[str]:
    """Return the ids of what is free at the Locations found."""
    return [one["bookingLocation"]["id"] for node in nodes for one in node["bookingLocations"] if one["timeslots"]]


def slots(nodes: Sequence[Any], offer_id: str, which: str = "timeslots") -> list[Any]:
    """Return the slots of one BookingLocation."""
    return [
        slot
        for node in nodes
        for one in node["bookingLocations"]
        if one["bookingLocation"]["id"] == offer_id
        for slot in one[which]
    ]


def hours(slot: Any) -> tuple[str, str]:
    """Return start and end of a slot as HH:MM of its day, UTC."""
    return slot["startDateTime"][11:16], slot["endDateTime"][11:16]


def period(start: str, end: str) -> dict[str, str]:
    """Return a period of the day of these tests, from its HH:MM in UTC."""
    return {"startDateTime": f"2026-12-01T{start}:00Z", "endDateTime": f"2026-12-01T{end}:00Z"}


async def book(world: World, caller: str | None, offer_id: str, start: str, end: str) -> str:
    """Book a stretch of the day, and return the id of the booking."""
    came = await do(world, caller, BOOK, bookingLocationId=offer_id, period=period(start, end))
    assert came["__typename"] == "Booking", came
    booking_id: str = came["id"]
    return booking_id


async def fees_of_the_emsp(world: World, *fees: dict[str, Any], caller: str = "emsp") -> None:
    """Let an EMSP publish what it adds for its fleets."""
    came = await do(world, caller, PROVIDER_FEES, providerFees=list(fees))
    assert came["__typename"] == "ProviderFeesPublished", came
