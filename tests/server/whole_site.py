"""One site with every field that the standard has for it, and how callers see it."""

from typing import Any

from graphql import GraphQLObjectType, get_named_type

from schema.build import schema

OWNER = {"country_code": "NL", "party_id": "ABC"}
THEN = "2026-11-01T08:00:00Z"
WHEN = {"last_updated": THEN}

IMAGE = {
    "url": "https://pictures.example/entrance.jpeg",
    "thumbnail": "https://pictures.example/small.jpeg",
    "category": "ENTRANCE",
    "type": "jpeg",
    "width": 1600,
    "height": 900,
}

TARIFF: dict[str, Any] = {
    **OWNER,
    "id": "T1",
    "currency": "EUR",
    "type": "REGULAR",
    "tariff_alt_text": [{"language": "nl", "text": "Eén prijs"}],
    "tariff_alt_url": "https://prices.example/t1",
    "min_price": {"before_taxes": 1.50, "after_taxes": 1.82},
    "max_price": {"before_taxes": 250},
    "elements": [
        {
            "price_components": [{"type": "ENERGY", "price": 0.4567, "vat": 21, "step_size": 1}],
            "restrictions": {
                "start_time": "08:00",
                "end_time": "20:00",
                "start_date": "2026-11-01",
                "end_date": "2027-01-01",
                "min_kwh": 1.5,
                "max_kwh": 900,
                "min_current": 10,
                "max_current": 3000,
                "min_power": 50.5,
                "max_power": 1000,
                "min_duration": 60,
                "max_duration": 86400,
                "day_of_week": ["MONDAY", "SUNDAY"],
                "reservation": "RESERVATION_EXPIRES",
                "booking": "BOOKING_OVERTIME",
            },
        },
        {"price_components": [{"type": "FLAT", "price": 2.5, "step_size": 1}]},
    ],
    "tax_included": "N/A",
    "energy_mix": {"is_green_energy": False, "energy_sources": [{"source": "GAS", "percentage": 100}]},
    "start_date_time": "2026-01-01T00:00:00Z",
    "end_date_time": "2028-01-01T00:00:00Z",
    **WHEN,
}
LOCATION: dict[str, Any] = {
    **OWNER,
    "id": "L1",
    "publish": True,
    "publish_allowed_to": [
        {"uid": "12345678905880", "type": "RFID"},
        {"visual_number": "NL-EMS-0001", "issuer": "EMS", "group_id": "TRUCKS"},
    ],
    "name": "Truckpark Waalhaven",
    "address": "Waalhaven Zuidzijde 1",
    "city": "Rotterdam",
    "postal_code": "3089 JH",
    "state": "Zuid-Holland",
    "country": "NLD",
    "coordinates": {"latitude": "51.8857", "longitude": "4.4300001"},
    "related_locations": [
        {"latitude": "51.8860", "longitude": "4.4310", "name": {"language": "nl", "text": "Ingang"}}
    ],
    "parking_type": "PARKING_LOT",
    "evses": [
        {
            "uid": "E1",
            "evse_id": "NL*ABC*E1*1",
            "status": "AVAILABLE",
            "status_schedule": [
                {"period_begin": "2026-12-24T12:00:00Z", "period_end": "2026-12-27T06:00:00Z", "status": "BLOCKED"},
                {"period_begin": "2027-06-01T00:00:00Z", "status": "REMOVED"},
            ],
            "capabilities": ["RFID_READER", "REMOTE_START_STOP_CAPABLE"],
            "connectors": [
                {
                    "id": "1",
                    "standard": "MCS",
                    "format": "CABLE",
                    "power_type": "DC",
                    "max_voltage": 1250,
                    "max_amperage": 3000,
                    "max_electric_power": 1_000_000,
                    "tariff_ids": ["T1"],
                    "terms_and_conditions": "https://terms.example/",
                    "capabilities": ["ISO_15118_20_PLUG_AND_CHARGE"],
                    **WHEN,
                },
                {
                    "id": "2",
                    "standard": "IEC_62196_T2",
                    "format": "SOCKET",
                    "power_type": "AC_3_PHASE",
                    "max_voltage": 400,
                    "max_amperage": 63,
                    **WHEN,
                },
            ],
            "floor_level": "0",
            "coordinates": {"latitude": "51.88575", "longitude": "4.43005"},
            "physical_reference": "1",
            "directions": [{"language": "en", "text": "Left of the shop"}],
            "parking_restrictions": ["EV_ONLY"],
            "parking": [{"parking_id": "B1", "evse_position": "LEFT"}, {"parking_id": "B2"}],
            "images": [{**IMAGE, "category": "CHARGER"}],
            "accepted_service_providers": ["EMS", "Rijden BV"],
            **WHEN,
        }
    ],
    "parking_places": [
        {
            "id": "B1",
            "physical_reference": "Bay 1",
            "vehicle_types": ["SEMI_TRACTOR", "RIGID"],
            "max_vehicle_weight": 44000,
            "max_vehicle_height": 410,
            "max_vehicle_length": 1875,
            "max_vehicle_width": 260,
            "parking_space_length": 2000,
            "parking_space_width": 350,
            "dangerous_goods_allowed": False,
            "direction": "ANGLE",
            "drive_through": True,
            "restricted_to_type": True,
            "reservation_required": True,
            "time_limit": 120,
            "roofed": False,
            "lighting": True,
            "refrigeration_outlet": True,
            "standards": ["ISO 17409"],
            "apds_reference": "urn:apds:1",
            "images": [{"url": "https://pictures.example/bay.png", "category": "OTHER", "type": "png"}],
        },
        {"id": "B2", "vehicle_types": ["RIGID"], "restricted_to_type": False, "reservation_required": False},
    ],
    "directions": [{"language": "de", "text": "Zweite Ausfahrt"}],
    "operator": {"name": "ABC Laden", "website": "https://abc.example", "logo": {**IMAGE, "category": "OPERATOR"}},
    "suboperator": {"name": "ABC Zuid"},
    "owner": {"name": "Haven", "website": "http://haven.example"},
    "facilities": ["SHOWER", "RESTAURANT"],
    "time_zone": "Europe/Amsterdam",
    "opening_times": {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "06:00", "period_end": "24:00"}],
        "exceptional_openings": [{"period_begin": "2026-12-24T08:00:00Z", "period_end": "2026-12-24T12:00:00Z"}],
        "exceptional_closings": [{"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-26T00:00:00Z"}],
    },
    "charging_when_closed": False,
    "images": [IMAGE],
    "energy_mix": {
        "is_green_energy": True,
        "energy_sources": [{"source": "WIND", "percentage": 99.5}, {"source": "SOLAR", "percentage": 0.5}],
        "environ_impact": [{"category": "CARBON_DIOXIDE", "amount": 12.5}],
        "supplier_name": "Windkraft",
        "energy_product_name": "Noordzee",
    },
    "help_phone": "+31 10 1234567",
    **WHEN,
}
BOOKING_LOCATION: dict[str, Any] = {
    **OWNER,
    "id": "O1",
    "location_id": "L1",
    "booking_option": {
        "evse_uid": "E1",
        "connector_id": "1",
        "parking_id": "B1",
        "evse_position": ["LEFT", "CENTER"],
        "vehicle_types": ["SEMI_TRACTOR"],
        "connector_format": ["CABLE"],
        "connector_types": ["MCS"],
        "power_types": ["DC"],
        "max_vehicle_weight": 40000,
        "max_vehicle_height": 400,
        "max_vehicle_length": 1650,
        "max_vehicle_width": 255,
        "min_parking_space_length": 1800,
        "min_parking_space_width": 300,
        "dangerous_goods_allowed": False,
        "drive_through": True,
        "refrigeration_outlet": True,
    },
    "policy": {"reservation_required": True, "ad_hoc": 2},
    "tariff_ids": ["T1"],
    "booking_terms": {
        "rfid_auth_required": True,
        "token_groups_supported": False,
        "remote_auth_supported": True,
        "supported_access_methods": ["LICENSE_PLATE", "ACCESS_CODE"],
        "change_until_minutes": 90,
        "cancel_until_minutes": 60,
        "change_not_allowed": False,
        "early_start_allowed": True,
        "early_start_time": 10,
        "noshow_timeout": 30,
        "noshow_fee": True,
        "late_stop_allowed": True,
        "late_stop_time": 15,
        "overlapping_bookings_allowed": False,
        "min_booking_duration": 30,
        "max_booking_duration": 240,
        "booking_terms": "https://terms.example/booking",
    },
    "calendars": [
        {
            "id": "C1",
            "begin_from": "2026-11-01T00:00:00Z",
            "end_before": "2026-12-31T00:00:00Z",
            "timeslot_increment": 15,
            "available_timeslots": [
                {
                    "start_date_time": "2026-12-01T06:00:00Z",
                    "end_date_time": "2026-12-01T22:00:00Z",
                    "min_power": 350_000,
                    "max_power": 1_000_000,
                    "green_energy_support": True,
                },
                {"start_date_time": "2026-12-02T06:00:00Z", "end_date_time": "2026-12-02T22:00:00Z"},
            ],
            **WHEN,
        },
        {"id": "C2", "begin_from": "2027-01-01T00:00:00Z", "end_before": "2027-02-01T00:00:00Z", **WHEN},
    ],
    **WHEN,
}


def selection(type_name: str, *left_out: str) -> str:
    """Return everything that the contract has of a type, save fields of those names, as a selection."""
    kind = schema._schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    fields = []
    for name, field in kind.fields.items():
        if name not in left_out:
            inner = get_named_type(field.type)
            deeper = selection(inner.name, *left_out) if isinstance(inner, GraphQLObjectType) else ""
            fields.append(f"{name} {deeper}".strip())
    return "{ " + " ".join(fields) + " }"
