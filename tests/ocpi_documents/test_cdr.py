"""What a CDR tells: the times, amounts and sums of what it bills, nothing twice, and what a credit takes back."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.ocpi.charging_period import hours
from models.rules.bill import BillKind
from tests.factories.catalogue import at
from tests.ocpi_documents.cdrs import CDRS, USED, issued, of_kind, told, volumes
from tests.ocpi_documents.sessions import completed, readings

SESSIONS = [name for name, one in CDRS.items() if one.kind is BillKind.SESSION]
TIMES = {"TIME", "PARKING_TIME", "RESERVATION_OVERTIME"}
COSTS = ("fixed_cost", "energy_cost", "time_cost", "parking_cost", "reservation_cost")


@pytest.mark.parametrize("name", SESSIONS)
def test_periods_add_up_to_the_totals(name: str) -> None:
    document = told(CDRS[name])
    periods = volumes(document)
    until, period = CDRS[name].bill.timed_until, CDRS[name].period
    apart = document["total_time"] - hours(until - period.start) if until else 0

    assert sum(one.get("ENERGY", 0) for one in periods) == document["total_energy"]
    assert sum(one.get("PARKING_TIME", 0) for one in periods) == document.get("total_parking_time", 0)
    timed = sum(next((one[kind] for kind in TIMES if kind in one), 0) for one in periods)
    assert timed + apart == document["total_time"]


@pytest.mark.parametrize("name", CDRS)
def test_partial_totals_add_up_to_the_total(name: str) -> None:
    one = CDRS[name]
    document = told(one)
    parts = sum(document[f"total_{cost}"]["before_taxes"] for cost in COSTS if f"total_{cost}" in document)
    apart = sum(line.price.before_taxes for line in one.lines if line.kind in {"LIMIT", "REFUND"})

    assert (parts + apart) * (-1 if one.credit else 1) == document["total_cost"]["before_taxes"]


def test_a_minute_of_overtime_is_nothing_else_where_it_has_a_price() -> None:
    document = told(CDRS["overtime"])

    assert volumes(document)[-1] == {"RESERVATION_OVERTIME": Decimal("0.4")}
    assert document["charging_periods"][-1]["start_date_time"] == "2026-12-01T11:00:00Z"
    assert document["charging_periods"][-1]["tariff_id"] == "Book"
    assert document["total_reservation_cost"]["before_taxes"] == 25


def test_a_session_of_no_time_is_told_with_its_energy_and_none_of_its_time() -> None:
    document = told(CDRS["of no time"])

    assert volumes(document) == [{"ENERGY": Decimal("2.5"), "TIME": Decimal(0)}]
    assert document["start_date_time"] == "2026-12-01T10:00:00Z"
    assert document["end_date_time"] == "2026-12-01T10:00:00.000Z"
    assert (document["total_energy"], document["total_time"]) == (Decimal("2.5"), 0)
    assert document["total_energy_cost"]["before_taxes"] == Decimal("0.975")
    assert "total_time_cost" not in document


def test_overtime_at_one_price_leaves_its_minutes_to_charging() -> None:
    document = told(CDRS["overtime at one price"])

    assert volumes(document)[-1] == {"PARKING_TIME": Decimal("0.4"), "RESERVATION_OVERTIME": Decimal("0.4")}


def test_the_price_limit_of_charging_does_not_price_overtime() -> None:
    document = told(CDRS["overtime under a limit, EUR"])

    assert document["charging_periods"][-1]["tariff_id"] == "Book"


@pytest.mark.parametrize(("name", "currency"), [("nothing prices it", "XXX"), ("only booking has a price", "EUR")])
def test_energy_that_nothing_prices_is_told_at_nothing(name: str, currency: str) -> None:
    document = told(CDRS[f"{name}, {currency}"])

    assert document["total_energy_cost"] == document["total_cost"] == {"before_taxes": 0}
    assert "tariffs" not in document
    assert {tuple(one) for one in document["charging_periods"]} == {("start_date_time", "dimensions")}


def test_a_cancellation_names_the_tariff_whose_elements_price_it() -> None:
    document = told(CDRS["cancellation by elements"])

    assert [one["id"] for one in document["tariffs"]] == ["Two"]
    assert document["charging_periods"][0]["tariff_id"] == "Two"
    assert [one["percentage"] for one in document["total_cost"]["taxes"]] == [9, 21]


def test_overtime_that_is_waived_is_charging() -> None:
    kinds = {kind for one in volumes(told(CDRS["overtime waived"])) for kind in one}

    assert kinds == {"ENERGY", "TIME", "PARKING_TIME"}


def test_energy_goes_to_the_side_of_the_slots_end_on_which_it_flowed() -> None:
    session = completed(at(11.5), kwh=Decimal(90))
    document = told(of_kind(BillKind.SESSION, issued(USED, (session, readings((11.5, "90", None))))))

    assert volumes(document) == [
        {"ENERGY": Decimal(60), "TIME": Decimal(1)},
        {"ENERGY": Decimal(30), "RESERVATION_OVERTIME": Decimal("0.5")},
    ]
    assert [one["tariff_id"] for one in document["charging_periods"]] == ["Charge", "Charge"]


def test_thirds_of_an_hour_are_an_hour_together() -> None:
    thirds = readings((10 + 1 / 3, "33.33333", None), (10 + 2 / 3, "66.66666", None), (11, "99.99999", None))
    document = told(of_kind(BillKind.SESSION, issued(USED, (completed(kwh=Decimal("99.99999")), thirds))))

    assert [one["TIME"] for one in volumes(document)] == [Decimal("0.3333"), Decimal("0.3334"), Decimal("0.3333")]
    assert (document["total_time"], document["total_energy"]) == (1, 100)


def test_who_never_came_is_billed_the_slot_without_a_session_or_a_charger() -> None:
    document = told(CDRS["no-show"])

    assert volumes(document) == [{"RESERVATION_EXPIRES": Decimal(1)}]
    assert [document["cdr_location"][name] for name in ("evse_uid", "evse_id", "connector_id")] == ["#NA"] * 3
    assert (document["total_energy"], document["total_time"]) == (0, 0)
    assert document["booking_id"] == "00000000-0000-0000-0000-000000000001"
    assert "session_id" not in document
    assert document["total_reservation_cost"] == document["total_cost"]


def test_a_fee_for_booking_is_of_the_slot_that_is_held() -> None:
    document = told(CDRS["booking"])

    assert volumes(document) == [{"RESERVATION_TIME": Decimal(1)}]
    assert document["charging_periods"][0]["tariff_id"] == "Book"
    assert [one["id"] for one in document["tariffs"]] == ["Book"]


def test_a_session_names_its_charger_and_its_token() -> None:
    document = told(CDRS["session"])

    assert document["cdr_location"]["evse_uid"] == "E1"
    assert document["cdr_location"]["connector_standard"] == "MCS"
    assert document["cdr_token"]["uid"] == "04A1B2C3"
    assert document["meter_id"] == "meter 7"
    assert "meter_id" not in told(CDRS["late in francs, CHF"])
    assert "STATE_OF_CHARGE" not in {kind for one in volumes(document) for kind in one}


@pytest.mark.parametrize("name", [name for name, one in CDRS.items() if not one.credit])
def test_a_credit_is_its_original_but_for_its_id_and_its_negative_total(name: str) -> None:
    original, credit = told(CDRS[name]), told(CDRS[f"credit of {name}"])
    own = {"id", "credit", "credit_reference_id", "remark", "last_updated", "total_cost"}

    assert {key: one for key, one in credit.items() if key not in own} == {
        key: one for key, one in original.items() if key not in own
    }
    assert (credit["credit"], credit["credit_reference_id"]) == (True, original["id"])
    assert credit["total_cost"]["before_taxes"] == -original["total_cost"]["before_taxes"]
    assert "credit" not in original


def test_who_is_not_known_is_the_providers_or_else_the_operators_own() -> None:
    provider, nobody = told(CDRS["booking without token"]), told(CDRS["walk-up of nobody"])

    unknown = {"uid": "#NA", "type": "OTHER", "contract_id": "#NA"}
    assert provider["cdr_token"] == {"country_code": "NL", "party_id": "EMS", **unknown}
    assert nobody["cdr_token"] == {"country_code": "NL", "party_id": "ABC", **unknown}


def test_texts_are_cut_and_places_told_as_finely_as_their_fields_hold() -> None:
    one = CDRS["session"]
    far = replace(
        one.place, city="L" * 50, meter_id="m" * 300, latitude=Decimal("-51.123456789"), longitude=Decimal("-179.1")
    )
    document = told(replace(one, place=far, remark="r" * 300))

    assert document["cdr_location"]["coordinates"] == {"latitude": "-51.123457", "longitude": "-179.100000"}
    assert (len(document["cdr_location"]["city"]), len(document["remark"]), len(document["meter_id"])) == (
        45,
        255,
        255,
    )
