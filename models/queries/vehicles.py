"""Reading and writing the vehicles of fleets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.writing import upsert
from models.rules.fleet import FleetVehicle
from models.rules.vehicle import InletSide, Vehicle

_MANY = "SELECT * FROM vehicle WHERE id = ANY($1)"
_LOCKED = "SELECT * FROM vehicle WHERE id = $1 FOR UPDATE"
_PAGE = """
SELECT * FROM vehicle
WHERE emsp_id = $1
    AND CASE WHEN $2::text[] IS NULL THEN shared_with_emsp ELSE contract_ids && $2 END
    AND ($3::text IS NULL OR (name, id) > ($3, $4::uuid))
ORDER BY name, id
LIMIT $5
"""
_REMOVE = "DELETE FROM vehicle WHERE id = $1"
_SAME = ("id", "emsp_id", "name", "shared_with_emsp", "license_plate", "last_updated")
_OF_VEHICLE = (
    "vehicle_type",
    "length",
    "height",
    "width",
    "weight",
    "trailer",
    "dangerous_goods",
    "refrigeration",
    "drive_through",
    "max_power",
)


async def many(connection: Connection, vehicle_ids: Sequence[UUID]) -> dict[UUID, FleetVehicle]:
    """Return the vehicles of those ids that exist; one statement."""
    return {row["id"]: _vehicle(row) for row in await connection.fetch(_MANY, list(vehicle_ids))}


async def locked(connection: Connection, vehicle_id: UUID) -> FleetVehicle | None:
    """Return a vehicle that nobody else changes until the transaction ends."""
    row = await connection.fetchrow(_LOCKED, vehicle_id)
    return _vehicle(row) if row else None


async def page(
    connection: Connection,
    emsp_id: str,
    contract_ids: Sequence[str] | None,
    *,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[FleetVehicle]:
    """Return vehicles by name, from the one behind `after` on: of some contracts, or if None the shared ones."""
    fleet = None if contract_ids is None else list(contract_ids)
    name, vehicle_id = after or (None, None)
    return [_vehicle(row) for row in await connection.fetch(_PAGE, emsp_id, fleet, name, vehicle_id, limit)]


async def put(connection: Connection, one: FleetVehicle) -> None:
    """Store a vehicle, new or in the place of what was known of it."""
    row = {
        **{name: getattr(one, name) for name in _SAME},
        **{name: getattr(one.vehicle, name) for name in _OF_VEHICLE},
        "contract_ids": list(one.contract_ids),
        "inlet_side": one.vehicle.inlet_side.value if one.vehicle.inlet_side else None,
        "connector_types": list(one.vehicle.connector_types),
    }
    await upsert(connection, "vehicle", ["id"], [row])


async def remove(connection: Connection, vehicle_id: UUID) -> None:
    """Forget a vehicle; bookings keep what they were made for."""
    await connection.execute(_REMOVE, vehicle_id)


def _vehicle(row: Any) -> FleetVehicle:
    return FleetVehicle(
        **{name: row[name] for name in _SAME},
        contract_ids=tuple(row["contract_ids"]),
        vehicle=Vehicle(
            **{name: row[name] for name in _OF_VEHICLE},
            inlet_side=InletSide(row["inlet_side"]) if row["inlet_side"] else None,
            connector_types=tuple(row["connector_types"]),
        ),
    )
