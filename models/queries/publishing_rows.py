"""How the values that operators publish become rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.queries.documents import to_document, to_range
from models.rules.booking_location import BookingLocation, BookingOption, BookingTerms, Calendar
from models.rules.energy_mix import EnergyMix
from models.rules.image import Image
from models.rules.location import (
    AdditionalGeoLocation,
    BusinessDetails,
    DisplayText,
    Location,
    OpeningTimes,
    PublishToken,
    StatusSchedule,
)
from models.rules.maintenance import Maintenance
from models.rules.tariff import PriceLimit, Tariff, TariffElement
from models.rules.weekly import WeeklyHours

Row = dict[str, Any]
State = tuple[str, datetime]
"""A charger's status, and since when it is known."""


@dataclass(frozen=True, slots=True)
class PlacedCalendar:
    """A Calendar with its place in a BookingLocation, and when it grows next if it does."""

    location_id: str
    booking_location_id: str
    position: int
    calendar: Calendar
    grows_at: datetime | None


def location_row(location: Location, now: datetime) -> Row:
    """Return the row of a Location that is published now."""
    return {
        **_same(location, "id", "country_code", "party_id", "ocpi_id", "publish", "name", "address", "city"),
        **_same(location, "postal_code", "state", "country", "latitude", "longitude", "time_zone"),
        **_same(location, "parking_type", "help_phone", "charging_when_closed", "last_updated"),
        "facilities": list(location.facilities),
        "operator": to_document(BusinessDetails, location.operator),
        "suboperator": to_document(BusinessDetails, location.suboperator),
        "owner": to_document(BusinessDetails, location.owner),
        "opening_times": to_document(OpeningTimes, location.opening_times),
        "energy_mix": to_document(EnergyMix, location.energy_mix),
        "directions": to_document(tuple[DisplayText, ...], location.directions),
        "related_locations": to_document(tuple[AdditionalGeoLocation, ...], location.related_locations),
        "publish_allowed_to": to_document(tuple[PublishToken, ...], location.publish_allowed_to),
        "images": to_document(tuple[Image, ...], location.images),
        "published_at": now,
    }


def evse_rows(locations: Iterable[Location], kept: Mapping[str, State]) -> list[Row]:
    """Return the rows of the chargers; those in `kept` have the state that is given there."""
    return [
        {
            **_same(evse, "id", "uid", "evse_id", "floor_level", "physical_reference", "latitude", "longitude"),
            "location_id": location.id,
            "position": position,
            "status": kept[evse.id][0] if evse.id in kept else evse.status.value,
            "capabilities": list(evse.capabilities),
            "directions": to_document(tuple[DisplayText, ...], evse.directions),
            "parking_restrictions": list(evse.parking_restrictions),
            "status_schedule": to_document(tuple[StatusSchedule, ...], evse.status_schedule),
            "images": to_document(tuple[Image, ...], evse.images),
            "accepted_service_providers": list(evse.accepted_service_providers),
            "last_updated": kept[evse.id][1] if evse.id in kept else evse.last_updated,
        }
        for location in locations
        for position, evse in enumerate(location.evses)
    ]


def connector_rows(locations: Iterable[Location]) -> list[Row]:
    """Return the rows of the connectors."""
    return [
        {
            **_same(plug, "id", "ocpi_id", "standard", "max_voltage", "max_amperage", "max_electric_power"),
            **_same(plug, "terms_and_conditions", "last_updated"),
            "location_id": location.id,
            "evse_id": evse.id,
            "position": position,
            "format": plug.format.value,
            "power_type": plug.power_type.value,
            "tariff_ids": list(plug.tariff_ids),
            "capabilities": list(plug.capabilities),
        }
        for location in locations
        for evse in location.evses
        for position, plug in enumerate(evse.connectors)
    ]


