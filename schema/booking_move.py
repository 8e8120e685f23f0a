"""The root fields that move a booking anywhere, and that let more tokens use it (BUC 2.2, 2.3.4, 2.4)."""

from typing import Annotated

import strawberry

from models.errors import BadInput
from resolvers import bookings
from resolvers.booking_move import Move
from resolvers.token_adding import TokensToAdd
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_PLATE, BookingTokenInput, tokens
from schema.context import Info
from schema.inputs import LONGEST_ID, text


@strawberry.input(description="Which booking to give up for which quote.")
class BookingMoveInput:
    """Which booking to give up for which quote."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID = strawberry.field(description="The booking that is canceled, as CHANGED.")
    quote_id: strawberry.ID = strawberry.field(description="A quote that you hold, of any operator.")
    cancel_quote_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The cancellation quote whose fee is accepted; needed once canceling costs a fee.",
    )
    license_plate: str | None = strawberry.field(default=None, description="Stays as it is, if absent.")


@strawberry.input(description="Which tokens may use a booking too.")
class BookingTokensAddInput:
    """Which tokens may use a booking too."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    tokens: list[BookingTokenInput] = strawberry.field(
        description="Of the booking's provider; with those it has, at most 50. One that it has stays as it is."
    )


BookingMoveResult = Annotated[
    Booking
    | problems.ChargerUnusable
    | problems.QuoteExpired
    | problems.QuoteUsed
    | problems.CutOffPassed
    | problems.FeeDue
    | problems.LostUpdate
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingMoveResult"),
]
BookingTokensAddResult = Annotated[
    Booking | problems.AlreadyFinal | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("BookingTokensAddResult"),
]


@strawberry.type
class BookingMoveMutation:
    """The root fields that move bookings and add tokens to them."""

    @strawberry.mutation(
        description="Book what a quote holds, at any operator, for whom the old booking was, and cancel that, both "
        "or none; the new booking is returned. Canceling costs what `bookingCancelQuote` tells. Where the operator "
        "confirms bookings, use `bookingCreate`, and cancel the old one once the new one is accepted. For EMSP "
        "and TO."
    )
    async def booking_move(self, info: Info, input: BookingMoveInput) -> BookingMoveResult:
        """Move a booking."""
        call = await info.context.call()
        wanted = Move(
            text(input.booking_id, "bookingId", LONGEST_ID),
            text(input.quote_id, "quoteId", LONGEST_ID),
            text(input.cancel_quote_id, "cancelQuoteId", LONGEST_ID),
            text(input.license_plate, "licensePlate", LONGEST_PLATE),
        )
        return booking(await bookings.move(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Let more tokens use a booking until its slot ends; reference and revision stay. A booking that "
        "named none is for the named ones only from then on. For EMSP and TO."
    )
    async def booking_tokens_add(self, info: Info, input: BookingTokensAddInput) -> BookingTokensAddResult:
        """Add tokens."""
        call = await info.context.call()
        if not input.tokens:
            raise BadInput("`tokens` names at least one.")
        wanted = TokensToAdd(text(input.booking_id, "bookingId", LONGEST_ID), tokens(input.tokens))
        return booking(await bookings.add_tokens(call, input.idempotency_key, wanted), call)
