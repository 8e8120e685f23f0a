"""How numbers are written for clients: with all their digits, never by a power of ten."""

from decimal import Decimal

import pytest

from schema.scalars import SCALARS


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1E+4", "10000"),
        ("0E-7", "0.0000000"),
        ("12.50", "12.50"),
        ("-0.5", "-0.5"),
        ("1E-6", "0.000001"),
        ("7", "7"),
    ],
)
def test_a_number_is_written_with_all_its_digits(value: str, written: str) -> None:
    serialize = SCALARS[Decimal].serialize

    assert serialize is not None
    assert serialize(Decimal(value)) == written
