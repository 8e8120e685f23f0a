"""Numbers are told exactly, or to four decimals; moments in UTC."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ocpi.values import amount, moment, number
from models.rules.identity import local, object_id, part_id
from tests.ocpi_documents.checking import as_sent

AMOUNTS = st.decimals(-(2**31), 2**31, places=4)


@given(AMOUNTS)
def test_four_decimals_are_told_exactly(exact: Decimal) -> None:
    assert as_sent(number(exact)) == as_sent(amount(exact)) == exact


@pytest.mark.parametrize(
    ("exact", "told"),
    [
        ("1.00", 1),
        ("0.123456789", 0.123456789),
        ("0.12345678901234567890", 0.1235),
        ("0.99999999999999999999", 1),
        ("-0.00", 0),
        ("1E+3", 1000),
    ],
)
def test_a_number_is_told_to_its_last_digit_or_to_four_decimals(exact: str, told: float) -> None:
    assert (number(Decimal(exact)), type(number(Decimal(exact)))) == (told, type(told))


def test_an_amount_is_rounded_half_up() -> None:
    assert [amount(Decimal(one)) for one in ("0.00005", "-0.00005", "2.50004")] == [0.0001, -0.0001, 2.5]


def test_a_moment_is_told_in_utc() -> None:
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=2)))

    assert moment(summer) == "2026-07-01T08:00:00Z"
    assert moment(summer.replace(microsecond=1999)) == "2026-07-01T08:00:00.001Z"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_an_id_is_found_again_in_its_composite(own: str) -> None:
    composite = object_id("NL", "ABC", own)

    assert local(composite) == local(part_id(composite, own)) == own.upper()
