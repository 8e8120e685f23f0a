"""Rows as CSV for the programs that people open it with (RFC 4180), in UTF-8, with a heading."""

import csv
import io
from collections.abc import Iterable, Sequence

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


def csv_text(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; None is empty, and a text that might be taken for a formula is quoted against that."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(RISKY):
        return f"'{value}"
    return str(value)
