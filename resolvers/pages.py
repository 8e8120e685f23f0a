"""A page of a list that is read by key, not by number, so that nothing is skipped or shown twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from models.errors import BadInput

LAST = 2**63 - 1
"""No position is behind this one."""

T = TypeVar("T")
LARGEST = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, each with the key that continues behind it, and whether more follow."""

    items: Sequence[tuple[T, tuple[str, ...]]]
    has_next: bool


def checked_first(first: int) -> int:
    """Return how many items are asked for, or raise BadInput."""
    if not 1 <= first <= LARGEST:
        raise BadInput(f"`first` is between 1 and {LARGEST}.")
    return first


def foreign() -> BadInput:
    """Return the refusal of a cursor whose key is none of the list that is asked for."""
    return BadInput("`after` is a cursor of another list; take it from a page of this one.")


def moment_and_id(after: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    """Return the key of a list in the order of moments and ids, None at its beginning, or raise BadInput."""
    if after is None:
        return None
    try:
        moment, uuid = after
        return moment_of(moment), UUID(uuid)
    except ValueError:
        raise foreign() from None


def moment_and_position(after: tuple[str, ...] | None) -> tuple[datetime, int] | None:
    """Return the key of a list in the order of moments and positions, None at its beginning, or raise BadInput."""
    if after is None:
        return None
    try:
        moment, position = after
        number = int(position)
    except ValueError:
        raise foreign() from None
    if not 0 < number <= LAST:
        raise foreign()
    return moment_of(moment), number


def moment_of(part: str) -> datetime:
    """Return the moment in a part of a key, or raise BadInput."""
    try:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise foreign()
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise foreign() from None


def cut(items: Sequence[tuple[T, tuple[str, ...]]], first: int) -> Page[T]:
    """Return the first of `items`, of which one more than asked for was read."""
    return Page(items[:first], len(items) > first)
