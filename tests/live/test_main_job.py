"""The main job, from the corridor to the slot's return, on a real server over real HTTP and WebSocket."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.demo.network import SHARED_BAY_BOOKING_LOCATION, SHARED_BAY_LOCATION
from tests.live.process import ServerProcess
from tests.live.socket import Subscription, subscribed

pytestmark = pytest.mark.anyio

A_SECOND = 1.0
UPPER_RHINE = [{"latitude": 48.99, "longitude": 8.35}, {"latitude": 48.30, "longitude": 7.83}]
TOMORROW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)

FIND = """
query ($input: CorridorAvailabilityInput!) {
  corridorAvailability(input: $input) {
    edges { node {
      location { id }
      bookingLocations { bookingLocation { id } timeslots { startDateTime endDateTime available } }
    } }
  }
}
"""
WATCH = """
subscription ($input: SlotAvailabilityInput!) {
  slotAvailabilityChanged(input: $input) {
    ... on SlotAvailabilityChange { cause bookingLocation { id } timeslots { startDateTime endDateTime available } }
  }
}
"""
ALERT = """
subscription {
  chargerFaultAlert(onlyOwnBookings: true) {
    ... on ChargerFaultAlert { fault { evse { id } severity code } bookings { id } }
  }
}
"""
BOOK = """
mutation ($input: BookingCreateInput!) {
  bookingCreate(input: $input) { __typename ... on Booking { id status evse { id } } ... on Problem { message } }
}
"""
REVEAL = """
mutation ($input: BookingRevealInput!) { bookingReveal(input: $input) { __typename ... on Problem { message } } }
"""
CHARGER = "query ($id: ID!) { booking(id: $id) { evse { id } } }"
REPORT = """
mutation ($input: EvseStatusReportInput!) {
  evseStatusReport(input: $input) { __typename ... on Evse { status } ... on Problem { message } }
}
"""
CANCEL = """
mutation ($input: BookingCancelInput!) {
  bookingCancel(input: $input) {
    __typename
    ... on Booking { status canceled { cancellationReason whoCanceled } }
    ... on Problem { message }
  }
}
"""


def moment(hours: float) -> str:
    """Return a moment tomorrow, as clients write it."""
    return (TOMORROW + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def period(start: float, end: float) -> dict[str, str]:
    """Return a period tomorrow."""
    return {"startDateTime": moment(start), "endDateTime": moment(end)}


WHOLE = {**period(0, 8), "available": 1}


async def find(server: ServerProcess) -> list[dict[str, Any]]:
    """Ask as a navigation app; return what is free at the shared bay."""
    asked = {
        "route": {"coordinates": UPPER_RHINE},
        "widthKm": 10,
        "window": period(0, 8),
        "connectorType": "IEC_62196_T2_COMBO",
        "minPower": 150_000,
        "vehicle": {"length": 1650},
        "minutesNeeded": 45,
    }
    async with server.client("NSP") as navigation:
        found = await server.ask(navigation, FIND, input=asked)
    for edge in found["corridorAvailability"]["edges"]:
        if edge["node"]["location"]["id"] == SHARED_BAY_LOCATION:
            (offer,) = edge["node"]["bookingLocations"]
            assert offer["bookingLocation"]["id"] == SHARED_BAY_BOOKING_LOCATION
            slots: list[dict[str, Any]] = offer["timeslots"]
            return slots
    return []


async def change(dashboard: Subscription) -> tuple[str | None, list[dict[str, Any]]]:
    """Return why what is free changed and what it is now, as told within a second."""
    told = (await dashboard.next(A_SECOND))["slotAvailabilityChanged"]
    assert told["bookingLocation"]["id"] == SHARED_BAY_BOOKING_LOCATION
    return told["cause"], told["timeslots"]


async def test_found_booked_watched_broken_canceled_and_free_again(live_server: ServerProcess) -> None:
    server = live_server
    watched = {"bookingLocationIds": [SHARED_BAY_BOOKING_LOCATION], "window": period(0, 8)}
    emsp = server.tokens["EMSP"]
    assert await find(server) == [WHOLE]

    async with (
        server.client("EMSP") as provider,
        server.client("CPO") as operator,
        subscribed(server.ws_url, None, WATCH, input=watched) as dashboard,
        subscribed(server.ws_url, emsp, ALERT) as alerts,
    ):
        assert await change(dashboard) == (None, [WHOLE])
        wanted = {
            "idempotencyKey": str(uuid4()),
            "bookingLocationId": SHARED_BAY_BOOKING_LOCATION,
            "period": period(2, 3),
            "connectorType": "IEC_62196_T2_COMBO",
            "vehicle": {"length": 1650},
        }
        made = (await server.ask(provider, BOOK, input=wanted))["bookingCreate"]
        assert (made["__typename"], made["status"], made["evse"]) == ("Booking", "RESERVED", None)
        without = [{**period(0, 2), "available": 1}, {**period(3, 8), "available": 1}]
        assert await change(dashboard) == ("BOOKING", without)
        assert await find(server) == without

        charger = (await server.ask(operator, CHARGER, id=made["id"]))["booking"]["evse"]["id"]
        revealed = {"idempotencyKey": str(uuid4()), "bookingId": made["id"]}  # else another charger would do
        assert await server.ask(operator, REVEAL, input=revealed) == {"bookingReveal": {"__typename": "Booking"}}
        fault = {"code": "E42", "description": "No power"}
        report = {"idempotencyKey": str(uuid4()), "evseId": charger, "status": "OUTOFORDER", "fault": fault}
        reported = (await server.ask(operator, REPORT, input=report))["evseStatusReport"]
        assert reported == {"__typename": "Evse", "status": "OUTOFORDER"}
        assert (await alerts.next())["chargerFaultAlert"] == {
            "fault": {"evse": {"id": charger}, "severity": "OUT_OF_USE", "code": "E42"},
            "bookings": [{"id": made["id"]}],
        }

        unwanted = {
            "idempotencyKey": str(uuid4()),
            "bookingId": made["id"],
            "cancellationReason": "BROKEN_CHARGER",
        }
        canceled = (await server.ask(provider, CANCEL, input=unwanted))["bookingCancel"]
        assert canceled == {
            "__typename": "Booking",
            "status": "CANCELED",
            "canceled": {"cancellationReason": "BROKEN_CHARGER", "whoCanceled": "EMSP"},
        }
        assert await change(dashboard) == ("CANCELLATION", [WHOLE])
        assert await find(server) == [WHOLE]

        repair = {"idempotencyKey": str(uuid4()), "evseId": charger, "status": "AVAILABLE"}
        repaired = (await server.ask(operator, REPORT, input=repair))["evseStatusReport"]
        assert repaired == {"__typename": "Evse", "status": "AVAILABLE"}
