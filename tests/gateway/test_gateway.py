"""The subgraph behind a gateway: composed with a fleet's trips, the two answer as one graph."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from server.demo.network import (
    SHARED_BAY_BOOKING_LOCATION,
    SHARED_BAY_LOCATION,
    SHOWCASE_BOOKING_LOCATION,
    SHOWCASE_LOCATION,
)
from tests.gateway import trips
from tests.gateway.hive import CONTRACT, Gateway, Subgraph, composed
from tests.live.process import ServerProcess

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="the composer and the gateway run on Node")

DAY = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
A_YEAR = 365 * 24

BOOK = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) {
    __typename
    ... on Booking { id reference status location { name } trip { name } }
    ... on OutsideCalendar { message bookingLocationId }
  }
}
"""
BOOK_STOP = """
mutation ($booking: ID!) { tripStopBook(tripId: "T1", stop: 0, bookingId: $booking) { name } }
"""
BOOKING_OF_TRIP = """
{ trip(id: "T1") { name stops { booking { reference status location { name } trip { name } } } } }
"""
WATCH = """
subscription ($input: SlotAvailabilityInput!, $after: EventCursor) {
  slotAvailabilityChanged(input: $input, after: $after) {
    ... on SlotAvailabilityChange {
      cursor cause location { id trips { name } } timeslots { startDateTime endDateTime available }
    }
  }
}
"""
REPORT = """
mutation ($input: EvseStatusReportInput!) { evseStatusReport(input: $input) { ... on Evse { id status } } }
"""
ALERT = """
subscription ($places: [ID!]!) {
  chargerFaultAlert(locationIds: $places) { ... on ChargerFaultAlert { fault { evse { id } code repairedAt } } }
}
"""


