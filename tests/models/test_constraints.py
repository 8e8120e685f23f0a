"""Each rule that the tables keep by themselves: the row it refuses, under its name, and the rows it allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from models.tables import metadata
from tests.models.databases import run

pytestmark = pytest.mark.anyio

TAKEN = '["2026-12-01T10:00:00Z","2026-12-01T11:00:00Z")'
NEXT = '["2026-12-01T11:00:00Z","2026-12-01T12:00:00Z")'
AT_SIX = "2026-12-01T06:00:00Z"
AT_TEN_PAST = "2026-12-01T06:10:00Z"
TWO_DAYS = '["2026-12-02T00:00:00Z","2026-12-04T00:00:00Z")'
TWO_DAYS_AND_A_MINUTE = '["2026-12-02T00:00:00Z","2026-12-04T00:01:00Z")'
UNBOUNDED = (
    "empty",
    '["2026-12-01T11:00:00Z",)',
    '(,"2026-12-01T12:00:00Z")',
    '["2026-12-01T11:00:00Z","2026-12-01T12:00:00Z"]',
    '("2026-12-01T11:00:00Z","2026-12-01T12:00:00Z")',
)
FRESH = "fresh"
"""Stands for a new UUID."""

HOLD = {"kind": "HOLD", "expires_at": AT_TEN_PAST, "quote_id": FRESH}
PENDING = {"status": "PENDING", "decided_at": None}
CHANGE = {"purpose": "CHANGE", "changes_id": FRESH, "changes_revision": 1}
FIRST = "F-000000001"
"""What a CDR that is there is called."""

CREDIT = {"credits": FIRST, "before_taxes": -1, "after_taxes": -1}
ENDED = {"status": "COMPLETED", "end_date_time": AT_TEN_PAST, "stop_reason": "DRIVER", "occupied_until": None}
OF_BOOKING = {"id": FRESH, "kind": "PER_BOOKING", "cdr_id": None, "revision": 1}
OF_MONTH = {"id": FRESH, "kind": "MONTHLY", "cdr_id": None, "month": "2026-12", "contract_id": "C1"}
A_LINE = "7e57ab1e-0000-4000-8000-000000000000"
CREDITING_ITSELF = {"id": A_LINE, "credits": A_LINE, "month": "2026-11"}
E2, B2 = "NL*ABC*LOC1*E2", "NL*ABC*LOC1*B2"
LIKE_ANOTHER = """
INSERT INTO {table} SELECT other.*
FROM (SELECT * FROM {table} {which} ORDER BY 1, 2 LIMIT 1) one,
    jsonb_populate_record(NULL::{table}, to_jsonb(one) || $1::text::jsonb) other
