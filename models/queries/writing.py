"""Writing whole rows into a table by the names of their columns."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from models.db import Connection
from models.tables import metadata

Row = dict[str, Any]
MANY = 200
"""So many rows are copied, which takes a fifth of the time."""


async def insert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns."""
    if len(rows) >= MANY:
        values = [tuple(row.values()) for row in rows]
        await connection.copy_records_to_table(table, records=values, columns=list(rows[0]))
    elif rows:
        await connection.executemany(_insert(table, tuple(rows[0])), [tuple(row.values()) for row in rows])


async def upsert(
    connection: Connection, table: str, key: Sequence[str], rows: Sequence[Row], *, kept: Sequence[str] = ()
) -> None:
    """Insert rows that all have the same columns, or overwrite those that have the same key, save columns `kept`."""
    if rows:
        statement = _upsert(table, tuple(key), tuple(rows[0]), tuple(kept))
        await connection.executemany(statement, [tuple(row.values()) for row in rows])


async def update(connection: Connection, table: str, key: Row, row: Row) -> None:
    """Overwrite the columns of `row` in the row of that `key`."""
    statement = _update(table, tuple(key), tuple(row))
    await connection.execute(statement, *key.values(), *row.values())


async def amend(connection: Connection, table: str, key: Row, before: Row, after: Row) -> None:
    """Overwrite what of a row, as it was `before`, is to be otherwise; nothing if all is as it was."""
    changes = changed(before, after)
    if changes:
        await update(connection, table, key, changes)


def changed(before: Row, after: Row) -> Row:
    """Return the columns of a row that are to be otherwise than they were `before`."""
    return {name: value for name, value in after.items() if value != before[name]}


@cache
def _update(table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    which = " AND ".join(f'"{name}" = ${number}' for number, name in enumerate(key, 1))
    changed = ", ".join(f'"{name}" = ${number}' for number, name in enumerate(columns, len(key) + 1))
    return f'UPDATE "{table}" SET {changed} WHERE {which}'  # noqa: S608 - names of our own tables


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    known = metadata.tables[table].columns
    names = ", ".join(f'"{known[name].name}"' for name in columns)
    values = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f'INSERT INTO "{table}" ({names}) VALUES ({values})'  # noqa: S608 - names of our own tables


@cache
def _upsert(table: str, key: tuple[str, ...], columns: tuple[str, ...], kept: tuple[str, ...]) -> str:
    changed = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in columns if name not in (*key, *kept))
    return f"{_insert(table, columns)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"
