"""Writing what operators publish: Locations with their parts, Tariffs, BookingLocations with their calendars."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries.documents import to_document, to_range
from models.queries.writing import insert, upsert
from models.rules.booking_location import BookingLocation, BookingOption, BookingTerms
from models.rules.location import (
    USABLE,
    AdditionalGeoLocation,
    BusinessDetails,
    DisplayText,
    EnergyMix,
    Location,
    OpeningTimes,
    PublishToken,
    Status,
)
from models.rules.tariff import PriceLimit, Tariff, TariffElement

_LAST_UPDATED = {
    "location": "SELECT last_updated FROM location WHERE id = $1",
    "tariff": "SELECT last_updated FROM tariff WHERE id = $1 FOR UPDATE",
    "booking_location": "SELECT last_updated FROM booking_location WHERE id = $1",
}
_LOCK_TARIFF = "SELECT pg_advisory_xact_lock(hashtextextended('tariff ' || $1, 0))"
_SHARE_TARIFFS = """
SELECT pg_advisory_xact_lock_shared(lock_key)
FROM (
    SELECT DISTINCT hashtextextended('tariff ' || id, 0) AS lock_key FROM unnest($1::text[]) AS id ORDER BY 1
) AS keys
"""
_REMOVE_EVSES = f"""
UPDATE evse SET status = '{Status.REMOVED}', last_updated = $3
WHERE location_id = $1 AND id <> ALL($2) AND status <> '{Status.REMOVED}'
"""  # noqa: S608 - a value of our own enumeration
_REMOVE_BAYS = "UPDATE parking_bay SET removed = true WHERE location_id = $1 AND id <> ALL($2) AND NOT removed"
_STATES = "SELECT id, status, last_updated FROM evse WHERE location_id = $1"
_REPAIRED = """
UPDATE fault f SET repaired_at = greatest($2, f.reported_at)
FROM evse e
WHERE f.location_id = $1 AND f.repaired_at IS NULL AND f.severity <> 'WARNING'
  AND e.location_id = f.location_id AND e.id = f.evse_id AND e.status = ANY($3)
