"""Reading what concerns a party, in order of time: by columns that every such table has."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.db import Connection
from models.rules.booking_filter import Holder
from models.rules.parties import Parties
from models.rules.statement import vehicle_key
from models.rules.token import EMAID, contract_key, contract_keys
from models.tables.columns import ONLY_CONTRACT

Row = Any
Condition = tuple[str, *tuple[Any, ...]]
"""SQL with a `{}` for each value, and the values."""

Bound = Callable[..., str]
"""Takes a condition, keeps its values, and returns it with their numbers."""

_MANDATED_UNTIL = """
(SELECT coalesce(m.valid_until, '9999-12-31T23:59:59Z') FROM mandate m
WHERE m.emsp_id = {table}.emsp_id AND m.booker_id = {table}.booker_id AND m.revoked_at IS NULL
AND (cardinality(m.contract_ids) = 0
OR (cardinality({table}.contract_ids) > 0 AND {table}.contract_ids <@ m.contract_ids)))
"""
_UNDER = """
EXISTS (
    SELECT FROM unnest(contract_ids) AS contract (id)
    WHERE translate(upper(contract.id), '-*', '') = ANY({}::text[]) AND CASE
        WHEN upper(contract.id) ~ {} THEN translate(upper(contract.id), '-*', '') ELSE upper(contract.id)
    END = ANY({}::text[])
)
"""
_FOUND_UNDER = f"(contract_key = ANY({{}}::text[]) OR {_UNDER}) AND {ONLY_CONTRACT} = ANY({{}}::text[])"
_EMAID = f"^(?:{EMAID.pattern})$"
BY_CONTRACT = frozenset({"cdr", "provider_line"})
"""The tables with an index by EMSP, `ONLY_CONTRACT` and time."""

SEVERAL = ""
"""What `ONLY_CONTRACT` is of a row under several."""


def under(contract_ids: Iterable[str]) -> Condition:
    """Return the condition that a row is under one of those contracts, and its values.

    Contracts are compared as `contract_key` does: rows keep the spelling that came, of which there are many. What is
    another one without any separators is cheaper to tell, and so comes first.
    """
    return _UNDER, *_keys(contract_ids)


def found_under(contract_ids: Iterable[str]) -> Condition:
    """Return the condition of `under` for tables that are `BY_CONTRACT`; its first value are their keys.

    Their indexes find such rows, and the rest of what the EMSP has is not read. The one contract of a row is compared
    by its key, for what `under` does takes longer.
    """
    loose, emaid, keys = _keys(contract_ids)
    return _FOUND_UNDER, keys, loose, emaid, keys, _or_several(loose)


def by_contract(select: str, conditions: Sequence[str], order: str, contract_ids: Iterable[str], bound: Bound) -> str:
    """Return the statement that selects rows of a table that is `BY_CONTRACT` under those contracts, in their order.

    It goes from contract to contract, for the index has in order what is under one of them, but not what is under
    some: so a page is read of each, and not all that there is.
    """
    asked = under(contract_ids)
    own = bound("unnest({}::text[])", _or_several(asked[1]))
    both = [*conditions, bound(*asked), f"{ONLY_CONTRACT} = own.key"]
    each = f"{select} WHERE {' AND '.join(both)} {order}"
    return f"SELECT found.* FROM {own} AS own (key), LATERAL ({each}) AS found {order}"  # noqa: S608 - all are ours


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


def compared_row(contract_id: str | None, license_plate: str | None) -> dict[str, str | None]:
    """Return the columns by which a contract and a vehicle are compared, however they are spelt."""
    return {
        "contract_key": contract_id and contract_key(contract_id),
        "vehicle_key": license_plate and vehicle_key(license_plate),
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
    after: tuple[datetime, UUID | int] | None,
    limit: int,
    key: str = "id",
) -> list[Row]:
    """Return rows of `table` in order of the column `moment`, from the one behind `after` on; one statement.

    Rows of one moment are in the order of their `key`.
    """
    values: list[Any] = []
    bound = binding(values)
    whose = whose_rows(holder, table, bound)
    conditions = [bound(*one) for one in wanted]
    if after is not None:
        conditions.append(bound(f"({moment}, {key}) > ({{}}, {{}})", *after))
    order = bound(f"ORDER BY {moment}, {key} LIMIT {{}}", limit)
    if holder.contract_ids is not None and table in BY_CONTRACT:
        statement = by_contract(selecting(table), [*whose, *conditions], order, holder.contract_ids, bound)
    else:
        if holder.contract_ids is not None:
            conditions.append(bound(*under(holder.contract_ids)))
        each = [f"{selecting(table)} WHERE {' AND '.join([one, *conditions])} {order}" for one in whose]
        statement = each[0] if len(each) == 1 else f"SELECT * FROM (({') UNION ALL ('.join(each)})) AS found {order}"  # noqa: S608
    found: list[Row] = await connection.fetch(statement, *values)
    return found


def binding(values: list[Any]) -> Bound:
    """Return what numbers the values of a condition behind those that there are, to which it adds them."""

    def bound(condition: str, *new: Any) -> str:
        values.extend(new)
        return condition.format(*(f"${number}" for number in range(len(values) - len(new) + 1, len(values) + 1)))

    return bound


def whose_rows(holder: Holder, table: str, bound: Bound) -> list[str]:
    """Return the conditions of which one holds of each row of `table` that concerns a holder."""
    whose = [
        bound(f"{table}.{name} = {{}}", party_id)
        for name, party_id in (("cpo_id", holder.cpo_id), ("emsp_id", holder.emsp_id))
        if party_id is not None
    ]
    if holder.booker is not None:
        mandated = f"{table}.booker_id = {{}} AND {mandated_until(table)} > {{}}"
        whose.append(bound(mandated, holder.booker.party_id, holder.booker.now))
    return whose


def _or_several(keys: Iterable[str]) -> list[str]:
    """Return the values of `ONLY_CONTRACT` that rows under some contracts may have, each once."""
    return sorted({*keys, SEVERAL})


def _keys(contract_ids: Iterable[str]) -> tuple[list[str], str, list[str]]:
    keys = sorted(contract_keys(contract_ids))
    return sorted({one.replace("-", "").replace("*", "") for one in keys}), _EMAID, keys
