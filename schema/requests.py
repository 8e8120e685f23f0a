"""What is refused of any request, whatever it asks for: texts that nothing can store, numbers without end."""

import re
from collections.abc import Iterator
from contextlib import suppress

from graphql import DocumentNode, FloatValueNode, GraphQLError, IntValueNode, OperationDefinitionNode, StringValueNode
from graphql.language import Visitor, visit
from strawberry.extensions import ParserCache, SchemaExtension
from strawberry.types.graphql import OperationType

from schema.context import Context
from schema.texts import UNSTORABLE

MOST_DIGITS = 400
"""More than the largest Float needs; Python converts no more than 4,300."""

SUSPECT = re.compile(rf"\x00|\\u|[0-9]{{{MOST_DIGITS}}}")
"""Without any of these a document holds nothing of what is refused, so it need not be walked."""


class KnownDocuments(ParserCache):
    """Parses each document once; the errors of one that cannot be parsed are not its business."""

    def on_parse(self) -> Iterator[None]:
        """Find the document, or leave it to be parsed by whoever tells the errors."""
        context = self.execution_context
        with suppress(GraphQLError):
            context.graphql_document = self.cached_parse_document(context.query, **context.parse_options)
        yield


class SoundRequests(SchemaExtension):
    """Refuses what no field could make sense of, once for all fields, before anything is executed."""

    def on_validate(self) -> Iterator[None]:
        """Put the refusal in the place of whatever else is wrong with the request."""
        try:
            self._check()
        except GraphQLError as error:
            self.execution_context.pre_execution_errors = [error]
        yield

    def _check(self) -> None:
        context = self.execution_context
        document = context.graphql_document
        if document is not None and context.query is not None:
            _check_choice(document, context._provided_operation_name)
            if context.operation_type is OperationType.SUBSCRIPTION:
                _check_transport(context.context)
            if SUSPECT.search(context.query):
                visit(document, Literals())
        _check_variables(context.variables or {})


class Literals(Visitor):
    """Looks at every literal of a document."""

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        """Refuse a text that cannot be stored."""
        if UNSTORABLE.search(node.value):
            raise _refusal("A text", node)

    def enter_int_value(self, node: IntValueNode, *_: object) -> None:
        """Refuse a number without end."""
        _check_digits(node)

    def enter_float_value(self, node: FloatValueNode, *_: object) -> None:
        """Refuse a number without end."""
        _check_digits(node)


def _check_choice(document: DocumentNode, name: str | None) -> None:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is None and len(operations) > 1:
        raise _bad_input("The document holds several operations; name one of them as `operationName`.")


def _check_transport(context: object) -> None:
    if isinstance(context, Context) and not context.lasting:
        raise _bad_input("Subscribe over WebSocket, or send the header `accept: text/event-stream`.")


def _check_digits(node: IntValueNode | FloatValueNode) -> None:
    if len(node.value) > MOST_DIGITS:
        raise _bad_input(f"A number has at most {MOST_DIGITS} digits.", node)


def _check_variables(variables: object) -> None:
    waiting: list[tuple[str, object]] = [("$", variables)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if UNSTORABLE.search(value):
                raise _refusal(f"The variable {path.removeprefix('$.')}")
        elif isinstance(value, dict):
            waiting.extend((f"{path}.{name}", each) for name, each in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{path}[{number}]", each) for number, each in enumerate(value))


def _refusal(what: str, node: StringValueNode | None = None) -> GraphQLError:
    return _bad_input(f"{what} holds a character that no text may hold: a NUL, or half of a surrogate pair.", node)


def _bad_input(message: str, node: object = None) -> GraphQLError:
    return GraphQLError(message, node, extensions={"code": "BAD_USER_INPUT"})  # type: ignore[arg-type]
