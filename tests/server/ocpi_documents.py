"""The least that the standard allows of each OCPI object, to be changed by a test, and what is said about it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.ocpi.complaints import complaints_of
from server.ocpi.kinds import SHAPES, Kind

OWNER = {"country_code": "nl", "party_id": "abc"}
WHEN = {"last_updated": "2026-11-01T08:00:00Z"}

Raw = dict[str, Any]


def tariff(local_id: str = "T1", /, **changes: object) -> Raw:
    element = {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 0}]}
    least = {"id": local_id, "currency": "EUR", "elements": [element], "tax_included": "N/A"}
    return OWNER | WHEN | least | changes


def location(local_id: str = "L1", /, **changes: object) -> Raw:
    least = {
        "id": local_id,
        "publish": True,
        "address": "Moezelweg 100",
        "city": "Rotterdam",
        "country": "NLD",
        "coordinates": {"latitude": "51.9525", "longitude": "4.0483"},
        "time_zone": "Europe/Amsterdam",
    }
    return OWNER | WHEN | least | changes


def evse(**changes: object) -> Raw:
    return WHEN | {"uid": "e1", "status": "AVAILABLE", "connectors": [connector()]} | changes


def connector(**changes: object) -> Raw:
    least = {"id": "1", "standard": "MCS", "format": "CABLE", "power_type": "DC"}
    return WHEN | least | {"max_voltage": 1250, "max_amperage": 3000} | changes


def bay(**changes: object) -> Raw:
    least = {"id": "b1", "vehicle_types": ["RIGID"], "restricted_to_type": False, "reservation_required": True}
    return least | changes


def booking_location(local_id: str = "B1", /, **changes: object) -> Raw:
    return OWNER | WHEN | {"id": local_id, "location_id": "L1", "booking_option": {}} | changes


def terms(**changes: object) -> Raw:
    least = {"supported_access_methods": ["OPEN"], "change_until_minutes": 60, "cancel_until_minutes": 30}
    return least | changes


def calendar(**changes: object) -> Raw:
    covers = {"begin_from": "2026-11-01T00:00:00Z", "end_before": "2026-12-01T00:00:00Z"}
    return WHEN | {"id": "c1"} | covers | changes


def timeslot(**changes: object) -> Raw:
    return {"start_date_time": "2026-11-02T00:00:00Z", "end_date_time": "2026-11-02T12:00:00Z"} | changes


def written(file: Path, document: object) -> Path:
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def complaints(kind: Kind, raw: object) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        SHAPES[kind].model_validate(raw)
    return [(one.path, one.reason) for one in complaints_of("$", refused.value)]
