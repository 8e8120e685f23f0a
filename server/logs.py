"""How the process logs: one line an event, on standard error."""

import logging
import sys
import traceback
from types import TracebackType

import asyncpg
import structlog

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure() -> None:
    """Set up logging for the whole process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(written),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    # Strawberry logs each error of each client with a traceback; what matters is logged where it is masked.
    logging.getLogger("strawberry").setLevel(logging.CRITICAL)


def written(exc_info: ExcInfo) -> str:
    """Return an exception with its causes and tracebacks, the first cause first.

    What the database says of its errors is left out: that repeats the values of rows, which may be personal data.
    """
    return "\n".join(part for one in _chain(exc_info[1]) for part in _parts(one))


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception behind those that led to it."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found[::-1]


def _parts(error: BaseException) -> list[str]:
    within = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    traces = [line.rstrip("\n") for line in traceback.format_tb(error.__traceback__)]
    return [*(part for one in within for each in _chain(one) for part in _parts(each)), *traces, _said(error)]


def _said(error: BaseException) -> str:
    """Return what kind of error it is with what it says; of one of the database what it is about, without values."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if not isinstance(error, asyncpg.PostgresError):
        return f"{kind}: {error}"
    about = {name: getattr(error, f"{name}_name", None) for name in ("table", "column", "constraint")}
    return " ".join([f"{kind}: sqlstate={error.sqlstate}", *(f"{name}={of}" for name, of in about.items() if of)])
