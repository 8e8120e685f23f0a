"""The fees of a bookable place as data and in words: what booking, and not keeping to it, may cost (BUC 1.1.1)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from models.rules.booking_location import BookingTerms
from models.rules.estimate import chosen, rank, valid
from models.rules.fee_words import sentence
from models.rules.pricing_rules import CHARGING, Purpose, Rule, rules_of
from models.rules.tariff import BookingRestriction, Tariff, TariffDimension, TariffRestrictions, TaxIncluded
from models.rules.terms_fee import FeeKind, TermsFee

BOOKING_DIMENSIONS = (TariffDimension.FLAT, TariffDimension.TIME)
CARRIED: dict[FeeKind, tuple[Purpose, tuple[TariffDimension, ...]]] = {
    FeeKind.RESERVATION: (BookingRestriction.BOOKING, BOOKING_DIMENSIONS),
    FeeKind.CANCELLATION: (BookingRestriction.BOOKING_CANCELLATION_FEES, BOOKING_DIMENSIONS),
    FeeKind.NO_SHOW: (BookingRestriction.BOOKING_EXPIRES, BOOKING_DIMENSIONS),
    FeeKind.BLOCKING: (CHARGING, (TariffDimension.PARKING_TIME,)),
    FeeKind.OVERTIME: (BookingRestriction.BOOKING_OVERTIME, BOOKING_DIMENSIONS),
}
"""Which elements of a tariff carry a fee, and in which dimensions."""


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee as published: an amount once and a price per hour, VAT in percent, the step in seconds.

    The restrictions are those that say when it applies; which fee it is, the kind says. In words it is one sentence.
    """

    kind: FeeKind
    currency: str
    flat: Decimal | None
    per_hour: Decimal | None
    vat: Decimal | None
    step_size: int
    tax_included: TaxIncluded
    restrictions: TariffRestrictions | None = None

    @property
    def words(self) -> str:
        """The fee as a sentence in English."""
        return sentence(
            self.currency, self.flat, self.per_hour, self.step_size, self.vat, self.tax_included, self.restrictions
        )


def fees(
    offer_tariffs: Sequence[Tariff], connector_tariffs: Sequence[Tariff], terms: BookingTerms, moment: datetime
) -> tuple[Fee, ...]:
    """Return the fees in force at a moment, by kind, each once; a kind without a fee costs nothing.

    A fee is taken from the offer's tariffs; if they have none of its kind, from all those of the chargers that may be
    meant, which can differ.
    """
    found: list[Fee] = []
    for kind in FeeKind:
        if kind in CARRIED:
            purpose, dimensions = CARRIED[kind]
            for tariff in _carrying(offer_tariffs, connector_tariffs, moment, purpose):
                found.extend(_of_tariff(kind, tariff, purpose, dimensions))
        else:
            found.extend(_of_terms(fee) for fee in terms.fees if fee.kind is kind)
    return tuple(dict.fromkeys(found))


def _carrying(
    offer_tariffs: Sequence[Tariff], connector_tariffs: Iterable[Tariff], moment: datetime, purpose: Purpose
) -> list[Tariff]:
    """Return the tariffs a fee is taken from; the one that would price it, if the offer has one."""
    own = chosen(offer_tariffs, moment, purpose)
    if own is not None:
        return [own]
    candidates = [tariff for tariff in connector_tariffs if purpose in rules_of(tariff) and valid(tariff, moment)]
    first = min(map(rank, candidates), default=0)
    return [tariff for tariff in candidates if rank(tariff) == first]


def _of_tariff(
    kind: FeeKind, tariff: Tariff, purpose: Purpose, dimensions: Sequence[TariffDimension]
) -> Iterator[Fee]:
    """Yield the fees of a tariff in the order of its elements; amounts of one rate and one time are one fee."""
    by_dimension = rules_of(tariff)[purpose].by_dimension
    rules = [rule for dimension in dimensions for rule in by_dimension.get(dimension, ())]
    found: list[Fee] = []
    for rule in sorted(rules, key=lambda rule: rule.element):
        _joined(found, _of_rule(kind, tariff, rule))
    yield from found


def _of_rule(kind: FeeKind, tariff: Tariff, rule: Rule) -> Fee:
    component = rule.component
    flat = component.type is TariffDimension.FLAT
    given = tariff.elements[rule.element].restrictions
    when = replace(given, booking=None, reservation=None) if given is not None else None
    return Fee(
        kind=kind,
        currency=tariff.currency,
        flat=component.price if flat else None,
        per_hour=None if flat else component.price,
        vat=component.vat,
        step_size=0 if flat else component.step_size,
        tax_included=tariff.tax_included,
        restrictions=None if when == TariffRestrictions() else when,
    )


def _joined(found: list[Fee], fee: Fee) -> None:
    """Put a fee with the one that states its other half under the same conditions, if there is one."""
    for place, other in enumerate(found):
        same = (other.vat, other.restrictions) == (fee.vat, fee.restrictions)
        if same and other.flat is None and fee.flat is not None:
            found[place] = replace(other, flat=fee.flat)
            return
        if same and other.per_hour is None and fee.per_hour is not None:
            found[place] = replace(other, per_hour=fee.per_hour, step_size=fee.step_size)
            return
    found.append(fee)


def _of_terms(fee: TermsFee) -> Fee:
    return Fee(fee.kind, fee.currency, fee.amount, None, fee.vat, 0, TaxIncluded.NO)
