"""The root fields that decide on requests, and those of an operator's proposals (BUC 2.6, 2.7)."""

from typing import Annotated

import strawberry

from resolvers import bookings
from resolvers.deciding import Decision, Declined
from resolvers.proposing import Proposal
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, PeriodInput, interval, text, within, words

LONGEST_REASON = 300
MOST_DECIDE_MINUTES = 7 * 24 * 60


@strawberry.input(description="The booking whose request is accepted.")
class BookingAcceptInput:
    """The booking whose request is accepted."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID


@strawberry.input(description="The booking whose request is declined, and why.")
class BookingDeclineInput:
    """The booking whose request is declined."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    reason: str = strawberry.field(description="In words for the holder, at most 300 characters.")


@strawberry.input(description="The slot that a booking shall get instead, if its holder consents.")
class BookingProposeInput:
    """The slot that a booking shall get instead."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    period: PeriodInput = strawberry.field(description="It may overlap the present one.")
    booking_location_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of your own; that of the booking, if absent."
    )
    evse_id: strawberry.ID | None = strawberry.field(
        default=None, description="One charger; any that fits, if absent and none was asked for."
    )
    decide_minutes: int | None = strawberry.field(
        default=None, description="How long the holder may take; 60, if absent, and never after either slot begins."
    )


@strawberry.input(description="The booking whose proposal is accepted.")
class BookingProposalAcceptInput:
    """The booking whose proposal is accepted."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID


@strawberry.input(description="The booking whose proposal is declined, and why.")
class BookingProposalDeclineInput:
    """The booking whose proposal is declined."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    reason: str | None = strawberry.field(default=None, description="In words, at most 300 characters.")


@strawberry.input(description="The booking whose proposal is taken back.")
class BookingProposalWithdrawInput:
    """The booking whose proposal is taken back."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID


BookingAcceptResult = Annotated[
    Booking
    | problems.NothingToDecide
    | problems.ChargerUnusable
    | problems.LostUpdate
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingAcceptResult"),
]
BookingDeclineResult = Annotated[
    Booking
    | problems.NothingToDecide
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingDeclineResult"),
]
BookingProposeResult = Annotated[
    Booking
    | problems.SlotTaken
    | problems.OutsideCalendar
    | problems.DoesNotFit
    | problems.ChargerUnusable
    | problems.CutOffPassed
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingProposeResult"),
]
BookingProposalAcceptResult = Annotated[
    Booking
    | problems.NothingToDecide
    | problems.ChargerUnusable
    | problems.LostUpdate
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingProposalAcceptResult"),
]
BookingProposalDeclineResult = Annotated[
    Booking
    | problems.NothingToDecide
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingProposalDeclineResult"),
]
BookingProposalWithdrawResult = Annotated[
    Booking
    | problems.NothingToDecide
    | problems.AlreadyFinal
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("BookingProposalWithdrawResult"),
]


@strawberry.type
class DecisionMutation:
    """The root fields that decide on requests and proposals."""

    @strawberry.mutation(
        description="Grant what a holder asked for: a booking that waits, or a change of one (BUC 2.6). For the CPO."
    )
    async def booking_accept(self, info: Info, input: BookingAcceptInput) -> BookingAcceptResult:
        """Grant what a holder asked for."""
        call = await info.context.call()
        wanted = Decision(text(input.booking_id, "bookingId", LONGEST_ID))
        return booking(await bookings.accept(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Decline what a holder asked for, and say why; a booking that waits is REJECTED, one that should "
        "change stays as it is (BUC 2.6). For the CPO."
    )
    async def booking_decline(self, info: Info, input: BookingDeclineInput) -> BookingDeclineResult:
        """Decline what a holder asked for."""
        call = await info.context.call()
        reason = words(input.reason, "reason", LONGEST_REASON)
        wanted = Declined(text(input.booking_id, "bookingId", LONGEST_ID), reason)
        return booking(await bookings.decline(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Propose another time, or another place of yours, for a booking; the slot is kept until its "
        "holder has decided (BUC 2.7). For the CPO."
    )
    async def booking_propose(self, info: Info, input: BookingProposeInput) -> BookingProposeResult:
        """Propose another slot."""
        call = await info.context.call()
        wanted = Proposal(
            booking_id=text(input.booking_id, "bookingId", LONGEST_ID),
            period=interval(input.period, "period"),
            booking_location_id=text(input.booking_location_id, "bookingLocationId", LONGEST_ID),
            evse_id=text(input.evse_id, "evseId", LONGEST_ID),
            decide_minutes=within(input.decide_minutes, "decideMinutes", "minutes", MOST_DECIDE_MINUTES),
        )
        return booking(await bookings.propose(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Take what the operator proposes instead of the present slot, free of fees. For EMSP and TO."
    )
    async def booking_proposal_accept(
        self, info: Info, input: BookingProposalAcceptInput
    ) -> BookingProposalAcceptResult:
        """Take what the operator proposes."""
        call = await info.context.call()
        booking_id = text(input.booking_id, "bookingId", LONGEST_ID)
        return booking(await bookings.proposal_accept(call, input.idempotency_key, booking_id), call)

    @strawberry.mutation(
        description="Decline what the operator proposes; the booking stays as it is. For EMSP and TO."
    )
    async def booking_proposal_decline(
        self, info: Info, input: BookingProposalDeclineInput
    ) -> BookingProposalDeclineResult:
        """Decline what the operator proposes."""
        call = await info.context.call()
        booking_id = text(input.booking_id, "bookingId", LONGEST_ID)
        reason = words(input.reason, "reason", LONGEST_REASON)
        return booking(await bookings.proposal_decline(call, input.idempotency_key, booking_id, reason), call)

    @strawberry.mutation(
        description="Take back what you proposed and the holder has not decided on; the booking stays as it is. "
        "For the CPO."
    )
    async def booking_proposal_withdraw(
        self, info: Info, input: BookingProposalWithdrawInput
    ) -> BookingProposalWithdrawResult:
        """Take back what was proposed."""
        call = await info.context.call()
        booking_id = text(input.booking_id, "bookingId", LONGEST_ID)
        return booking(await bookings.proposal_withdraw(call, input.idempotency_key, booking_id), call)
