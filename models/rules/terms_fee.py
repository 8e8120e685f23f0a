"""The kinds of fees, and those that the standard has no value for: published with the terms, as flat amounts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.rules.price import Price, price_of
from models.rules.tariff import TaxIncluded


class FeeKind(StrEnum):
    """What a fee is for (BUC 1.1.1)."""

    RESERVATION = "RESERVATION"
    MODIFICATION = "MODIFICATION"
    CANCELLATION = "CANCELLATION"
    NO_SHOW = "NO_SHOW"
    LATE_ARRIVAL = "LATE_ARRIVAL"
    BLOCKING = "BLOCKING"
    OVERTIME = "OVERTIME"


OF_TERMS = frozenset({FeeKind.MODIFICATION, FeeKind.LATE_ARRIVAL})
"""The kinds that no element of a Tariff can carry."""


@dataclass(frozen=True, slots=True)
class TermsFee:
    """A flat fee before taxes, with VAT in percent; without a percentage no tax is known."""

    kind: FeeKind
    amount: Decimal
    currency: str
    vat: Decimal | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a kind that belongs into a Tariff."""
        if self.kind not in OF_TERMS:
            raise ValueError(f"a fee for {self.kind} is published in a tariff, not with the terms")

    @property
    def price(self) -> Price:
        """What it costs."""
        return price_of(self.amount, self.vat, TaxIncluded.NO)
