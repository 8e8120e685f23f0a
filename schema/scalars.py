"""The scalars of the contract: what they let in, and how they are written."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from schema.ocpi import OcpiDocument

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Moments are added to and taken from; these bounds keep every result one that can be written."""

LONGEST_SHOWN = 60
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")


def _read_moment(value: object) -> datetime:
    if isinstance(value, str) and RFC_3339.fullmatch(value):
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
            if EARLIEST <= moment < LATEST:
                return moment
    raise GraphQLError(
        f"{_shown(value)} is no moment from {EARLIEST.year} to {LATEST.year - 1}; write it with seconds and an "
        "offset, such as 2026-12-01T08:00:00Z.",
        extensions={"code": "BAD_USER_INPUT"},
    )


def _write_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise GraphQLError(
        f'{_shown(value)} is no decimal number; write it as a string, such as "12.50".',
        extensions={"code": "BAD_USER_INPUT"},
    )


def _read_nothing(value: object) -> NoReturn:
    raise GraphQLError("OCPI documents are only answered here, not taken.", extensions={"code": "BAD_USER_INPUT"})


def _write_decimal(value: Decimal) -> str:
    """Return a number with all its digits: a database gives 10000 as 1E+4, which not everybody reads."""
    return f"{value:f}"


def _shown(value: object) -> str:
    if not isinstance(value, str | int | float):
        return "That"
    text = str(value)
    return repr(text) if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]!r}..."


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as in RFC 3339, from 1970 to 2199, with an offset; written in UTC.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=_write_moment,
        parse_value=_read_moment,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A finite decimal number, written as a string so that no digit is lost.",
        serialize=_write_decimal,
        parse_value=_read_decimal,
    ),
    OcpiDocument: strawberry.scalar(
        name="OcpiDocument",
        description="An object as OCPI 2.3.0 with Bookings 1.1 has it in JSON: its names, values, units and times.",
        specified_by_url="https://github.com/ocpi/ocpi/tree/2.3.0/release/bookings",
        serialize=dict,
        parse_value=_read_nothing,
    ),
}
