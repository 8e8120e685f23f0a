"""Lines of CDRs in words."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from models.rules.bill import BillLine, LineKind
from models.rules.line_words import FOR_WHAT, sentence
from models.rules.price import Price, TaxAmount, price_of, summed
from models.rules.tariff import PriceComponent, Tariff, TariffDimension, TariffElement, TaxIncluded

FLAT, TIME = TariffDimension.FLAT, TariffDimension.TIME
VAT = Decimal(21)


def a_tariff(*components: tuple[TariffDimension, str]) -> Tariff:
    """Return a tariff with one element."""
    parts = tuple(PriceComponent(kind, Decimal(price), VAT, 1) for kind, price in components)
    when = datetime(2026, 12, 1, tzinfo=UTC)
    return Tariff("NL*ABC*T", "NL", "ABC", "T", "EUR", TaxIncluded.NO, (TariffElement(parts),), when)


def said(kind: LineKind, quantity: str, unit: str, tariff: Tariff | None = None, price: Price | None = None) -> str:
    """Return a line in words."""
    worth = price or price_of(Decimal(quantity) * Decimal(unit), VAT, TaxIncluded.NO)
    tariff_id, element = (tariff.id, 0) if tariff else (None, None)
    line = BillLine(kind, tariff_id, element, Decimal(quantity), Decimal(unit), VAT, worth)
    return sentence(line, "EUR", [tariff] if tariff else [])


def test_energy_and_time_are_said_with_their_quantity_and_price() -> None:
    assert said(LineKind.ENERGY, "120.5000", "0.5") == (
        "Energy: 120.5 kWh at 0.50 EUR per kWh, 60.25 EUR before and 72.9025 EUR after 21 % VAT."
    )
    assert said(LineKind.TIME, "1.0000", "3") == (
        "Time of charging: 1 hour at 3.00 EUR per hour, 3.00 EUR before and 3.63 EUR after 21 % VAT."
    )
    assert said(LineKind.PARKING_TIME, "0.2500", "4").startswith(
        "Time of parking without charging: 0.25 hours at 4.00 EUR per hour, 1.00 EUR before"
    )
    assert said(LineKind.FLAT, "1", "2") == "Price of each session: 2.00 EUR before and 2.42 EUR after 21 % VAT."


def test_a_fee_is_said_by_what_its_element_bills() -> None:
    assert said(LineKind.OVERTIME, "0.5", "6", a_tariff((TIME, "6"))).startswith(
        "Fee for staying longer than booked: 0.5 hours at 6.00 EUR per hour, "
    )
    both = a_tariff((FLAT, "6"), (TIME, "6"))
    assert "per hour" not in said(LineKind.RESERVATION, "1", "6", both)
    assert "2 hours at 6.00 EUR per hour" in said(LineKind.RESERVATION, "2", "6", both)
    assert "per hour" not in said(LineKind.NO_SHOW, "1", "10", a_tariff((FLAT, "10"), (TIME, "6")))


def test_taxes_are_named_with_each_rate_or_said_not_to_be_stated() -> None:
    plain = price_of(Decimal(5), None, TaxIncluded.NO)
    mixed = summed([price_of(Decimal(10), rate, TaxIncluded.NO) for rate in (Decimal(9), VAT)])
    back = Price(Decimal("-1.0000"), (TaxAmount("VAT", VAT, Decimal("-0.2100")),), Decimal("-1.2100"))

    assert said(LineKind.CANCELLATION, "1", "5", price=plain) == (
        "Fee for the cancellation: 5.00 EUR, and no tax is stated."
    )
    assert said(LineKind.MODIFICATION, "1", "20", price=mixed) == (
        "Fee for a change of the booking: 20.00 EUR before and 23.00 EUR after 9 % VAT and 21 % VAT."
    )
    assert said(LineKind.REFUND, "1", "-1", price=back) == (
        "Given back by the operator: -1.00 EUR before and -1.21 EUR after 21 % VAT."
    )


@pytest.mark.parametrize("kind", LineKind)
def test_every_kind_of_line_is_one_sentence(kind: LineKind) -> None:
    words = said(kind, "1", "1")

    assert words.startswith(f"{FOR_WHAT[kind]}: ")
    assert words.endswith(" after 21 % VAT.")
