"""The root field that books several stops of one trip, all or none."""

from typing import Annotated

import strawberry

from models.errors import BadInput
from resolvers import bookings
from resolvers.for_whom import ForWhom
from resolvers.missions import MissionBooking, Stop
from resolvers.quotes import MOST_HOLDS
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import (
    IDEMPOTENCY_KEY,
    LONGEST_PLATE,
    LONGEST_TOKEN_PART,
    ON_BEHALF_OF,
    REMINDERS,
    BookingTokenInput,
    minutes,
    tokens,
)
from schema.context import Info
from schema.inputs import LONGEST_ID, text


@strawberry.type(description="What one trip was booked as.")
class MissionBooked:
    """What one trip was booked as."""

    mission_id: strawberry.ID
    bookings: list[Booking] = strawberry.field(description="In the order that their quotes were given.")


@strawberry.input(description="A quote to book as one stop of a trip.")
class MissionQuoteInput:
    """A quote to book as one stop."""

    quote_id: strawberry.ID
    license_plate: str | None = strawberry.field(default=None, description="That of the mission, if absent.")
    tokens: list[BookingTokenInput] | None = strawberry.field(
        default=None, description="Those of the mission, if absent."
    )


@strawberry.input(description="The quotes of one trip, at any number of operators, and for whom they are booked.")
class MissionBookInput:
    """The quotes of one trip."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    quotes: list[MissionQuoteInput] = strawberry.field(description="1 to 20, each once.")
    tokens: list[BookingTokenInput] = strawberry.field(
        default_factory=list, description="Any valid token of the provider may use the bookings, if none is given."
    )
    contract_id: str | None = strawberry.field(
        default=None, description="The contract they are made under, if no token names it."
    )
    license_plate: str | None = None
    on_behalf_of: strawberry.ID | None = strawberry.field(default=None, description=ON_BEHALF_OF)
    reminders: list[int] | None = strawberry.field(default=None, description=REMINDERS)


MissionBookResult = Annotated[
    MissionBooked
    | problems.ChargerUnusable
    | problems.QuoteExpired
    | problems.QuoteUsed
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("MissionBookResult"),
]


@strawberry.type
class MissionMutation:
    """The root field that books missions."""

    @strawberry.mutation(
        description="Book several quotes of one trip, at any number of operators, all of them or none; a refusal "
        "names its quote. What an operator confirms is asked for, as PENDING: if it is declined later, the others "
        "stay as they are. For EMSP and TO."
    )
    async def mission_book(self, info: Info, input: MissionBookInput) -> MissionBookResult:
        """Book a mission."""
        call = await info.context.call()
        made = await bookings.book_mission(call, input.idempotency_key, _wanted(input))
        return MissionBooked(
            mission_id=strawberry.ID(str(made.id)), bookings=[booking(one, call) for one in made.bookings]
        )


def _wanted(input: MissionBookInput) -> MissionBooking:
    if not 1 <= len(input.quotes) <= MOST_HOLDS:
        raise BadInput(f"`quotes` has 1 to {MOST_HOLDS} entries.")
    stops = (
        Stop(
            text(one.quote_id, "quoteId", LONGEST_ID),
            text(one.license_plate, "licensePlate", LONGEST_PLATE),
            tokens(one.tokens) if one.tokens is not None else None,
        )
        for one in input.quotes
    )
    whom = ForWhom(
        tokens=tokens(input.tokens),
        contract_id=text(input.contract_id, "contractId", LONGEST_TOKEN_PART),
        license_plate=text(input.license_plate, "licensePlate", LONGEST_PLATE),
        on_behalf_of=text(input.on_behalf_of, "onBehalfOf", LONGEST_ID),
        reminders=minutes(input.reminders),
    )
    return MissionBooking(tuple(stops), whom)
