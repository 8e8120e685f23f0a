"""How an input is read: each field by its limit, each part by itself, and the path told of what is wrong."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, NoReturn, Protocol, TypeVar, get_args, get_origin, get_type_hints

import strawberry
from strawberry.utils.str_converters import to_camel_case

from models.errors import BadInput
from models.rules.identity import normalized, object_id, owner
from models.rules.role import Role
from resolvers.call import Call
from schema.inputs import LONGEST_ID
from schema.publishing.limits import LOCAL_ID, OBJECTS, SEVERAL, CiString, Many
from schema.scalars import EARLIEST

T = TypeVar("T", covariant=True)
Reader = Callable[[Any, "At", str], Any]

API_ID = re.compile(r"[A-Z]{2}\*[A-Z0-9]{1,3}\*.", re.IGNORECASE | re.ASCII)
"""How an id of the API begins; an operator's own id that begins like this is to be given as the API's."""

NOT_YET = EARLIEST
"""When an object was last updated, until it is published; a constant, so that a call sent again is the same."""

UNBOUNDED = (str, int, float, Decimal, strawberry.ID)
"""Kinds of values that the contract lets in at any size."""

NO_PART = frozenset({"expected_last_updated"})
"""Fields that say something of a change, and are no part of the value."""


@dataclass(frozen=True, slots=True)
class At:
    """A place in an input; `parent` is the composite id of the object that is read there."""

    path: str
    country_code: str
    party_id: str
    parent: str = ""

    def step(self, name: str) -> "At":
        """Return the place of a part."""
        return replace(self, path=f"{self.path}.{name}" if self.path else name)

    def within(self, parent: str) -> "At":
        """Return the same place, as one of an object."""
        return replace(self, parent=parent)

    def refuse(self, name: str, reason: str) -> NoReturn:
        """Raise BadInput for the part of that name."""
        raise BadInput(f"`{self.step(name).path}` {reason}.")

    def object_id(self, local_id: str) -> str:
        """Return the composite id of an object of the caller's that it calls by `local_id`."""
        return object_id(self.country_code, self.party_id, local_id)

    def read(self, part: Any) -> dict[str, Any]:
        """Return the fields of an input as values, by their names; raise BadInput for one beyond its limit."""
        kind: Any = type(part)
        return {
            name: None if (value := getattr(part, name)) is None else read(value, self, shown)
            for name, shown, read in _plan(kind)
        }

    def check_distinct(self, name: str, key: str, local_ids: Iterable[str]) -> None:
        """Raise BadInput unless the items of a list differ in `key`; case does not count."""
        first: dict[str, int] = {}
        for number, local_id in enumerate(local_ids):
            earlier = first.setdefault(local_id.upper(), number)
            if earlier != number:
                self.refuse(f"{name}[{number}].{key}", f"is that of `{name}[{earlier}]` too; each has its own")

    def check_order(self, start: datetime, end: datetime, name: str) -> None:
        """Raise BadInput for the end of that name unless it comes after the start."""
        if end <= start:
            self.refuse(name, "does not come after the start")


class Readable(Protocol[T]):
    """An input that knows which value it becomes."""

    def to_domain(self, at: At) -> T:
        """Return the value, or raise BadInput."""


@dataclass(frozen=True, slots=True)
class Named:
    """That an id names an object: by the API's id (NL*ABC*LOC1), or the caller's own by its own (LOC1)."""

    whose: str = ""
    """How objects are called that have to be the caller's own: naming another's would show it."""


NAMED = Named()
OWN_TARIFF = Named("Tariff")
OWN_OR_API_ID = "The API's id, such as NL*ABC*LOC1, or your own, such as LOC1."


def beginning(call: Call) -> At:
    """Return where a caller's input begins, or raise Unauthenticated or Forbidden unless it is an operator."""
    country_code, party_id = call.acting_as(Role.CPO).party_id.split("*")
    return At("", country_code, party_id)


async def objects(call: Call, name: str, inputs: Sequence[Readable[T]]) -> list[T]:
    """Return the objects that one call publishes or withdraws, as values; others are served between two of them."""
    at = beginning(call)
    try:
        OBJECTS.check(len(inputs))
    except ValueError as error:
        at.refuse(name, str(error))
    read: list[T] = []
    for number, one in enumerate(inputs):
        read.append(one.to_domain(at.step(f"{name}[{number}]")))
        await asyncio.sleep(0)
    return read


@cache
def _plan(kind: Any) -> list[tuple[str, str, Reader]]:
    """Return each field of an input: its name, how the contract spells it, and how it is read."""
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in fields(kind) if field.name not in NO_PART]
    return [(name, to_camel_case(name), _reader(hints[name])) for name in names]


def _reader(hint: Any, marks: tuple[Any, ...] = ()) -> Reader:
    if get_origin(hint) is Annotated:
        kind, *more = get_args(hint)
        return _reader(kind, (*marks, *more))
    if get_origin(hint) is UnionType or type(None) in get_args(hint):
        (kind,) = (one for one in get_args(hint) if one is not type(None))
        return _reader(kind, marks)
    if get_origin(hint) is list:
        bounds = next((one for one in marks if isinstance(one, Many)), SEVERAL)
        return _many(_reader(get_args(hint)[0]), bounds)
    if hasattr(hint, "to_domain"):
        return _part
    named = next((one for one in marks if isinstance(one, Named)), None)
    if named is not None:
        return _named(named.whose)
    limit = next((one for one in marks if hasattr(one, "read")), None)
    if limit is None and hint in UNBOUNDED:
        raise TypeError(f"a {hint} that is published needs a limit, as in Annotated[str, Text(255)]")
    return _as_is if limit is None else _limited(limit)


def _as_is(value: Any, _at: At, _name: str) -> Any:
    return value


def _part(value: Any, at: At, name: str) -> Any:
    return value.to_domain(at.step(name))


def _named(whose: str) -> Reader:
    local_id, api_id = _limited(LOCAL_ID), _limited(CiString(LONGEST_ID))

    def read(value: str, at: At, name: str) -> str:
        if not API_ID.match(value):
            return at.object_id(local_id(value, at, name))
        composite = normalized(api_id(value, at, name))
        if whose and owner(composite) != f"{at.country_code}*{at.party_id}":
            at.refuse(name, f"names a {whose} of another operator; name one of your own")
        return composite

    return read


def _limited(limit: Any) -> Reader:
    def read(value: Any, at: At, name: str) -> Any:
        try:
            return limit.read(value)
        except ValueError as error:
            at.refuse(name, str(error))

    return read


def _many(item: Reader, bounds: Many) -> Reader:
    def read(values: Sequence[Any], at: At, name: str) -> tuple[Any, ...]:
        try:
            bounds.check(len(values))
        except ValueError as error:
            at.refuse(name, str(error))
        return tuple(item(value, at, f"{name}[{number}]") for number, value in enumerate(values))

    return read