"""
_CHANGED = "UPDATE location SET version = version + 1, published_at = $2 WHERE id = $1"
_TARIFF_CHANGED = """
UPDATE location SET version = version + 1, published_at = $2 WHERE id IN (
    SELECT id FROM location WHERE id IN (
        SELECT location_id FROM booking_location WHERE $1 = ANY(tariff_ids)
        UNION SELECT location_id FROM connector WHERE $1 = ANY(tariff_ids)
    ) ORDER BY id FOR NO KEY UPDATE
)
"""
"""The inner rows are locked in one order, so that two tariffs do not wait for each other."""

_CLEAR = (
    "DELETE FROM connector WHERE location_id = $1",
    "DELETE FROM evse_parking WHERE location_id = $1",
)
_CLEAR_CALENDARS = "DELETE FROM calendar WHERE location_id = $1 AND booking_location_id = $2"


async def last_updated(connection: Connection, table: str, object_id: str) -> datetime | None:
    """Return when the stored object was last updated, or None if there is none."""
    found: datetime | None = await connection.fetchval(_LAST_UPDATED[table], object_id)
    return found


async def own_tariff(connection: Connection, tariff_id: str) -> None:
    """Keep the tariff of that id for this transaction alone, also while it does not exist yet."""
    await connection.execute(_LOCK_TARIFF, tariff_id)


async def share_tariffs(connection: Connection, tariff_ids: Iterable[str]) -> None:
    """Keep those tariffs as they are until the transaction ends, before anything that names them is written."""
    await connection.execute(_SHARE_TARIFFS, sorted(set(tariff_ids)))


async def put_location(connection: Connection, location: Location, now: datetime) -> None:
    """Store a Location whole; chargers and bays that it no longer has stay, marked as gone.

    A charger keeps a state that was reported later than the document has it; a usable one ends its open fault.
    """
    await upsert(connection, "location", ["id"], [{**_location_row(location), "published_at": now}])
    await upsert(connection, "parking_bay", ["location_id", "id"], _bay_rows(location))
    kept = await _states(connection, location)
    await upsert(connection, "evse", ["location_id", "id"], _evse_rows(location, kept))
    evse_ids = [evse.id for evse in location.evses]
    await connection.execute(_REMOVE_EVSES, location.id, evse_ids, location.last_updated)
    await connection.execute(_REMOVE_BAYS, location.id, [bay.id for bay in location.parking_bays])
    for statement in _CLEAR:
        await connection.execute(statement, location.id)
    await insert(connection, "connector", _connector_rows(location))
    await insert(connection, "evse_parking", _evse_parking_rows(location))
    await connection.execute(_REPAIRED, location.id, now, [status.value for status in USABLE])
    await connection.execute(_CHANGED, location.id, now)


async def _states(connection: Connection, location: Location) -> dict[str, tuple[str, datetime]]:
    """Return the states of chargers that were reported later than the document has them."""
    told = {evse.id: evse.last_updated for evse in location.evses}
    rows = await connection.fetch(_STATES, location.id)
    return {
        row["id"]: (row["status"], row["last_updated"])
        for row in rows
        if row["id"] in told and row["last_updated"] > told[row["id"]]
    }


async def put_tariff(connection: Connection, tariff: Tariff, now: datetime) -> None:
    """Store a Tariff."""
    row = {
        **_same(tariff, "id", "country_code", "party_id", "ocpi_id", "currency", "type", "tariff_alt_url"),
        **_same(tariff, "start_date_time", "end_date_time", "last_updated"),
        "tax_included": tariff.tax_included.value,
        "tariff_alt_text": to_document(tuple[DisplayText, ...], tariff.tariff_alt_text),
        "min_price": to_document(PriceLimit, tariff.min_price),
        "max_price": to_document(PriceLimit, tariff.max_price),
        "elements": to_document(tuple[TariffElement, ...], tariff.elements),
    }
    await upsert(connection, "tariff", ["id"], [row])
    await connection.execute(_TARIFF_CHANGED, tariff.id, now)


async def put_booking_location(connection: Connection, offer: BookingLocation, now: datetime) -> None:
    """Store a BookingLocation with its calendars; how it confirms stays what its operator set."""
    row = {
        **_same(offer, "location_id", "id", "country_code", "party_id", "ocpi_id", "reservation_required", "ad_hoc"),
        **_same(offer, "withdrawn", "last_updated"),
        "booking_option": to_document(BookingOption, offer.booking_option),
        "booking_terms": to_document(BookingTerms, offer.booking_terms),
        "tariff_ids": list(offer.tariff_ids),
    }
    await upsert(connection, "booking_location", ["location_id", "id"], [row])
    await connection.execute(_CLEAR_CALENDARS, offer.location_id, offer.id)
    await insert(connection, "calendar", _calendar_rows(offer))
    await insert(connection, "timeslot", _timeslot_rows(offer))
    await connection.execute(_CHANGED, offer.location_id, now)


def _location_row(location: Location) -> dict[str, Any]:
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
    }


def _evse_rows(location: Location, kept: dict[str, tuple[str, datetime]]) -> list[dict[str, Any]]:
    return [
        {
            **_same(evse, "id", "uid", "evse_id", "floor_level", "physical_reference", "latitude", "longitude"),
            "location_id": location.id,
            "position": position,
            "status": kept[evse.id][0] if evse.id in kept else evse.status.value,
            "capabilities": list(evse.capabilities),
            "directions": to_document(tuple[DisplayText, ...], evse.directions),
            "parking_restrictions": list(evse.parking_restrictions),
            "last_updated": kept[evse.id][1] if evse.id in kept else evse.last_updated,
        }
        for position, evse in enumerate(location.evses)
    ]


def _connector_rows(location: Location) -> list[dict[str, Any]]:
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
        for evse in location.evses
        for position, plug in enumerate(evse.connectors)
    ]


def _evse_parking_rows(location: Location) -> list[dict[str, Any]]:
    return [
        {
            "location_id": location.id,
            "evse_id": evse.id,
            "parking_bay_id": link.parking_bay_id,
            "position": position,
            "evse_position": link.evse_position.value if link.evse_position else None,
        }
        for evse in location.evses
        for position, link in enumerate(evse.parking)
    ]


def _bay_rows(location: Location) -> list[dict[str, Any]]:
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
            "removed": False,
        }
        for position, bay in enumerate(location.parking_bays)
    ]


def _calendar_rows(offer: BookingLocation) -> list[dict[str, Any]]:
    return [
        {
            "location_id": offer.location_id,
            "booking_location_id": offer.id,
            "id": calendar.id,
            "position": position,
            "covers": to_range(calendar.covers),
            "timeslot_increment": calendar.timeslot_increment,
            "last_updated": calendar.last_updated,
        }
        for position, calendar in enumerate(offer.calendars)
    ]


def _timeslot_rows(offer: BookingLocation) -> list[dict[str, Any]]:
    return [
        {
            "location_id": offer.location_id,
            "booking_location_id": offer.id,
            "calendar_id": calendar.id,
            "position": position,
            "during": to_range(timeslot.period),
            **_same(timeslot, "min_power", "max_power", "green_energy_support"),
        }
        for calendar in offer.calendars
        for position, timeslot in enumerate(calendar.available_timeslots)
    ]


def _same(value: object, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}
