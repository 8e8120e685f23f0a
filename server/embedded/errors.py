"""The one error of the embedded PostgreSQL: a sentence for whoever started the server."""


class EmbeddedPostgresError(Exception):
    """PostgreSQL cannot run here; the message says why and what to do, and is shown without a traceback."""
