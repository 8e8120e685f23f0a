"""The root fields by which operators publish and withdraw Locations."""

from typing import Annotated

import strawberry

from resolvers import bulk_publishing, locations, withdrawing
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.location import Location, of
from schema.publishing.building import large
from schema.publishing.changing import OBJECTS_EACH_CALL, WithdrawalInput, as_ids, changes
from schema.publishing.location import LocationInput
from schema.publishing.reading import objects


@large
@strawberry.input(description="Locations to publish.")
class LocationsPublishInput:
    """Locations to publish."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    locations: list[LocationInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.input(description="Locations to withdraw.")
class LocationsWithdrawInput:
    """Locations to withdraw."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    locations: list[WithdrawalInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.type(description="The Locations that were published, as they are now.")
class LocationsPublished:
    """The Locations that were published."""

    locations: list[Location]


@strawberry.type(description="That Locations are published no more; their bookings stand.")
class LocationsWithdrawn:
    """That Locations are published no more."""

    ids: list[strawberry.ID]


LocationsPublishResult = Annotated[
    LocationsPublished | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("LocationsPublishResult"),
]
LocationsWithdrawResult = Annotated[
    LocationsWithdrawn | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("LocationsWithdrawResult"),
]


@strawberry.type
class LocationMutation:
    """The root fields that publish and withdraw Locations."""

    @strawberry.mutation(
        description="Publish Locations whole, with their chargers and bays, in place of what was there. For CPO."
    )
    async def locations_publish(self, info: Info, input: LocationsPublishInput) -> LocationsPublishResult:
        """Publish Locations."""
        call = await info.context.call()
        wanted = await changes(call, "locations", input.locations)
        ids = await bulk_publishing.locations_publish(call, input.idempotency_key, wanted)
        return LocationsPublished(locations=[of(one) for one in await locations.many(call, ids) if one is not None])

    @strawberry.mutation(
        description="Take Locations back, with all that can be booked there; what is booked stays booked. For CPO."
    )
    async def locations_withdraw(self, info: Info, input: LocationsWithdrawInput) -> LocationsWithdrawResult:
        """Withdraw Locations."""
        call = await info.context.call()
        wanted = await objects(call, "locations", input.locations)
        return LocationsWithdrawn(
            ids=as_ids(await withdrawing.locations_withdraw(call, input.idempotency_key, wanted))
        )