"""
WHICH = {
    "allocation": "WHERE kind = 'BOOKING'",
    "provider_line": "WHERE kind = 'MARKUP'",
    "quote": "WHERE purpose = 'BOOKING'",
}
"""Which rows the others are made like, of tables that have several kinds."""


@dataclass(frozen=True)
class Row:
    """A row like one that is there, with some columns changed."""

    table: str
    changes: Mapping[str, Any]
    beside: Mapping[str, Any] | None = None
    """What is changed in another one, which is put there first."""


def rows(table: str, *changes: Mapping[str, Any]) -> list[Row]:
    return [Row(table, one) for one in changes]


def unbounded(table: str, column: str) -> list[Row]:
    return rows(table, *({column: period} for period in UNBOUNDED))


REFUSED: Mapping[str, Sequence[Row]] = {
    "allocation_kind_known": rows("allocation", {"kind": "PARKING"}),
    "allocation_during_bounded": unbounded("allocation", "during"),
    "allocation_not_too_long": rows("allocation", {"during": TWO_DAYS_AND_A_MINUTE}),
    "allocation_hold_expires": rows("allocation", {"kind": "HOLD", "quote_id": FRESH}, {"expires_at": AT_TEN_PAST}),
    "allocation_hold_of_quote": rows(
        "allocation",
        {"kind": "HOLD", "expires_at": AT_TEN_PAST},
        {"quote_id": FRESH},
        {"kind": "CHANGE", "quote_id": FRESH},
    ),
    "allocation_one_holder_per_evse": rows(
        "allocation",
        {"id": FRESH, "holder_id": FRESH, "parking_bay_id": B2},
        {"id": FRESH, "holder_id": FRESH, "parking_bay_id": None},
        {"id": FRESH, "holder_id": FRESH, "parking_bay_id": B2, **HOLD},
        {"id": FRESH, "holder_id": FRESH, "parking_bay_id": B2, "kind": "CHANGE"},
    ),
    "alert_wish_holder_key": rows("alert_wish", {"location_id": "NL*ABC*LOC2"}),
    "alert_wish_target_percent": rows("alert_wish", {"target_state_of_charge": 0}, {"target_state_of_charge": 101}),
    "alternative_during_bounded": unbounded("alternative", "during"),
    "alternative_id_key": rows("alternative", {"location_id": "NL*ABC*LOC2"}),
    "alternative_rank_counts": rows("alternative", {"rank": 0}, {"rank": -1}),
    "alternative_taken_or_withdrawn": rows("alternative", {"taken_at": AT_SIX, "withdrawn_at": AT_TEN_PAST}),
    "alternatives_policy_hold_positive": rows("alternatives_policy", {"hold_minutes": 0}, {"hold_minutes": -1}),
    "alternatives_policy_reach_positive": rows("alternatives_policy", {"within_km": -1}, {"shift_minutes": -1}),
    "billed_by": rows("billed", {"holder_id": FRESH}),
    "allocation_one_holder_per_bay": rows("allocation", {"id": FRESH, "holder_id": FRESH, "evse_id": E2}),
    "api_token_role_known": rows("api_token", {"role": "GUEST", "contract_ids": []}),
    "api_token_fleet_has_contracts": rows(
        "api_token",
        {"role": "TO", "contract_ids": []},
        {"role": "EMSP", "contract_ids": ["NL-EMS-C00000001-A"]},
    ),
    "api_token_hash_key": rows("api_token", {"id": FRESH}),
    "booking_access_code_key": [
        Row("booking", {"id": FRESH, "access_code": "4711"}, beside={"id": FRESH, "access_code": "4711"})
    ],
    "booking_confirmation_known": rows("booking", {"confirmation": "LATER"}),
    "booking_hazard_known": rows("booking", {"hazard": "BLOCKED"}),
    "booking_lapses_after_start": rows("booking", {"lapses_at": "2026-12-01T09:59:59Z"}),
    "booking_charged_if_fulfilled": rows("booking", {"charging_started_at": "2026-12-01T10:00:00Z"}),
    "booking_charging_ended_after_start": rows(
        "booking",
        {
            "status": "FULFILLED",
            "charging_started_at": "2026-12-01T10:00:00Z",
            "charging_ended_at": "2026-12-01T09:59:59Z",
        },
    ),
    "booking_status_known": rows("booking", {"status": "CONFIRMED"}),
    "booking_canceled_reason_known": rows(
        "booking", {"status": "CANCELED", "canceled_reason": "BORED", "who_canceled": "EMSP"}
    ),
    "booking_canceled_with_reason": rows(
        "booking",
        {"status": "CANCELED"},
        {"status": "RESERVED", "canceled_reason": "FULL", "who_canceled": "CPO"},
    ),
    "booking_canceled_by_someone": rows(
        "booking",
        {"status": "CANCELED", "canceled_reason": "FULL", "who_canceled": None},
        {"who_canceled": "CPO"},
    ),
    "booking_during_bounded": unbounded("booking", "during"),
    "booking_id_key": rows("booking", {"location_id": "NL*ABC*LOC2"}),
    "booking_reference_normalized": rows("booking_reference", {"reference": "abcdefghjk"}),
    "booking_reference_of_booking": rows("booking_reference", {"reference": "ABCDEFGHJK"}),
    "booking_request_decided_unless_pending": rows(
        "booking_request", {"status": "PENDING"}, {"decided_at": None}, {"status": "DECLINED", "decided_at": None}
    ),
    "booking_request_kind_known": rows("booking_request", {"kind": "MOVE"}),
    "booking_request_one_pending": [
        Row("booking_request", {"position": 2, **PENDING}, beside={"position": 1, **PENDING})
    ],
    "booking_request_status_known": rows("booking_request", {"status": "RESERVED"}),
    "booking_request_until_while_pending": rows("booking_request", {"decide_until": AT_TEN_PAST}),
    "booking_location_confirmation_known": rows("booking_location", {"confirmation": "LATER"}),
    "booking_location_id_key": rows("booking_location", {"location_id": "NL*ABC*LOC2"}),
    "calendar_covers_bounded": unbounded("calendar", "covers"),
    "calendar_increment_positive": rows("calendar", {"timeslot_increment": 0}, {"timeslot_increment": -15}),
    "calendar_grows_by_weekly_hours": rows(
        "calendar", {"grows_at": "2026-12-02T00:00:00Z"}, {"weekly_hours": {"regular_hours": [], "horizon_days": 1}}
    ),
    "cancel_quote_expires_after_made": rows("cancel_quote", {"expires_at": AT_SIX}),
    "cancel_quote_id_key": rows("cancel_quote", {"location_id": "NL*ABC*LOC2"}),
    "cdr_credit_not_positive": rows("cdr", {"id": "X", "number": 2, "credits": FIRST, "after_taxes": 0.01}),
    "cdr_credited_once": [Row("cdr", {"id": "Y", "number": 3, **CREDIT}, beside={"id": "X", "number": 2, **CREDIT})],
    "cdr_during_bounded": [Row("cdr", {"id": "X", "number": 2, "during": one}) for one in UNBOUNDED],
    "cdr_energy_positive": rows("cdr", {"id": "X", "number": 2, "energy": -0.1}),
    "cdr_kind_known": rows("cdr", {"id": "X", "number": 2, "kind": "TIP"}),
    "cdr_negative_only_as_credit": rows("cdr", {"id": "X", "number": 2, "after_taxes": -0.01}),
    "cdr_number_once": rows("cdr", {"id": "X"}),
    "cdr_number_positive": rows("cdr", {"id": "X", "number": 0}, {"id": "X", "number": -1}),
    "cdr_numbering_counts": rows("cdr_numbering", {"last_number": -1}),
    "cdr_payment_creditor_known": rows("cdr_payment", {"creditor": "TO"}),
    "cdr_payment_invoiced_by_something": rows("cdr_payment", {"invoice_id": None}),
    "cdr_payment_state_known": rows("cdr_payment", {"state": "LOST"}),
    "charging_authorization_allowed_or_refused": rows(
        "charging_authorization", {"basis": "BOOKING", "reason": "TOO_EARLY"}, {"basis": None, "reason": None}
    ),
    "charging_authorization_basis_known": rows("charging_authorization", {"basis": "LUCK", "reason": None}),
    "charging_authorization_id_key": rows("charging_authorization", {"location_id": "NL*ABC*LOC2"}),
    "charging_authorization_method_known": rows("charging_authorization", {"method": "HORN"}),
    "charging_authorization_reason_known": rows("charging_authorization", {"basis": None, "reason": "BORED"}),
    "driver_contact_erased_later": rows("driver_contact", {"erase_at": AT_SIX}, {"erase_at": "2026-12-01T05:59:59Z"}),
    "driver_message_about_something": rows("driver_message", {"booking_id": None, "session_id": None}),
    "driver_message_acknowledged_by_someone": rows(
        "driver_message", {"acknowledged_at": AT_TEN_PAST}, {"acknowledged_by": "NL*EMS"}
    ),
    "driver_message_id_key": rows("driver_message", {"location_id": "NL*ABC*LOC2"}),
    "timeslot_during_bounded": unbounded("timeslot", "during"),
    "event_floor_is_one_row": rows("event_floor", {"single": False}),
    "evse_status_known": rows("evse", {"status": "BROKEN"}),
    "connector_format_known": rows("connector", {"format": "PANTOGRAPH"}),
    "connector_power_type_known": rows("connector", {"power_type": "DC_3_PHASE"}),
    "connector_not_negative": rows(
        "connector", {"max_voltage": -1}, {"max_amperage": -1}, {"max_electric_power": -1}
    ),
    "evse_parking_position_known": rows("evse_parking", {"evse_position": "BEHIND"}),
    "failed_attempt_counts": rows("failed_attempt", {"count": 0}, {"count": -1}),
    "fault_severity_known": rows("fault", {"severity": "BAD"}),
    "fault_status_known": rows("fault", {"status": "BROKEN"}),
    "fault_repaired_after_report": rows("fault", {"repaired_at": "2026-12-01T05:59:59Z"}),
    "fault_one_open_per_evse": rows("fault", {"id": FRESH}),
    "location_on_the_globe": rows(
        "location", {"latitude": 90.1}, {"latitude": -90.1}, {"longitude": 180.1}, {"longitude": -180.1}
    ),
    "location_id_normalized": rows("location", {"id": "nl*abc*loc3"}),
    "invoice_first_received_first": rows("invoice", {"id": "INV-2", "received_at": "2026-12-01T05:59:59Z"}),
    "invoice_has_lines": rows("invoice", {"id": "INV-2", "lines": 0}, {"id": "INV-2", "lines": -1}),
    "maintenance_during_bounded": unbounded("maintenance", "during"),
    "maintenance_id_key": rows("maintenance", {"location_id": "NL*ABC*LOC2"}),
    "maintenance_id_normalized": rows("maintenance", {"id": "nl*abc*work"}),
    "mandate_ends_after_grant": rows("mandate", {"valid_until": AT_SIX}),
    "mandate_for_another": rows("mandate", {"booker_id": "NL*EMS"}),
    "mandate_one_live_per_booker": rows("mandate", {"id": FRESH}),
    "party_id_is_composite": rows("party", {"id": "NL*XYZ"}, {"id": "nl*abc", "country_code": "nl"}),
    "party_roles_known": rows("party", {"roles": []}, {"roles": ["TO"]}, {"roles": ["CPO", None]}),
    "problem_report_contested_sometime": rows("problem_report", {"status": "CONTESTED"}),
    "problem_report_contested_with_reason": rows(
        "problem_report", {"contested_at": AT_TEN_PAST}, {"contest_reason": "It was free."}
    ),
    "problem_report_id_key": rows("problem_report", {"location_id": "NL*ABC*LOC2"}),
    "problem_report_one_per_booking": rows("problem_report", {"id": FRESH}),
    "problem_report_open_until_resolved": rows(
        "problem_report", {"resolved_at": AT_TEN_PAST}, {"status": "UPHELD"}, {"status": "WITHDRAWN"}
    ),
    "problem_report_problem_known": rows("problem_report", {"problem": "DIRTY"}),
    "problem_report_role_known": rows("problem_report", {"role": "GUEST"}),
    "problem_report_status_known": rows("problem_report", {"status": "LOST", "resolved_at": AT_TEN_PAST}),
    "provider_fee_currency_is_code": rows(
        "provider_fee", {"currency": "eur"}, {"currency": "EURO"}, {"currency": ""}
    ),
    "provider_fee_per_booking_not_negative": rows(
        "provider_fee", {"per_booking": -0.01}, {"per_booking": "NaN"}, {"per_booking": "Infinity"}
    ),
    "provider_fee_per_month_not_negative": rows(
        "provider_fee", {"per_month": -0.01}, {"per_month": "NaN"}, {"per_month": "Infinity"}
    ),
    "provider_fee_percentage_not_negative": rows("provider_fee", {"percentage": -1}, {"percentage": "NaN"}),
    "provider_fee_vat_not_negative": rows("provider_fee", {"vat": -1}, {"vat": "Infinity"}),
    "provider_line_credited_once": [
        Row("provider_line", {**OF_MONTH, "id": FRESH, "credits": A_LINE}, beside={**OF_MONTH, **CREDITING_ITSELF})
    ],
    "provider_line_invoiced_by_something": rows(
        "provider_line", *({"id": FRESH, "state": state} for state in ("INVOICED", "PAID"))
    ),
    "provider_line_kind_known": rows("provider_line", {**OF_BOOKING, "kind": "TIP"}),
    "provider_line_markup_on_cdr": rows(
        "provider_line", {"id": FRESH, "cdr_id": None}, {"id": FRESH, "kind": "PER_BOOKING"}
    ),
    "provider_line_monthly_of_month": rows(
        "provider_line", {"id": FRESH, "month": "2026-12"}, {**OF_MONTH, "month": None}
    ),
    "provider_line_once_a_booking": rows("provider_line", OF_BOOKING),
    "provider_line_once_a_month": [Row("provider_line", OF_MONTH, beside=OF_MONTH)],
    "provider_line_once_on_cdr": rows("provider_line", {"id": FRESH}),
    "provider_line_per_booking_of_one": rows(
        "provider_line", {**OF_BOOKING, "booking_id": None}, {**OF_BOOKING, "revision": None}
    ),
    "provider_line_state_known": rows("provider_line", {"id": FRESH, "state": "LOST", "invoice_id": "I1"}),
    "quote_booked_with_booking": rows("quote", {"outcome": "RELEASED"}, {"booking_id": None}),
    "quote_changes_a_revision": rows("quote", {"changes_revision": 1}, {**CHANGE, "changes_revision": None}),
    "quote_changes_unless_booking": rows("quote", {"purpose": "CHANGE"}, {**CHANGE, "purpose": "BOOKING"}),
    "quote_confirmation_known": rows("quote", {"confirmation": "LATER"}),
    "quote_during_bounded": unbounded("quote", "during"),
    "quote_expires_after_made": rows("quote", {"expires_at": "2026-12-01T06:00:00Z"}),
    "quote_fleet_has_contracts": rows("quote", {"role": "TO"}, {"contract_ids": ["NL-EMS-C00000001-A"]}),
    "quote_id_key": rows("quote", {"location_id": "NL*ABC*LOC2"}),
    "quote_outcome_known": rows("quote", {"outcome": "SOLD", "booking_id": None}),
    "quote_purpose_known": rows("quote", {**CHANGE, "purpose": "GIFT"}),
    "quote_role_known": rows("quote", {"role": "NSP"}),
    "quote_settled_with_outcome": rows("quote", {"settled_at": None}, {"outcome": "OPEN", "booking_id": None}),
    "refund_positive": rows("refund", {"before_taxes": 0}, {"before_taxes": "NaN"}, {"before_taxes": "Infinity"}),
    "reminder_before_start": rows("reminder", {"minutes_before": 0}, {"minutes_before": -15}),
    "session_active_until_ended": rows(
        "session", {"status": "COMPLETED"}, {"end_date_time": AT_TEN_PAST, "stop_reason": "DRIVER"}
    ),
    "session_auth_method_known": rows("session", {"auth_method": "GUESS"}),
    "session_basis_known": rows("session", {"basis": "LUCK"}),
    "session_ended_after_start": rows("session", {**ENDED, "end_date_time": "2026-12-01T05:59:59Z"}),
    "session_ended_with_reason": rows("session", {**ENDED, "stop_reason": None}, {"stop_reason": "DRIVER"}),
    "session_energy_positive": rows("session", {"kwh": -0.1}),
    "session_id_key": rows("session", {"location_id": "NL*ABC*LOC2"}),
    "session_irregularity_known": rows("session", {"irregularity": "ODD"}),
    "session_occupying_while_active": rows("session", {**ENDED, "occupied_until": AT_TEN_PAST}),
    "session_one_active_per_booking": rows("session", {"id": FRESH, "evse_id": E2}),
    "session_one_active_per_evse": rows("session", {"id": FRESH, "booking_id": None}),
    "session_state_of_charge_percent": rows("session", {"state_of_charge": -1}, {"state_of_charge": 101}),
    "session_status_known": rows("session", {**ENDED, "status": "DONE"}),
    "session_stop_reason_known": rows("session", {**ENDED, "stop_reason": "BORED"}),
    "session_stopped_by_known": rows("session", {"stopped_by": "GUEST"}),
    "session_alert_kind_known": rows("session_alert", {"kind": "BOREDOM"}),
    "session_alert_not_afterwards": rows("session_alert", {"minutes_before": -1}),
    "session_reading_energy_positive": rows("session_reading", {"kwh": -0.1}),
    "session_reading_one_counts": rows("session_reading", {"position": 2}),
    "session_reading_state_of_charge_percent": rows(
        "session_reading", {"state_of_charge": -1}, {"state_of_charge": 101}
    ),
    "session_request_answered_unless_pending": rows(
        "session_request", {"answered_at": AT_SIX}, {"status": "ACCEPTED"}
    ),
    "session_request_id_key": rows("session_request", {"location_id": "NL*ABC*LOC2"}),
    "session_request_kind_known": rows("session_request", {"id": FRESH, "kind": "PAUSE"}),
    "session_request_one_pending": rows("session_request", {"id": FRESH}),
    "session_request_status_known": rows("session_request", {"status": "LATE", "answered_at": AT_SIX}),
    "session_request_stops_a_session": rows("session_request", {"session_id": None}),
    "site_entry_id_key": rows("site_entry", {"location_id": "NL*ABC*LOC2"}),
    "site_entry_method_known": rows("site_entry", {"method": "HORN"}),
    "site_entry_reason_known": rows("site_entry", {"reason": "BORED"}),
    "site_entry_refused_with_reason": rows("site_entry", {"admitted": True}, {"reason": None}),
    "tariff_tax_included_known": rows("tariff", {"tax_included": "MAYBE"}),
    "token_blocked_with_reason": rows("token", {"id": "NL*EMS*RFID*X", "valid": True, "blocked_reason": "Lost."}),
    "token_type_known": rows("token", {"type": "LICENSE_PLATE"}, {"type": "rfid"}),
    "token_whitelist_known": rows("token", {"whitelist": "SOMETIMES"}),
    "waiver_fee_known": rows("waiver", {"fee": "TIP"}),
    "waiver_one_per_fee": rows("waiver", {"id": FRESH}),
    "vehicle_has_contracts": rows("vehicle", {"contract_ids": []}),
    "vehicle_inlet_side_known": rows("vehicle", {"inlet_side": "TOP"}),
    "vehicle_sizes_positive": rows(
        "vehicle",
        *({name: size} for name in ("length", "height", "width", "weight", "max_power") for size in (0, -1)),
    ),
}
ALLOWED = [
    *rows("allocation", {"id": FRESH, "during": '["2026-12-01T10:30:00Z","2026-12-01T11:30:00Z")'}),
    *rows("allocation", {"id": FRESH, "holder_id": FRESH, "during": NEXT}),
    *rows("allocation", {"id": FRESH, "holder_id": FRESH, "during": TWO_DAYS}),
    *rows("allocation", {"id": FRESH, "holder_id": FRESH, "during": TAKEN, "released_at": "2026-12-01T07:00:00Z"}),
    *rows("allocation", {"id": FRESH, "holder_id": FRESH, "evse_id": E2, "parking_bay_id": B2}),
    *rows("allocation", {"id": FRESH, "holder_id": FRESH, "evse_id": E2, "parking_bay_id": None}),
    *rows("allocation", {"id": FRESH, **HOLD}),
    *rows("allocation", {"id": FRESH, "kind": "CHANGE"}),
    *rows("alternative", {"id": FRESH, "taken_at": AT_SIX}, {"id": FRESH, "withdrawn_at": AT_SIX}),
    *rows("alternatives_policy", {"cpo_id": "DE*XYZ", "within_km": 0, "shift_minutes": 0, "hold_minutes": 1}),
    *rows("quote", {"id": FRESH, "role": "TO", "contract_ids": ["NL-EMS-C00000001-A"]}),
    *rows("quote", {"id": FRESH, "outcome": "OPEN", "settled_at": None, "booking_id": None}),
    *rows("quote", {"id": FRESH, "role": "CPO"}),
    *rows("booking", {"id": FRESH, "status": "CANCELED", "canceled_reason": "FULL", "who_canceled": "CPO"}),
    *rows(
        "booking",
        {"id": FRESH, "hazard": "FAULT", "confirmation": "OPERATOR", "lapses_at": "2026-12-01T10:00:00Z"},
        {"id": FRESH, "access_code": "4711"},
    ),
    *rows(
        "booking_request",
        {"position": 1, **PENDING, "decide_until": AT_TEN_PAST},
        {"position": 1, "kind": "REASSIGN"},
    ),
    *rows("cancel_quote", {"id": FRESH, "fee": None, "used_at": AT_TEN_PAST}),
    *rows("driver_message", {"id": FRESH, "acknowledged_at": AT_TEN_PAST, "acknowledged_by": "NL*EMS"}),
    *rows("driver_message", {"id": FRESH, "text": ""}),
    *rows("fault", {"id": FRESH, "repaired_at": "2026-12-01T06:00:00Z"}),
    *rows("fault", {"id": FRESH, "evse_id": "NL*ABC*LOC1*E1"}),
    *rows("connector", {"id": "NL*ABC*LOC1*E1*2", "max_electric_power": None}),
    *rows("evse_parking", {"parking_bay_id": B2, "evse_position": None}),
    *rows("mandate", {"id": FRESH, "revoked_at": AT_SIX}, {"id": FRESH, "booker_id": "NL*ABC"}),
    *rows("maintenance", {"id": "NL*ABC*MORE", "evse_ids": [], "reason": None}),
    *rows("site_entry", {"id": FRESH, "admitted": True, "reason": None}, {"id": FRESH, "gate": "North"}),
    *rows("cdr", {"id": "X", "number": None}, {"id": "X", "number": None, "after_taxes": 0}),
    *rows("cdr", {"id": "X", "number": 2, **CREDIT}, {"id": "X", "number": 2, "credits": FIRST, "after_taxes": 0}),
    *rows("cdr_payment", {"creditor": "EMSP"}, {"creditor": "EMSP", "state": "DUE", "invoice_id": None}),
    *rows("refund", {"id": FRESH}),
    *rows("invoice", {"id": "INV-2", "received_at": AT_TEN_PAST}),
    *rows("invoice_line", {"position": 1, "cdr_id": None}, {"position": 2, "after_taxes": -1}),
    *rows("waiver", {"id": FRESH, "revoked_at": AT_TEN_PAST}, {"id": FRESH, "fee": "OVERTIME"}),
    *rows("charging_authorization", {"id": FRESH, "basis": "WALK_UP", "reason": None}),
    *rows("failed_attempt", {"door": "charger", "count": 1}),
    *rows("session", {"id": FRESH, **ENDED}, {"id": FRESH, "evse_id": E2, "booking_id": None}),
    *rows("session_alert", {"minutes_before": 7, "due_at": None}, {"minutes_before": 7, "sent_at": AT_SIX}),
    *rows("session_reading", {"position": 2, "counts": False}),
    *rows(
        "session_request",
        {"id": FRESH, "kind": "START", "session_id": None},
        {"id": FRESH, "status": "TIMED_OUT", "answered_at": AT_TEN_PAST},
        {"id": FRESH, "evse_id": E2},
    ),
    *rows("alert_wish", {"holder_id": FRESH, "target_state_of_charge": None}),
    *rows("token", {"id": "NL*EMS*RFID*X", "valid": False, "blocked_reason": "Lost."}),
    *rows("token", {"id": "NL*EMS*RFID*Y", "valid": False, "blocked_reason": None, "expires_at": AT_SIX}),
    *rows("vehicle", {"id": FRESH, "length": None, "weight": None, "max_power": None, "inlet_side": None}),
    *rows("problem_report", {"id": FRESH, "status": "WITHDRAWN", "resolved_at": AT_TEN_PAST, "fee": None}),
    *rows("provider_fee", {"id": "FREE", "per_booking": 0, "percentage": 0, "per_month": 0, "vat": None}),
    *rows("provider_line", OF_MONTH, {**OF_MONTH, "fee_id": "OTHER"}, {**OF_BOOKING, "fee_id": "OTHER"}),
    *rows("provider_line", {"id": FRESH, "fee_id": "OTHER", "state": "PAID", "invoice_id": "I1"}),
    *rows("party", {"id": "DE*NEW", "country_code": "de", "party_id": "new", "roles": ["CPO", "EMSP"]}),
]


async def insert(dsn: str, row: Row) -> None:
    """Insert the row, and before it the one beside it, in a transaction that is taken back."""
    statement = LIKE_ANOTHER.format(table=row.table, which=WHICH.get(row.table, ""))
    inserted = [row.changes] if row.beside is None else [row.beside, row.changes]
    connection = await asyncpg.connect(dsn)
    try:
        transaction = connection.transaction()
        await transaction.start()
        for changes in inserted:
            made = {name: str(uuid4()) if value is FRESH else value for name, value in changes.items()}
            await connection.execute(statement, orjson.dumps(made).decode())
        await transaction.rollback()
    finally:
        await connection.close()


async def test_every_table_has_a_row_to_be_changed(furnished: str) -> None:
    empty = [name for name in metadata.tables if await run(furnished, f"SELECT 1 FROM {name} LIMIT 1") == []]

    assert empty == []


def test_every_rule_that_the_tables_name_has_a_row_that_it_refuses() -> None:
    checks = {str(one.name) for table in metadata.tables.values() for one in table.constraints if one.name}
    unique = {index.name for table in metadata.tables.values() for index in table.indexes if index.unique}

    assert {name for name in checks if not name.endswith(("_pkey", "_fkey"))} | unique == set(REFUSED)


@pytest.mark.parametrize("rule", REFUSED)
async def test_a_rule_refuses_a_bad_row(furnished: str, rule: str) -> None:
    for bad in REFUSED[rule]:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
            await insert(furnished, bad)
        assert (refused.value.constraint_name, refused.value.table_name) == (rule, bad.table)


@pytest.mark.parametrize("row", ALLOWED, ids=lambda row: f"{row.table}-{'-'.join(row.changes)}")
async def test_what_no_rule_forbids_is_allowed(furnished: str, row: Row) -> None:
    before = await run(furnished, f"SELECT count(*) FROM {row.table}")

    await insert(furnished, row)

    assert await run(furnished, f"SELECT count(*) FROM {row.table}") == before
