"""Comparing an operator's invoice with its CDRs: what agrees, differs, is missing or there twice (BUC 4.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

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
    """One line as it was received: the composite id of a CDR, and what it is to cost after taxes."""

    cdr_id: str
    after_taxes: Decimal
    currency: str


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
    lines: Sequence[InvoiceLine], known: Mapping[str, Amount], elsewhere: Mapping[str, OtherInvoice]
) -> list[Compared]:
    """Return what becomes of each line; `known` are the CDRs by id, `elsewhere` in which other invoice one stands."""
    seen: set[str] = set()
    found = []
    for line in lines:
        expected = known.get(line.cdr_id)
        other = elsewhere.get(line.cdr_id)
        if expected is None:
            outcome = InvoiceLineOutcome.UNKNOWN
        elif line.cdr_id in seen or (other is not None and other.earlier):
            outcome = InvoiceLineOutcome.DOUBLE
        elif line.currency == expected.currency and line.after_taxes in expected.written:
            outcome = InvoiceLineOutcome.MATCH
        else:
            outcome = InvoiceLineOutcome.DIFFERENCE
        seen.add(line.cdr_id)
        found.append(Compared(line, outcome, expected, other.invoice_id if expected and other else None))
    return found


def missing(lines: Iterable[InvoiceLine], expected: Iterable[str]) -> tuple[str, ...]:
    """Return which of the CDRs that an invoice should hold it does not."""
    named = {line.cdr_id for line in lines}
    return tuple(one for one in expected if one not in named)
