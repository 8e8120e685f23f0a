"""Every place of the contract where a client may write a text, found in the schema itself."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)

from schema.build import schema

MARK = "the text"
SAMPLES: dict[str, Any] = {"Int": 60, "Float": 5.0, "Boolean": True, "DateTime": "2026-12-01T11:00:00Z"}
NAMED = {"startDateTime": "2026-12-01T10:00:00Z", "expectedEnd": "2026-12-02T10:00:00Z"}


def text_inputs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each text that a root field takes: its name, an operation, and its variables with MARK for the text."""
    queries, mutations = schema._schema.query_type, schema._schema.mutation_type
    assert queries is not None
    assert mutations is not None
    for kind, root in (("query", queries), ("mutation", mutations)):
        for field, definition in root.fields.items():
            for name, argument in definition.args.items():
                for path in _text_paths(argument.type):
                    taking = _taking(definition.args, name)
                    declared = ", ".join(f"${one}: {taken.type}" for one, taken in taking.items())
                    given = ", ".join(f"{one}: ${one}" for one in taking)
                    values = {one: _sample(taken.type, one) for one, taken in taking.items()}
                    values[name] = _marked(argument.type, path)
                    document = f"{kind} ({declared}) {{ {field}({given}) {{ __typename }} }}"
                    yield ".".join((field, name, *path)), document, values


def with_text(value: Any, text: str) -> Any:
    """Return variables with a text where the mark is."""
    if isinstance(value, dict):
        return {name: with_text(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [with_text(one, text) for one in value]
    return text if value == MARK else value


def _taking(arguments: dict[str, GraphQLArgument], name: str) -> dict[str, GraphQLArgument]:
    """Return the argument of that name, and those that the field cannot do without."""
    return {one: taken for one, taken in arguments.items() if one == name or isinstance(taken.type, GraphQLNonNull)}


def _text_paths(kind: GraphQLInputType) -> Iterator[tuple[str, ...]]:
    named = get_named_type(kind)
    if named.name in ("String", "ID"):
        yield ()
    elif isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from ((name, *path) for path in _text_paths(field.type))


def _marked(kind: GraphQLInputType, path: tuple[str, ...]) -> Any:
    bare = get_nullable_type(kind)
    if isinstance(bare, GraphQLList):
        return [_marked(bare.of_type, path)]
    if isinstance(bare, GraphQLInputObjectType):
        inner = {path[0]: _marked(bare.fields[path[0]].type, path[1:])}
        return inner if bare.is_one_of else _sample(bare, "") | inner
    return MARK


def _sample(kind: GraphQLInputType, name: str) -> Any:
    """Return a value that would be let in."""
    bare = get_nullable_type(kind)
    if isinstance(bare, GraphQLList):
        return [_sample(bare.of_type, name)]
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    if isinstance(bare, GraphQLInputObjectType):
        if bare.is_one_of:
            return {"polyline": "_p~iF~ps|U_ulLnnqC"}
        return {one: _sample(field.type, one) for one, field in bare.fields.items()}
    return NAMED.get(name, SAMPLES.get(get_named_type(bare).name, "x"))
