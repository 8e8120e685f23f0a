"""What a Session tells while it goes on and when it is over."""

from typing import Any

import pytest

from models.ocpi.session import session_document
from tests.ocpi_documents.sessions import SESSIONS


def told(state: str) -> Any:
    return session_document(*SESSIONS[state])


def periods(document: Any) -> list[dict[str, Any]]:
    """Return what each period of a session holds."""
    return [{one["type"]: one["volume"] for one in period["dimensions"]} for period in document["charging_periods"]]


def test_each_reading_ends_a_period_with_the_state_of_charge_by_then() -> None:
    document = told("completed")

    assert periods(document) == [
        {"ENERGY": 50.1235, "TIME": 0.25, "STATE_OF_CHARGE": 40},
        {"ENERGY": 70.3765, "TIME": 0.25, "STATE_OF_CHARGE": 45},
        {"PARKING_TIME": 0.25, "STATE_OF_CHARGE": 80},
        {"PARKING_TIME": 0.25},
    ]
    assert {one["tariff_id"] for one in document["charging_periods"]} == {"Charge"}


def test_a_session_that_goes_on_is_told_as_far_as_it_was_read() -> None:
    document = told("goes on")

    assert len(document["charging_periods"]) == 3
    assert (document["status"], "end_date_time" in document) == ("ACTIVE", False)


def test_without_readings_there_is_one_period_of_what_was_last_read() -> None:
    assert periods(told("last read only")) == [
        {"ENERGY": 120.5, "TIME": 0.75, "STATE_OF_CHARGE": 80},
        {"PARKING_TIME": 0.25},
    ]


@pytest.mark.parametrize(("state", "currency"), [("just begun", "XXX"), ("goes on", "EUR"), ("completed", "EUR")])
def test_what_nothing_prices_has_no_currency(state: str, currency: str) -> None:
    assert told(state)["currency"] == currency


def test_a_plug_that_nobody_named_is_not_known() -> None:
    assert [told(state)["connector_id"] for state in ("just begun", "completed")] == ["#NA", "1"]


def test_its_booking_is_found_by_the_reference() -> None:
    assert told("completed")["authorization_reference"] == "authorization 1"
    assert "authorization_reference" not in told("walk-up")


def test_a_session_of_no_time_has_no_periods_but_for_its_energy() -> None:
    assert "charging_periods" not in told("of no time")
    for state in ("of no time with energy", "of no time, last read only"):
        assert periods(told(state)) == [{"ENERGY": 2.5}]
        assert told(state)["start_date_time"] == told(state)["end_date_time"]
