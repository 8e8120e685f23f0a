"""How large inputs are built: by a plan made once of each class, where the library looks everything up each time."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from strawberry.utils.str_converters import to_camel_case

T = TypeVar("T")
Build = Callable[[Any], Any]


def large(kind: type[T]) -> type[T]:
    """Build an input with all its parts in one go; for those that hold hundreds of objects."""
    definition: Any = kind.__strawberry_definition__  # type: ignore[attr-defined]
    definition.from_input = _from_input
    return kind


def _from_input(kind: Any, value: Mapping[str, Any], _context: object) -> Any:
    return _built(kind, value)


def _built(kind: Any, value: Mapping[str, Any]) -> Any:
    """Return an input of what graphql-core let in: required fields are there, enumerations are members."""
    given = {}
    for name, shown, build in _plan(kind):
        if shown in value:
            one = value[shown]
            given[name] = one if build is None or one is None else build(one)
    return kind(**given)


@cache
def _plan(kind: Any) -> list[tuple[str, str, Build | None]]:
    """Return each field of an input: its name, how the contract spells it, and how it is built if it has parts."""
    hints = get_type_hints(kind)
    return [(field.name, to_camel_case(field.name), _build(hints[field.name])) for field in fields(kind)]


def _build(hint: Any) -> Build | None:
    if get_origin(hint) is Annotated:
        return _build(get_args(hint)[0])
    if get_origin(hint) is UnionType or type(None) in get_args(hint):
        (kind,) = (one for one in get_args(hint) if one is not type(None))
        return _build(kind)
    if get_origin(hint) is list:
        item = _build(get_args(hint)[0])
        return list if item is None else lambda values: [item(one) for one in values]
    return (lambda value: _built(hint, value)) if is_dataclass(hint) else None
