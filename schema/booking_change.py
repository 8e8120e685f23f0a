"""The root fields that show, price and make changes of bookings (BUC 2.3.1, 2.3.2, 2.3.4, 2.4, 2.9)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.booking import Booking as BookingValue
from models.rules.booking_location import Timeslot as TimeslotValue
from models.rules.charge import difference
from models.rules.nearby_times import around
from models.rules.quote import Quote as QuoteValue
from resolvers import bookings
from resolvers.asked import SlotForm
from resolvers.booking_change import QuotedChange, WantedChange
from resolvers.call import Call
from resolvers.change_options import WantedOptions
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_PLATE, BookingTokenInput, tokens
from schema.context import Info
from schema.free import BookingLocationAvailability, FreeAtLocation, free_at
from schema.inputs import LONGEST_ID, PeriodInput, interval, text, vehicle_id
from schema.price import Price, charge
from schema.quote import Quote, quote
from schema.search_inputs import DemandInput, NeedsInput, asked_demand, needs
from schema.selection import selects


@strawberry.type(description="What a change of a booking grants and costs, held beside the booking for some minutes.")
class ChangeQuote:
    """What a change of a booking grants and costs."""

    quote: Quote = strawberry.field(description="The slot that is held, with its own price and terms.")
    booking: Booking = strawberry.field(description="As it is until the change is made.")
    fee: Price | None = strawberry.field(description="What the change itself costs; null if nothing.")
    price_difference: Price | None = strawberry.field(
        description="How much more the slot costs than the booking, less than 0 if it is cheaper; null if not known."
    )
    min_power_difference: int | None = strawberry.field(description="Of the power that is guaranteed, in W.")
    max_power_difference: int | None = strawberry.field(description="Of the power that is available, in W.")
    change_until: datetime = strawberry.field(description="Until then a change costs no fee.")
    expires_at: datetime = strawberry.field(description="Until then the change can be made as quoted.")
    remaining: list[BookingLocationAvailability] = strawberry.field(
        description="What else the booking could be changed to at that Location, within 12 hours of the slot."
    )


@strawberry.type(description="What a booking could be changed to at one Location, as if it were not there itself.")
class ChangeOptions(FreeAtLocation):
    """What a booking could be changed to."""

    booking: Booking


@strawberry.input(description="What shall be different of a booking; what is absent stays as it is.")
class BookingChangeQuoteInput:
    """What shall be different of a booking."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    booking_location_id: strawberry.ID | None = strawberry.field(
        default=None, description="Another BookingLocation of the same operator, at this or another Location."
    )
    period: PeriodInput | None = None
    evse_id: strawberry.ID | None = strawberry.field(default=None, description="One charger of a group.")
    any_evse: bool = strawberry.field(default=False, description="Any charger that fits, if one was asked for.")
    needs: NeedsInput | None = strawberry.field(
        default=None, description="All that the vehicle needs from now on: plug, power, energy, another vehicle."
    )
    vehicle_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Another vehicle that its fleet stored, instead of `needs.vehicle`; its licence plate is the "
        "booking's from then on, unless one is given with the change.",
    )


