"""Rows as CSV: quoted where it must be, with all digits, and nothing in them that a spreadsheet runs."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.csv_lines import RISKY, csv_text

HALF_PAST = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


class Colour(StrEnum):
    """A closed enumeration."""

    RED = "RED"


def back(text: str) -> list[list[str]]:
    """Return the rows that a program reads."""
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_heading_stands_above_the_rows_if_there_is_one() -> None:
    assert csv_text(("a", "b"), [(1, 2)]) == "a,b\r\n1,2\r\n"
    assert csv_text(None, [(1, 2), (3, 4)]) == "1,2\r\n3,4\r\n"
    assert csv_text(("a", "b"), []) == "a,b\r\n"
    assert csv_text(None, []) == ""


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-3, "-3"),
        (Decimal("-2.5000"), "-2.5000"),
        (Decimal("0E-4"), "0.0000"),
        (Decimal("-0.0000"), "0.0000"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.00000001"), "0.00000001"),
        (HALF_PAST, "2026-12-01T10:30:00Z"),
        (HALF_PAST.astimezone(timezone(timedelta(hours=2))), "2026-12-01T10:30:00Z"),
        (Colour.RED, "RED"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("Rüti, Süd", "Rüti, Süd"),
        ('The "hub"', 'The "hub"'),
        ("two\r\nlines", "two\r\nlines"),
        ("a = b", "a = b"),
        ("Depot; gate 4", "Depot; gate 4"),
        ("Depot;=1+1", "Depot;'=1+1"),
        ("Depot; -gate; @4", "Depot; '-gate; '@4"),
    ],
)
def test_a_value_is_written_so_that_it_can_be_read_again(value: object, cell: str) -> None:
    assert back(csv_text(None, [("x", value)])) == [["x", cell]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_could_be_a_formula_is_none(text: str) -> None:
    assert back(csv_text(None, [("x", text)])) == [["x", f"'{text}"]]


def test_a_number_below_nothing_stays_a_number() -> None:
    assert csv_text(None, [(-1, Decimal("-0.10"))]) == "-1,-0.10\r\n"


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
def test_whatever_the_texts_are_as_many_cells_come_back_and_none_is_a_formula(rows: list[list[str]]) -> None:
    found = back(csv_text(("a", "b"), rows))

    assert found[0] == ["a", "b"]
    assert [[cell.removeprefix("'") for cell in row] for row in found[1:]] == [
        [text.removeprefix("'") for text in row] for row in rows
    ]
    assert not any(cell.startswith(RISKY) for row in found[1:] for cell in row)
