"""Writing what operators publish: Locations with their parts, Tariffs, BookingLocations; many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.db import Connection
from models.queries import publishing_rows as rows
from models.queries.writing import insert, upsert
from models.rules.booking_location import BookingLocation, Confirmation
from models.rules.location import USABLE, Location, Status
from models.rules.tariff import Tariff

_STORED = {
    "location": """
        SELECT id, last_updated, withdrawn_at IS NOT NULL AS withdrawn, id AS location_id, time_zone
        FROM location WHERE id = ANY($1)""",
    "tariff": """
        SELECT id, last_updated, withdrawn, NULL AS location_id, NULL AS time_zone
        FROM tariff WHERE id = ANY($1)""",
    "booking_location": """
        SELECT b.id, b.last_updated, b.withdrawn, b.location_id, l.time_zone
        FROM booking_location b JOIN location l ON l.id = b.location_id WHERE b.id = ANY($1)""",
    "maintenance": """
        SELECT id, last_updated, withdrawn, location_id, NULL AS time_zone
        FROM maintenance WHERE id = ANY($1)""",
}
_EVSES = "SELECT id FROM evse WHERE location_id = ANY($1) AND status <> 'REMOVED'"
IN_ORDER = "id IN (SELECT id FROM location WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)"
"""Which Locations to write: locked in one order, so that two who write many do not wait for each other."""

_HIDE = f"UPDATE location SET hidden_at = $2 WHERE {IN_ORDER} AND publish AND hidden_at IS NULL"  # noqa: S608 - our own
_REMOVE_EVSES = f"""
UPDATE evse e SET status = '{Status.REMOVED}', last_updated = l.last_updated
FROM location l
WHERE l.id = e.location_id AND e.location_id = ANY($1) AND e.id <> ALL($2) AND e.status <> '{Status.REMOVED}'
"""  # noqa: S608 - a value of our own enumeration
_REMOVE_BAYS = "UPDATE parking_bay SET removed = true WHERE location_id = ANY($1) AND id <> ALL($2) AND NOT removed"
_STATES = "SELECT id, status, last_updated FROM evse WHERE location_id = ANY($1)"
_REPAIRED = """
UPDATE fault f SET repaired_at = greatest($2, f.reported_at)
FROM evse e
WHERE f.location_id = ANY($1) AND f.repaired_at IS NULL AND f.severity <> 'WARNING'
  AND e.location_id = f.location_id AND e.id = f.evse_id AND e.status = ANY($3)
"""
_CHANGED = f"UPDATE location SET version = version + 1, published_at = $2 WHERE {IN_ORDER}"  # noqa: S608 - our own
_SHOWN = f"""
UPDATE location SET version = version + 1, published_at = $2, withdrawn_at = NULL,
                    hidden_at = CASE WHEN publish THEN NULL ELSE hidden_at END
