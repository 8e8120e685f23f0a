"""How the rows of the published catalogue become values."""

from typing import Any

from models.queries.documents import from_document, optional, to_interval
from models.rules.booking_location import (
    BookingLocation,
    BookingOption,
    BookingTerms,
    Calendar,
    Confirmation,
    Timeslot,
)
from models.rules.energy_mix import EnergyMix
from models.rules.image import Image
from models.rules.location import (
    AdditionalGeoLocation,
    BusinessDetails,
    Connector,
    ConnectorFormat,
    DisplayText,
    Evse,
    EvseParking,
    EvsePosition,
    Location,
    OpeningTimes,
    ParkingBay,
    PowerType,
    PublishToken,
    Status,
    StatusSchedule,
)
from models.rules.maintenance import Maintenance
from models.rules.published import PublishedLocation
from models.rules.tariff import PriceLimit, Tariff, TariffElement, TaxIncluded
from models.rules.weekly import WeeklyHours

Record = Any
Parts = dict[str, dict[Any, list[Record]]]

PARENT = {
    "evse": ("location_id",),
    "connector": ("location_id", "evse_id"),
    "evse_parking": ("location_id", "evse_id"),
    "parking_bay": ("location_id",),
    "booking_location": ("location_id",),
    "calendar": ("location_id", "booking_location_id"),
    "timeslot": ("location_id", "booking_location_id", "calendar_id"),
    "maintenance": ("location_id",),
}
"""By which columns the rows of a part belong to their parent."""


def published_location(row: Record, parts: Parts, tariffs: dict[str, Tariff]) -> PublishedLocation:
    """Return one Location with its parts."""
    key = (row["id"],)
    location = _location(row, parts)
    found = [_booking_location(one, parts) for one in parts["booking_location"].get(key, ())]
    offers = tuple(one for one in found if not one.withdrawn)
    named = {name for offer in offers for name in offer.tariff_ids}
    named |= {name for evse in location.evses for plug in evse.connectors for name in plug.tariff_ids}
    prices = {name: tariffs[name] for name in sorted(named) if name in tariffs}
    return PublishedLocation(
        location,
        offers,
        prices,
        row["version"],
        row["published_at"],
        maintenance=tuple(_maintenance(one) for one in parts["maintenance"].get(key, ())),
        withdrawn=tuple(one for one in found if one.withdrawn),
        hidden_at=row["hidden_at"],
    )


def tariff(row: Record) -> Tariff:
    """Return one Tariff."""
    return Tariff(
        **_same(row, "id", "country_code", "party_id", "ocpi_id", "currency", "type", "tariff_alt_url"),
        **_same(row, "start_date_time", "end_date_time", "last_updated"),
        tax_included=TaxIncluded(row["tax_included"]),
        elements=from_document(tuple[TariffElement, ...], row["elements"]),
        tariff_alt_text=optional(tuple[DisplayText, ...], row["tariff_alt_text"]) or (),
        min_price=optional(PriceLimit, row["min_price"]),
        max_price=optional(PriceLimit, row["max_price"]),
        energy_mix=optional(EnergyMix, row["energy_mix"]),
    )


def _location(row: Record, parts: Parts) -> Location:
    key = (row["id"],)
    return Location(
        **_same(row, "id", "country_code", "party_id", "ocpi_id", "publish", "name", "address", "city"),
        **_same(row, "postal_code", "state", "country", "latitude", "longitude", "time_zone", "last_updated"),
        **_same(row, "parking_type", "help_phone", "charging_when_closed", "withdrawn_at"),
        facilities=tuple(row["facilities"]),
        operator=optional(BusinessDetails, row["operator"]),
        suboperator=optional(BusinessDetails, row["suboperator"]),
        owner=optional(BusinessDetails, row["owner"]),
        opening_times=optional(OpeningTimes, row["opening_times"]),
        energy_mix=optional(EnergyMix, row["energy_mix"]),
        directions=optional(tuple[DisplayText, ...], row["directions"]) or (),
        related_locations=optional(tuple[AdditionalGeoLocation, ...], row["related_locations"]) or (),
        publish_allowed_to=optional(tuple[PublishToken, ...], row["publish_allowed_to"]) or (),
        images=optional(tuple[Image, ...], row["images"]) or (),
        evses=tuple(_evse(one, parts) for one in parts["evse"].get(key, ())),
        parking_bays=tuple(_parking_bay(one) for one in parts["parking_bay"].get(key, ())),
    )


