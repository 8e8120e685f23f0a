"""What an EMSP's fee comes to: its sum and its percentage in one amount, rounded once, never converted."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.price import Price, TaxAmount, price_of
from models.rules.provider_fee import ProviderFee, ProviderFeeLine, line
from models.rules.tariff import TaxIncluded
from tests.factories.catalogue import NOW

OPERATORS = price_of(Decimal("8.50"), Decimal(19), TaxIncluded.NO)
AMOUNTS = st.decimals(0, 1_000_000, places=4)


def a_fee(per_booking: str = "0.75", percentage: str = "2", vat: str | None = "21", **changes: Any) -> ProviderFee:
    plain: dict[str, Any] = {
        "emsp_id": "NL*EMS",
        "id": "SERVICE",
        "name": "Service",
        "currency": "EUR",
        "per_booking": Decimal(per_booking),
        "percentage": Decimal(percentage),
        "per_month": Decimal(9),
        "vat": None if vat is None else Decimal(vat),
        "contract_ids": (),
        "last_updated": NOW,
    }
    return ProviderFee(**{**plain, **changes})


def priced(before: str, tax: str, after: str, percentage: int = 21) -> Price:
    return Price(Decimal(before), (TaxAmount("VAT", Decimal(percentage), Decimal(tax)),), Decimal(after))


def test_a_fee_is_its_sum_and_its_share_of_the_operators_price_before_taxes() -> None:
    came = line(a_fee(), OPERATORS, "EUR")

    assert came == ProviderFeeLine("SERVICE", "Service", "EUR", priced("0.9200", "0.1932", "1.1132"), complete=True)


@pytest.mark.parametrize(("fee", "before"), [(a_fee("0.75", "0"), "0.7500"), (a_fee("0", "2"), "0.1700")])
def test_a_fee_may_be_only_one_of_both(fee: ProviderFee, before: str) -> None:
    came = line(fee, OPERATORS, "EUR")

    assert (came.price.before_taxes, came.complete) == (Decimal(before), True)


def test_a_fee_without_vat_shows_no_tax() -> None:
    assert line(a_fee(vat=None), OPERATORS, "EUR").price == Price(Decimal("0.9200"), (), Decimal("0.9200"))


def test_half_a_ten_thousandth_is_rounded_up_and_only_once() -> None:
    came = line(a_fee("0.0002", "0.5", vat=None), Price(Decimal("0.01"), (), Decimal("0.01")), "EUR")

    assert came.price.before_taxes == Decimal("0.0003")


@pytest.mark.parametrize(("price", "currency"), [(OPERATORS, "CHF"), (None, None), (None, "EUR")])
def test_of_a_price_in_another_currency_or_unknown_no_percentage_is_taken(
    price: Price | None, currency: str | None
) -> None:
    came = line(a_fee(), price, currency)
    flat = line(a_fee(percentage="0"), price, currency)

    assert came == ProviderFeeLine("SERVICE", "Service", "EUR", priced("0.7500", "0.1575", "0.9075"), complete=False)
    assert flat == ProviderFeeLine("SERVICE", "Service", "EUR", came.price, complete=True)


@given(AMOUNTS, st.decimals(0, 1000, places=4), AMOUNTS)
def test_a_fee_is_exact_but_for_the_one_rounding(per_booking: Decimal, percentage: Decimal, before: Decimal) -> None:
    fee = a_fee(per_booking=str(per_booking), percentage=str(percentage), vat=None)

    came = line(fee, Price(before, (), before), "EUR").price.before_taxes

    exact = Fraction(per_booking) + Fraction(before) * Fraction(percentage) / 100
    assert came == Decimal(int(exact * 10_000 + Fraction(1, 2))).scaleb(-4)
