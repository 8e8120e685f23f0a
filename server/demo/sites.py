"""The OCPI Locations of the demo network: each place with its bays and chargers."""

from datetime import datetime
from typing import Any

from server.demo.hours import opening_times
from server.demo.layouts import MCS, Bay, Charger, Layout
from server.demo.operators import DAY_AND_NIGHT, ENERGY, MEGAWATT, operator_of
from server.demo.place import Place

RARE_STATES = {0: "OUTOFORDER", 1: "INOPERATIVE", 2: "PLANNED", 3: "CHARGING", 4: "CHARGING"}
"""The few chargers of forty that do not stand ready."""


def location(place: Place, begin: datetime, updated: str, *, spotless: bool = False) -> dict[str, Any]:
    """Return the OCPI Location at `place`; at a `spotless` one every charger is available."""
    operator = operator_of(place)
    located = {"postal_code": place.postal_code} if place.postal_code else {}
    return {
        "country_code": operator.country_code,
        "party_id": operator.party_id,
        "id": place.id,
        "publish": True,
        "name": place.name,
        "address": place.address,
        "city": place.city,
        **located,
        "country": place.country,
        "coordinates": {"latitude": f"{place.latitude:.5f}", "longitude": f"{place.longitude:.5f}"},
        "time_zone": place.time_zone.key,
        "parking_type": place.kind.parking_type,
        "facilities": list(place.kind.facilities),
        "operator": {"name": operator.name},
        "opening_times": opening_times(place.hours, begin),
        "charging_when_closed": False,
        "energy_mix": {"is_green_energy": operator.green},
        "parking_places": [_parking(number, bay) for number, bay in enumerate(place.layout.bays, 1)],
        "evses": [_evse(place, at, updated, spotless=spotless) for at in range(len(place.layout.chargers))],
        "last_updated": updated,
    }


def evse_uid(place: Place, position: int) -> str:
    """Return the uid of the charger at that position of the layout; it is unique within the operator."""
    return f"{place.id}-E{position + 1}"


def bay_id(position: int) -> str:
    """Return the id of the bay at that position of the layout; it is unique within the Location."""
    return f"B{position + 1}"


def charging_tariff(place: Place, standard: str) -> str:
    """Return the id of the tariff that plugs of `standard` charge by at `place`."""
    if standard == MCS:
        return MEGAWATT
    return (ENERGY, DAY_AND_NIGHT)[place.draw(2, "tariff")]


def _parking(number: int, bay: Bay) -> dict[str, Any]:
    return {
        "id": bay_id(number - 1),
        "physical_reference": f"{number}",
        "vehicle_types": list(bay.vehicle_types),
        "max_vehicle_weight": 44000 if bay.drive_through else 26000,
        "max_vehicle_height": 420 if bay.roofed else 450,
        "max_vehicle_length": bay.longest_vehicle,
        "max_vehicle_width": 260,
        "parking_space_length": bay.longest_vehicle + 125,
        "parking_space_width": 400 if bay.drive_through else 350,
        "dangerous_goods_allowed": bay.dangerous_goods,
        "direction": "PARALLEL" if bay.drive_through else "PERPENDICULAR",
        "drive_through": bay.drive_through,
        "restricted_to_type": True,
        "reservation_required": bay.booking_only,
        "roofed": bay.roofed,
        "lighting": True,
        "refrigeration_outlet": bay.refrigeration_outlet,
    }


def _evse(place: Place, position: int, updated: str, *, spotless: bool) -> dict[str, Any]:
    operator, charger, uid = operator_of(place), place.layout.chargers[position], evse_uid(place, position)
    state = "AVAILABLE" if spotless else RARE_STATES.get(place.draw(40, uid), "AVAILABLE")
    served = [
        {"parking_id": bay_id(bay), "evse_position": _side(place.layout, charger, position, bay)}
        for bay in charger.bays
    ]
    return {
        "uid": uid,
        "evse_id": f"{operator.country_code}*{operator.party_id}*E{place.id.replace('-', '')}*{position + 1}",
        "status": state,
        "capabilities": ["RFID_READER", "REMOTE_START_STOP_CAPABLE", "CREDIT_CARD_PAYABLE"],
        "physical_reference": f"{position + 1}",
        **({"parking": served} if served else {}),
        "connectors": [_connector(place, charger, updated)],
        "last_updated": updated,
    }


def _connector(place: Place, charger: Charger, updated: str) -> dict[str, Any]:
    mcs = charger.standard == MCS
    return {
        "id": "1",
        "standard": charger.standard,
        "format": "CABLE",
        "power_type": "DC",
        "max_voltage": 1250 if mcs else 1000,
        "max_amperage": 1500 if mcs else 500,
        "max_electric_power": charger.power * 1000,
        "tariff_ids": [charging_tariff(place, charger.standard)],
        "capabilities": ["ISO_15118_20_PLUG_AND_CHARGE"] if mcs else [],
        "last_updated": updated,
    }


def _side(layout: Layout, charger: Charger, position: int, bay: int) -> str:
    """Return where the charger stands, seen from the bay: two at one bay face each other across it."""
    sharers = layout.sharers(bay)
    if len(sharers) > 1:
        return "LEFT" if sharers[0] is charger else "RIGHT"
    if len(charger.bays) > 1:
        return "RIGHT" if bay == charger.bays[0] else "LEFT"
    if not layout.bays[bay].drive_through:
        return "CENTER"
    return ("LEFT", "RIGHT")[position % 2]
