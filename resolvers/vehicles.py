"""The vehicles that a fleet stores to refer to them by id; its EMSP sees them only with its consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import vehicles as stored
from models.rules.fleet import FleetVehicle
from models.rules.identity import uuid_of
from models.rules.role import Role
from models.rules.vehicle import Vehicle
from resolvers.call import Call, Caller
from resolvers.once import once
from resolvers.pages import Page, checked_first, cut, foreign
from resolvers.versions import renewed


@dataclass(frozen=True, slots=True)
class VehicleToSave:
    """A vehicle as it shall be: a new one, or in the place of the one that `vehicle_id` names.

    Without `contract_ids` it is under those of the fleet's token. `expected_last_updated` is that of the version
    which the caller read.
    """

    vehicle_id: str | None
    contract_ids: tuple[str, ...]
    name: str
    shared_with_emsp: bool | None
    license_plate: str | None
    vehicle: Vehicle
    expected_last_updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class VehicleToRemove:
    """Which vehicle to forget."""

    vehicle_id: str


async def save(call: Call, idempotency_key: str, wanted: VehicleToSave) -> FleetVehicle:
    """Store a vehicle and return it. Raise NotFound, NotAllowed or LostUpdate."""
    caller = call.acting_as(Role.EMSP, Role.TO)
    shared = _shared(caller, wanted)
    contract_ids = _contracts(caller, wanted)
    if wanted.vehicle_id is None and wanted.expected_last_updated is not None:
        raise BadInput("`expectedLastUpdated` is of a vehicle that was read before; give its `id` too.")
    new_id = uuid4()

    async def first(connection: Connection) -> None:
        await _lock(connection, wanted.vehicle_id)

    async def work(connection: Connection) -> None:
        if not _covers(caller, contract_ids):
            raise NotAllowed("`contractIds` names contracts that your token does not cover.")
        old = None if wanted.vehicle_id is None else await _owned(call, connection, wanted.vehicle_id)
        vehicle_id, stored_at = (old.id, old.last_updated) if old else (new_id, None)
        new = FleetVehicle(
            id=vehicle_id,
            emsp_id=caller.party_id,
            contract_ids=contract_ids,
            name=wanted.name,
            shared_with_emsp=shared,
            license_plate=wanted.license_plate,
            vehicle=wanted.vehicle,
            last_updated=renewed(call, "Vehicle", str(vehicle_id), stored_at, wanted.expected_last_updated),
        )
        await stored.put(connection, new)

    outcome = {"vehicle": str(new_id if wanted.vehicle_id is None else uuid_of(wanted.vehicle_id))}
    came = await once(call, idempotency_key, "vehicleSave", wanted, outcome, work, first=first)
    return await known(call, came["vehicle"])


async def remove(call: Call, idempotency_key: str, wanted: VehicleToRemove) -> str:
    """Forget a vehicle and return its id; bookings keep what they were made for. Raise NotFound or NotAllowed."""
    call.acting_as(Role.EMSP, Role.TO)

    async def first(connection: Connection) -> None:
        await _lock(connection, wanted.vehicle_id)

    async def work(connection: Connection) -> None:
        old = await _owned(call, connection, wanted.vehicle_id)
        await stored.remove(connection, old.id)

    outcome = {"vehicle": str(uuid_of(wanted.vehicle_id))}
    came = await once(call, idempotency_key, "vehicleRemove", wanted, outcome, work, first=first)
    removed: str = came["vehicle"]
    return removed


async def many(call: Call, vehicle_ids: Sequence[str]) -> list[FleetVehicle | None]:
    """Return the vehicles of those ids, in order; None for one that the caller may not see; one statement."""
    wanted = [uuid_of(one) for one in vehicle_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted if one is not None])
    vehicles = (found.get(one) if one else None for one in wanted)
    return [one if one is not None and sees(call, one) else None for one in vehicles]


async def known(call: Call, vehicle_id: str) -> FleetVehicle:
    """Return a vehicle, or raise NotFound; one statement."""
    call.authenticated()
    async with call.database.reading() as connection:
        return await found_by(call, connection, vehicle_id)


async def found_by(call: Call, connection: Connection, vehicle_id: str) -> FleetVehicle:
    """Return a vehicle within a transaction, or raise NotFound; one statement."""
    uuid = uuid_of(vehicle_id)
    found = (await stored.many(connection, [uuid])).get(uuid) if uuid else None
    if found is None or not sees(call, found):
        raise NotFound("Vehicle", vehicle_id)
    return found


async def page(call: Call, *, first: int, after: tuple[str, ...] | None) -> Page[FleetVehicle]:
    """Return the vehicles that the caller sees, by name; one statement, and none for whoever sees none."""
    caller = call.authenticated()
    limit = checked_first(first)
    position = _position(after)
    if caller.role not in (Role.EMSP, Role.TO):
        return Page((), has_next=False)
    contract_ids = caller.contract_ids if caller.role is Role.TO else None
    async with call.database.reading() as connection:
        found = await stored.page(connection, caller.party_id, contract_ids, after=position, limit=limit + 1)
    return cut([(one, (one.name, str(one.id))) for one in found], limit)


def sees(call: Call, one: FleetVehicle) -> bool:
    """A fleet sees the vehicles of its contracts, its EMSP those that it consents to share; nobody else any."""
    caller = call.caller
    if caller is None or caller.party_id != one.emsp_id:
        return False
    if caller.role is Role.TO:
        return not set(one.contract_ids).isdisjoint(caller.contract_ids)
    return caller.role is Role.EMSP and one.shared_with_emsp


async def _lock(connection: Connection, vehicle_id: str | None) -> None:
    """Wait until nobody else changes a vehicle."""
    uuid = uuid_of(vehicle_id) if vehicle_id is not None else None
    if uuid is not None:
        await stored.locked(connection, uuid)


async def _owned(call: Call, connection: Connection, vehicle_id: str) -> FleetVehicle:
    """Return a vehicle that the caller may change, locked; raise NotFound, or NotAllowed if it may only see it."""
    uuid = uuid_of(vehicle_id)
    old = await stored.locked(connection, uuid) if uuid else None
    if old is None or not sees(call, old):
        raise NotFound("Vehicle", vehicle_id)
    if not _covers(call.authenticated(), old.contract_ids):
        raise NotAllowed("The vehicle is under contracts that your token does not cover.")
    return old


def _covers(caller: Caller, contract_ids: Sequence[str]) -> bool:
    """Whether the caller acts for all of those contracts; an EMSP does for all of its fleets'."""
    return caller.role is not Role.TO or set(contract_ids) <= set(caller.contract_ids)


def _contracts(caller: Caller, wanted: VehicleToSave) -> tuple[str, ...]:
    contract_ids = tuple(dict.fromkeys(wanted.contract_ids)) or caller.contract_ids
    if not contract_ids:
        raise BadInput("Name in `contractIds` at least one contract of the fleet whose vehicle it is.")
    return contract_ids


def _shared(caller: Caller, wanted: VehicleToSave) -> bool:
    """Return whether the EMSP sees the vehicle: only if the fleet says so, but always what it saves itself."""
    if caller.role is Role.TO:
        return bool(wanted.shared_with_emsp)
    if wanted.shared_with_emsp is False:
        raise BadInput("A vehicle that an EMSP saves is shared with it; leave `sharedWithEmsp` out, or say true.")
    return True


def _position(after: tuple[str, ...] | None) -> tuple[str, UUID] | None:
    if after is None:
        return None
    try:
        name, vehicle_id = after
        return name, UUID(vehicle_id)
    except ValueError:
        raise foreign() from None