def _evse(row: Record, parts: Parts) -> Evse:
    key = (row["location_id"], row["id"])
    return Evse(
        **_same(row, "id", "uid", "evse_id", "floor_level", "physical_reference", "latitude", "longitude"),
        **_same(row, "last_updated", "fault_expected_end"),
        status=Status(row["status"]),
        capabilities=tuple(row["capabilities"]),
        directions=optional(tuple[DisplayText, ...], row["directions"]) or (),
        parking_restrictions=tuple(row["parking_restrictions"]),
        status_schedule=optional(tuple[StatusSchedule, ...], row["status_schedule"]) or (),
        images=optional(tuple[Image, ...], row["images"]) or (),
        accepted_service_providers=tuple(row["accepted_service_providers"]),
        connectors=tuple(_connector(one) for one in parts["connector"].get(key, ())),
        parking=tuple(_evse_parking(one) for one in parts["evse_parking"].get(key, ())),
    )


def _connector(row: Record) -> Connector:
    return Connector(
        **_same(row, "id", "ocpi_id", "standard", "max_voltage", "max_amperage", "max_electric_power"),
        **_same(row, "terms_and_conditions", "last_updated"),
        format=ConnectorFormat(row["format"]),
        power_type=PowerType(row["power_type"]),
        tariff_ids=tuple(row["tariff_ids"]),
        capabilities=tuple(row["capabilities"]),
    )


def _evse_parking(row: Record) -> EvseParking:
    position = row["evse_position"]
    return EvseParking(row["parking_bay_id"], EvsePosition(position) if position else None)


def _parking_bay(row: Record) -> ParkingBay:
    return ParkingBay(
        **_same(row, "id", "ocpi_id", "physical_reference", "max_vehicle_weight", "max_vehicle_height"),
        **_same(row, "max_vehicle_length", "max_vehicle_width", "parking_space_length", "parking_space_width"),
        **_same(row, "dangerous_goods_allowed", "direction", "drive_through", "restricted_to_type"),
        **_same(row, "reservation_required", "time_limit", "roofed", "lighting", "refrigeration_outlet"),
        apds_reference=row["apds_reference"],
        vehicle_types=tuple(row["vehicle_types"]),
        standards=tuple(row["standards"]),
        images=optional(tuple[Image, ...], row["images"]) or (),
    )


def _booking_location(row: Record, parts: Parts) -> BookingLocation:
    key = (row["location_id"], row["id"])
    return BookingLocation(
        **_same(row, "id", "country_code", "party_id", "ocpi_id", "location_id", "reservation_required", "ad_hoc"),
        **_same(row, "last_updated", "withdrawn"),
        booking_option=from_document(BookingOption, row["booking_option"]),
        tariff_ids=tuple(row["tariff_ids"]),
        booking_terms=optional(BookingTerms, row["booking_terms"]),
        confirmation=Confirmation(row["confirmation"]),
        calendars=tuple(_calendar(one, parts) for one in parts["calendar"].get(key, ())),
    )


def _calendar(row: Record, parts: Parts) -> Calendar:
    key = (row["location_id"], row["booking_location_id"], row["id"])
    return Calendar(
        id=row["id"],
        covers=to_interval(row["covers"]),
        timeslot_increment=row["timeslot_increment"],
        available_timeslots=tuple(_timeslot(one) for one in parts["timeslot"].get(key, ())),
        last_updated=row["last_updated"],
        weekly_hours=optional(WeeklyHours, row["weekly_hours"]),
    )


def _timeslot(row: Record) -> Timeslot:
    return Timeslot(to_interval(row["during"]), row["min_power"], row["max_power"], row["green_energy_support"])


def _maintenance(row: Record) -> Maintenance:
    return Maintenance(
        **_same(row, "id", "country_code", "party_id", "ocpi_id", "location_id", "reason", "last_updated"),
        evse_ids=tuple(row["evse_ids"]),
        period=to_interval(row["during"]),
    )


def _same(row: Record, *columns: str) -> dict[str, Any]:
    return {column: row[column] for column in columns}
