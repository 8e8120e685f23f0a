"""What is given back of a bill: its share of each tax, never more than was billed, and nothing without its tariff."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from models.rules.bill import Bill, BillKind, BillLine, LineKind
from models.rules.interval import Interval
from models.rules.price import price_of
from models.rules.refund import Refund, less, refundable
from models.rules.tariff import TaxIncluded

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
PERIOD = Interval(datetime(2026, 12, 1, 10, tzinfo=UTC), datetime(2026, 12, 1, 11, tzinfo=UTC))
BOOKING = UUID(int=1)
AMOUNTS = st.decimals(Decimal("0.0001"), Decimal(10_000), places=4)
RATES = st.sampled_from([None, Decimal(0), Decimal(9), Decimal("7.7"), Decimal(21)])
LINES = st.lists(st.tuples(AMOUNTS, RATES), min_size=1, max_size=4)


def a_bill(*amounts: tuple[str | Decimal, Decimal | None], kind: BillKind = BillKind.BOOKING) -> Bill:
    """Return a bill of fees before taxes, each with its VAT."""
    lines = tuple(
        BillLine(
            LineKind.RESERVATION,
            "NL*ABC*BOOK",
            0,
            Decimal(1),
            Decimal(amount),
            vat,
            price_of(Decimal(amount), vat, TaxIncluded.NO),
        )
        for amount, vat in amounts
    )
    return Bill(kind, "booking", "EUR", lines, PERIOD, 1)


def a_refund(amount: str | Decimal, subject: str = "booking", currency: str = "EUR") -> Refund:
    """Return what is given back before taxes."""
    return Refund(
        UUID(int=2), BOOKING, subject, "NL*ABC", "CDR", currency, Decimal(amount), "The bay was dirty.", NOW
    )


def left(bill: Bill, refunds: Sequence[Refund]) -> Bill:
    """Return what is left of a bill that is not given back as a whole."""
    (one,) = less([bill], refunds)
    return one


def test_a_part_takes_its_share_of_the_tax() -> None:
    one = left(a_bill(("2.50", Decimal(21))), [a_refund("1.00")])

    refund = one.lines[-1]
    assert (refund.kind, refund.unit_price, refund.vat) == (LineKind.REFUND, Decimal(-1), Decimal(21))
    assert (refund.price.before_taxes, refund.price.after_taxes) == (Decimal(-1), Decimal("-1.2100"))
    assert (one.total.before_taxes, one.total.after_taxes) == (Decimal("1.5"), Decimal("1.8150"))


def test_of_several_rates_each_gives_back_in_proportion_and_none_is_named_alone() -> None:
    one = left(a_bill(("10", Decimal(20)), ("30", Decimal(10)), ("10", None)), [a_refund("5")])

    assert one.lines[-1].vat is None
    assert [(tax.percentage, tax.amount) for tax in one.lines[-1].price.taxes] == [
        (Decimal(10), Decimal("-0.3000")),
        (Decimal(20), Decimal("-0.2000")),
    ]


def test_refunds_add_up_and_those_of_others_or_in_another_currency_take_nothing() -> None:
    bill = a_bill(("2.50", None))
    refunds = [a_refund("1"), a_refund("0.25"), a_refund("1", "no_show"), a_refund("1", currency="CHF")]

    assert left(bill, refunds).total.before_taxes == Decimal("1.25")
    assert refundable(bill, refunds) == Decimal("1.25")
    assert refundable(left(bill, refunds), refunds) == Decimal("1.25")


def test_a_fee_that_is_all_given_back_is_not_billed_and_a_session_at_nothing() -> None:
    refunds = [a_refund("9")]

    assert less([a_bill(("2.50", Decimal(21)))], refunds) == []
    (session,) = less([a_bill(("2.50", Decimal(21)), kind=BillKind.SESSION)], refunds)
    assert (session.total.before_taxes, session.total.after_taxes) == (Decimal(0), Decimal(0))
    assert refundable(session, refunds) == 0


def test_what_costs_nothing_anyway_stays_as_it_is() -> None:
    free = a_bill(("0", None))

    assert less([free], []) == [free]
    assert less([free], [a_refund("1")]) == [free]


@given(LINES, AMOUNTS)
def test_what_is_left_is_never_negative_and_lines_add_up(
    amounts: list[tuple[Decimal, Decimal | None]], amount: Decimal
) -> None:
    bill = a_bill(*amounts, kind=BillKind.SESSION)

    one = left(bill, [a_refund(amount)])

    given_back = min(amount, bill.total.before_taxes)
    assert one.total.before_taxes == bill.total.before_taxes - given_back
    assert one.total.after_taxes >= one.total.before_taxes >= 0
    assert all(tax.amount >= 0 for tax in one.total.taxes)
    price = one.lines[-1].price
    assert price.after_taxes == price.before_taxes + sum(tax.amount for tax in price.taxes)
