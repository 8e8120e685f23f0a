"""How alembic meets our tables: on the connection that it is given."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from models.tables import metadata


def render(kind: str, value: Any, _: object) -> str | Literal[False]:
    """Write types of libraries as SQLAlchemy's own, so that a migration imports no code of the project."""
    if kind == "type" and isinstance(value, AutoString):
        return "sa.Text()"
    if kind == "type" and type(value).__name__ == "Xid8":
        return "XID8()"
    return False


connection: sa.Connection | None = context.config.attributes["connection"]
if connection is None:
    raise RuntimeError("migrations run on a connection; call models.migrations.upgrade")
context.configure(connection=connection, target_metadata=metadata, render_item=render, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
