"""The root fields by which an operator gives a booking another charger of its group, or tells which it has."""

from typing import Annotated

import strawberry

from resolvers import bookings
from resolvers.reassigning import Reassignment
from resolvers.revealing import Revelation
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, text


@strawberry.input(description="Which booking is to have another charger, and which one.")
class BookingReassignInput:
    """Which booking is to have another charger."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    evse_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of those that satisfy what was booked; any other that does, if absent."
    )


@strawberry.input(description="The booking whose charger is told to its holder.")
class BookingRevealInput:
    """The booking whose charger is told."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID


BookingReassignResult = Annotated[
    Booking
    | problems.SlotTaken
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingReassignResult"),
]
BookingRevealResult = Annotated[
    Booking | problems.AlreadyFinal | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("BookingRevealResult"),
]


@strawberry.type
class OperatorBookingMutation:
    """The root fields by which an operator decides on the charger of a booking."""

    @strawberry.mutation(
        description="Give a booking another charger that satisfies what was booked; its reference, terms and price "
        "stay, and its holder is told. One whose charger was asked for is moved only if that fails (BUC 2.7). "
        "For the CPO."
    )
    async def booking_reassign(self, info: Info, input: BookingReassignInput) -> BookingReassignResult:
        """Give a booking another charger."""
        call = await info.context.call()
        wanted = Reassignment(
            booking_id=text(input.booking_id, "bookingId", LONGEST_ID),
            evse_id=text(input.evse_id, "evseId", LONGEST_ID),
        )
        return booking(await bookings.reassign(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Tell the holder of a booking of any of a group its charger at once, earlier than the terms say "
        "(BUC 2.1). For the CPO."
    )
    async def booking_reveal(self, info: Info, input: BookingRevealInput) -> BookingRevealResult:
        """Tell the charger."""
        call = await info.context.call()
        wanted = Revelation(text(input.booking_id, "bookingId", LONGEST_ID))
        return booking(await bookings.reveal(call, input.idempotency_key, wanted), call)
