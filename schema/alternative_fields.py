"""The root fields that show, take and suggest alternatives to bookings (BUC 2.8)."""

from typing import Annotated

import strawberry

from models.rules import alternative as rules
from resolvers import alternatives
from resolvers.alternative_renewing import Renewal
from resolvers.alternative_suggesting import Suggestion
from resolvers.alternative_taking import TakenAlternative
from schema import problems
from schema.alternative import Alternative
from schema.alternative import alternatives as seen
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_PLATE
from schema.context import Info
from schema.inputs import LONGEST_ID, PeriodInput, interval, text

WITHIN_KM = "How far from the booked Location, as the crow flies, in km, 0 to 300."
SHIFT_MINUTES = "How much earlier or later it may begin than the booking, in minutes, 0 to 720."
HOLD_MINUTES = "How long the best one is held, in minutes, 1 to 120."


@strawberry.type(description="How far an operator looks for alternatives, and how long it holds the best one.")
class AlternativesPolicy:
    """How far an operator looks for alternatives."""

    within_km: int = strawberry.field(description=WITHIN_KM)
    shift_minutes: int = strawberry.field(description=SHIFT_MINUTES)
    hold_minutes: int = strawberry.field(description=HOLD_MINUTES)


@strawberry.input(description="Which alternative to take.")
class AlternativeTakeInput:
    """Which alternative to take."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    alternative_id: strawberry.ID
    license_plate: str | None = strawberry.field(default=None, description="Stays as it is, if absent.")


@strawberry.input(description="Where and when a booking may go instead, at a place of the operator's own.")
class AlternativesSuggestInput:
    """Where and when a booking may go instead."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    booking_location_id: strawberry.ID
    period: PeriodInput
    evse_id: strawberry.ID | None = strawberry.field(
        default=None, description="One charger of a group; any that fits, if absent."
    )


@strawberry.input(description="For which booking to look for alternatives anew, and how far.")
class AlternativesRenewInput:
    """For which booking to look anew."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    within_km: int | None = strawberry.field(default=None, description=f"{WITHIN_KM} As its operator, if absent.")
    shift_minutes: int | None = strawberry.field(
        default=None, description=f"{SHIFT_MINUTES} As its operator, if absent."
    )


@strawberry.type(description="What is offered in place of a booking from now on.")
class AlternativesRenewed:
    """What is offered in place of a booking from now on."""

    booking: Booking
    alternatives: list[Alternative]


@strawberry.input(description="How far to look for alternatives from now on.")
class AlternativesPolicySetInput:
    """How far to look for alternatives."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    within_km: int = strawberry.field(default=rules.WITHIN_KM, description=WITHIN_KM)
    shift_minutes: int = strawberry.field(default=rules.SHIFT_MINUTES, description=SHIFT_MINUTES)
    hold_minutes: int = strawberry.field(default=rules.HOLD_MINUTES, description=HOLD_MINUTES)


AlternativeTakeResult = Annotated[
    Booking
    | problems.SlotTaken
    | problems.OutsideCalendar
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.PriceChanged
    | problems.AlreadyFinal
    | problems.LostUpdate
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("AlternativeTakeResult"),
]
AlternativesSuggestResult = Annotated[
    Booking
    | problems.SlotTaken
    | problems.OutsideCalendar
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("AlternativesSuggestResult"),
]
AlternativesRenewResult = Annotated[
    AlternativesRenewed
    | problems.AlreadyFinal
    | problems.LostUpdate
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("AlternativesRenewResult"),
]
AlternativesPolicySetResult = Annotated[
    AlternativesPolicy | problems.IdempotencyConflict,
    strawberry.union("AlternativesPolicySetResult"),
]


