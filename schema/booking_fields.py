"""The root fields that make, cancel and read bookings."""

from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules.booking import BookingToken
from models.rules.booking_filter import BookingFilter
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.energy import EnergyType
from models.rules.identity import normalized
from resolvers import bookings
from resolvers.booking_cancel import Cancellation
from resolvers.booking_create import NewBooking, QuotedBooking
from schema import problems
from schema.booking import Booking, booking
from schema.context import Info
from schema.inputs import LONGEST_ID, PeriodInput, interval, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.search_inputs import MostPriceInput, NeedsInput, most_price, needs

IDEMPOTENCY_KEY = (
    "Yours to choose, 1 to 36 printable ASCII characters, such as a UUID. The same key with the same input returns "
    "the first result; with another input it is refused."
)

LONGEST_TOKEN_PART = 36
"""The standard's CiString(36) of a token's `uid` and `contract_id`."""

LONGEST_PLATE = 20
MOST_TOKENS = 50
OF_SLOT = (
    "booking_location_id",
    "period",
    "evse_id",
    "max_price",
    "energy_needed",
    "connector_type",
    "connector_format",
    "min_power",
    "guaranteed_power",
    "vehicle",
)
"""What a quote has settled already."""


@strawberry.input(description="A driver's token that may use the booking.")
class BookingTokenInput:
    """A driver's token."""

    country_code: str
    party_id: str
    uid: str
    type: str = strawberry.field(description="RFID, APP_USER, EMAID, AD_HOC_USER or OTHER.")
    contract_id: str


@strawberry.input(
    description="What to book, and for whom: a quote that you hold, or else what, when and for which needs."
)
class BookingCreateInput(NeedsInput):
    """What to book."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    quote_id: strawberry.ID | None = strawberry.field(
        default=None, description="The quote to book; it settles all but `tokens`, `contractId` and `licensePlate`."
    )
    booking_location_id: strawberry.ID | None = strawberry.field(
        default=None, description="What to book of; needed with `period`, unless `quoteId` is given."
    )
    period: PeriodInput | None = None
    evse_id: strawberry.ID | None = strawberry.field(
        default=None, description="One charger of a group; any that fits, if absent."
    )
    max_price: MostPriceInput | None = strawberry.field(
        default=None, description="For booking and charging, or for booking alone without `energyNeeded`."
    )
    tokens: list[BookingTokenInput] = strawberry.field(
        default_factory=list, description="Any valid token of the provider may use the booking, if none is given."
    )
    contract_id: str | None = strawberry.field(
        default=None, description="The contract it is made under, if no token names it."
    )
    license_plate: str | None = None


@strawberry.input(description="Which booking to cancel, and why.")
class BookingCancelInput:
    """Which booking to cancel."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    cancellation_reason: CanceledReason = CanceledReason.NO_CANCELED


BookingCreateResult = Annotated[
    Booking
    | problems.SlotTaken
    | problems.OutsideCalendar
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.PriceChanged
    | problems.QuoteExpired
    | problems.QuoteUsed
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingCreateResult"),
]
BookingCancelResult = Annotated[
    Booking
    | problems.CutOffPassed
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingCancelResult"),
]


@strawberry.type
class BookingQuery:
    """The root fields that read bookings."""

    @strawberry.field(
        description="A booking by its id or by a reference it has or once had; an error with code NOT_FOUND else."
    )
    async def booking(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        reference: str | None = None,
    ) -> Booking | None:
        """Return one booking."""
        call = await info.context.call()
        if id is not None and reference is None:
            return booking(await bookings.get(call, id), call)
        if reference is not None and id is None:
            return booking(await bookings.by_reference(call, reference), call)
        raise BadInput("Give either `id` or `reference`.")

    @strawberry.field(description="The bookings that concern the caller, in the order of their starts.")
    async def bookings(
        self,
        info: Info,
        location_id: strawberry.ID | None = None,
        statuses: list[ReservationStatus] | None = None,
        starting: Annotated[PeriodInput | None, strawberry.argument(description="When they start.")] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Booking]:
        """Return a page of bookings."""
        call = await info.context.call()
        wanted = BookingFilter(
            normalized(location_id) if location_id is not None else None,
            tuple(statuses or ()),
            interval(starting, "starting") if starting else None,
        )
        page = await bookings.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(booking(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class BookingMutation:
    """The root fields that make and cancel bookings."""

    @strawberry.mutation(
        description="Book a charger, or any of a group, with its bay, by a quote or directly (BUC 2.1, 2.2). "
        "For EMSP and TO."
    )
    async def booking_create(self, info: Info, input: BookingCreateInput) -> BookingCreateResult:
        """Book."""
        call = await info.context.call()
        made = await bookings.create(call, input.idempotency_key, _new(input))
        return booking(made, call)

    @strawberry.mutation(
        description="Cancel a booking before its cut-off, or at any time while its charger is broken (BUC 2.3.3). "
        "For EMSP and TO."
    )
    async def booking_cancel(self, info: Info, input: BookingCancelInput) -> BookingCancelResult:
        """Cancel."""
        call = await info.context.call()
        wanted = Cancellation(normalized(text(input.booking_id, "bookingId", LONGEST_ID)), input.cancellation_reason)
        uuid = bookings.booking_uuid(input.booking_id)
        return booking(await bookings.cancel(call, input.idempotency_key, wanted, uuid), call)


def _new(input: BookingCreateInput) -> NewBooking | QuotedBooking:
    if len(input.tokens) > MOST_TOKENS:
        raise BadInput(f"A booking is for at most {MOST_TOKENS} tokens.")
    tokens = tuple(_token(one) for one in input.tokens)
    contract_id = text(input.contract_id, "contractId", LONGEST_TOKEN_PART)
    license_plate = text(input.license_plate, "licensePlate", LONGEST_PLATE)
    if input.quote_id is not None:
        if (
            any(getattr(input, name) is not None for name in OF_SLOT)
            or input.energy_type is not EnergyType.UNSPECIFIED
        ):
            raise BadInput(
                "The quote settles what is booked: with `quoteId` give `tokens`, `contractId`, `licensePlate` only."
            )
        return QuotedBooking(text(input.quote_id, "quoteId", LONGEST_ID), tokens, contract_id, license_plate)
    if input.booking_location_id is None or input.period is None:
        raise BadInput("Give `quoteId`, or else `bookingLocationId` and `period`.")
    return NewBooking(
        booking_location_id=text(input.booking_location_id, "bookingLocationId", LONGEST_ID),
        period=interval(input.period, "period"),
        demand=needs(input),
        evse_id=text(input.evse_id, "evseId", LONGEST_ID),
        tokens=tokens,
        contract_id=contract_id,
        license_plate=license_plate,
        max_price=most_price(input.max_price),
    )


def _token(one: BookingTokenInput) -> BookingToken:
    return BookingToken(
        text(one.country_code, "countryCode", LONGEST_TOKEN_PART),
        text(one.party_id, "partyId", LONGEST_TOKEN_PART),
        text(one.uid, "uid", LONGEST_TOKEN_PART),
        text(one.type, "type", LONGEST_TOKEN_PART),
        text(one.contract_id, "contractId", LONGEST_TOKEN_PART),
    )