def evse_parking_rows(locations: Iterable[Location]) -> list[Row]:
    """Return the rows that say which charger serves which bay."""
    return [
        {
            "location_id": location.id,
            "evse_id": evse.id,
            "parking_bay_id": link.parking_bay_id,
            "position": position,
            "evse_position": link.evse_position.value if link.evse_position else None,
        }
        for location in locations
        for evse in location.evses
        for position, link in enumerate(evse.parking)
    ]


def bay_rows(locations: Iterable[Location]) -> list[Row]:
    """Return the rows of the bays."""
    return [
        {
            **_same(bay, "id", "ocpi_id", "physical_reference", "max_vehicle_weight", "max_vehicle_height"),
            **_same(bay, "max_vehicle_length", "max_vehicle_width", "parking_space_length", "parking_space_width"),
            **_same(bay, "dangerous_goods_allowed", "direction", "drive_through", "restricted_to_type"),
            **_same(bay, "reservation_required", "time_limit", "roofed", "lighting", "refrigeration_outlet"),
            "apds_reference": bay.apds_reference,
            "location_id": location.id,
            "position": position,
            "vehicle_types": list(bay.vehicle_types),
            "standards": list(bay.standards),
            "images": to_document(tuple[Image, ...], bay.images),
            "removed": False,
        }
        for location in locations
        for position, bay in enumerate(location.parking_bays)
    ]


def tariff_row(tariff: Tariff) -> Row:
    """Return the row of a Tariff."""
    return {
        **_same(tariff, "id", "country_code", "party_id", "ocpi_id", "currency", "type", "tariff_alt_url"),
        **_same(tariff, "start_date_time", "end_date_time", "last_updated"),
        "tax_included": tariff.tax_included.value,
        "tariff_alt_text": to_document(tuple[DisplayText, ...], tariff.tariff_alt_text),
        "min_price": to_document(PriceLimit, tariff.min_price),
        "max_price": to_document(PriceLimit, tariff.max_price),
        "elements": to_document(tuple[TariffElement, ...], tariff.elements),
        "energy_mix": to_document(EnergyMix, tariff.energy_mix),
        "withdrawn": False,
    }


def booking_location_row(offer: BookingLocation) -> Row:
    """Return the row of a BookingLocation."""
    return {
        **_same(offer, "location_id", "id", "country_code", "party_id", "ocpi_id", "reservation_required", "ad_hoc"),
        **_same(offer, "withdrawn", "last_updated"),
        "booking_option": to_document(BookingOption, offer.booking_option),
        "booking_terms": to_document(BookingTerms, offer.booking_terms),
        "tariff_ids": list(offer.tariff_ids),
        "confirmation": offer.confirmation.value,
    }


def calendar_row(placed: PlacedCalendar) -> Row:
    """Return the row of a Calendar."""
    return {
        "location_id": placed.location_id,
        "booking_location_id": placed.booking_location_id,
        "id": placed.calendar.id,
        "position": placed.position,
        "covers": to_range(placed.calendar.covers),
        **_same(placed.calendar, "timeslot_increment", "last_updated"),
        "weekly_hours": to_document(WeeklyHours, placed.calendar.weekly_hours),
        "grows_at": placed.grows_at,
    }


def timeslot_rows(placed: PlacedCalendar) -> list[Row]:
    """Return the rows of a Calendar's timeslots."""
    return [
        {
            "location_id": placed.location_id,
            "booking_location_id": placed.booking_location_id,
            "calendar_id": placed.calendar.id,
            "position": position,
            "during": to_range(timeslot.period),
            **_same(timeslot, "min_power", "max_power", "green_energy_support"),
        }
        for position, timeslot in enumerate(placed.calendar.available_timeslots)
    ]


def maintenance_row(work: Maintenance) -> Row:
    """Return the row of a Maintenance."""
    return {
        **_same(work, "location_id", "id", "country_code", "party_id", "ocpi_id", "reason", "last_updated"),
        "evse_ids": list(work.evse_ids),
        "during": to_range(work.period),
        "withdrawn": False,
    }


def _same(value: object, *names: str) -> Row:
    return {name: getattr(value, name) for name in names}
