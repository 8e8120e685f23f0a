"""Adding up CDRs and providers' lines, by whatever a statement is divided into."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from models.db import Connection
from models.queries.concerning import Bound, binding, found_under, whose_rows
from models.rules.booking_filter import Holder
from models.rules.cdr import Creditor
from models.rules.interval import Interval
from models.rules.statement import StatementGroup, StatementLine, to_cents

MONTH = "to_char(issued_at AT TIME ZONE 'UTC', 'YYYY-MM')"
COLUMNS = {
    StatementGroup.VEHICLE: ("vehicle_key", "license_plate"),
    StatementGroup.CONTRACT: ("contract_key", "contract_id"),
    StatementGroup.LOCATION: ("location_id", "location_id"),
    StatementGroup.MONTH: (MONTH, MONTH),
}
"""By what rows are compared, and how that is spelt."""

MOST_CURRENCIES = 1_000
_FOUND = """
WITH found AS (
    SELECT {keys}currency, 'CDR' AS source, booking_id, session_id,
        CASE WHEN credits IS NULL THEN energy ELSE -energy END AS energy,
        CASE WHEN credits IS NULL THEN energy ELSE -energy END * coalesce(green_share, 0) * 0.01 AS green_energy,
        before_taxes, after_taxes, coalesce({creditor}.state, 'DUE') AS state, {fleet} AS fleet_state
    FROM cdr
    LEFT JOIN cdr_payment operators
        ON operators.cpo_id = cdr.cpo_id AND operators.cdr_id = cdr.id AND operators.creditor = 'CPO'
    LEFT JOIN cdr_payment emsps ON emsps.cpo_id = cdr.cpo_id AND emsps.cdr_id = cdr.id AND emsps.creditor = 'EMSP'
    WHERE ({whose}) AND issued_at >= $1 AND issued_at < $2 {own}
    {provider}
)
"""
_RECORDS = {Creditor.CPO: "operators", Creditor.EMSP: "emsps"}
_FLEET = "CASE WHEN cdr.emsp_id = {emsp} THEN coalesce(emsps.state, 'DUE') END"
_PROVIDER = """
    UNION ALL
    SELECT {keys}currency, 'PROVIDER', NULL, NULL, 0, 0, 0,
        (price->>'after_taxes')::numeric, state, NULL
    FROM provider_line WHERE issued_at >= $1 AND issued_at < $2 AND emsp_id = {emsp} {own}"""
_SUMS = """
    count(DISTINCT booking_id) FILTER (WHERE source = 'CDR') AS bookings,
    count(DISTINCT session_id) FILTER (WHERE source = 'CDR') AS sessions,
    count(*) FILTER (WHERE source = 'CDR') AS cdrs,
    coalesce(sum(energy) FILTER (WHERE source = 'CDR'), 0) AS energy,
    coalesce(sum(green_energy) FILTER (WHERE source = 'CDR'), 0) AS green_energy,
    coalesce(sum(before_taxes) FILTER (WHERE source = 'CDR'), 0) AS before_taxes,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'CDR'), 0) AS after_taxes,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'CDR' AND state = 'DUE'), 0) AS due,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'CDR' AND state = 'INVOICED'), 0) AS invoiced,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'CDR' AND state = 'PAID'), 0) AS paid,
    coalesce(sum(after_taxes) FILTER (WHERE fleet_state = 'DUE'), 0) AS fleet_due,
    coalesce(sum(after_taxes) FILTER (WHERE fleet_state = 'INVOICED'), 0) AS fleet_invoiced,
    coalesce(sum(after_taxes) FILTER (WHERE fleet_state = 'PAID'), 0) AS fleet_paid,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'PROVIDER'), 0) AS provider,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'PROVIDER' AND state = 'DUE'), 0) AS provider_due,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'PROVIDER' AND state = 'INVOICED'), 0) AS provider_invoiced,
    coalesce(sum(after_taxes) FILTER (WHERE source = 'PROVIDER' AND state = 'PAID'), 0) AS provider_paid
