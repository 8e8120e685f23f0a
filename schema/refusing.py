"""How errors leave: with a code and a sentence if the client can do something, else masked, with a reference."""

import re
from collections.abc import Iterator
from uuid import uuid4

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import MaskErrors
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from models import errors
from subscriptions.hub import FellBehind

log = structlog.get_logger()

CODES: tuple[tuple[type[Exception], str], ...] = (
    (errors.BadInput, "BAD_USER_INPUT"),
    (errors.Unauthenticated, "UNAUTHENTICATED"),
    (errors.Forbidden, "FORBIDDEN"),
    (errors.NotFound, "NOT_FOUND"),
    (errors.TryAgain, "TRY_AGAIN"),
    (FellBehind, "RESUME"),
)
NO_OPERATION = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""What Strawberry raises for a request without an operation that may be executed."""

GUESS = re.compile(r" Did you mean [^?]*\?")
"""graphql-core guesses names of the contract; Strawberry switches that off for fields only."""

FELL_BEHIND = "You took events too slowly; subscribe again with `after`, the cursor of the last one."


class Refusing(MaskErrors):
    """Give every error a code; mask faults and log them under a reference that the client is shown."""

    def __init__(self) -> None:
        """Mask whatever has no code."""
        super().__init__()

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        return [coded(error) for error in errors]

    def on_operation(self) -> Iterator[None]:
        """Treat the errors of an operation that answers once."""
        yield from super().on_operation()


def coded(error: GraphQLError) -> GraphQLError:
    """Return the error as the client may see it."""
    if "code" in (error.extensions or {}):
        return error
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        if "code" in (cause.extensions or {}):
            return _with_code(error, str(cause.extensions["code"]), error.message) if cause.extensions else error
        cause = cause.original_error
    if cause is None:
        return _with_code(error, _client_code(error), error.message)
    if isinstance(cause, NO_OPERATION):
        return _with_code(error, "BAD_USER_INPUT", error.message)
    for kind, code in CODES:
        if isinstance(cause, kind):
            return _with_code(error, code, FELL_BEHIND if kind is FellBehind else str(cause))
    reference = str(uuid4())
    log.error("a fault was masked", reference=reference, path=error.path, exc_info=cause)
    masked = _with_code(error, "INTERNAL_SERVER_ERROR", f"Something went wrong on our side. Reference: {reference}")
    masked.extensions = {**(masked.extensions or {}), "reference": reference}
    return masked


def _client_code(error: GraphQLError) -> str:
    """Return the code of an error that graphql-core found itself; one with a path came from coercing values."""
    if isinstance(error, GraphQLSyntaxError):
        return "COST_EXCEEDED" if error.message.endswith("Parsing aborted.") else "GRAPHQL_PARSE_FAILED"
    if "exceeds maximum operation depth" in error.message:
        return "COST_EXCEEDED"
    if error.message.startswith("Variable ") and "invalid value" in error.message:
        return "BAD_USER_INPUT"
    return "GRAPHQL_VALIDATION_FAILED"


def _with_code(error: GraphQLError, code: str, message: str) -> GraphQLError:
    return GraphQLError(
        GUESS.sub("", message), error.nodes, error.source, error.positions, error.path, extensions={"code": code}
    )
