"""The root fields that make and read bookings."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import strawberry

from models.errors import BadInput
from models.rules.booking import BookingToken
from models.rules.booking_filter import BookingFilter
from models.rules.booking_state import Outcome, ReservationStatus
from models.rules.energy import EnergyType
from models.rules.identity import normalized, own_uuid, owner, uuid_of
from resolvers import bookings
from resolvers.booking_create import NewBooking, QuotedBooking
from resolvers.for_whom import MOST_TOKENS, ForWhom
from resolvers.granting import WantedSlot
from schema import problems
from schema.booking import Booking, booking
from schema.context import Info
from schema.inputs import LONGEST_ID, PeriodInput, interval, text, vehicle_id
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.search_inputs import MostPriceInput, NeedsInput, most_price, needs

IDEMPOTENCY_KEY = (
    "Yours to choose, 1 to 36 printable ASCII characters, such as a UUID. The same key with the same input returns "
    "the first result; with another input it is refused."
)

LONGEST_TOKEN_PART = 36
"""The standard's CiString(36) of a token's `uid` and `contract_id`."""

LONGEST_PLATE = 20
STORED_VEHICLE = (
    "A vehicle that its fleet stored, instead of `vehicle`; its licence plate is the booking's unless one is given."
)
ON_BEHALF_OF = "The provider that the caller, an EMSP too, books for by its mandate, such as NL*EMS (BUC 2.2)."
REMINDERS = "How many minutes before the start to remind of it; as the party prefers, if absent (BUC 2.10)."
MOST_REMINDED = 100
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
    "vehicle_id",
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
        default=None,
        description="The quote to book; it settles all but `tokens`, `contractId`, `licensePlate`, `onBehalfOf` and "
        "`reminders`.",
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
    vehicle_id: strawberry.ID | None = strawberry.field(default=None, description=STORED_VEHICLE)
    on_behalf_of: strawberry.ID | None = strawberry.field(default=None, description=ON_BEHALF_OF)
    reminders: list[int] | None = strawberry.field(default=None, description=REMINDERS)


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
        ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="Those of these ids; at most 100.")
        ] = None,
        references: Annotated[
            list[str] | None,
            strawberry.argument(description="Those that have or once had these, as people type them; at most 100."),
        ] = None,
        mission_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Those that were booked together for one trip.")
        ] = None,
        outcomes: Annotated[
            list[Outcome] | None, strawberry.argument(description="What became of them (BUC 2.11).")
        ] = None,
        endangered: Annotated[
            bool | None,
            strawberry.argument(description="Those whose charger is broken, or worked on, at their time; or not."),
        ] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Booking]:
        """Return a page of bookings."""
        call = await info.context.call()
        wanted = BookingFilter(
            normalized(location_id) if location_id is not None else None,
            tuple(statuses or ()),
            interval(starting, "starting") if starting else None,
            None if references is None else tuple(references),
            _mission(mission_id),
            tuple(outcomes or ()),
            endangered,
            None if ids is None else tuple(_named(ids)),
        )
        page = await bookings.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(booking(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class BookingMutation:
    """The root field that makes bookings."""

    @strawberry.mutation(
        description="Book a charger, or any of a group, with its bay, by a quote or directly (BUC 2.1, 2.2). "
        "For EMSP and TO."
    )
    async def booking_create(self, info: Info, input: BookingCreateInput) -> BookingCreateResult:
        """Book."""
        call = await info.context.call()
        made = await bookings.create(call, input.idempotency_key, _new(input))
        return booking(made, call)


def _mission(mission_id: str | None) -> UUID | None:
    if mission_id is None:
        return None
    found = uuid_of(mission_id)
    if found is None:
        raise BadInput("`missionId` is the UUID that a booking shows as its mission.")
    return found


def _named(ids: list[strawberry.ID]) -> Iterator[tuple[str, UUID]]:
    """Yield the operators and ids that composite ids name; what names no booking of ours is left out."""
    for one in ids:
        uuid = own_uuid(one)
        if uuid is not None:
            yield owner(normalized(one)), uuid


def _new(input: BookingCreateInput) -> NewBooking | QuotedBooking:
    whom = ForWhom(
        tokens=tokens(input.tokens),
        contract_id=text(input.contract_id, "contractId", LONGEST_TOKEN_PART),
        license_plate=text(input.license_plate, "licensePlate", LONGEST_PLATE),
        on_behalf_of=text(input.on_behalf_of, "onBehalfOf", LONGEST_ID),
        reminders=minutes(input.reminders),
    )
    if input.quote_id is not None:
        if (
            any(getattr(input, name) is not None for name in OF_SLOT)
            or input.energy_type is not EnergyType.UNSPECIFIED
        ):
            raise BadInput(
                "The quote settles what is booked: with `quoteId` give `tokens`, `contractId`, `licensePlate`, "
                "`onBehalfOf` and `reminders` only."
            )
        return QuotedBooking(text(input.quote_id, "quoteId", LONGEST_ID), whom)
    if input.booking_location_id is None or input.period is None:
        raise BadInput("Give `quoteId`, or else `bookingLocationId` and `period`.")
    slot = WantedSlot(
        booking_location_id=text(input.booking_location_id, "bookingLocationId", LONGEST_ID),
        period=interval(input.period, "period"),
        demand=needs(input),
        evse_id=text(input.evse_id, "evseId", LONGEST_ID),
        max_price=most_price(input.max_price),
        vehicle_id=vehicle_id(input.vehicle_id, input.vehicle),
    )
    return NewBooking(slot, whom)


def tokens(given: list[BookingTokenInput]) -> tuple[BookingToken, ...]:
    """Return tokens as values, or raise BadInput."""
    if len(given) > MOST_TOKENS:
        raise BadInput(f"A booking is for at most {MOST_TOKENS} tokens.")
    return tuple(_token(one) for one in given)


def minutes(given: list[int] | None) -> tuple[int, ...] | None:
    """Return when to remind as values, or raise BadInput; absent stays absent."""
    if given is not None and len(given) > MOST_REMINDED:
        raise BadInput(f"`reminders` has at most {MOST_REMINDED} entries.")
    return None if given is None else tuple(given)


def _token(one: BookingTokenInput) -> BookingToken:
    return BookingToken(
        text(one.country_code, "countryCode", LONGEST_TOKEN_PART),
        text(one.party_id, "partyId", LONGEST_TOKEN_PART),
        text(one.uid, "uid", LONGEST_TOKEN_PART),
        text(one.type, "type", LONGEST_TOKEN_PART),
        text(one.contract_id, "contractId", LONGEST_TOKEN_PART),
    )
