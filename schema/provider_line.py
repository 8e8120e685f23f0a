"""What EMSPs add beside operators' CDRs as they and their fleets see it, and the root fields on it (BUC 4.5)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import provider_line as rules
from models.rules.payment import PaymentState
from models.rules.provider_line import ProviderLineKind
from resolvers import access, provider_lines
from resolvers.call import Call
from resolvers.provider_lines import LineFilter, LinesToInvoice, LinesToPay
from schema import problems, settling_problems
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_TOKEN_PART
from schema.context import Info
from schema.inputs import LONGEST_ID, LONGEST_INVOICE_REFERENCE, PeriodInput, interval, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.price import Price


@strawberry.type(
    description="What an EMSP adds for its fleet beside what operators charge: one line of its own, which nobody "
    "else sees. Its amount never changes; what is taken back gets a credit."
)
class ProviderLine:
    """What an EMSP adds for its fleet."""

    id: strawberry.ID
    emsp_id: strawberry.ID = strawberry.field(description="The EMSP that adds it, such as NL*EMS.")
    kind: ProviderLineKind
    fee_id: strawberry.ID = strawberry.field(description="The fee by which it was reckoned, as that was then.")
    name: str = strawberry.field(description="The fee's name then.")
    contract_ids: list[str] = strawberry.field(
        description="The contracts it is for; none if the booking or session named none."
    )
    contract_id: str | None = strawberry.field(description="The one contract that used what it is for, if one did.")
    license_plate: str | None
    location_id: strawberry.ID | None = strawberry.field(description="Null of a month.")
    booking_id: strawberry.ID | None = strawberry.field(description="The booking, or that of the CDR; null without.")
    cdr_id: strawberry.ID | None = strawberry.field(description="The CDR of which it is a share; null of others.")
    month: str | None = strawberry.field(description="The month of UTC it is for, such as 2026-12; null of others.")
    price: Price = strawberry.field(description="Negative of a credit.")
    credit: bool = strawberry.field(description="Whether it takes back another line.")
    credit_reference_id: strawberry.ID | None = strawberry.field(description="The line that it takes back.")
    state: PaymentState
    invoice_id: str | None = strawberry.field(description="The EMSP's invoice that it is on; null while it is due.")
    issued_at: datetime

    @classmethod
    def of(cls, one: rules.ProviderLine, call: Call) -> "ProviderLine":
        """Return a line as callers see it; a fleet is told its own contracts of several."""
        told = access.told_contract(call, one.contract_id)
        return cls(
            id=strawberry.ID(str(one.id)),
            emsp_id=strawberry.ID(one.emsp_id),
            kind=one.kind,
            fee_id=strawberry.ID(one.fee_id),
            name=one.name,
            contract_ids=[name for name in one.contract_ids if access.sees_contract(call, name)],
            contract_id=one.contract_id if told else None,
            license_plate=one.license_plate,
            location_id=strawberry.ID(one.location_id) if one.location_id else None,
            booking_id=strawberry.ID(one.booking_object_id) if one.booking_object_id else None,
            cdr_id=strawberry.ID(one.cdr_object_id) if one.cdr_object_id else None,
            month=one.month,
            price=Price.of(one.price, one.currency),
            credit=one.credits is not None,
            credit_reference_id=strawberry.ID(str(one.credits)) if one.credits else None,
            state=one.state,
            invoice_id=one.invoice_id,
            issued_at=one.issued_at,
        )


@strawberry.type(description="The lines that are on the invoice, as they are now.")
class ProviderLinesInvoiced:
    """The lines that are on the invoice."""

    provider_lines: list[ProviderLine]


@strawberry.type(description="The lines that were paid, as they are now.")
class ProviderLinesPaid:
    """The lines that were paid."""

    provider_lines: list[ProviderLine]


@strawberry.input(description="Which lines are on which invoice to their fleet, all or none.")
class ProviderLinesInvoiceInput:
    """Which lines are on which invoice."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    line_ids: list[strawberry.ID] = strawberry.field(description="1 to 500, all of them DUE.")
    invoice_id: str = strawberry.field(description="As you name it, at most 39 characters.")


@strawberry.input(description="Which lines their fleet paid, all or none.")
class ProviderLinesPayInput:
    """Which lines were paid."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    line_ids: list[strawberry.ID] = strawberry.field(description="1 to 500, all of them INVOICED.")


ProviderLinesInvoiceResult = Annotated[
    ProviderLinesInvoiced | problems.NotFound | settling_problems.PaymentStateDiffers | problems.IdempotencyConflict,
    strawberry.union("ProviderLinesInvoiceResult"),
]
ProviderLinesPayResult = Annotated[
    ProviderLinesPaid | problems.NotFound | settling_problems.PaymentStateDiffers | problems.IdempotencyConflict,
    strawberry.union("ProviderLinesPayResult"),
]


@strawberry.type
class ProviderLineQuery:
    """The root field that reads what EMSPs add."""

    @strawberry.field(
        description="What the caller adds for its fleets, or its EMSP adds for what is under its contracts, in the "
        "order in which it was issued (BUC 4.5). For EMSP and TO; nobody else sees any of it."
    )
    async def provider_lines(
        self,
        info: Info,
        contract_id: Annotated[str | None, strawberry.argument(description="Only what is for it.")] = None,
        kinds: list[ProviderLineKind] | None = None,
        states: list[PaymentState] | None = None,
        issued: Annotated[PeriodInput | None, strawberry.argument(description="When it was issued.")] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[ProviderLine]:
        """Return a page of lines."""
        call = await info.context.call()
        wanted = LineFilter(
            contract_id=text(contract_id, "contractId", LONGEST_TOKEN_PART),
            kinds=tuple(kinds or ()),
            states=tuple(states or ()),
            issued=interval(issued, "issued") if issued else None,
        )
        page = await provider_lines.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(ProviderLine.of(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class ProviderLineMutation:
    """The root fields that note what became of what EMSPs add."""

    @strawberry.mutation(
        description="Note on which invoice to your fleet lines are; DUE becomes INVOICED (BUC 4.5). For EMSP."
    )
    async def provider_lines_invoice(
        self, info: Info, input: ProviderLinesInvoiceInput
    ) -> ProviderLinesInvoiceResult:
        """Note that lines are invoiced."""
        call = await info.context.call()
        wanted = LinesToInvoice(_ids(input.line_ids), text(input.invoice_id, "invoiceId", LONGEST_INVOICE_REFERENCE))
        found = await provider_lines.invoice(call, input.idempotency_key, wanted)
        return ProviderLinesInvoiced(provider_lines=[ProviderLine.of(one, call) for one in found])

    @strawberry.mutation(
        description="Note that your fleet paid lines; INVOICED becomes PAID, and no money is moved (BUC 4.5). "
        "For EMSP."
    )
    async def provider_lines_pay(self, info: Info, input: ProviderLinesPayInput) -> ProviderLinesPayResult:
        """Note that lines are paid."""
        call = await info.context.call()
        found = await provider_lines.pay(call, input.idempotency_key, LinesToPay(_ids(input.line_ids)))
        return ProviderLinesPaid(provider_lines=[ProviderLine.of(one, call) for one in found])


def _ids(line_ids: list[strawberry.ID]) -> tuple[str, ...]:
    return tuple(text(one, "lineIds", LONGEST_ID) for one in line_ids)
