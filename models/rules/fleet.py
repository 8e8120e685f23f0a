"""A vehicle as its fleet stores it, to be referred to by id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.rules.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class FleetVehicle:
    """A vehicle under some contracts of an EMSP, which sees it only with the fleet's consent."""

    id: UUID
    emsp_id: str
    contract_ids: tuple[str, ...]
    name: str
    shared_with_emsp: bool
    license_plate: str | None
    vehicle: Vehicle
    last_updated: datetime
