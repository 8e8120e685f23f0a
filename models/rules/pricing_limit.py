"""What a tariff's minimum and maximum price make of a session's price (OCPI Tariff, min_price and max_price)."""

from decimal import Decimal

from models.rules.price import EXACT, Price, TaxAmount, rounded
from models.rules.tariff import PriceLimit, Tariff


def limited(tariff: Tariff, price: Price) -> Price:
    """Return a session's price within the limits of `tariff`; if the minimum exceeds the maximum, the maximum holds.

    The limits before and after taxes hold each for itself, and the taxes are what then lies between both amounts,
    each with the share it had. A limit that says nothing of the amount after taxes leaves taxes in proportion. Where
    there is no tax there is one amount, and both limits hold for it; nor does a limit ever make a tax negative.
    """
    if tariff.min_price is not None:
        price = _held(price, tariff.min_price, most=False)
    if tariff.max_price is not None:
        price = _held(price, tariff.max_price, most=True)
    return price


def difference(price: Price, other: Price) -> Price:
    """Return what `price` is above `other`, which has the same taxes."""
    taxes = zip(price.taxes, other.taxes, strict=True)
    return Price(
        before_taxes=price.before_taxes - other.before_taxes,
        taxes=tuple(TaxAmount(one.name, one.percentage, one.amount - was.amount) for one, was in taxes),
        after_taxes=price.after_taxes - other.after_taxes,
    )


def _held(price: Price, limit: PriceLimit, *, most: bool) -> Price:
    bound = min if most else max
    before, after = bound(price.before_taxes, rounded(limit.before_taxes)), price.after_taxes
    if limit.after_taxes is not None:
        after = bound(after, rounded(limit.after_taxes))
    elif before != price.before_taxes and price.before_taxes:
        after = rounded(EXACT.divide(EXACT.multiply(after, before), price.before_taxes))
    if (before, after) == (price.before_taxes, price.after_taxes):
        return price
    if price.before_taxes == price.after_taxes or after < before:
        before = after = bound(before, after)
    return Price(before, _shared(price.taxes, after - before), after)


def _shared(taxes: tuple[TaxAmount, ...], total: Decimal) -> tuple[TaxAmount, ...]:
    """Return the taxes in their shares of `total`; the last bears what rounding leaves."""
    was = sum((tax.amount for tax in taxes), Decimal(0))
    if not was:
        return taxes
    shares = [rounded(EXACT.divide(EXACT.multiply(tax.amount, total), was)) for tax in taxes[:-1]]
    shares.append(total - sum(shares, Decimal(0)))
    return tuple(TaxAmount(tax.name, tax.percentage, share) for tax, share in zip(taxes, shares, strict=True))
