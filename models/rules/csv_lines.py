"""Rows as CSV for the programs that people open it with (RFC 4180), so that no cell is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula."""

WITHIN = re.compile(r"(;\s*)(?=[=+@-])")
"""Where it would begin another cell, with a formula, for a spreadsheet that takes semicolons for separators."""


def csv_text(heading: Sequence[str] | None, rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV, below a heading if there is one; each line ends with CRLF.

    None is empty, a moment is in UTC, a number has all its digits, and what might be taken for a formula in a text
    has an apostrophe before it.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    if heading is not None:
        writer.writerow(heading)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value or abs(value):f}"  # nothing has no sign
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if not isinstance(value, str):
        return str(value)
    text = WITHIN.sub(r"\1'", value)
    return f"'{text}" if text.startswith(RISKY) else text
