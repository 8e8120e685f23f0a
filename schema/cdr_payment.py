"""The root fields by which CDRs are noted to be invoiced and paid (BUC 4.1, 4.5)."""

from typing import Annotated

import strawberry

from resolvers import cdrs
from resolvers.cdrs import Invoicing, Paying
from schema import problems, settling_problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.inputs import LONGEST_ID, LONGEST_INVOICE_REFERENCE, text

YOURS = (
    "1 to 500 of yours: all of them, or none. Yours are, as an operator, those that you issued, and as an EMSP those "
    "that are billed to you, not what you booked on behalf of another provider."
)


@strawberry.type(description="CDRs after the caller put them on an invoice, in the order in which they were named.")
class CdrsInvoiced:
    """CDRs on an invoice."""

    cdrs: list[Cdr]


@strawberry.type(description="CDRs after they were paid, in the order in which they were named.")
class CdrsPaid:
    """CDRs that were paid."""

    cdrs: list[Cdr]


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


CdrsInvoiceResult = Annotated[
    CdrsInvoiced | settling_problems.PaymentStateDiffers | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("CdrsInvoiceResult"),
]
CdrsPayResult = Annotated[
    CdrsPaid | settling_problems.PaymentStateDiffers | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("CdrsPayResult"),
]


@strawberry.type
class CdrPaymentMutation:
    """The root fields that note what became of CDRs."""

    @strawberry.mutation(
        description="Note on which invoice of yours CDRs that are due were put. There are two records of each CDR: "
        "its operator notes what the EMSP owes, which the two see; the EMSP notes what its fleet owes, `fleetState`, "
        "which those two see. For CPO and EMSP."
    )
    async def cdrs_invoice(self, info: Info, input: CdrsInvoiceInput) -> CdrsInvoiceResult:
        """Note an invoice."""
        call = await info.context.call()
        wanted = Invoicing(_ids(input.cdr_ids), text(input.invoice_id, "invoiceId", LONGEST_INVOICE_REFERENCE))
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


def _ids(given: list[strawberry.ID]) -> tuple[str, ...]:
    return tuple(text(one, "cdrIds", LONGEST_ID) for one in given)