def period(start: float, end: float) -> dict[str, str]:
    """Return a period so many hours after the tests' beginning of the day, as clients write it."""
    first, last = ((DAY + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (start, end))
    return {"startDateTime": first, "endDateTime": last}


def slot(start: float, end: float) -> dict[str, Any]:
    """Return a slot that one vehicle could book."""
    return {**period(start, end), "available": 1}


def wish(booking_location_id: str, start: float, end: float) -> dict[str, Any]:
    """Return what to book."""
    return {
        "idempotencyKey": str(uuid4()),
        "bookingLocationId": booking_location_id,
        "period": period(start, end),
        "vehicle": {"length": 1650},
    }


def asked_directly(server: ServerProcess, document: str) -> Any:
    """Return the data that the subgraph itself answers."""
    answer = httpx2.post(server.url, json={"query": document}, timeout=10, trust_env=False).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def both(folder: Path, trips_sdl: str) -> tuple[Subgraph, Subgraph]:
    """Return the checked-in contract and a subgraph of trips, to be composed."""
    path = folder / "trips.graphql"
    path.write_text(trips_sdl)
    return Subgraph("booking", "http://booking/graphql", CONTRACT), Subgraph("trips", "http://trips/graphql", path)


def test_the_checked_in_contract_composes_with_a_fleets_trips(tmp_path: Path) -> None:
    outcome = composed(*both(tmp_path, trips.schema.as_str()))

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert '@join__graph(name: "booking"' in outcome.stdout
    assert "trips: [Trip!]! @join__field(graph: TRIPS)" in outcome.stdout


def test_the_composer_refuses_a_subgraph_that_claims_a_field_of_ours(tmp_path: Path) -> None:
    claiming = trips.schema.as_str().replace("  trips: [Trip!]!", "  name: String\n  trips: [Trip!]!", 1)

    outcome = composed(*both(tmp_path, claiming))

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert 'Non-shareable field "Location.name" is resolved from multiple subgraphs' in outcome.stderr


def test_one_query_goes_from_trips_to_locations_and_from_a_location_to_its_trips(
    hive: Gateway, booking_server: ServerProcess
) -> None:
    known = asked_directly(booking_server, f'{{ location(id: "{SHOWCASE_LOCATION}") {{ name evses {{ id }} }} }}')

    found = hive.data(
        f"""{{
          trips {{ id name stops {{ location {{ name evses {{ id }} }} }} }}
          location(id: "{SHOWCASE_LOCATION}") {{ name trips {{ id stops {{ location {{ name }} }} }} }}
        }}"""
    )

    name = known["location"]["name"]
    assert len(known["location"]["evses"]) == 4
    assert found == {
        "trips": [{"id": "T1", "name": "Rotterdam to Basel", "stops": [{"location": known["location"]}]}],
        "location": {"name": name, "trips": [{"id": "T1", "stops": [{"location": {"name": name}}]}]},
    }


def test_a_booking_made_through_the_gateway_joins_its_trip_for_its_holder_alone(
    hive: Gateway, booking_server: ServerProcess
) -> None:
    emsp = booking_server.tokens["EMSP"]
    booking = hive.data(BOOK, emsp, input=wish(SHOWCASE_BOOKING_LOCATION, 0, 1))["bookingCreate"]
    assert (booking["__typename"], booking["status"], booking["trip"]) == ("Booking", "RESERVED", None)

    hive.data(BOOK_STOP, booking=booking["id"])

    trip = {"name": "Rotterdam to Basel"}
    joined = {name: booking[name] for name in ("reference", "status", "location")} | {"trip": trip}
    assert hive.data(BOOKING_OF_TRIP, emsp) == {"trip": {**trip, "stops": [{"booking": joined}]}}
    back = "query ($id: ID!) { booking(id: $id) { reference trip { name } } }"
    assert hive.data(back, emsp, id=booking["id"])["booking"] == {"reference": booking["reference"], "trip": trip}
    for token in (None, booking_server.tokens["NSP"]):
        answer = hive.ask(BOOKING_OF_TRIP, token)
        assert answer["data"] == {"trip": {**trip, "stops": [{"booking": None}]}}
        assert booking["reference"] not in str(answer)


def test_typed_refusals_and_codes_of_errors_come_through_the_gateway(
    hive: Gateway, booking_server: ServerProcess
) -> None:
    wanted = wish(SHOWCASE_BOOKING_LOCATION, A_YEAR, A_YEAR + 1)

    refused = hive.data(BOOK, booking_server.tokens["EMSP"], input=wanted)["bookingCreate"]
    assert refused["__typename"] == "OutsideCalendar"
    assert refused["bookingLocationId"] == SHOWCASE_BOOKING_LOCATION
    for token in (None, "hdv_dead"):
        (error,) = hive.ask(BOOK, token, input=wanted)["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


def test_the_api_token_reaches_no_other_subgraph(
    hive: Gateway, booking_server: ServerProcess, fleet: trips.Fleet
) -> None:
    before = len(fleet.authorizations)

    hive.data("{ trips { stops { location { name } } } }", booking_server.tokens["EMSP"])

    assert fleet.authorizations[before:] == [None]


def test_a_dashboard_behind_the_gateway_sees_a_slot_go_and_resumes_where_it_was(
    hive: Gateway, booking_server: ServerProcess
) -> None:
    watched = {"bookingLocationIds": [SHARED_BAY_BOOKING_LOCATION], "window": period(0, 4)}
    place = {"id": SHARED_BAY_LOCATION, "trips": []}

    with hive.told(WATCH, input=watched) as dashboard:
        first = dashboard.data()["slotAvailabilityChanged"]
        made = hive.data(BOOK, booking_server.tokens["EMSP"], input=wish(SHARED_BAY_BOOKING_LOCATION, 1, 2))
        change = dashboard.data()["slotAvailabilityChanged"]
    with hive.told(WATCH, input=watched, after=first["cursor"]) as dashboard:
        again = dashboard.data()["slotAvailabilityChanged"]

    cursor = {"cursor": first["cursor"]}
    assert first == {**cursor, "cause": None, "location": place, "timeslots": [slot(0, 4)]}
    assert made["bookingCreate"]["__typename"] == "Booking"
    left = [slot(0, 1), slot(2, 4)]
    assert change == {"cursor": change["cursor"], "cause": "BOOKING", "location": place, "timeslots": left}
    assert again == change


def test_fault_alerts_come_over_the_gateways_sockets_to_whoever_sent_a_token(
    hive: Gateway, booking_server: ServerProcess
) -> None:
    location = asked_directly(booking_server, f'{{ location(id: "{SHARED_BAY_LOCATION}") {{ evses {{ id }} }} }}')
    charger = location["location"]["evses"][0]
    places = [SHARED_BAY_LOCATION]

    def report(status: str, **fault: object) -> None:
        reported = {"idempotencyKey": str(uuid4()), "evseId": charger["id"], "status": status, **fault}
        answer = hive.data(REPORT, booking_server.tokens["CPO"], input=reported)
        assert answer == {"evseStatusReport": {**charger, "status": status}}

    report("OUTOFORDER", fault={"code": "E42"})
    with hive.told(ALERT, booking_server.tokens["EMSP"], places=places) as provider:
        opened = provider.data()["chargerFaultAlert"]
        report("AVAILABLE")
        ended = provider.data()["chargerFaultAlert"]
    with hive.told(ALERT, places=places) as stranger:
        refused = stranger.next()

    assert opened == {"fault": {"evse": charger, "code": "E42", "repairedAt": None}}
    assert ended["fault"] | {"repairedAt": None} == opened["fault"]
    assert ended["fault"]["repairedAt"] is not None
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["UNAUTHENTICATED"]
