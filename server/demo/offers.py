"""The OCPI BookingLocations of the demo network: what can be booked at each place, when, and on which terms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.demo.hours import rfc3339, windows
from server.demo.layouts import MCS, Charger
from server.demo.operators import BOOKING_FLAT, BOOKING_FREE, BOOKING_HOURLY, Operator, operator_of
from server.demo.place import Place
from server.demo.sites import bay_id, charging_tariff, evse_uid

BOOKABLE_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms that occur in the network; durations and times in minutes."""

    access: tuple[str, ...]
    cancel_until: int
    change_until: int
    noshow: int
    early: int
    late: int
    shortest: int = 30
    longest: int = 240
    increment: int = 15
    tariff: str = BOOKING_FLAT


BEHIND_A_GATE = (
    Terms(("LICENSE_PLATE",), 120, 60, 30, 30, 15, longest=540, increment=30),
    Terms(("ACCESS_CODE", "TOKEN"), 60, 60, 20, 15, 10, increment=5, tariff=BOOKING_HOURLY),
    Terms(("LICENSE_PLATE", "ACCESS_CODE", "INTERCOM"), 1440, 240, 45, 30, 0, longest=600, increment=30),
)
AT_THE_MOTORWAY = (
    Terms(("TOKEN",), 60, 30, 20, 15, 10, longest=120),
    Terms(("OPEN",), 30, 15, 15, 0, 5, shortest=15, longest=90, increment=5, tariff=BOOKING_FREE),
    Terms(("OPEN",), 240, 120, 30, 10, 15, shortest=45, longest=120, tariff=BOOKING_HOURLY),
    Terms(("TOKEN", "LICENSE_PLATE"), 120, 60, 15, 10, 0, longest=540, increment=30),
)
SHOWN_FIRST = Terms(("TOKEN",), 60, 30, 15, 15, 10)
SHARED_BAY = Terms(("OPEN",), 0, 0, 15, 15, 10)


def booking_locations(place: Place, begin: datetime, updated: str, terms: Terms) -> list[dict[str, Any]]:
    """Return what can be booked at `place` from `begin` (aware UTC): groups of like chargers, and single ones.

    A pinned charger also satisfies the specification of its group, as at real sites; whoever books first has it.
    """
    layout = place.layout
    made = []
    for group in layout.groups():
        if len(group) > 1:
            name = "MCS" if layout.chargers[group[0]].standard == MCS else "CCS"
            short = any(not layout.bays[bay].drive_through for bay in layout.chargers[group[0]].bays)
            option = _specification(place, layout.chargers[group[0]])
            made.append((f"{place.id}-{name}{'-SHORT' if short else ''}", group, option))
    made += [(f"{evse_uid(place, at)}-ALONE", (at,), _named(place, at)) for at in layout.pinned]
    return [_booking_location(place, name, group, option, begin, updated, terms) for name, group, option in made]


def terms_at(place: Place) -> Terms:
    """Return the terms of an ordinary place: which ones depends on whether it has a gate."""
    choice = BEHIND_A_GATE if place.kind.gated else AT_THE_MOTORWAY
    return choice[place.draw(len(choice), "terms")]


def _specification(place: Place, charger: Charger) -> dict[str, Any]:
    """Return the option that the chargers like `charger` satisfy; where no bays are recorded, sizes are unknown."""
    option: dict[str, Any] = {"connector_types": [charger.standard], "power_types": ["DC"]}
    if charger.bays:
        bay = place.layout.bays[charger.bays[0]]
        option |= {"vehicle_types": list(bay.vehicle_types), "max_vehicle_length": bay.longest_vehicle}
        option |= {"drive_through": True} if bay.drive_through else {}
    return option


def _named(place: Place, position: int) -> dict[str, Any]:
    bay = place.layout.chargers[position].bays[0]
    return {"evse_uid": evse_uid(place, position), "connector_id": "1", "parking_id": bay_id(bay)}


def _booking_location(
    place: Place,
    name: str,
    group: tuple[int, ...],
    option: dict[str, Any],
    begin: datetime,
    updated: str,
    terms: Terms,
) -> dict[str, Any]:
    operator, chargers = operator_of(place), [place.layout.chargers[at] for at in group]
    served = [place.layout.bays[bay] for charger in chargers for bay in charger.bays]
    return {
        "country_code": operator.country_code,
        "party_id": operator.party_id,
        "id": name,
        "location_id": place.id,
        "booking_option": option,
        "policy": {"reservation_required": bool(served) and all(bay.booking_only for bay in served)},
        "tariff_ids": [charging_tariff(place, chargers[0].standard), terms.tariff],
        "booking_terms": _booking_terms(terms, operator),
        "calendars": [_calendar(place, chargers, begin, updated, terms)],
        "last_updated": updated,
    }


def _booking_terms(terms: Terms, operator: Operator) -> dict[str, Any]:
    return {
        "rfid_auth_required": False,
        "token_groups_supported": operator.green,
        "remote_auth_supported": True,
        "supported_access_methods": list(terms.access),
        "change_until_minutes": terms.change_until,
        "cancel_until_minutes": terms.cancel_until,
        "early_start_allowed": terms.early > 0,
        "early_start_time": terms.early,
        "noshow_timeout": terms.noshow,
        "noshow_fee": terms.tariff != BOOKING_FREE,
        "late_stop_allowed": terms.late > 0,
        "late_stop_time": terms.late,
        "overlapping_bookings_allowed": False,
        "min_booking_duration": terms.shortest,
        "max_booking_duration": terms.longest,
    }


def _calendar(place: Place, chargers: list[Charger], begin: datetime, updated: str, terms: Terms) -> dict[str, Any]:
    """Half of the weakest charger's power is guaranteed, all of the strongest's may be had."""
    end = begin + BOOKABLE_AHEAD
    powers = [charger.power * 1000 for charger in chargers]
    offered = {
        "min_power": min(powers) // 2,
        "max_power": max(powers),
        "green_energy_support": operator_of(place).green,
    }
    return {
        "id": "C1",
        "begin_from": rfc3339(begin),
        "end_before": rfc3339(end),
        "timeslot_increment": terms.increment,
        "available_timeslots": [
            {"start_date_time": rfc3339(opens), "end_date_time": rfc3339(shuts), **offered}
            for opens, shuts in windows(place.hours, place.time_zone, begin, end)
        ],
        "last_updated": updated,
    }