@strawberry.input(description="Which quoted change to make, and who may use the booking from then on.")
class BookingChangeInput:
    """Which quoted change to make."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    quote_id: strawberry.ID
    tokens: list[BookingTokenInput] | None = strawberry.field(
        default=None, description="Instead of those it has; stay as they are, if absent."
    )
    license_plate: str | None = strawberry.field(default=None, description="Stays as it is, if absent.")


@strawberry.input(description="Where and when a booking might go; as it is, and close to its time, where absent.")
class ChangeOptionsInput:
    """Where and when a booking might go."""

    booking_id: strawberry.ID
    location_id: strawberry.ID | None = strawberry.field(default=None, description="Of the same operator.")
    window: PeriodInput | None = strawberry.field(default=None, description="At most 31 days.")
    needs: DemandInput | None = None
    slots: SlotForm = SlotForm.WINDOWS


BookingChangeQuoteResult = Annotated[
    ChangeQuote
    | problems.SlotTaken
    | problems.OutsideCalendar
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.TooManyHolds
    | problems.CutOffPassed
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingChangeQuoteResult"),
]
BookingChangeResult = Annotated[
    Booking
    | problems.QuoteExpired
    | problems.QuoteUsed
    | problems.LostUpdate
    | problems.ChargerUnusable
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingChangeResult"),
]


@strawberry.type
class BookingChangeQuery:
    """The root field that shows what a booking could be changed to."""

    @strawberry.field(
        description="What a booking could be changed to at a Location of its operator; what it has itself counts as "
        "free. An error with code NOT_FOUND if the caller has no such booking."
    )
    async def booking_change_options(self, info: Info, input: ChangeOptionsInput) -> ChangeOptions:
        """Return what a booking could be changed to."""
        call = await info.context.call()
        wanted = WantedOptions(
            text(input.booking_id, "bookingId", LONGEST_ID),
            text(input.location_id, "locationId", LONGEST_ID),
            interval(input.window, "window") if input.window else None,
            asked_demand(input.needs) if input.needs else None,
            input.slots,
        )
        one, found = await bookings.change_options(call, wanted)
        return ChangeOptions(booking=booking(one, call), **free_at(found))


@strawberry.type
class BookingChangeMutation:
    """The root fields that price and make changes."""

    @strawberry.mutation(
        description="Price a change of a booking and hold its next slot beside the present one, which it may "
        "overlap; the booking stays as it is until `bookingChange` (BUC 2.3, 2.4, 2.9). For EMSP and TO."
    )
    async def booking_change_quote(self, info: Info, input: BookingChangeQuoteInput) -> BookingChangeQuoteResult:
        """Price and hold a change."""
        call = await info.context.call()
        wanted = WantedChange(
            booking_id=text(input.booking_id, "bookingId", LONGEST_ID),
            booking_location_id=text(input.booking_location_id, "bookingLocationId", LONGEST_ID),
            period=interval(input.period, "period") if input.period else None,
            evse_id=text(input.evse_id, "evseId", LONGEST_ID),
            any_evse=input.any_evse,
            demand=needs(input.needs) if input.needs else None,
            vehicle_id=vehicle_id(input.vehicle_id, input.needs.vehicle if input.needs else None),
        )
        made = await bookings.quote_change(call, input.idempotency_key, wanted)
        one = await bookings.get(call, wanted.booking_id)
        remaining = await _remaining(call, one, made) if selects(info, "remaining") else []
        return _change_quote(call, one, made, remaining)

    @strawberry.mutation(
        description="Make a change as it was quoted, at its fee: the booking keeps its id and gets another revision "
        "and reference; the old reference still finds it and starts nothing. Where the operator confirms, the "
        "booking keeps its old slot until then (BUC 2.6). For EMSP and TO."
    )
    async def booking_change(self, info: Info, input: BookingChangeInput) -> BookingChangeResult:
        """Make a change."""
        call = await info.context.call()
        wanted = QuotedChange(
            text(input.quote_id, "quoteId", LONGEST_ID),
            tokens(input.tokens) if input.tokens is not None else None,
            text(input.license_plate, "licensePlate", LONGEST_PLATE),
        )
        return booking(await bookings.change(call, input.idempotency_key, wanted), call)


async def _remaining(call: Call, one: BookingValue, made: QuoteValue) -> list[BookingLocationAvailability]:
    grant = made.grant
    wanted = WantedOptions(one.object_id, grant.location_id, around(grant.timeslot.period), grant.demand)
    _, found = await bookings.change_options(call, wanted)
    return list(free_at(found)["booking_locations"])


def _change_quote(
    call: Call, one: BookingValue, made: QuoteValue, remaining: list[BookingLocationAvailability]
) -> ChangeQuote:
    before, after = one.timeslot, made.grant.timeslot
    return ChangeQuote(
        quote=quote(made, call),
        booking=booking(one, call),
        fee=charge(made.fee),
        price_difference=charge(difference(one.price, made.grant.price)),
        min_power_difference=_power(before, after, "min_power"),
        max_power_difference=_power(before, after, "max_power"),
        change_until=one.change_until,
        expires_at=made.expires_at,
        remaining=remaining,
    )


def _power(before: TimeslotValue, after: TimeslotValue, name: str) -> int | None:
    old, new = getattr(before, name), getattr(after, name)
    return None if old is None or new is None else new - old
