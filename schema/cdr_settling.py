"""The root fields by which CDRs are numbered, given back, and noted to be invoiced and paid (BUC 4.1, 4.4, 4.5)."""

from decimal import Decimal
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules import cdr as rules
from resolvers import cdr_numbering, cdrs
from resolvers.cdr_numbering import Numbering
from resolvers.cdrs import Invoicing, Paying, WantedRefund
from schema import problems, settling_problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.inputs import LONGEST_ID, text, words

LONGEST_INVOICE_ID = 39
"""The standard's CiString(39) of a CDR's `invoice_reference_id`."""

LONGEST_PREFIX = 20
LONGEST_TEXT = 2000
IN_WORDS = "In words, at most 2000 characters."
MOST = Decimal(1_000_000_000)
MOST_DIGITS = 4
YOURS = (
    "1 to 500 of yours: all of them, or none. Yours are, as an operator, those that you issued, and as an EMSP those "
    "that are billed to you, not what you booked on behalf of another provider."
)


@strawberry.type(description="How the operator's CDRs are numbered without a gap.")
class CdrNumbering:
    """How CDRs are numbered."""

    prefix: str = strawberry.field(description="What is put before a number of at least nine digits.")
    last_number: int = strawberry.field(description="The last that was given; 0 before the first.")

    @classmethod
    def of(cls, one: rules.CdrNumbering) -> "CdrNumbering":
        """Return a numbering as callers see it."""
        return cls(prefix=one.prefix, last_number=one.last_number)


@strawberry.type(description="CDRs after the caller put them on an invoice, in the order in which they were named.")
class CdrsInvoiced:
    """CDRs on an invoice."""

    cdrs: list[Cdr]


@strawberry.type(description="CDRs after they were paid, in the order in which they were named.")
class CdrsPaid:
    """CDRs that were paid."""

    cdrs: list[Cdr]


@strawberry.type(description="That a part of a CDR is given back; the CDR as it is until it is credited.")
class CdrRefunded:
    """That a part of a CDR is given back."""

    cdr: Cdr


@strawberry.input(description="What is put before the numbers of CDRs.")
class CdrNumberingSetInput:
    """What is put before the numbers."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    prefix: str = strawberry.field(
        description="1 to 20 letters, digits, points, hyphens and underscores, the last of them no digit; such as "
        "`2026-`."
    )


@strawberry.input(description="Which CDRs are on which invoice.")
class CdrsInvoiceInput:
    """Which CDRs are on which invoice."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    cdr_ids: list[strawberry.ID] = strawberry.field(description=YOURS)
    invoice_id: str = strawberry.field(description="The invoice as its issuer names it, at most 39 characters.")


@strawberry.input(description="Which CDRs were paid.")
class CdrsPayInput:
    """Which CDRs were paid."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    cdr_ids: list[strawberry.ID] = strawberry.field(description=YOURS)


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


CdrNumberingSetResult = Annotated[
    CdrNumbering | problems.IdempotencyConflict, strawberry.union("CdrNumberingSetResult")
]
CdrsInvoiceResult = Annotated[
    CdrsInvoiced | settling_problems.PaymentStateDiffers | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("CdrsInvoiceResult"),
]
CdrsPayResult = Annotated[
    CdrsPaid | settling_problems.PaymentStateDiffers | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("CdrsPayResult"),
]
CdrRefundResult = Annotated[
    CdrRefunded | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("CdrRefundResult"),
]


@strawberry.type
class CdrNumberingQuery:
    """The root field that reads how CDRs are numbered."""

    @strawberry.field(description="How your CDRs are numbered without a gap; null if they are not. For the CPO.")
    async def cdr_numbering(self, info: Info) -> CdrNumbering | None:
        """Return how CDRs are numbered."""
        found = await cdr_numbering.get(await info.context.call())
        return CdrNumbering.of(found) if found else None


@strawberry.type
class CdrMutation:
    """The root fields that number CDRs, note what became of them, and give back."""

    @strawberry.mutation(
        description="Number your CDRs without a gap from now on; numbers are their ids then. Once set that stays: "
        "another prefix may be set, and the numbers go on. For the CPO."
    )
    async def cdr_numbering_set(self, info: Info, input: CdrNumberingSetInput) -> CdrNumberingSetResult:
        """Number CDRs."""
        call = await info.context.call()
        wanted = Numbering(text(input.prefix, "prefix", LONGEST_PREFIX))
        return CdrNumbering.of(await cdr_numbering.set(call, input.idempotency_key, wanted))

    @strawberry.mutation(
        description="Note on which invoice of yours CDRs that are due were put. There are two records of each CDR: "
        "its operator notes what the EMSP owes, which the two see; the EMSP notes what its fleet owes, `fleetState`, "
        "which those two see. For CPO and EMSP."
    )
    async def cdrs_invoice(self, info: Info, input: CdrsInvoiceInput) -> CdrsInvoiceResult:
        """Note an invoice."""
        call = await info.context.call()
        wanted = Invoicing(_ids(input.cdr_ids), text(input.invoice_id, "invoiceId", LONGEST_INVOICE_ID))
        done = await cdrs.invoice(call, input.idempotency_key, wanted)
        return CdrsInvoiced(cdrs=[cdr(one, call) for one in done])

    @strawberry.mutation(
        description="Note that CDRs that you invoiced are paid, in your own record as by `cdrsInvoice`. For CPO and "
        "EMSP."
    )
    async def cdrs_pay(self, info: Info, input: CdrsPayInput) -> CdrsPayResult:
        """Note a payment."""
        call = await info.context.call()
        done = await cdrs.pay(call, input.idempotency_key, Paying(_ids(input.cdr_ids)))
        return CdrsPaid(cdrs=[cdr(one, call) for one in done])

    @strawberry.mutation(
        description="Give back a part of what a CDR billed, or all of it. The CDR is credited as a whole within "
        "seconds, and one issued for what is left, with a line of kind REFUND; a fee that was given back as a whole "
        "is only credited. Whatever else changes of what was billed, it stays given back while that is billed in the "
        "same currency; `cdrRefunds` tells. For the CPO."
    )
    async def cdr_refund(self, info: Info, input: CdrRefundInput) -> CdrRefundResult:
        """Give back."""
        call = await info.context.call()
        if not 0 < input.before_taxes <= MOST or input.before_taxes != round(input.before_taxes, MOST_DIGITS):
            raise BadInput(f"`beforeTaxes` is more than 0, at most {MOST}, and has at most {MOST_DIGITS} decimals.")
        wanted = WantedRefund(
            text(input.cdr_id, "cdrId", LONGEST_ID), input.before_taxes, words(input.reason, "reason", LONGEST_TEXT)
        )
        return CdrRefunded(cdr=cdr(await cdrs.refund(call, input.idempotency_key, wanted), call))


def _ids(given: list[strawberry.ID]) -> tuple[str, ...]:
    return tuple(text(one, "cdrIds", LONGEST_ID) for one in given)
