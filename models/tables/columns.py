"""How columns are declared alike in every table, and how their constraints are named."""

from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(constraint_name)s",
}

ONLY_CONTRACT = "repeat(translate(upper(contract_ids[1]), '-*', ''), 2 - cardinality(contract_ids))"
"""The only contract of a row, without separators: null if it has none, and repeated zero times if it has several."""


def key(**options: Any) -> Column[Any]:
    """Return a text column of the primary key."""
    return Column(Text, primary_key=True, **options)


def words(*, nullable: bool = False) -> Column[Any]:
    """Return a text column."""
    return Column(Text, nullable=nullable)


def word_list() -> Column[Any]:
    """Return a column of texts, empty unless given."""
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))


def moment(*, nullable: bool = False, default: str | None = None) -> Column[Any]:
    """Return a column of a moment with its offset."""
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def period() -> Column[Any]:
    """Return a column of a half-open interval."""
    return Column(TSTZRANGE, nullable=False)


def document(*, nullable: bool = True) -> Column[Any]:
    """Return a column of a nested value of the standard."""
    return Column(JSONB, nullable=nullable)


def bounded(column: str) -> str:
    """Return the check that a period is half-open, with both ends, and not empty."""
    return (
        f"NOT isempty({column}) AND lower_inc({column}) AND NOT upper_inc({column}) "
        f"AND NOT lower_inf({column}) AND NOT upper_inf({column})"
    )


def among(column: str, values: Any) -> str:
    """Return the check that a column holds one of an enumeration's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"
