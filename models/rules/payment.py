"""What became of what is owed: DUE, then INVOICED, then PAID; a record alone, no money is moved (BUC 4.1, 4.5)."""

from dataclasses import dataclass
from enum import StrEnum


class PaymentState(StrEnum):
    """What became of a CDR or a line: only a record, no money is moved."""

    DUE = "DUE"
    INVOICED = "INVOICED"
    PAID = "PAID"


@dataclass(frozen=True, slots=True)
class Payment:
    """What a creditor noted of what it is owed by a CDR or a line, and on which of its invoices that is."""

    state: PaymentState = PaymentState.DUE
    invoice_id: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentStep:
    """What a creditor notes next: that something which is `before` is `after` now, on an invoice if that is new."""

    before: PaymentState
    after: PaymentState
    invoice_id: str | None = None

    def taken(self, old: Payment) -> Payment | None:
        """Return what is noted from now on; None if what was noted is not in the state for that."""
        if old.state is not self.before:
            return None
        return Payment(self.after, old.invoice_id if self.invoice_id is None else self.invoice_id)


def invoiced_on(invoice_id: str) -> PaymentStep:
    """Return the step by which what is due is put on an invoice."""
    return PaymentStep(PaymentState.DUE, PaymentState.INVOICED, invoice_id)


PAID = PaymentStep(PaymentState.INVOICED, PaymentState.PAID)
"""The step by which what is on an invoice is paid."""