@strawberry.type
class AlternativeQuery:
    """The root fields that show alternatives."""

    @strawberry.field(
        description="What is offered in place of a booking, or was taken, the best first. With a reach, instead what "
        "is free in its place now, of any operator; nothing of that is held (BUC 2.8). An error with code NOT_FOUND "
        "if the caller has no such booking."
    )
    async def booking_alternatives(
        self,
        info: Info,
        booking_id: strawberry.ID,
        within_km: Annotated[int | None, strawberry.argument(description=WITHIN_KM)] = None,
        shift_minutes: Annotated[int | None, strawberry.argument(description=SHIFT_MINUTES)] = None,
    ) -> list[Alternative]:
        """Return alternatives."""
        call = await info.context.call()
        wanted = text(booking_id, "bookingId", LONGEST_ID)
        if within_km is None and shift_minutes is None:
            return seen(call, *await alternatives.offered(call, wanted))
        return seen(call, *await alternatives.look(call, wanted, within_km, shift_minutes), stored=False)

    @strawberry.field(description="How far you look for alternatives to bookings that you cannot keep. For the CPO.")
    async def alternatives_policy(self, info: Info) -> AlternativesPolicy:
        """Return the operator's policy."""
        return _policy(await alternatives.policy(await info.context.call()))


@strawberry.type
class AlternativeMutation:
    """The root fields that take, suggest and look for alternatives."""

    @strawberry.mutation(
        description="Take an alternative, free of fees. A booking that is RESERVED and stays with its operator is "
        "changed to it; else a new booking takes its place, and the old one ends. Where the operator confirms, the "
        "change or the new booking waits for that. What the operator of the booking proposes is declined by that. "
        "For EMSP and TO."
    )
    async def alternative_take(self, info: Info, input: AlternativeTakeInput) -> AlternativeTakeResult:
        """Take an alternative."""
        call = await info.context.call()
        wanted = TakenAlternative(
            text(input.alternative_id, "alternativeId", LONGEST_ID),
            text(input.license_plate, "licensePlate", LONGEST_PLATE),
        )
        return booking(await alternatives.take(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Look for alternatives anew, as far as you like, in the place of what was found before and not "
        "taken; the best one is held for ten minutes. What the operator suggests stays ahead. For EMSP and TO."
    )
    async def alternatives_renew(self, info: Info, input: AlternativesRenewInput) -> AlternativesRenewResult:
        """Look for alternatives anew."""
        call = await info.context.call()
        wanted = Renewal(text(input.booking_id, "bookingId", LONGEST_ID), input.within_km, input.shift_minutes)
        one, found = await alternatives.renew(call, input.idempotency_key, wanted)
        return AlternativesRenewed(booking=booking(one, call), alternatives=seen(call, one, found))

    @strawberry.mutation(
        description="Suggest a place of your own for a booking that is endangered or that you canceled, ahead of "
        "what was found, and hold it. For the CPO of the booking."
    )
    async def alternatives_suggest(self, info: Info, input: AlternativesSuggestInput) -> AlternativesSuggestResult:
        """Suggest an alternative."""
        call = await info.context.call()
        wanted = Suggestion(
            text(input.booking_id, "bookingId", LONGEST_ID),
            text(input.booking_location_id, "bookingLocationId", LONGEST_ID),
            interval(input.period, "period"),
            text(input.evse_id, "evseId", LONGEST_ID),
        )
        return booking(await alternatives.suggest(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(description="Set how far you look for alternatives from now on. For the CPO.")
    async def alternatives_policy_set(
        self, info: Info, input: AlternativesPolicySetInput
    ) -> AlternativesPolicySetResult:
        """Set the operator's policy."""
        wanted = rules.AlternativesPolicy(input.within_km, input.shift_minutes, input.hold_minutes)
        return _policy(await alternatives.policy_set(await info.context.call(), input.idempotency_key, wanted))


def _policy(one: rules.AlternativesPolicy) -> AlternativesPolicy:
    return AlternativesPolicy(within_km=one.within_km, shift_minutes=one.shift_minutes, hold_minutes=one.hold_minutes)
