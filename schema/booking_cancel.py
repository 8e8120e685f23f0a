"""The root fields that price and cancel bookings (BUC 2.3.3, 2.7, 2.9)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.booking_state import CanceledReason
from resolvers import bookings
from resolvers.booking_cancel import Cancellation
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.price import Price, charge


@strawberry.type(description="What canceling a booking costs until `expiresAt`.")
class CancelQuote:
    """What canceling a booking costs."""

    id: strawberry.ID
    booking: Booking
    fee: Price | None = strawberry.field(description="Null if it costs nothing.")
    cancel_until: datetime = strawberry.field(description="Until then a cancellation costs nothing.")
    made_at: datetime
    expires_at: datetime = strawberry.field(description="Until then the booking can be canceled at that fee.")


@strawberry.input(description="Of which booking to price the cancellation.")
class BookingCancelQuoteInput:
    """Of which booking to price the cancellation."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID


@strawberry.input(description="Which booking to cancel, and why.")
class BookingCancelInput:
    """Which booking to cancel."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    cancellation_reason: CanceledReason = strawberry.field(
        default=CanceledReason.NO_CANCELED,
        description="A holder gives BLOCKED, BROKEN_CHARGER, BROKEN_VEHICLE, NO_CANCELED, TRAFFIC or UNKNOWN; an "
        "operator BLOCKED, BROKEN_CHARGER, FULL, MAINTENANCE or POWER_OUTAGE.",
    )
    cancel_quote_id: strawberry.ID | None = strawberry.field(
        default=None, description="The cancellation quote whose fee is accepted; needed once it costs a fee."
    )


BookingCancelQuoteResult = Annotated[
    CancelQuote
    | problems.CutOffPassed
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingCancelQuoteResult"),
]
BookingCancelResult = Annotated[
    Booking
    | problems.CutOffPassed
    | problems.FeeDue
    | problems.QuoteExpired
    | problems.QuoteUsed
    | problems.LostUpdate
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingCancelResult"),
]


@strawberry.type
class BookingCancelMutation:
    """The root fields that price and cancel bookings."""

    @strawberry.mutation(
        description="Tell what canceling a booking costs, and keep to it for some minutes (BUC 2.9). For EMSP and TO."
    )
    async def booking_cancel_quote(self, info: Info, input: BookingCancelQuoteInput) -> BookingCancelQuoteResult:
        """Price a cancellation."""
        call = await info.context.call()
        booking_id = text(input.booking_id, "bookingId", LONGEST_ID)
        made, priced = await bookings.quote_cancel(call, input.idempotency_key, booking_id)
        return CancelQuote(
            id=strawberry.ID(str(made.id)),
            booking=booking(priced, call),
            fee=charge(made.fee),
            cancel_until=priced.cancel_until,
            made_at=made.made_at,
            expires_at=made.expires_at,
        )

    @strawberry.mutation(
        description="Cancel a booking and free its slot at once. It costs nothing before the cut-off, or while its "
        "charger is broken or worked on; later the fee that a quote tells; without a priced fee it is then too late "
        "(BUC 2.3.3, 2.9). An operator cancels without a fee (BUC 2.7). For EMSP, TO and CPO."
    )
    async def booking_cancel(self, info: Info, input: BookingCancelInput) -> BookingCancelResult:
        """Cancel."""
        call = await info.context.call()
        wanted = Cancellation(
            text(input.booking_id, "bookingId", LONGEST_ID),
            input.cancellation_reason,
            text(input.cancel_quote_id, "cancelQuoteId", LONGEST_ID),
        )
        return booking(await bookings.cancel(call, input.idempotency_key, wanted), call)
