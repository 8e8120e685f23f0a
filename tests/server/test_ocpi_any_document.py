"""Whatever stands in a document, it becomes a value or a list of complaints, never a fault."""

import json
from copy import deepcopy
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from server.ocpi.complaints import complaints_of
from server.ocpi.kinds import SHAPES, Kind

WHEN = "2026-11-01T08:00:00Z"
LATER = "2026-11-02T08:00:00Z"
OWNER = {"country_code": "FR", "party_id": "ABC", "id": "1", "last_updated": WHEN}
TEXT = {"language": "fr", "text": "Bonjour"}
WHOLE: dict[Kind, dict[str, Any]] = {
    Kind.TARIFF: OWNER
    | {
        "currency": "EUR",
        "tariff_alt_text": [TEXT],
        "min_price": {"before_taxes": 1, "after_taxes": 2},
        "elements": [
            {
                "price_components": [{"type": "TIME", "price": Decimal("2.5"), "vat": 20, "step_size": 60}],
                "restrictions": {"start_time": "08:00", "start_date": "2026-11-01", "day_of_week": ["MONDAY"]},
            }
        ],
        "tax_included": "NO",
        "start_date_time": WHEN,
        "end_date_time": LATER,
    },
    Kind.LOCATION: OWNER
    | {
        "publish": False,
        "publish_allowed_to": [{"uid": "1", "type": "RFID"}],
        "address": "1 Rue du Port",
        "city": "Strasbourg",
        "country": "FRA",
        "coordinates": {"latitude": "48.5734", "longitude": "7.7521"},
        "related_locations": [{"latitude": "48.5", "longitude": "7.7", "name": TEXT}],
        "time_zone": "Europe/Paris",
        "operator": {"name": "Operator", "website": "https://example.com"},
        "opening_times": {
            "twentyfourseven": False,
            "regular_hours": [{"weekday": 1, "period_begin": "06:00", "period_end": "22:00"}],
            "exceptional_closings": [{"period_begin": WHEN, "period_end": LATER}],
        },
        "energy_mix": {"is_green_energy": True, "energy_sources": [{"source": "WATER", "percentage": 100}]},
        "parking_places": [
            {"id": "B", "vehicle_types": ["RIGID"], "restricted_to_type": True, "reservation_required": True}
        ],
        "evses": [
            {
                "uid": "E",
                "status": "AVAILABLE",
                "connectors": [
                    {
                        "id": "1",
                        "standard": "MCS",
                        "format": "CABLE",
                        "power_type": "DC",
                        "max_voltage": 1250,
                        "max_amperage": 3000,
                        "tariff_ids": ["1"],
                        "last_updated": WHEN,
                    }
                ],
                "parking": [{"parking_id": "B", "evse_position": "LEFT"}],
                "last_updated": WHEN,
            }
        ],
    },
    Kind.BOOKING_LOCATION: OWNER
    | {
        "location_id": "1",
        "booking_option": {"evse_uid": "E", "evse_position": ["LEFT"], "max_vehicle_length": 1875},
        "policy": {"reservation_required": True, "ad_hoc": 1},
        "tariff_ids": ["1"],
        "booking_terms": {
            "supported_access_methods": ["TOKEN"],
            "change_until_minutes": 60,
            "cancel_until_minutes": 30,
            "min_booking_duration": 15,
            "max_booking_duration": 60,
        },
        "calendars": [
            {
                "id": "C",
                "begin_from": WHEN,
                "end_before": LATER,
                "timeslot_increment": 15,
                "available_timeslots": [
                    {"start_date_time": WHEN, "end_date_time": LATER, "min_power": 1, "max_power": 2}
                ],
                "last_updated": WHEN,
            }
        ],
    },
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from([Decimal("1e999999999"), Decimal("-1e-999999999"), "#NA", "", " ", "9999-12-31T23:59:59-01:00"])
    | st.text(st.characters(exclude_categories=[]), max_size=300)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3)
)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_whole_documents_are_right(kind: Kind) -> None:
    assert SHAPES[kind].model_validate(WHOLE[kind]).to_domain().id == "FR*ABC*1"


@given(kind=st.sampled_from(list(Kind)), data=st.data(), raw=JSON)
def test_a_document_with_anything_anywhere_is_a_value_or_a_list_of_complaints(
    kind: Kind, data: st.DataObject, raw: Any
) -> None:
    document = deepcopy(WHOLE[kind])
    parent, key = data.draw(st.sampled_from(list(_places(document))))
    parent[key] = raw

    try:
        value = SHAPES[kind].model_validate(document).to_domain()
    except ValidationError as error:
        complaints = complaints_of("$", error)
        assert complaints
        assert all(one.path.isascii() and one.path.isprintable() for one in complaints)
        assert all(one.reason.isascii() and one.reason.isprintable() for one in complaints)
    else:
        assert value.id.startswith("FR*ABC*") or key in {"country_code", "party_id"}
        stored = json.dumps(asdict(value), default=str, ensure_ascii=False)
        assert "\\u0000" not in stored
        assert stored.encode("utf-8")


def _places(node: Any) -> Any:
    """Yield every place of a JSON tree, as the container and its key or index."""
    steps = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    for key, child in steps:
        yield node, key
        if isinstance(child, dict | list):
            yield from _places(child)
