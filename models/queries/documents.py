"""How values meet columns: nested values as JSON documents, intervals as ranges."""

from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import asyncpg
from pydantic import TypeAdapter

from models.rules.interval import Interval

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_document(kind: Any, value: object) -> Any:
    """Return `value` of type `kind` as JSON values; None stays None."""
    return None if value is None else _adapter(kind).dump_python(value, mode="json")


def from_document(kind: type[T], document: Any) -> T:
    """Return the value of type `kind` that `to_document` wrote."""
    found: T = _adapter(kind).validate_python(document)  # type: ignore[arg-type]
    return found


def optional(kind: type[T], document: Any) -> T | None:
    """Return the value of type `kind`, or None if there is none."""
    return None if document is None else from_document(kind, document)


def to_range(period: Interval) -> "asyncpg.Range[datetime]":
    """Return an interval as a half-open range."""
    return asyncpg.Range(period.start, period.end)


def to_interval(during: Any) -> Interval:
    """Return a half-open range with both ends as an interval."""
    return Interval(during.lower, during.upper)
