"""The vehicles of a fleet, stored to be referred to by id: as callers see them, and the root fields on them."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules.fleet import FleetVehicle
from models.rules.vehicle import InletSide
from resolvers import vehicles
from resolvers.vehicles import VehicleToRemove, VehicleToSave
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_PLATE, LONGEST_TOKEN_PART
from schema.context import Info
from schema.inputs import LONGEST_ID, VehicleInput, text
from schema.inputs import vehicle as vehicle_of
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor

LONGEST_NAME = 100
MOST_CONTRACTS = 500


@strawberry.type(description="A vehicle that a fleet stored, to be referred to by id.")
class Vehicle:
    """A vehicle of a fleet."""

    id: strawberry.ID
    name: str
    contract_ids: list[str] = strawberry.field(description="The contracts it is under.")
    shared_with_emsp: bool = strawberry.field(description="Whether the fleet consents that its EMSP sees it.")
    license_plate: str | None
    vehicle_type: str | None = strawberry.field(description="Such as RIGID or TRUCK_WITH_TRAILER.")
    length: int | None = strawberry.field(description="cm.")
    height: int | None = strawberry.field(description="cm.")
    width: int | None = strawberry.field(description="cm.")
    weight: int | None = strawberry.field(description="kg.")
    trailer: bool
    dangerous_goods: bool = strawberry.field(description="Its load is under ADR.")
    refrigeration: bool = strawberry.field(description="Its load needs an outlet for its cooling.")
    drive_through: bool = strawberry.field(description="It cannot reverse out of a bay.")
    inlet_side: InletSide | None
    connector_types: list[str] = strawberry.field(description="Those it can use; any, if empty.")
    max_power: int | None = strawberry.field(description="The most it takes, in W.")
    last_updated: datetime

    @classmethod
    def of(cls, one: FleetVehicle) -> "Vehicle":
        """Return a vehicle as callers see it."""
        needs = one.vehicle
        return cls(
            id=strawberry.ID(str(one.id)),
            name=one.name,
            contract_ids=list(one.contract_ids),
            shared_with_emsp=one.shared_with_emsp,
            license_plate=one.license_plate,
            vehicle_type=needs.vehicle_type,
            length=needs.length,
            height=needs.height,
            width=needs.width,
            weight=needs.weight,
            trailer=needs.trailer,
            dangerous_goods=needs.dangerous_goods,
            refrigeration=needs.refrigeration,
            drive_through=needs.drive_through,
            inlet_side=needs.inlet_side,
            connector_types=list(needs.connector_types),
            max_power=needs.max_power,
            last_updated=one.last_updated,
        )


@strawberry.type(description="That a vehicle is stored no more; bookings keep what they were made for.")
class VehicleRemoved:
    """That a vehicle is stored no more."""

    id: strawberry.ID


@strawberry.input(description="A vehicle as it shall be, whole: what is absent is not kept of what was stored.")
class VehicleSaveInput:
    """A vehicle as it shall be."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    id: strawberry.ID | None = strawberry.field(default=None, description="The one to replace; a new one, if absent.")
    name: str
    vehicle: VehicleInput
    license_plate: str | None = None
    contract_ids: list[str] = strawberry.field(
        default_factory=list,
        description="The contracts it is under; all of a fleet's token, if empty. An EMSP names those of the fleet.",
    )
    shared_with_emsp: bool | None = strawberry.field(
        default=None,
        description="The fleet's consent that its EMSP sees it; none, if absent. What an EMSP saves is shared.",
    )
    expected_last_updated: datetime | None = strawberry.field(
        default=None, description="`lastUpdated` as you read it: if it was changed since, nothing is written."
    )


@strawberry.input(description="Which vehicle to store no more.")
class VehicleRemoveInput:
    """Which vehicle to store no more."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    vehicle_id: strawberry.ID


VehicleSaveResult = Annotated[
    Vehicle | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("VehicleSaveResult"),
]
VehicleRemoveResult = Annotated[
    VehicleRemoved | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("VehicleRemoveResult"),
]


@strawberry.type
class VehicleQuery:
    """The root fields that read vehicles."""

    @strawberry.field(
        description="A vehicle of the caller's fleet, or shared with its EMSP; an error with code NOT_FOUND else."
    )
    async def vehicle(self, info: Info, id: strawberry.ID) -> Vehicle | None:
        """Return one vehicle."""
        return Vehicle.of(await vehicles.known(await info.context.call(), id))

    @strawberry.field(description="The vehicles of the caller's fleet, or those shared with its EMSP, by name.")
    async def vehicles(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Vehicle]:
        """Return a page of vehicles."""
        page = await vehicles.page(await info.context.call(), first=first, after=from_cursor(after))
        return connection([(Vehicle.of(one), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class VehicleMutation:
    """The root fields that store vehicles."""

    @strawberry.mutation(description="Store a vehicle, or replace a stored one. For TO, and for EMSP on its behalf.")
    async def vehicle_save(self, info: Info, input: VehicleSaveInput) -> VehicleSaveResult:
        """Store a vehicle."""
        call = await info.context.call()
        return Vehicle.of(await vehicles.save(call, input.idempotency_key, _wanted(input)))

    @strawberry.mutation(description="Store a vehicle no more. For TO, and for EMSP on its behalf.")
    async def vehicle_remove(self, info: Info, input: VehicleRemoveInput) -> VehicleRemoveResult:
        """Store a vehicle no more."""
        call = await info.context.call()
        wanted = VehicleToRemove(text(input.vehicle_id, "vehicleId", LONGEST_ID))
        return VehicleRemoved(id=strawberry.ID(await vehicles.remove(call, input.idempotency_key, wanted)))


def _wanted(input: VehicleSaveInput) -> VehicleToSave:
    if len(input.contract_ids) > MOST_CONTRACTS:
        raise BadInput(f"`contractIds` has at most {MOST_CONTRACTS} entries.")
    return VehicleToSave(
        vehicle_id=text(input.id, "id", LONGEST_ID),
        contract_ids=tuple(text(one, "contractIds", LONGEST_TOKEN_PART) for one in input.contract_ids),
        name=text(input.name, "name", LONGEST_NAME),
        shared_with_emsp=input.shared_with_emsp,
        license_plate=text(input.license_plate, "licensePlate", LONGEST_PLATE),
        vehicle=vehicle_of(input.vehicle),
        expected_last_updated=input.expected_last_updated,
    )
