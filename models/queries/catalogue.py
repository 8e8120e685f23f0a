"""Reading what is published: Locations with all their parts, a fixed number of statements for any number of them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries import catalogue_rows as rows
from models.rules.published import PublishedLocation
from models.rules.tariff import Tariff

Record = Any

_LOCATIONS = "SELECT * FROM location WHERE $1::text[] IS NULL OR id = ANY($1) ORDER BY id"
_PARTS = {
    "evse": """
        SELECT e.*, f.expected_end AS fault_expected_end
        FROM evse e
        LEFT JOIN fault f ON f.location_id = e.location_id AND f.evse_id = e.id AND f.repaired_at IS NULL
        WHERE $1::text[] IS NULL OR e.location_id = ANY($1)
        ORDER BY e.position, e.id""",
    "connector": "SELECT * FROM connector WHERE $1::text[] IS NULL OR location_id = ANY($1) ORDER BY position",
    "evse_parking": "SELECT * FROM evse_parking WHERE $1::text[] IS NULL OR location_id = ANY($1) ORDER BY position",
    "parking_bay": """
        SELECT * FROM parking_bay
        WHERE ($1::text[] IS NULL OR location_id = ANY($1)) AND NOT removed
        ORDER BY position, id""",
    "booking_location": """
        SELECT * FROM booking_location
        WHERE $1::text[] IS NULL OR location_id = ANY($1)
        ORDER BY id""",
    "calendar": "SELECT * FROM calendar WHERE $1::text[] IS NULL OR location_id = ANY($1) ORDER BY position",
    "timeslot": "SELECT * FROM timeslot WHERE $1::text[] IS NULL OR location_id = ANY($1) ORDER BY position",
    "maintenance": """
        SELECT * FROM maintenance
        WHERE ($1::text[] IS NULL OR location_id = ANY($1)) AND NOT withdrawn
        ORDER BY during, id""",
}
_TARIFFS = "SELECT * FROM tariff WHERE ($1::text[] IS NULL OR id = ANY($1)) AND NOT withdrawn"
_OF_TARIFFS = """
SELECT location_id FROM booking_location WHERE tariff_ids && $1::text[]
UNION SELECT location_id FROM connector WHERE tariff_ids && $1::text[]
"""
_OF_BOOKING_LOCATION = "SELECT location_id FROM booking_location WHERE id = $1"
_VERSION = "SELECT version FROM location WHERE id = $1"
_LAST_UPDATED = "SELECT last_updated FROM booking_location WHERE id = ANY($1)"
_ANY = "SELECT EXISTS (SELECT FROM location)"


async def published(connection: Connection, location_ids: Sequence[str] | None) -> list[PublishedLocation]:
    """Return those Locations, or all if None, whole, in the order of their ids; eleven statements.

    One that its operator took back is among them, marked so: bookings still refer to it.
    """
    wanted = None if location_ids is None else list(location_ids)
    locations = await connection.fetch(_LOCATIONS, wanted)
    parts: dict[str, dict[Any, list[Record]]] = {}
    for name, statement in _PARTS.items():
        parts[name] = _grouped(await connection.fetch(statement, wanted), rows.PARENT[name])
        await asyncio.sleep(0)
    tariff_ids = None if wanted is None else _named_tariffs(parts)
    tariffs = {row["id"]: rows.tariff(row) for row in await connection.fetch(_TARIFFS, tariff_ids)}
    found = []
    for number, row in enumerate(locations):
        found.append(rows.published_location(row, parts, tariffs))
        if number % 100 == 0:
            await asyncio.sleep(0)  # a whole catalogue takes a second: let others be served meanwhile
    return found


async def many_tariffs(connection: Connection, tariff_ids: Sequence[str]) -> dict[str, Tariff]:
    """Return the tariffs of those ids that were not withdrawn, whether a Location names them or not."""
    return {row["id"]: rows.tariff(row) for row in await connection.fetch(_TARIFFS, list(tariff_ids))}


async def locations_of_tariffs(connection: Connection, tariff_ids: Iterable[str]) -> list[str]:
    """Return the ids of the Locations where one of those tariffs is named; one statement."""
    return [row["location_id"] for row in await connection.fetch(_OF_TARIFFS, sorted(tariff_ids))]


async def location_of_booking_location(connection: Connection, booking_location_id: str) -> str | None:
    """Return the id of the Location at which that can be booked, or None."""
    found: str | None = await connection.fetchval(_OF_BOOKING_LOCATION, booking_location_id)
    return found


async def version(connection: Connection, location_id: str) -> int | None:
    """Return which version of a Location is published now."""
    found: int | None = await connection.fetchval(_VERSION, location_id)
    return found


async def last_updated(connection: Connection, booking_location_ids: Sequence[str]) -> list[datetime]:
    """Return when those BookingLocations were last updated, as far as there are any."""
    return [row["last_updated"] for row in await connection.fetch(_LAST_UPDATED, list(booking_location_ids))]


async def holds_any(connection: Connection) -> bool:
    """Whether any Location was ever published."""
    return bool(await connection.fetchval(_ANY))


def _grouped(records: Sequence[Record], parent: tuple[str, ...]) -> dict[Any, list[Record]]:
    groups: dict[Any, list[Record]] = defaultdict(list)
    for record in records:
        groups[tuple(record[name] for name in parent)].append(record)
    return groups


def _named_tariffs(parts: dict[str, dict[Any, list[Record]]]) -> list[str]:
    return sorted(
        {
            tariff_id
            for name in ("connector", "booking_location")
            for records in parts[name].values()
            for record in records
            for tariff_id in record["tariff_ids"]
        }
    )
