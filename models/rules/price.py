"""What something costs, with its taxes, and the one rounding rule: half up, to four decimals.

The standard leaves rounding open. Each line of a bill is rounded once; sums are of rounded amounts and stay exact.
Statements for people round further, to two decimals, and are another module's matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from models.rules.tariff import TaxIncluded

PLACES = Decimal("0.0001")
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
"""Wide enough that what is rounded has not been rounded before."""

VAT = "VAT"
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """A tax of a percentage (OCPI TaxAmount)."""

    name: str
    percentage: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """An amount before taxes, its taxes by percentage, and the sum of both (OCPI Price).

    No tax line means that no tax is known or none applies; a rate of 0 % has a line of its own.
    """

    before_taxes: Decimal
    taxes: tuple[TaxAmount, ...]
    after_taxes: Decimal

    def __add__(self, other: "Price") -> "Price":
        """Return both together, in the same currency."""
        return summed((self, other))


ZERO = Price(Decimal("0.0000"), (), Decimal("0.0000"))


def rounded(amount: Decimal) -> Decimal:
    """Return an amount half up to four decimals: THE rounding rule."""
    return amount.quantize(PLACES, ROUND_HALF_UP, EXACT)


def price_of(amount: Decimal, vat: Decimal | None, tax_included: TaxIncluded) -> Price:
    """Return the price of an amount as a tariff states it, with VAT in percent (OCPI TaxIncluded).

    The tax is that of the rounded amount. Without a percentage no tax is known, and where taxes do not apply a
    percentage says nothing.
    """
    stated = rounded(amount)
    if vat is None or tax_included is TaxIncluded.NOT_APPLICABLE:
        return Price(stated, (), stated)
    if tax_included is TaxIncluded.YES:
        before = rounded(EXACT.divide(EXACT.multiply(stated, HUNDRED), HUNDRED + vat))
        return Price(before, (TaxAmount(VAT, vat, stated - before),), stated)
    tax = rounded(EXACT.divide(EXACT.multiply(stated, vat), HUNDRED))
    return Price(stated, (TaxAmount(VAT, vat, tax),), stated + tax)


def summed(prices: Iterable[Price]) -> Price:
    """Return all prices together, each tax once for its percentage, lowest first; nothing costs zero."""
    before, after = ZERO.before_taxes, ZERO.after_taxes
    taxes: dict[tuple[str, Decimal], Decimal] = {}
    for price in prices:
        before += price.before_taxes
        after += price.after_taxes
        for tax in price.taxes:
            key = tax.name, tax.percentage
            taxes[key] = taxes[key] + tax.amount if key in taxes else tax.amount
    if len(taxes) > 1:
        taxes = dict(sorted(taxes.items()))
    return Price(before, tuple([TaxAmount(*key, amount) for key, amount in taxes.items()]), after)
