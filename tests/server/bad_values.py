"""Values that no operation makes sense of, each with an operation that takes it: (caller, document, variables)."""

import base64
import json
from typing import Any, cast

Ask = tuple[str | None, str, dict[str, Any]]

SINCE = "query ($since: DateTime) { locations(updatedSince: $since) { edges { cursor } } }"
CORRIDOR = """
query ($input: CorridorAvailabilityInput!, $first: Int! = 10, $after: String) {
  corridorAvailability(input: $input, first: $first, after: $after) { edges { cursor } }
}
"""
LOCATIONS = """
query ($first: Int! = 10, $after: String) { locations(first: $first, after: $after) { edges { cursor } } }
"""
UPDATED = """
query ($after: String) {
  locations(updatedSince: "2026-01-01T00:00:00Z", after: $after) { edges { cursor } }
}
"""
BOOKINGS = """
query ($first: Int! = 10, $after: String, $starting: PeriodInput) {
  bookings(first: $first, after: $after, starting: $starting) { edges { cursor } }
}
"""
BOOKING = "query ($id: ID, $reference: String) { booking(id: $id, reference: $reference) { id } }"
LOCATION = "query ($id: ID!) { location(id: $id) { id } }"
ENTITIES = "query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }"
CREATE = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Problem { message } }
}
"""
CANCEL = """
mutation ($input: BookingCancelInput!) {
  bookingCancel(input: $input) { __typename ... on Problem { message } }
}
"""
REPORT = """
mutation ($input: EvseStatusReportInput!) {
  evseStatusReport(input: $input) { __typename ... on Problem { message } }
}
"""
MORNING = {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00Z"}
ROUTE = {"coordinates": [{"latitude": 51.9, "longitude": 4.4}, {"latitude": 51.95, "longitude": 4.5}]}
TOKEN = {"countryCode": "NL", "partyId": "EMS", "uid": "1", "type": "RFID", "contractId": "C"}
KEY = "0f0a4a6e-0000-4000-8000-000000000001"


def corridor(**changes: Any) -> Ask:
    return None, CORRIDOR, {"input": {"route": ROUTE, "widthKm": 5, "window": MORNING, **changes}}


def create(**changes: Any) -> Ask:
    wanted = {"idempotencyKey": KEY, "bookingLocationId": "NL*ABC*LOC1-ANY", "period": MORNING}
    return "emsp", CREATE, {"input": wanted | changes}


def cancel(**changes: Any) -> Ask:
    return "emsp", CANCEL, {"input": {"idempotencyKey": KEY, "bookingId": "NL*ABC*x", **changes}}


def report(**changes: Any) -> Ask:
    known = {"idempotencyKey": KEY, "evseId": "NL*ABC*LOC1*E1", "status": "AVAILABLE"}
    return "cpo", REPORT, {"input": known | changes}


def cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def since(written: object) -> Ask:
    return None, SINCE, {"since": written}


def literal(written: str) -> Ask:
    return None, f"{{ locations(updatedSince: {written}) {{ edges {{ cursor }} }} }}", {}


def points(*places: tuple[object, object]) -> Ask:
    coordinates = [{"latitude": latitude, "longitude": longitude} for latitude, longitude in places]
    return corridor(route={"coordinates": coordinates})


TIMES: dict[str, Ask] = {
    "naive": since("2026-12-01T08:00:00"),
    "naive, literal": literal('"2026-12-01T08:00:00"'),
    "a date only": since("2026-12-01"),
    "a date only, literal": literal('"2026-12-01"'),
    "a number": since(1_796_112_000),
    "a number without end, literal": literal("9" * 5000),
    "a day that is none": since("2026-02-30T08:00:00Z"),
    "the first year": since("0001-01-01T00:00:00Z"),
    "before the first year": since("0001-01-01T00:00:00+14:00"),
    "the last year": since("9999-12-31T23:59:59Z"),
    "a window in the last year": corridor(
        window={"startDateTime": "9999-12-31T00:00:00Z", "endDateTime": "9999-12-31T23:59:59Z"}
    ),
    "a window in the first year": corridor(
        window={"startDateTime": "0001-01-01T00:00:00Z", "endDateTime": "0001-01-02T00:00:00Z"}
    ),
    "a booking in the last year": create(period={**MORNING, "endDateTime": "9999-12-31T23:59:59Z"}),
    "bookings since the first year": (
        "emsp",
        BOOKINGS,
        {"starting": {**MORNING, "startDateTime": "0001-01-01T00:00:00Z"}},
    ),
    "a repair in the last year": report(status="OUTOFORDER", fault={"expectedEnd": "9999-12-31T23:59:59Z"}),
    "a repair in the past": report(status="OUTOFORDER", fault={"expectedEnd": "2026-11-01T00:00:00Z"}),
    "an end before its start": corridor(window={**MORNING, "endDateTime": "2026-12-01T09:00:00Z"}),
    "an end at its start": create(period={**MORNING, "endDateTime": MORNING["startDateTime"]}),
    "bookings between an end and a start": (
        "emsp",
        BOOKINGS,
        {"starting": {**MORNING, "endDateTime": "2026-12-01T09:00:00Z"}},
    ),
    "a window of two months": corridor(window={**MORNING, "endDateTime": "2027-02-01T00:00:00Z"}),
}

ROUTES: dict[str, Ask] = {
    "a latitude off the globe": points((90.1, 4), (51, 4)),
    "a longitude off the globe": points((51, 4), (51, -180.1)),
    "an endless number": points((1e300, 4), (51, 4)),
    "one point": points((51, 4)),
    "no point": corridor(route={"coordinates": []}),
    "too many points": points(*[(51, 4)] * 20_001),
    "a line to and fro": points(*[(-80, 4), (80, 4)] * 100),
    "no route": corridor(route={}),
    "two routes": corridor(route={**ROUTE, "polyline": "_p~iF~ps|U_ulLnnqC"}),
    "a null route": corridor(route={"polyline": None}),
    "a polyline that breaks off": corridor(route={"polyline": "_p~iF~ps|"}),
    "a polyline without an end": corridor(route={"polyline": "~" * 200_000}),
    "a polyline of other letters": corridor(route={"polyline": "Straße nach Süden"}),
    "an empty polyline": corridor(route={"polyline": ""}),
    "a polyline off the globe": corridor(route={"polyline": "~~~~~?~~~~~?"}),
    "a polyline that is too long": corridor(route={"polyline": "??" * 300_000}),
    "a negative width": corridor(widthKm=-1),
    "no width": corridor(widthKm=0),
    "a width of a country": corridor(widthKm=101),
    "a width without end": corridor(widthKm=1e308),
    "no minute": corridor(minutesNeeded=0),
    "more minutes than a booking has": corridor(minutesNeeded=2881),
    "more minutes than an Int has": corridor(minutesNeeded=2**31),
    "negative power": corridor(minPower=-1),
    "a vehicle without length": corridor(vehicle={"length": 0}),
    "a vehicle without end": corridor(vehicle={"length": 10_001}),
}

LISTS: dict[str, Ask] = {
    "locations": (None, LOCATIONS, {}),
    "corridor": corridor(),
    "bookings": ("emsp", BOOKINGS, {}),
}

PAGES: dict[str, Ask] = {
    f"{name}: {what}": (caller, document, variables | changed)
    for name, (caller, document, variables) in LISTS.items()
    for what, changed in cast(
        dict[str, dict[str, Any]],
        {
            "none": {"first": 0},
            "fewer than none": {"first": -1},
            "too many": {"first": 501},
            "null": {"first": None},
            "no cursor": {"after": "?"},
            "an empty cursor": {"after": ""},
            "a cursor of other letters": {"after": "äöü"},
            "a cursor of an object": {"after": "e30"},
            "a cursor of numbers": {"after": cursor(1, 2)},
            "a cursor without a key": {"after": cursor()},
            "an event's cursor": {"after": cursor("7-1", "9" * 5000, "1")},
        },
    ).items()
}

FOREIGN: dict[str, Ask] = {
    "of a corridor, for locations": (None, LOCATIONS, {"after": cursor("0000005.8664", "NL*ABC*LOC1")}),
    "of a corridor, for updated locations": (None, UPDATED, {"after": cursor("0000005.8664", "NL*ABC*LOC1")}),
    "of a corridor, for bookings": ("emsp", BOOKINGS, {"after": cursor("0000005.8664", "NL*ABC*LOC1")}),
    "of locations, for updated ones": (None, UPDATED, {"after": cursor("NL*ABC*LOC1")}),
    "of locations, for bookings": ("emsp", BOOKINGS, {"after": cursor("NL*ABC*LOC1")}),
    "of locations, for a corridor": (None, CORRIDOR, corridor()[2] | {"after": cursor("NL*ABC*LOC1")}),
    "of bookings, for a corridor": (None, CORRIDOR, corridor()[2] | {"after": cursor("2026-12-01T10:00:00", KEY)}),
    "naive, for bookings": ("emsp", BOOKINGS, {"after": cursor("2026-12-01T10:00:00", KEY)}),
    "naive, for updated locations": (None, UPDATED, {"after": cursor("2026-12-01T10:00:00", "NL*ABC*LOC1")}),
    "before the first year": ("emsp", BOOKINGS, {"after": cursor("0001-01-01T00:00:00+14:00", KEY)}),
}

TEXTS: dict[str, Ask] = {
    "an empty key": create(idempotencyKey=""),
    "a key of 37": create(idempotencyKey="k" * 37),
    "a key that is not ASCII": cancel(idempotencyKey="schlüssel"),
    "a key with a line feed": report(idempotencyKey="a\nb"),
    "a key with a bell": create(idempotencyKey="a\x07b"),
    "a key with a deletion": create(idempotencyKey="a\x7fb"),
    "a BookingLocation's id without end": create(bookingLocationId="x" * 900_000),
    "a charger's id without end": report(evseId="x" * 900_000),
    "a booking's id without end": cancel(bookingId="x" * 900_000),
    "an empty id": create(bookingLocationId=""),
    "a plate without end": create(licensePlate="x" * 900_000),
    "a contract without end": create(contractId="x" * 37),
    "a token without end": create(tokens=[TOKEN | {"uid": "x" * 37}]),
    "tokens without end": create(tokens=[TOKEN] * 51),
    "a fault's story without end": report(status="OUTOFORDER", fault={"description": "x" * 900_000}),
    "neither id nor reference": ("emsp", BOOKING, {}),
    "both id and reference": ("emsp", BOOKING, {"id": "NL*ABC*x", "reference": "x"}),
    "an id that is true": (None, LOCATION, {"id": True}),
    "an id that is a fraction": (None, LOCATION, {"id": 1.5}),
    "an operator's reason from a holder": cancel(cancellationReason="POWER_OUTAGE"),
}
