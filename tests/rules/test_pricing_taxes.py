"""Taxes by percentage, prices that hold them, the one rounding rule, and the least and the most a session costs."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.price import ZERO, Price, TaxAmount, price_of, rounded, summed
from models.rules.pricing import charging
from models.rules.pricing_lines import Priced
from models.rules.tariff import PriceLimit, Tariff, TaxIncluded
from tests.rules.tariffs import always, amounts, energy, flat, session, tariff, time, utc

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONEY = st.decimals(-1000, 1000, places=6)


def one_hour(of: Tariff, kwh: str = "10") -> Priced:
    return charging(of, session(utc("2026-12-07", "09:00"), (60, kwh)), AMSTERDAM)


def limit(before: str, after: str | None = None) -> PriceLimit:
    return PriceLimit(Decimal(before), None if after is None else Decimal(after))


def vat(percentage: str, amount: str) -> TaxAmount:
    return TaxAmount("VAT", Decimal(percentage), Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.00005", "0.0001"),
        ("0.00004999", "0.0000"),
        ("1.00015", "1.0002"),
        ("-0.00005", "-0.0001"),
        ("7", "7.0000"),
    ],
)
def test_amounts_are_rounded_half_up_to_four_decimals(amount: str, expected: str) -> None:
    assert str(rounded(Decimal(amount))) == expected


def test_taxes_are_kept_apart_by_percentage() -> None:
    total = one_hour(tariff(always(flat("1.00", "21"), energy("0.50", "6"), time("2.00", "21")))).total

    assert total.taxes == (vat("6", "0.3000"), vat("21", "0.6300"))
    assert amounts(total) == ("8", "8.93")


def test_a_price_that_holds_its_tax_is_split() -> None:
    total = one_hour(tariff(always(energy("0.605", "21")), tax_included=TaxIncluded.YES)).total

    assert amounts(total) == ("5", "6.05")
    assert total.taxes == (vat("21", "1.0500"),)


def test_a_price_that_holds_a_tax_nobody_states_has_no_tax_line() -> None:
    assert one_hour(tariff(always(time("2.10")), tax_included=TaxIncluded.YES)).total == price("2.10", "2.10")


def test_where_no_taxes_apply_a_percentage_says_nothing() -> None:
    bill = one_hour(tariff(always(energy("0.50", "21")), tax_included=TaxIncluded.NOT_APPLICABLE))

    assert bill.total == price("5", "5")


def test_a_rate_of_zero_is_a_tax_and_no_rate_is_none() -> None:
    assert one_hour(tariff(always(energy("0.50", "0")))).total.taxes == (vat("0", "0.0000"),)
    assert one_hour(tariff(always(energy("0.50")))).total.taxes == ()


def test_equal_rates_are_one_however_they_are_written() -> None:
    assert summed([price("1", "1.19", vat("19", "0.19")), price("1", "1.19", vat("19.0", "0.19"))]) == price(
        "2", "2.38", vat("19", "0.38")
    )


def test_nothing_costs_zero() -> None:
    assert summed([]) == ZERO
    assert ZERO + price("1", "1.19", vat("19", "0.19")) == price("1", "1.19", vat("19", "0.19"))


@given(
    amount=MONEY,
    percentage=st.none() | st.decimals(0, 100, places=2),
    tax_included=st.sampled_from(TaxIncluded),
)
def test_before_and_taxes_are_always_after(
    amount: Decimal, percentage: Decimal | None, tax_included: TaxIncluded
) -> None:
    found = price_of(amount, percentage, tax_included)

    assert found.before_taxes + sum(tax.amount for tax in found.taxes) == found.after_taxes
    stated = found.after_taxes if tax_included is TaxIncluded.YES else found.before_taxes
    assert stated == rounded(amount)


def test_a_limit_has_a_line_of_its_own() -> None:
    bill = one_hour(tariff(always(energy("0.25", "10")), min_price=limit("5.00", "5.50")))

    assert [amounts(line.price) for line in bill.lines] == [("2.5", "2.75"), ("2.5", "2.75")]
    assert [(line.element, line.dimension) for line in bill.lines][1] == (None, None)
    assert bill.total == price("5", "5.5", vat("10", "0.5"))


def test_limits_before_and_after_taxes_hold_each_for_itself() -> None:
    """Rates of 20 % and 10 %: 50 kWh come to 13.00 / 14.35, held to 10.00 / 11.00; taxes of 1.00 by their shares."""
    of = tariff(always(flat("0.50", "20"), energy("0.25", "10")), max_price=limit("10.00", "11.00"))

    total = one_hour(of, "50").total

    assert amounts(total) == ("10", "11")
    assert total.taxes == (vat("10", "0.9259"), vat("20", "0.0741"))


def test_only_the_limit_that_is_passed_holds() -> None:
    of = tariff(always(energy("1.00", "20")), max_price=limit("10.00", "11.00"))

    assert amounts(one_hour(of, "9.5").total) == ("9.5", "11")


def test_a_limit_before_taxes_alone_keeps_the_rate() -> None:
    bill = one_hour(tariff(always(energy("1.00", "20")), max_price=limit("5.00")))

    assert bill.total == price("5", "6", vat("20", "1"))


def test_without_taxes_both_limits_hold_for_the_one_amount() -> None:
    at_most = tariff(always(energy("1.00")), max_price=limit("5.00", "5.50"))
    at_least = tariff(always(energy("0.10")), min_price=limit("5.00", "5.50"))

    assert one_hour(at_most).total == price("5", "5")
    assert one_hour(at_least).total == price("5.5", "5.5")


def test_a_session_that_is_free_still_costs_the_minimum() -> None:
    of = tariff(always(energy("0.00", "20")), min_price=limit("2.00"))

    assert amounts(one_hour(of).total) == ("2", "2")


def test_the_maximum_holds_where_it_is_below_the_minimum() -> None:
    of = tariff(always(energy("0.10", "20")), min_price=limit("5.00"), max_price=limit("3.00"))

    assert amounts(one_hour(of).total) == ("3", "3.6")


def price(before: str, after: str, *taxes: TaxAmount) -> Price:
    return Price(Decimal(before), taxes, Decimal(after))
