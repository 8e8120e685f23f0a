"""The lines of a bill: what each price component bills of a session, after step sizes (OCPI CDRs, step_size)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.rules.price import EXACT, ZERO, Price, price_of, rounded, summed
from models.rules.pricing_condition import Exact
from models.rules.pricing_rules import Rule, Rules
from models.rules.tariff import TariffDimension, TaxIncluded
from models.rules.usage import HOUR, Piece

ENERGY, FLAT = TariffDimension.ENERGY, TariffDimension.FLAT
TIME, PARKING_TIME = TariffDimension.TIME, TariffDimension.PARKING_TIME

Quantities = dict[Rule, Exact]
"""How much each component bills: kWh, µs or once; in the order in which they were last used."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one price component bills: kWh, hours or 1, at its price as published, with VAT in percent.

    The price is that of the exact quantity; the quantity is shown to four decimals. A line without element and
    dimension is what a price limit of the tariff adds or takes away.
    """

    element: int | None
    dimension: TariffDimension | None
    quantity: Decimal
    unit_price: Decimal
    vat: Decimal | None
    price: Price


@dataclass(frozen=True, slots=True)
class Priced:
    """A price in one currency and the lines that add up to it."""

    currency: str
    lines: tuple[Line, ...]
    total: Price = ZERO


def lines(rules: Rules, used: Iterable[Piece], tax_included: TaxIncluded) -> list[Line]:
    """Return what `rules` bill for a use: energy and time by their quantity, and one flat amount.

    The flat component is the first that applies at any moment; a later one adds nothing.
    """
    return [_line(rule, quantity, tax_included) for rule, quantity in _stepped(*_quantities(rules, used)).items()]


def priced(currency: str, found: Sequence[Line]) -> Priced:
    """Return lines with their sum."""
    return Priced(currency, tuple(found), summed([line.price for line in found]))


def _quantities(rules: Rules, used: Iterable[Piece]) -> tuple[Quantities, bool]:
    """Return how much each component bills, and whether time at the end is priced by something else."""
    found: Quantities = {}
    flat: Rule | None = None
    cut = False
    for piece in used:
        cut = cut or not piece.timed
        if flat is None:
            flat = rules.first(FLAT, piece.now)
        time = piece.time if piece.timed else 0
        for dimension, quantity in ((ENERGY, piece.energy), (TIME if piece.charging else PARKING_TIME, time)):
            rule = rules.first(dimension, piece.now) if quantity else None
            if rule is not None:
                found[rule] = found.pop(rule) + quantity if rule in found else quantity
    return found if flat is None else {flat: 1, **found}, cut


def _stepped(quantities: Quantities, cut: bool) -> Quantities:
    """Round energy up, and once for both the time of parking or, if none is billed, of charging.

    The step is that of the component of its dimension that was used last, which also bills what is added. Time that
    is `cut` off, because a fee of its own prices what follows, is not rounded up into that.
    """
    last = {rule.component.type: rule for rule in quantities}
    if PARKING_TIME in last or cut:
        last.pop(TIME, None)
    if cut:
        last.pop(PARKING_TIME, None)
    for dimension, rule in last.items():
        if dimension is not FLAT and rule.step:
            rest = sum(amount for one, amount in quantities.items() if one.component.type is dimension) % rule.step
            if rest:
                quantities[rule] += rule.step - rest
    return quantities


def _line(rule: Rule, quantity: Exact, tax_included: TaxIncluded) -> Line:
    component = rule.component
    in_hours = component.type is TIME or component.type is PARKING_TIME
    numerator, denominator = Decimal(quantity.numerator), Decimal(quantity.denominator * (HOUR if in_hours else 1))
    amount = EXACT.divide(EXACT.multiply(component.price, numerator), denominator)
    return Line(
        element=rule.element,
        dimension=component.type,
        quantity=rounded(EXACT.divide(numerator, denominator)),
        unit_price=component.price,
        vat=component.vat,
        price=price_of(amount, component.vat, tax_included),
    )
