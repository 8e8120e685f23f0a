"""The root fields by which an EMSP compares operators' invoices with CDRs (BUC 4.4)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from models.rules import reconciliation as rules
from models.rules.interval import Interval
from models.rules.reconciliation import InvoiceLineOutcome
from resolvers import reconciling
from resolvers.reconciling import Invoice
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import LONGEST_ID, MOST_MONEY, PeriodInput, interval, money, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor

LONGEST_RECEIVED_ID = 255
"""The standard's CiString(255) of an InvoiceReconciliationRecord's `invoice_id`.

More than a CDR may name its invoice by (LONGEST_INVOICE_REFERENCE): what an operator sent is taken as it is. Of an
invoice with an id longer than that no CDR says that it is in it; only those of the time asked for can be missing.
"""

LONGEST_CURRENCY = 3
ISSUED = "With it, CDRs that were issued then and stand in no invoice are missing too."


@strawberry.input(description="One line of an invoice: a CDR, and what it is to cost.")
class InvoiceLineInput:
    """One line of an invoice."""

    cdr_id: strawberry.ID = strawberry.field(description="Its id here, or the operator's own.")
    after_taxes: Decimal = strawberry.field(description="Exactly, or to two decimals; negative for a credit.")
    currency: str = strawberry.field(description="ISO 4217.")


@strawberry.input(
    description="An invoice as it was received, in the place of what was known of it; sent again, it keeps its place "
    "before those that came after it."
)
class InvoiceReconcileInput:
    """An invoice."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    cpo_id: strawberry.ID = strawberry.field(description="Whose invoice it is, such as NL*ABC.")
    invoice_id: str = strawberry.field(
        description="As its operator names it, at most 255 characters; in upper or lower case it is the same invoice."
    )
    lines: list[InvoiceLineInput] = strawberry.field(description="1 to 10,000.")
    issued: PeriodInput | None = strawberry.field(default=None, description=ISSUED)


@strawberry.type(description="One line of an invoice, and how it compares with its CDR.")
class InvoiceLineCompared:
    """One line of an invoice."""

    cdr_id: strawberry.ID = strawberry.field(description="As it was received.")
    outcome: InvoiceLineOutcome
    after_taxes: Decimal = strawberry.field(description="As invoiced.")
    currency: str
    expected_after_taxes: Decimal | None = strawberry.field(description="What the CDR says; null of UNKNOWN.")
    expected_currency: str | None
    other_invoice_id: str | None = strawberry.field(
        description="In which other invoice its CDR stands too: of DOUBLE the earliest, else one that came later."
    )

    @classmethod
    def of(cls, one: rules.Compared) -> "InvoiceLineCompared":
        """Return a line as callers see it."""
        return cls(
            cdr_id=strawberry.ID(one.line.cdr_id),
            outcome=one.outcome,
            after_taxes=one.line.after_taxes,
            currency=one.line.currency,
            expected_after_taxes=one.expected.after_taxes if one.expected else None,
            expected_currency=one.expected.currency if one.expected else None,
            other_invoice_id=one.other_invoice_id,
        )


@strawberry.type(description="An operator's invoice, compared with its CDRs as they are now.")
class Reconciliation:
    """An invoice, compared with CDRs."""

    cpo_id: strawberry.ID
    invoice_id: str = strawberry.field(description="As it was written when it was received last.")
    invoice_lines: list[InvoiceLineCompared] = strawberry.field(description="As they were received.")
    matches: int = strawberry.field(description="How many agree.")
    differences: int
    doubles: int
    unknown: int
    missing: list[strawberry.ID] = strawberry.field(
        description="CDRs that should be in it, by their ids; at most 1,000: those its operator says are in it, and "
        "those of the time asked for that stand in no invoice."
    )

    @classmethod
    def of(cls, one: rules.Reconciliation) -> "Reconciliation":
        """Return a reconciliation as callers see it."""
        outcomes = [line.outcome for line in one.compared]
        return cls(
            cpo_id=strawberry.ID(one.cpo_id),
            invoice_id=one.invoice_id,
            invoice_lines=[InvoiceLineCompared.of(line) for line in one.compared],
            matches=outcomes.count(InvoiceLineOutcome.MATCH),
            differences=outcomes.count(InvoiceLineOutcome.DIFFERENCE),
            doubles=outcomes.count(InvoiceLineOutcome.DOUBLE),
            unknown=outcomes.count(InvoiceLineOutcome.UNKNOWN),
            missing=[strawberry.ID(cdr_id) for cdr_id in one.missing],
        )