"""
_LINES = """
SELECT {spelt}currency, {sums} FROM found
GROUP BY {keys}currency HAVING {behind} ORDER BY {keys}currency LIMIT {limit}
"""
_LINES_AND_TOTALS = """,
added AS (
    SELECT {spelt}currency, {sums}, {keys}grouping({first}) = 1 AS whole FROM found
    GROUP BY GROUPING SETS (({keys}currency), (currency))
)
(SELECT * FROM added WHERE NOT whole AND {behind} ORDER BY {keys}currency LIMIT {limit})
UNION ALL (SELECT * FROM added WHERE whole ORDER BY currency LIMIT {most})
ORDER BY whole, {keys}currency
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose statement of what time is asked, and divided by what.

    What is due, invoiced and paid is by the records of `creditor`. With `provider`, what the EMSP adds is a part of
    it, and how all of it stands to its fleets. A fleet is not told the contracts of others.
    """

    holder: Holder
    period: Interval
    groups: Collection[StatementGroup]
    creditor: Creditor
    provider: bool


async def lines(
    connection: Connection, asked: Asked, *, after: tuple[str, ...] | None, limit: int
) -> list[StatementLine]:
    """Return a statement group by group in the order of their keys, from behind `after` on; one statement of SQL.

    What is spelt in several ways is one group, with the first of the spellings.
    """
    values: list[Any] = [asked.period.start, asked.period.end]
    bound = binding(values)
    found, behind = _found(asked, bound), _behind(asked, after, bound)
    statement = found + _LINES.format(behind=behind, limit=bound("{}", limit), **_divided(asked.groups))
    return [_line(row, asked.groups) for row in await connection.fetch(statement, *values)]


async def lines_and_totals(
    connection: Connection, asked: Asked, *, after: tuple[str, ...] | None, limit: int
) -> tuple[list[StatementLine], list[StatementLine]]:
    """Return the same, and what all of it comes to by currency; one statement of SQL."""
    if not asked.groups:
        totals = await lines(connection, asked, after=None, limit=MOST_CURRENCIES)
        return [one for one in totals if after is None or one.key > after][:limit], totals
    values: list[Any] = [asked.period.start, asked.period.end]
    bound = binding(values)
    found, behind = _found(asked, bound), _behind(asked, after, bound)
    _, first = _names(asked.groups)[0]
    most = bound("{}", MOST_CURRENCIES)
    statement = found + _LINES_AND_TOTALS.format(
        behind=behind, first=f"{first}_key", limit=bound("{}", limit), most=most, **_divided(asked.groups)
    )
    rows = await connection.fetch(statement, *values)
    return (
        [_line(row, asked.groups) for row in rows if not row["whole"]],
        [_line(row, ()) for row in rows if row["whole"]],
    )


def _found(asked: Asked, bound: Bound) -> str:
    """Return the beginning of a statement that finds what was issued, each with its groups.

    Its first values are the beginning and the end of the time.
    """
    holder, columns = asked.holder, dict(COLUMNS)
    whose = " OR ".join(f"({one})" for one in whose_rows(holder, "cdr", bound))
    emsp, fleet, own = None, "NULL", ""
    if asked.provider and holder.emsp_id:
        emsp = bound("{}", holder.emsp_id)
        fleet = _FLEET.format(emsp=emsp)
    if holder.contract_ids is not None:
        under, *keys = found_under(holder.contract_ids)
        numbers = [bound("{}", one) for one in keys]
        own = f"AND {under.format(*numbers)}"
        told = f"CASE WHEN contract_key = ANY({numbers[0]}::text[]) THEN {{}} END"
        key, spelt = columns[StatementGroup.CONTRACT]
        columns[StatementGroup.CONTRACT] = told.format(key), told.format(spelt)
    keyed = "".join(
        f"coalesce({columns[group][0]}, '') AS {name}_key, coalesce({columns[group][1]}, '') AS {name}, "
        for group, name in _names(asked.groups)
    )
    added = _PROVIDER.format(keys=keyed, emsp=emsp, own=own) if emsp else ""
    creditor = _RECORDS[asked.creditor]
    return _FOUND.format(keys=keyed, creditor=creditor, fleet=fleet, whose=whose, own=own, provider=added)


def _behind(asked: Asked, after: tuple[str, ...] | None, bound: Bound) -> str:
    """Return the condition that a group is behind those that were read."""
    if after is None:
        return "true"
    keys = [f"{group.value.lower()}_key" if group in asked.groups else "''" for group in StatementGroup]
    return bound(f"({', '.join(keys)}, currency) > ({', '.join(['{}'] * len(after))})", *after)


def _divided(groups: Collection[StatementGroup]) -> dict[str, str]:
    """Return by which columns what was found is divided, and how its groups are spelt."""
    names = [name for _, name in _names(groups)]
    return {
        "keys": "".join(f"{name}_key, " for name in names),
        "spelt": "".join(f'min({name} COLLATE "C") AS {name}, ' for name in names),
        "sums": _SUMS,
    }


def _names(groups: Collection[StatementGroup]) -> list[tuple[StatementGroup, str]]:
    """Return by what is divided, in the order of their keys, and how columns are named for it."""
    return [(group, group.value.lower()) for group in StatementGroup if group in groups]


def _line(row: Any, groups: Collection[StatementGroup]) -> StatementLine:
    shown = {group: row[name] or None for group, name in _names(groups)}
    parts = (f"{of}{name}" for of in ("", "fleet_", "provider_") for name in ("due", "invoiced", "paid"))
    amounts = ("before_taxes", "after_taxes", "provider", *parts)
    return StatementLine(
        vehicle=shown.get(StatementGroup.VEHICLE),
        contract_id=shown.get(StatementGroup.CONTRACT),
        location_id=shown.get(StatementGroup.LOCATION),
        month=shown.get(StatementGroup.MONTH),
        currency=row["currency"],
        bookings=row["bookings"],
        sessions=row["sessions"],
        cdrs=row["cdrs"],
        energy=row["energy"],
        green_energy=row["green_energy"],
        **{name: to_cents(row[name]) for name in amounts},
    )
