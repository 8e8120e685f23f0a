"""What an operator gives back of what it billed: a line of its own, which lessens what stands (OCPI CDR, credit).

The standard knows credits of whole CDRs only: the one that was issued is credited, and one issued for what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from models.rules.bill import Bill, BillKind, BillLine, LineKind
from models.rules.cdr import negative
from models.rules.identity import part_id
from models.rules.price import EXACT, Price, TaxAmount, rounded, summed

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Refund:
    """An amount before taxes of what a CDR billed, and why it is given back.

    It belongs to the fact that was billed, the `subject` of a booking or walk-up, so that it outlives the CDR. It is
    taken off in its own currency only: of a slot that its holder moves to where another one is paid, the whole CDR is
    credited, the refund with it, and what is billed there is a new price of which nothing was given back. Nothing is
    converted; should the slot be billed in the first currency again, the refund counts again.
    """

    id: UUID
    holder_id: UUID
    subject: str
    cpo_id: str
    cdr_id: str
    currency: str
    before_taxes: Decimal
    reason: str
    refunded_at: datetime

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; it belongs to the operator that gives back."""
        return part_id(self.cpo_id, str(self.id))


def less(bills: Iterable[Bill], given: Sequence[Refund]) -> list[Bill]:
    """Return bills without what was given back of them.

    A fee that was given back as a whole is not billed; a session is, at nothing, for its energy.
    """
    found = [_lessened(bill, given) for bill in bills]
    return [bill for bill in found if bill.kind is BillKind.SESSION or not _all_given_back(bill)]


def refundable(bill: Bill, given: Iterable[Refund]) -> Decimal:
    """Return how much of a bill, before taxes, was not given back yet, whether it has been subtracted or not."""
    return max(_gross(bill).before_taxes - _given(bill, given), NOTHING)


def part(whole: Price, before_taxes: Decimal) -> Price:
    """Return a part of a price, with its share of each tax."""
    if before_taxes == whole.before_taxes:
        return whole
    share = EXACT.divide(before_taxes, whole.before_taxes)
    taxes = tuple(
        TaxAmount(one.name, one.percentage, rounded(EXACT.multiply(one.amount, share))) for one in whole.taxes
    )
    return Price(before_taxes, taxes, before_taxes + sum((one.amount for one in taxes), NOTHING))


def _lessened(bill: Bill, given: Iterable[Refund]) -> Bill:
    gross = _gross(bill)
    amount = rounded(min(_given(bill, given), gross.before_taxes))
    if amount <= NOTHING:
        return bill
    price = negative(part(gross, amount))
    vat = price.taxes[0].percentage if len(price.taxes) == 1 else None
    line = BillLine(LineKind.REFUND, None, None, Decimal(1), price.before_taxes, vat, price)
    return replace(bill, lines=(*bill.lines, line))


def _gross(bill: Bill) -> Price:
    return summed(line.price for line in bill.lines if line.kind is not LineKind.REFUND)


def _given(bill: Bill, given: Iterable[Refund]) -> Decimal:
    of_it = (one for one in given if (one.subject, one.currency) == (bill.subject, bill.currency))
    return sum((one.before_taxes for one in of_it), NOTHING)


def _all_given_back(bill: Bill) -> bool:
    return bill.lines[-1].kind is LineKind.REFUND and not bill.total.after_taxes
