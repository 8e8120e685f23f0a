"""How the process logs: one line an event, on standard error."""

import logging
import sys

import structlog


def configure() -> None:
    """Set up logging for the whole process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    # Strawberry logs each error of each client with a traceback; what matters is logged where it is masked.
    logging.getLogger("strawberry").setLevel(logging.CRITICAL)
