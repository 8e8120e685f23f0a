"""Comparing an operator's invoice with its CDRs: what agrees, differs, is missing or there twice (BUC 4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from models.rules.cdr import named
from models.rules.identity import normalized
from models.rules.statement import to_cents


class InvoiceLineOutcome(StrEnum):
    """What becomes of one line of an invoice.

    UNKNOWN names no CDR of that operator for the EMSP, DOUBLE one that was invoiced before: further up here, or in
    an invoice that was first received earlier. That one keeps its outcome.
    An amount to two decimals agrees with one to four that rounds to it.
    """

    MATCH = "MATCH"
    DIFFERENCE = "DIFFERENCE"
    DOUBLE = "DOUBLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line as it was received: which CDR, by its composite id or the operator's own, and what it is to cost."""

    cdr_id: str
    after_taxes: Decimal
    currency: str

    def own_id(self, cpo_id: str) -> str | None:
        """Return the id by which that operator knows the CDR; None if what the line names is not the operator's."""
        if "*" not in self.cdr_id:
            return normalized(self.cdr_id)
        operator, own_id = named(self.cdr_id) or (None, None)
        return own_id if operator == cpo_id else None


@dataclass(frozen=True, slots=True)
class ReceivedInvoice:
    """That an invoice was received, when first and when as it is now, and how many lines it has."""

    cpo_id: str
    invoice_id: str
    first_received_at: datetime
    received_at: datetime
    lines: int


@dataclass(frozen=True, slots=True)
class Amount:
    """What a CDR comes to after taxes."""

    after_taxes: Decimal
    currency: str

    @property
    def written(self) -> tuple[Decimal, Decimal]:
        """How an invoice may write it: exactly, or to two decimals."""
        return self.after_taxes, to_cents(self.after_taxes)


@dataclass(frozen=True, slots=True)
class OtherInvoice:
    """Another invoice in which a CDR stands, and whether that was first received before this one."""

    invoice_id: str
    earlier: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A line with what became of it, what the CDR says, and in which other invoice it stands, earlier or later."""

    line: InvoiceLine
    outcome: InvoiceLineOutcome
    expected: Amount | None
    other_invoice_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """An invoice compared with CDRs; `missing` are those that should be in it, by their ids."""

    cpo_id: str
    invoice_id: str
    compared: tuple[Compared, ...]
    missing: tuple[str, ...]


def compared(
    cpo_id: str, lines: Sequence[InvoiceLine], known: Mapping[str, Amount], elsewhere: Mapping[str, OtherInvoice]
) -> list[Compared]:
    """Return what becomes of each line of an operator's invoice.

    By the operator's own ids `known` are the CDRs, and `elsewhere` is in which other invoice one stands.
    """
    seen: set[str] = set()
    found = []
    for line in lines:
        own_id = line.own_id(cpo_id)
        if own_id is None or own_id not in known:
            found.append(Compared(line, InvoiceLineOutcome.UNKNOWN, None))
            continue
        expected, other = known[own_id], elsewhere.get(own_id)
        if own_id in seen or (other is not None and other.earlier):
            outcome = InvoiceLineOutcome.DOUBLE
        elif line.currency == expected.currency and line.after_taxes in expected.written:
            outcome = InvoiceLineOutcome.MATCH
        else:
            outcome = InvoiceLineOutcome.DIFFERENCE
        seen.add(own_id)
        found.append(Compared(line, outcome, expected, other.invoice_id if other else None))
    return found
