"""What an operator gives back of what it billed, and why, as callers see it, and the root fields on it (BUC 4.4)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from resolvers import cdrs
from resolvers.cdrs import KnownRefund, WantedRefund
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.inputs import FINEST, IN_WORDS, LONGEST_ID, LONGEST_TEXT, money, text, words

OF_CDR = "Any CDR of what it was given back of: one that bills it, billed it, or takes it back."


@strawberry.type(description="What an operator gave back of what it billed, and why.")
class CdrRefund:
    """What was given back."""

    id: strawberry.ID
    cdr_id: strawberry.ID | None = strawberry.field(
        description="The CDR on which it was given, which was credited for it; null if you may not read that one, as "
        "it was billed to another contract."
    )
    currency: str = strawberry.field(description="ISO 4217.")
    before_taxes: Decimal
    reason: str
    refunded_at: datetime
    stands: bool = strawberry.field(
        description="Whether what it was given back of is still to be billed, and in this currency, so that it is "
        "taken off. If not, the CDR was credited as a whole, and nothing is left to lessen; nothing is converted."
    )

    @classmethod
    def of(cls, known: KnownRefund) -> "CdrRefund":
        """Return a refund as callers see it."""
        one = known.refund
        return cls(
            id=strawberry.ID(one.object_id),
            cdr_id=strawberry.ID(known.given_on) if known.given_on else None,
            currency=one.currency,
            before_taxes=one.before_taxes,
            reason=one.reason,
            refunded_at=one.refunded_at,
            stands=known.stands,
        )


@strawberry.type(description="That a part of a CDR is given back; the CDR as it is until it is credited.")
class CdrRefunded:
    """That a part of a CDR is given back."""

    cdr: Cdr


@strawberry.input(description="How much of what a CDR billed is given back, and why.")
class CdrRefundInput:
    """How much is given back."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    cdr_id: strawberry.ID = strawberry.field(description="Neither a credit nor credited.")
    before_taxes: Decimal = strawberry.field(
        description="In the CDR's currency, more than 0 and at most what is left of it; its taxes follow in "
        "proportion."
    )
    reason: str = strawberry.field(description=IN_WORDS)


CdrRefundResult = Annotated[
    CdrRefunded | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("CdrRefundResult"),
]


@strawberry.type
class CdrRefundQuery:
    """The root field that reads refunds."""

    @strawberry.field(
        description="What was given back of what a CDR bills or takes back, with the reasons, in the order in which "
        "it was given; also on CDRs that it takes the place of, or that took its. An error with code NOT_FOUND for "
        "a CDR that you may not read. For CPO, EMSP and TO."
    )
    async def cdr_refunds(
        self, info: Info, cdr_id: Annotated[strawberry.ID, strawberry.argument(description=OF_CDR)]
    ) -> list[CdrRefund]:
        """Return the refunds of what a CDR bills."""
        call = await info.context.call()
        return [CdrRefund.of(one) for one in await cdrs.refunds(call, text(cdr_id, "cdrId", LONGEST_ID))]


@strawberry.type
class CdrRefundMutation:
    """The root field that gives back."""

    @strawberry.mutation(
        description="Give back a part of what a CDR billed, or all of it. The CDR is credited as a whole within "
        "seconds, and one issued for what is left, with a line of kind REFUND; a fee that was given back as a whole "
        "is only credited. Whatever else changes of what was billed, it stays given back while that is billed in the "
        "same currency; `cdrRefunds` tells. For the CPO."
    )
    async def cdr_refund(self, info: Info, input: CdrRefundInput) -> CdrRefundResult:
        """Give back."""
        call = await info.context.call()
        wanted = WantedRefund(
            text(input.cdr_id, "cdrId", LONGEST_ID),
            money(input.before_taxes, "beforeTaxes", FINEST),
            words(input.reason, "reason", LONGEST_TEXT),
        )
        return CdrRefunded(cdr=cdr(await cdrs.refund(call, input.idempotency_key, wanted), call))
