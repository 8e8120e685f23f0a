"""The root fields by which operators publish and withdraw what can be booked, and set how it confirms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.booking_location import Confirmation
from resolvers import bulk_publishing, locations, withdrawing
from resolvers.call import Call
from resolvers.changes import ConfirmationChange
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.booking_location import BookingLocation
from schema.context import Info
from schema.location import booking_location_of
from schema.publishing.booking_location import BookingLocationInput
from schema.publishing.building import large
from schema.publishing.changing import EXPECTED, OBJECTS_EACH_CALL, WithdrawalInput, as_ids, changes
from schema.publishing.reading import NAMED, OWN_OR_API_ID, At, objects


@large
@strawberry.input(description="BookingLocations to publish.")
class BookingLocationsPublishInput:
    """BookingLocations to publish."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_locations: list[BookingLocationInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.input(description="BookingLocations to withdraw.")
class BookingLocationsWithdrawInput:
    """BookingLocations to withdraw."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_locations: list[WithdrawalInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.input(description="How a BookingLocation is to confirm requests from now on.")
class ConfirmationInput:
    """How a BookingLocation is to confirm."""

    booking_location_id: Annotated[strawberry.ID, NAMED] = strawberry.field(description=OWN_OR_API_ID)
    confirmation: Confirmation
    expected_last_updated: datetime | None = strawberry.field(default=None, description=EXPECTED)

    def to_domain(self, at: At) -> ConfirmationChange:
        """Return it as a value."""
        return ConfirmationChange(**at.read(self), expected_last_updated=self.expected_last_updated)


@strawberry.input(description="How BookingLocations are to confirm requests from now on.")
class ConfirmationSetInput:
    """How BookingLocations are to confirm."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    confirmations: list[ConfirmationInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.type(description="The BookingLocations that were published, as they are now.")
class BookingLocationsPublished:
    """The BookingLocations that were published."""

    booking_locations: list[BookingLocation]


@strawberry.type(description="That BookingLocations cannot be booked any more; their bookings stand.")
class BookingLocationsWithdrawn:
    """That BookingLocations cannot be booked any more."""

    ids: list[strawberry.ID]


@strawberry.type(description="The BookingLocations whose confirmation was set, as they are now.")
class ConfirmationSet:
    """The BookingLocations whose confirmation was set."""

    booking_locations: list[BookingLocation]


BookingLocationsPublishResult = Annotated[
    BookingLocationsPublished
    | problems.LostUpdate
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingLocationsPublishResult"),
]
BookingLocationsWithdrawResult = Annotated[
    BookingLocationsWithdrawn
    | problems.LostUpdate
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingLocationsWithdrawResult"),
]
ConfirmationSetResult = Annotated[
    ConfirmationSet | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("ConfirmationSetResult"),
]


@strawberry.type
class BookingLocationMutation:
    """The root fields that publish and withdraw what can be booked."""

    @strawberry.mutation(
        description="Publish what can be booked, with its terms and calendars, in place of what was there. For CPO."
    )
    async def booking_locations_publish(
        self, info: Info, input: BookingLocationsPublishInput
    ) -> BookingLocationsPublishResult:
        """Publish what can be booked."""
        call = await info.context.call()
        wanted = await changes(call, "bookingLocations", input.booking_locations)
        ids = await bulk_publishing.booking_locations_publish(call, input.idempotency_key, wanted)
        return BookingLocationsPublished(booking_locations=await shown(call, ids))

    @strawberry.mutation(description="Let something be booked no more; what is booked stays booked. For CPO.")
    async def booking_locations_withdraw(
        self, info: Info, input: BookingLocationsWithdrawInput
    ) -> BookingLocationsWithdrawResult:
        """Withdraw what could be booked."""
        call = await info.context.call()
        wanted = await objects(call, "bookingLocations", input.booking_locations)
        ids = await withdrawing.booking_locations_withdraw(call, input.idempotency_key, wanted)
        return BookingLocationsWithdrawn(ids=as_ids(ids))

    @strawberry.mutation(
        description="Set whether requests are granted at once or decided by the operator (BUC 2.6). For CPO."
    )
    async def confirmation_set(self, info: Info, input: ConfirmationSetInput) -> ConfirmationSetResult:
        """Set how requests are confirmed."""
        call = await info.context.call()
        wanted = await objects(call, "confirmations", input.confirmations)
        ids = await bulk_publishing.confirmation_set(call, input.idempotency_key, wanted)
        return ConfirmationSet(booking_locations=await shown(call, ids))


async def shown(call: Call, booking_location_ids: Sequence[str]) -> list[BookingLocation]:
    """Return BookingLocations as callers see them, but for those that were withdrawn meanwhile."""
    found = await locations.booking_locations(call, booking_location_ids)
    return [booking_location_of(*one) for one in found if one is not None]
