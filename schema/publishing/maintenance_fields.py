"""The root fields by which operators plan work on their chargers."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from resolvers import bulk_publishing, locations, withdrawing
from resolvers.call import Call
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.location import of
from schema.maintenance import Maintenance
from schema.publishing.building import large
from schema.publishing.changing import OBJECTS_EACH_CALL, WithdrawalInput, as_ids, changes
from schema.publishing.maintenance import MaintenanceInput
from schema.publishing.reading import objects


@large
@strawberry.input(description="Work to plan.")
class MaintenancePublishInput:
    """Work to plan."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    maintenance: list[MaintenanceInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.input(description="Work to call off.")
class MaintenanceWithdrawInput:
    """Work to call off."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    maintenance: list[WithdrawalInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.type(description="The work that was planned, as it is now.")
class MaintenancePublished:
    """The work that was planned."""

    maintenance: list[Maintenance]


@strawberry.type(description="That work is called off.")
class MaintenanceWithdrawn:
    """That work is called off."""

    ids: list[strawberry.ID]


MaintenancePublishResult = Annotated[
    MaintenancePublished
    | problems.LostUpdate
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("MaintenancePublishResult"),
]
MaintenanceWithdrawResult = Annotated[
    MaintenanceWithdrawn
    | problems.LostUpdate
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("MaintenanceWithdrawResult"),
]


@strawberry.type
class MaintenanceMutation:
    """The root fields that plan work on chargers."""

    @strawberry.mutation(description="Plan work on chargers: while it lasts they are not offered (BUC 2.7). For CPO.")
    async def maintenance_publish(self, info: Info, input: MaintenancePublishInput) -> MaintenancePublishResult:
        """Plan work."""
        call = await info.context.call()
        wanted = await changes(call, "maintenance", input.maintenance)
        ids = await bulk_publishing.maintenance_publish(call, input.idempotency_key, wanted)
        places = list(dict.fromkeys(one.value.location_id for one in wanted))
        return MaintenancePublished(maintenance=await _shown(call, ids, places))

    @strawberry.mutation(description="Call off planned work, or end it early. For CPO.")
    async def maintenance_withdraw(self, info: Info, input: MaintenanceWithdrawInput) -> MaintenanceWithdrawResult:
        """Call off work."""
        call = await info.context.call()
        wanted = await objects(call, "maintenance", input.maintenance)
        ids = await withdrawing.maintenance_withdraw(call, input.idempotency_key, wanted)
        return MaintenanceWithdrawn(ids=as_ids(ids))


async def _shown(call: Call, ids: Sequence[str], location_ids: Sequence[str]) -> list[Maintenance]:
    """Return planned work as callers see it, in the order of `ids`, but for what was called off meanwhile."""
    places = [of(one) for one in await locations.many(call, location_ids) if one is not None]
    planned = {work.id: work for place in places for work in place.maintenance}
    return [planned[found] for one in ids if (found := strawberry.ID(one)) in planned]
