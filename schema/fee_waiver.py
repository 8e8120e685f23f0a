"""That an operator does without a fee of a booking, as callers see it, and its root fields (BUC 4.2, 4.3)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.terms_fee import FeeKind
from models.rules.waiver import Waiver
from resolvers import waivers
from resolvers.waivers import Revocation, WantedWaiver
from schema import problems, settling_problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, LONGEST_TEXT, text, words

IN_WORDS = f"In words, at most {LONGEST_TEXT} characters; it stays on record."


@strawberry.type(description="That a fee of a booking is not billed, and why; it stays on record when it is revoked.")
class FeeWaiver:
    """That a fee is not billed."""

    id: strawberry.ID
    booking_id: strawberry.ID
    fee: FeeKind
    reason: str
    waived_at: datetime
    revoked_at: datetime | None = strawberry.field(description="Since when it is billed after all.")
    revoked_reason: str | None

    @classmethod
    def of(cls, one: Waiver) -> "FeeWaiver":
        """Return a waiver as callers see it."""
        return cls(
            id=strawberry.ID(one.object_id),
            booking_id=strawberry.ID(one.booking_object_id),
            fee=one.fee,
            reason=one.reason,
            waived_at=one.waived_at,
            revoked_at=one.revoked_at,
            revoked_reason=one.revoked_reason,
        )


@strawberry.input(description="Which fee of which booking is not billed, and why.")
class FeeWaiveInput:
    """Which fee is not billed."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    fee: FeeKind = strawberry.field(description="CANCELLATION, LATE_ARRIVAL, MODIFICATION, NO_SHOW or OVERTIME.")
    reason: str = strawberry.field(description=IN_WORDS)


@strawberry.input(description="Which waiver is taken back, and why.")
class FeeWaiverRevokeInput:
    """Which waiver is taken back."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    waiver_id: strawberry.ID
    reason: str = strawberry.field(description=IN_WORDS)


FeeWaiveResult = Annotated[
    FeeWaiver | settling_problems.AlreadyWaived | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("FeeWaiveResult"),
]
FeeWaiverRevokeResult = Annotated[
    FeeWaiver | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("FeeWaiverRevokeResult"),
]


@strawberry.type
class FeeWaiverQuery:
    """The root field that reads waivers."""

    @strawberry.field(
        description="The fees of a booking that its operator does without, and those that it did, with the reasons, "
        "in the order in which they were waived. For CPO, EMSP and TO."
    )
    async def fee_waivers(self, info: Info, booking_id: strawberry.ID) -> list[FeeWaiver]:
        """Return the waivers of a booking."""
        call = await info.context.call()
        found = await waivers.of_booking(call, text(booking_id, "bookingId", LONGEST_ID))
        return [FeeWaiver.of(one) for one in found]


@strawberry.type
class FeeWaiverMutation:
    """The root fields that waive fees."""

    @strawberry.mutation(
        description="Do without a fee of a booking, before or after it is billed (BUC 4.2, 4.3): what was billed "
        "with it is credited within seconds, and billed again without it. For the CPO."
    )
    async def fee_waive(self, info: Info, input: FeeWaiveInput) -> FeeWaiveResult:
        """Waive a fee."""
        call = await info.context.call()
        wanted = WantedWaiver(
            text(input.booking_id, "bookingId", LONGEST_ID), input.fee, words(input.reason, "reason", LONGEST_TEXT)
        )
        return FeeWaiver.of(await waivers.waive(call, input.idempotency_key, wanted))

    @strawberry.mutation(description="Bill a fee that was waived after all (BUC 4.2, 4.3). For the CPO.")
    async def fee_waiver_revoke(self, info: Info, input: FeeWaiverRevokeInput) -> FeeWaiverRevokeResult:
        """Take a waiver back."""
        call = await info.context.call()
        wanted = Revocation(
            text(input.waiver_id, "waiverId", LONGEST_ID), words(input.reason, "reason", LONGEST_TEXT)
        )
        return FeeWaiver.of(await waivers.revoke(call, input.idempotency_key, wanted))
