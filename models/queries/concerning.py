"""Reading what concerns a party, in order of time: by columns that every such table has."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.db import Connection
from models.rules.booking_filter import Holder
from models.rules.parties import Parties
from models.rules.token import EMAID, contract_keys

Row = Any
Condition = tuple[str, *tuple[Any, ...]]
"""SQL with a `{}` for each value, and the values."""

_MANDATED_UNTIL = """
(SELECT coalesce(m.valid_until, '9999-12-31T23:59:59Z') FROM mandate m
WHERE m.emsp_id = {table}.emsp_id AND m.booker_id = {table}.booker_id AND m.revoked_at IS NULL
AND (cardinality(m.contract_ids) = 0
OR (cardinality({table}.contract_ids) > 0 AND {table}.contract_ids <@ m.contract_ids)))
"""
_AMONG = """
translate(upper(contract.id), '-*', '') = ANY({}::text[]) AND CASE
    WHEN upper(contract.id) ~ {} THEN translate(upper(contract.id), '-*', '') ELSE upper(contract.id)
END = ANY({}::text[])
"""
_UNDER = f"EXISTS (SELECT FROM unnest(contract_ids) AS contract (id) WHERE {_AMONG})"
_EMAID = f"^(?:{EMAID.pattern})$"


def under(contract_ids: Iterable[str]) -> Condition:
    """Return the condition that a row is under one of those contracts, and its values.

    Contracts are compared as `contract_key` does: rows keep the spelling that came, of which there are many. What is
    another one without any separators is cheaper to tell, and so comes first.
    """
    return _UNDER, *_keys(contract_ids)


def among(column: str, contract_ids: Iterable[str]) -> Condition:
    """Return the condition that a column holds one of those contracts, compared as by `under`, and its values."""
    return _AMONG.replace("contract.id", column), *_keys(contract_ids)


def mandated_until(table: str) -> str:
    """Return the expression that gives until when the booker of a row of `table` has a mandate for its contracts."""
    return _MANDATED_UNTIL.format(table=table)


def selecting(table: str) -> str:
    """Return the beginning of a statement that reads rows of `table` with whom they concern."""
    return f"SELECT {table}.*, {mandated_until(table)} AS mandated_until FROM {table}"  # noqa: S608 - both are ours


def parties(row: Row) -> Parties:
    """Return whom a row concerns."""
    return Parties(row["cpo_id"], row["emsp_id"], row["booker_id"], tuple(row["contract_ids"]), row["mandated_until"])


def parties_row(one: Parties) -> dict[str, Any]:
    """Return the columns that say whom a row concerns."""
    return {
        "cpo_id": one.cpo_id,
        "emsp_id": one.emsp_id,
        "booker_id": one.booker_id,
        "contract_ids": list(one.contract_ids),
    }


def standing(
    wanted: Sequence[StrEnum], until: str, passing: tuple[StrEnum, StrEnum], now: datetime
) -> list[Condition]:
    """Return what asks for statuses as of `now`; any, if none is wanted.

    `passing` are a status and what it becomes by itself at the moment of the column `until`; whether a worker noted
    that already or not, it is the latter from then on.
    """
    if not wanted:
        return []
    before, after = passing
    among = {*wanted}
    if (before in among) == (after in among):
        return [("status = ANY({}::text[])", [one.value for one in among])]
    due = ">" if before in among else "<="
    return [
        ("status = ANY({}::text[])", [one.value for one in {*among, before}]),
        (f"(status <> '{before.value}' OR {until} {due} {{}})", now),
    ]


async def page(
    connection: Connection,
    table: str,
    moment: str,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    key: str = "id",
) -> list[Row]:
    """Return rows of `table` in order of the column `moment`, from the one behind `after` on; one statement.

    Rows of one moment are in the order of their `key`.
    """
    values: list[Any] = []

    def bound(condition: str, *new: Any) -> str:
        values.extend(new)
        return condition.format(*(f"${number}" for number in range(len(values) - len(new) + 1, len(values) + 1)))

    whose = [
        bound(f"{name} = {{}}", party_id)
        for name, party_id in (("cpo_id", holder.cpo_id), ("emsp_id", holder.emsp_id))
        if party_id is not None
    ]
    if holder.booker is not None:
        mandated = f"booker_id = {{}} AND {mandated_until(table)} > {{}}"
        whose.append(bound(mandated, holder.booker.party_id, holder.booker.now))
    conditions = [bound(*one) for one in wanted]
    if holder.contract_ids is not None:
        conditions.append(bound(*under(holder.contract_ids)))
    if after is not None:
        conditions.append(bound(f"({moment}, {key}) > ({{}}, {{}})", *after))
    order = f"ORDER BY {moment}, {key} LIMIT ${len(values) + 1}"
    each = [f"{selecting(table)} WHERE {' AND '.join([one, *conditions])} {order}" for one in whose]
    statement = each[0] if len(each) == 1 else f"SELECT * FROM (({') UNION ALL ('.join(each)})) AS found {order}"  # noqa: S608
    found: list[Row] = await connection.fetch(statement, *values, limit)
    return found


def _keys(contract_ids: Iterable[str]) -> tuple[list[str], str, list[str]]:
    keys = sorted(contract_keys(contract_ids))
    return [one.replace("-", "").replace("*", "") for one in keys], _EMAID, keys
