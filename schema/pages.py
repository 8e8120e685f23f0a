"""Connections: lists that are read page by page, by key and never by number."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar

import orjson
import strawberry
import strawberry.federation

from models.errors import BadInput
from schema.texts import storable

T = TypeVar("T")

FIRST = "How many to return, 1 to 500."
AFTER = "The cursor behind which to continue: an edge's, or `pageInfo.endCursor`."


@strawberry.federation.type(shareable=True, description="Where a page ends.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool = strawberry.field(description="Whether more follow behind `endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether the page was continued behind another.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item, if there is one.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item, if there is one.")


@strawberry.type(description="One item of a page.")
class Edge(Generic[T]):
    """One item of a page."""

    cursor: str = strawberry.field(description="Its place in the list; give it as `after` to continue behind it.")
    node: T


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """One page of a list."""

    edges: list[Edge[T]]
    page_info: PageInfo


def connection(nodes: list[tuple[T, tuple[str, ...]]], has_next: bool, after: str | None) -> Connection[T]:
    """Return the page of `nodes`, each with its key, behind the cursor `after`."""
    edges = [Edge(cursor=to_cursor(key), node=node) for node, key in nodes]
    return Connection(edges=edges, page_info=page_info([key for _, key in nodes], has_next, after))


def page_info(keys: Sequence[tuple[str, ...]], has_next: bool, after: str | None) -> PageInfo:
    """Return where a page behind the cursor `after` ends, whose items have those keys."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=to_cursor(keys[0]) if keys else None,
        end_cursor=to_cursor(keys[-1]) if keys else None,
    )


def to_cursor(key: tuple[str, ...]) -> str:
    """Return a key as an opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def from_cursor(cursor: str | None) -> tuple[str, ...] | None:
    """Return the key of a cursor, or raise BadInput."""
    if cursor is None:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or not key or not all(isinstance(part, str) and storable(part) for part in key):
        raise BadInput("`after` is no cursor; take one from `edges.cursor` or `pageInfo.endCursor`.")
    return tuple(key)