@strawberry.type(description="That an invoice was received.")
class InvoiceReceived:
    """That an invoice was received."""

    cpo_id: strawberry.ID
    invoice_id: str
    first_received_at: datetime = strawberry.field(
        description="Of two invoices with one CDR the line of that which came first is not DOUBLE."
    )
    received_at: datetime = strawberry.field(description="As it is now.")
    lines: int = strawberry.field(description="How many.")


InvoiceReconcileResult = Annotated[
    Reconciliation | problems.NotFound | problems.IdempotencyConflict, strawberry.union("InvoiceReconcileResult")
]


@strawberry.type
class ReconciliationQuery:
    """The root fields that read invoices that were received."""

    @strawberry.field(
        description="An invoice, compared with CDRs as they are now; an error with code NOT_FOUND else. For EMSP."
    )
    async def reconciliation(
        self,
        info: Info,
        cpo_id: strawberry.ID,
        invoice_id: str,
        issued: Annotated[PeriodInput | None, strawberry.argument(description=ISSUED)] = None,
    ) -> Reconciliation | None:
        """Return a reconciliation."""
        call = await info.context.call()
        found = await reconciling.get(call, text(cpo_id, "cpoId", LONGEST_ID), invoice_id, _issued(issued))
        return Reconciliation.of(found)

    @strawberry.field(description="The invoices that were received, in the order in which they came first. For EMSP.")
    async def reconciliations(
        self,
        info: Info,
        cpo_id: strawberry.ID | None = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[InvoiceReceived]:
        """Return a page of invoices."""
        page = await reconciling.page(await info.context.call(), cpo_id, first=first, after=from_cursor(after))
        found = [
            (
                InvoiceReceived(
                    cpo_id=strawberry.ID(one.cpo_id),
                    invoice_id=one.invoice_id,
                    first_received_at=one.first_received_at,
                    received_at=one.received_at,
                    lines=one.lines,
                ),
                key,
            )
            for one, key in page.items
        ]
        return connection(found, page.has_next, after)


@strawberry.type
class ReconciliationMutation:
    """The root field that compares an invoice."""

    @strawberry.mutation(
        description="Compare an operator's invoice with its CDRs: what agrees, differs, is missing, and is there "
        "twice (BUC 4.4). For EMSP."
    )
    async def invoice_reconcile(self, info: Info, input: InvoiceReconcileInput) -> InvoiceReconcileResult:
        """Compare an invoice."""
        call = await info.context.call()
        invoice = Invoice(
            cpo_id=text(input.cpo_id, "cpoId", LONGEST_ID),
            invoice_id=text(input.invoice_id, "invoiceId", LONGEST_RECEIVED_ID),
            lines=tuple(_line(one) for one in input.lines),
            issued=_issued(input.issued),
        )
        return Reconciliation.of(await reconciling.reconcile(call, input.idempotency_key, invoice))


def _issued(period: PeriodInput | None) -> Interval | None:
    return interval(period, "issued") if period is not None else None


def _line(one: InvoiceLineInput) -> rules.InvoiceLine:
    cdr_id, after_taxes = text(one.cdr_id, "cdrId", LONGEST_ID), money(one.after_taxes, "afterTaxes", -MOST_MONEY)
    return rules.InvoiceLine(cdr_id, after_taxes, text(one.currency, "currency", LONGEST_CURRENCY).upper())
