"""What a Booking tells: its slot and charger, what was asked, why it was canceled, in the standard's own words."""

from dataclasses import replace
from typing import Any

import pytest

from models.ocpi.booking import booking_document
from models.rules.booking_state import CanceledReason, RequestKind
from models.rules.fit import Demand
from models.rules.role import Role
from tests.ocpi_documents.bookings import BOOKINGS, booked


def told(state: str, **changes: Any) -> Any:
    return booking_document(replace(BOOKINGS[state], **changes))


def test_power_is_in_watts_in_the_slot_and_in_kilowatts_in_the_request() -> None:
    document: Any = booking_document(booked(demand=Demand(min_power=149_500, guaranteed_power=100_000)))

    assert (document["period"]["min_power"], document["period"]["max_power"]) == (150_000, 400_000)
    assert document["booking_requests"][0]["booking_request"]["power_required"] == 150


def test_a_charger_of_a_group_is_named_once_it_is_revealed() -> None:
    one = BOOKINGS["detailed"]
    hidden: Any = booking_document(one, revealed=False)
    shown: Any = booking_document(one)

    assert (hidden["booking_option"]["evse_uid"], "parking_id" in hidden["booking_option"]) == ("#NA", False)
    names = ("evse_uid", "connector_id", "parking_id")
    assert [shown["booking_option"][name] for name in names] == ["E1", "1", "B1"]
    assert shown["booking_option"]["max_vehicle_length"] == 1875


def test_a_charger_that_was_booked_by_name_is_named_always() -> None:
    hidden: Any = booking_document(BOOKINGS["pinned"], revealed=False)

    assert hidden["booking_option"] == {"evse_uid": "e1", "connector_id": "1", "parking_id": "b1"}


@pytest.mark.parametrize("reason", CanceledReason)
def test_a_reason_of_our_own_is_not_known_to_the_standard(reason: CanceledReason) -> None:
    own = reason in {CanceledReason.MAINTENANCE, CanceledReason.CHANGED}
    canceled = {"cancellation_reason": "UNKNOWN" if own else reason.value, "who_canceled": "EMSP"}

    assert told(f"canceled {reason}")["canceled"] == canceled


def test_a_fleet_cancels_through_its_provider() -> None:
    document = told("canceled by a fleet")

    assert document["canceled"]["who_canceled"] == "EMSP"
    assert document["booking_requests"][1]["booking_request"]["canceled"]["who_canceled"] == "EMSP"


@pytest.mark.parametrize("state", ["reassigned", f"canceled by {Role.CPO}"])
def test_what_the_operator_did_itself_is_no_request(state: str) -> None:
    assert len(told(state)["booking_requests"]) == 1


def test_each_request_of_the_holder_is_there_under_the_same_id_with_what_came_of_it() -> None:
    requests = told("request PENDING")["booking_requests"]

    assert [one["request_status"] for one in requests] == ["ACCEPTED", "PENDING"]
    assert {one["booking_request"]["request_id"] for one in requests} == {"request 1"}
    assert requests[1]["booking_request"]["period"]["start_date_time"] == "2026-12-01T12:00:00Z"


def test_a_request_to_cancel_that_is_open_says_so_and_asks_for_no_power() -> None:
    one = BOOKINGS["cancellation asked"]
    document = told("cancellation asked")
    asked = document["booking_requests"][1]["booking_request"]

    assert one.booking_requests[1].kind is RequestKind.CANCEL
    assert asked["canceled"] == {"cancellation_reason": "UNKNOWN", "who_canceled": "EMSP"}
    assert "power_required" not in asked
    assert "canceled" not in document


def test_plate_and_code_open_the_gate() -> None:
    assert told("detailed")["access_information"] == [
        {"method": "LICENSE_PLATE", "value": "AB-123-C"},
        {"method": "ACCESS_CODE", "value": "4711"},
    ]
    assert "access_information" not in told("nothing known")


def test_ids_are_the_operators_own() -> None:
    document = told("odd ids")

    assert (document["location_id"], document["booking_option"]["evse_uid"]) == ("A*B%C", "E*1")
    assert document["booking_requests"][0]["booking_request"]["booking_location_id"] == "LOC1-ANY"
    assert document["tariff_ids"] == ["Book", "Charge"]


def test_a_moment_is_told_to_the_millisecond_and_never_as_a_later_one() -> None:
    assert told("odd moment")["last_updated"] == "2026-12-01T06:00:00.999Z"
