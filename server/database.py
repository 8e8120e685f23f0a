"""Which PostgreSQL a command works on: the one configured, one that runs already, or one started for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from server import embedded
from server.settings import Settings


@contextmanager
def reachable(settings: Settings) -> Iterator[str]:
    """Yield how to connect to the database, for a command that works beside a running server too."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    dsn = embedded.running(settings.cluster_dir)
    if dsn is not None:
        yield dsn
        return
    with embedded.start(settings.cluster_dir) as started:
        yield started.dsn


@contextmanager
def owned(settings: Settings) -> Iterator[str]:
    """Yield how to connect to the database, for the server; an embedded one ends with it."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded.start(settings.cluster_dir) as started:
        yield started.dsn
