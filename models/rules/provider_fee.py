"""What an EMSP takes from its fleets beside what operators charge, and what that comes to for one booking."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.rules.price import EXACT, HUNDRED, Price, price_of
from models.rules.tariff import TaxIncluded
from models.rules.token import contract_key, contract_keys


@dataclass(frozen=True, slots=True)
class ProviderFee:
    """Sums per booking and per month, and a percentage of the operator's price before taxes; VAT in percent.

    It is for bookings under `contract_ids`, or under all contracts of the EMSP if there are none.
    """

    emsp_id: str
    id: str
    name: str
    currency: str
    per_booking: Decimal
    percentage: Decimal
    per_month: Decimal
    vat: Decimal | None
    contract_ids: tuple[str, ...]
    last_updated: datetime

    def covered(self, contract_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some contracts that it is for, however they are spelt."""
        if not self.contract_ids:
            return contract_ids
        own = contract_keys(self.contract_ids)
        return tuple(one for one in contract_ids if contract_key(one) in own)


@dataclass(frozen=True, slots=True)
class ProviderFeeLine:
    """What one fee comes to for one booking, as a line beside the operator's price, in the fee's own currency.

    `complete` is false if the fee has a percentage that could not be reckoned, so that more is to come.
    """

    fee_id: str
    name: str
    currency: str
    price: Price
    complete: bool


def line(fee: ProviderFee, operator_price: Price | None, currency: str | None) -> ProviderFeeLine:
    """Return what a fee comes to beside the operator's price in that currency; None is a price that is not known.

    Sum and percentage make one amount, rounded once. Nothing is converted: of a price in another currency no
    percentage is taken.
    """
    amount, complete = fee.per_booking, not fee.percentage
    if operator_price is not None and currency == fee.currency:
        share = EXACT.divide(EXACT.multiply(operator_price.before_taxes, fee.percentage), HUNDRED)
        amount, complete = EXACT.add(fee.per_booking, share), True
    return ProviderFeeLine(fee.id, fee.name, fee.currency, price_of(amount, fee.vat, TaxIncluded.NO), complete)