WHERE {IN_ORDER}
"""  # noqa: S608 - an expression of our own
_TARIFFS_CHANGED = """
UPDATE location SET version = version + 1, published_at = $2 WHERE id IN (
    SELECT id FROM location WHERE id IN (
        SELECT location_id FROM booking_location WHERE tariff_ids && $1::text[]
        UNION SELECT location_id FROM connector WHERE tariff_ids && $1::text[]
    ) ORDER BY id FOR NO KEY UPDATE
)
"""
"""The inner rows are locked in one order, so that two tariffs do not wait for each other."""

_CLEAR = (
    "DELETE FROM connector WHERE location_id = ANY($1)",
    "DELETE FROM evse_parking WHERE location_id = ANY($1)",
)
_CONFIRM = """
UPDATE booking_location SET confirmation = $3, last_updated = $4 WHERE location_id = $1 AND id = $2
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an object before it is written: a tariff has no place, and only a place has a time zone."""

    last_updated: datetime
    withdrawn: bool
    location_id: str
    time_zone: str


async def stored(connection: Connection, table: str, ids: Iterable[str]) -> dict[str, Stored]:
    """Return what is stored under those ids, withdrawn objects included; one statement."""
    return {
        row["id"]: Stored(row["last_updated"], row["withdrawn"], row["location_id"] or "", row["time_zone"] or "")
        for row in await connection.fetch(_STORED[table], sorted(set(ids)))
    }


async def evse_ids(connection: Connection, location_ids: Iterable[str]) -> set[str]:
    """Return the ids of the chargers that stand at those Locations; one statement."""
    return {row["id"] for row in await connection.fetch(_EVSES, sorted(set(location_ids)))}


async def put_locations(
    connection: Connection, locations: Sequence[Location], now: datetime, *, states_count: bool = True
) -> None:
    """Store Locations whole; chargers and bays that one no longer has stay, marked as gone.

    A charger keeps a state that was reported later than the document has it, or any if `states_count` is false; a
    usable one ends its open fault.
    """
    ordered = sorted(locations, key=lambda one: one.id)  # whoever locks many rows goes by their ids
    ids = [one.id for one in ordered]
    kept = await _states(connection, ordered, states_count=states_count)
    await connection.execute(_HIDE, [one.id for one in ordered if not one.publish], now)
    await upsert(connection, "location", ["id"], [rows.location_row(one, now) for one in ordered])
    await upsert(connection, "parking_bay", ["location_id", "id"], rows.bay_rows(ordered))
    await upsert(connection, "evse", ["location_id", "id"], rows.evse_rows(ordered, kept))
    await connection.execute(_REMOVE_EVSES, ids, [evse.id for one in ordered for evse in one.evses])
    await connection.execute(_REMOVE_BAYS, ids, [bay.id for one in ordered for bay in one.parking_bays])
    for statement in _CLEAR:
        await connection.execute(statement, ids)
    await insert(connection, "connector", rows.connector_rows(ordered))
    await insert(connection, "evse_parking", rows.evse_parking_rows(ordered))
    await connection.execute(_REPAIRED, ids, now, [status.value for status in USABLE])
    await connection.execute(_SHOWN, ids, now)


async def put_tariffs(connection: Connection, tariffs: Sequence[Tariff], now: datetime) -> None:
    """Store Tariffs; the Locations that name them have changed with them."""
    ordered = sorted(tariffs, key=lambda one: one.id)
    await upsert(connection, "tariff", ["id"], [rows.tariff_row(one) for one in ordered])
    await tariffs_changed(connection, [one.id for one in ordered], now)


async def put_booking_locations(connection: Connection, offers: Sequence[BookingLocation], now: datetime) -> None:
    """Store BookingLocations; how a known one confirms stays what its operator set, and its calendars stay."""
    ordered = sorted(offers, key=lambda one: one.id)
    found = [rows.booking_location_row(one) for one in ordered]
    await upsert(connection, "booking_location", ["location_id", "id"], found, kept=["confirmation"])
    await changed(connection, [one.location_id for one in ordered], now)


async def put_confirmation(
    connection: Connection, offer_id: str, location_id: str, confirmation: Confirmation, last_updated: datetime
) -> None:
    """Store how a known BookingLocation confirms."""
    await connection.execute(_CONFIRM, location_id, offer_id, confirmation.value, last_updated)


async def changed(connection: Connection, location_ids: Iterable[str], now: datetime) -> None:
    """Note that what is published of those Locations changed."""
    await connection.execute(_CHANGED, sorted(set(location_ids)), now)


async def tariffs_changed(connection: Connection, tariff_ids: Sequence[str], now: datetime) -> None:
    """Note that what is published of the Locations that name those tariffs changed."""
    await connection.execute(_TARIFFS_CHANGED, list(tariff_ids), now)


async def _states(
    connection: Connection, locations: Sequence[Location], *, states_count: bool
) -> dict[str, rows.State]:
    """Return the states of chargers that what is published now does not change."""
    told = {evse.id: evse.last_updated for one in locations for evse in one.evses}
    found = await connection.fetch(_STATES, [one.id for one in locations])
    return {
        row["id"]: (row["status"], row["last_updated"])
        for row in found
        if row["id"] in told
        and (row["last_updated"] > told[row["id"]] or not (states_count or row["status"] == Status.REMOVED))
    }
