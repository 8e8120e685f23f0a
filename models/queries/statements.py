"""Adding up CDRs and providers' lines, by whatever a statement is divided into."""

from collections.abc import Callable, Collection
from typing import Any

from models.db import Connection
from models.queries.concerning import among, found_under, mandated_until
from models.rules.booking_filter import Holder
from models.rules.cdr import Creditor
from models.rules.interval import Interval
from models.rules.statement import StatementGroup, StatementLine, to_cents, vehicle_key
from models.rules.token import contract_key

COLUMNS = {
    StatementGroup.VEHICLE: "license_plate",
    StatementGroup.CONTRACT: "contract_id",
    StatementGroup.LOCATION: "location_id",
    StatementGroup.MONTH: "to_char(issued_at AT TIME ZONE 'UTC', 'YYYY-MM')",
}
SPELT: dict[StatementGroup, Callable[[str], str]] = {
    StatementGroup.VEHICLE: vehicle_key,
    StatementGroup.CONTRACT: contract_key,
}
"""What comes in many spellings, and how two of them are compared."""

_FOUND = """
WITH found AS (
    SELECT {keys}{amounts} FROM cdr {payments}
    WHERE ({whose}) AND issued_at >= $1 AND issued_at < $2
    {provider}
)
"""
_AMOUNTS = """, currency, 'CDR' AS source, booking_id, session_id,
        CASE WHEN credits IS NULL THEN energy ELSE -energy END AS energy,
        CASE WHEN credits IS NULL THEN energy ELSE -energy END * coalesce(green_share, 0) * 0.01 AS green_energy,
        before_taxes, after_taxes, coalesce({creditor}.state, 'DUE') AS state, {fleet} AS fleet_state"""
_PAYMENTS = """
    LEFT JOIN cdr_payment operators
        ON operators.cpo_id = cdr.cpo_id AND operators.cdr_id = cdr.id AND operators.creditor = 'CPO'
    LEFT JOIN cdr_payment emsps ON emsps.cpo_id = cdr.cpo_id AND emsps.cdr_id = cdr.id AND emsps.creditor = 'EMSP'
"""
_RECORDS = {Creditor.CPO: "operators", Creditor.EMSP: "emsps"}
_FLEET = "CASE WHEN cdr.emsp_id = {emsp} THEN coalesce(emsps.state, 'DUE') END"
_PROVIDER = """
    UNION ALL
    SELECT {keys}{amounts} FROM provider_line WHERE issued_at >= $1 AND issued_at < $2"""
_ADDED = """, currency, 'PROVIDER', NULL, NULL, 0, 0,
        (price->>'before_taxes')::numeric, (price->>'after_taxes')::numeric, state, NULL"""
_SPELLINGS = "SELECT DISTINCT vehicle, contract FROM found"
_STATEMENT = """,
keyed AS (
    SELECT *, coalesce({vehicles}::jsonb->>vehicle, vehicle) AS vehicle_key,
        coalesce({contracts}::jsonb->>contract, contract) AS contract_key
    FROM found
)
SELECT min(vehicle COLLATE "C") AS vehicle, min(contract COLLATE "C") AS contract, location, month, currency,
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
FROM keyed
GROUP BY vehicle_key, contract_key, location, month, currency
{having}
ORDER BY vehicle_key, contract_key, location, month, currency
LIMIT {limit}
"""
_BEHIND = "HAVING (vehicle_key, contract_key, location, month, currency) > ({})"


async def lines(
    connection: Connection,
    holder: Holder,
    period: Interval,
    groups: Collection[StatementGroup],
    *,
    creditor: Creditor,
    provider: bool,
    after: tuple[str, ...] | None,
    limit: int,
) -> list[StatementLine]:
    """Return what was issued within `period`, group by group in the order of their keys; at most two statements.

    What is due, invoiced and paid is by the records of `creditor`. With `provider`, what the EMSP adds is a part of
    it, and how all of it stands to its fleets. A fleet is not told the contracts of others. What is spelt in several
    ways is one group, with the first of the spellings; how it is spelt is asked first, in one snapshot.
    """
    keyed, found, values = _found(holder, period, groups, creditor, provider=provider)
    keys = await _keys(connection, keyed, values) if SPELT.keys() & groups else {group: {} for group in SPELT}

    def bound(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    statement = found + _STATEMENT.format(
        vehicles=bound(keys[StatementGroup.VEHICLE]),
        contracts=bound(keys[StatementGroup.CONTRACT]),
        having="" if after is None else _BEHIND.format(", ".join(bound(part) for part in after)),
        limit=bound(limit),
    )
    return [_line(row) for row in await connection.fetch(statement, *values)]


def _found(
    holder: Holder, period: Interval, groups: Collection[StatementGroup], creditor: Creditor, *, provider: bool
) -> tuple[str, str, list[Any]]:
    """Return the beginning of a statement that finds what was issued, each with its groups, and its values.

    Before it is the same without amounts and what became of them, which takes less reading.
    """
    values: list[Any] = [period.start, period.end]

    def bound(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    whose = [
        f"{name} = {bound(party_id)}"
        for name, party_id in (("cdr.cpo_id", holder.cpo_id), ("cdr.emsp_id", holder.emsp_id))
        if party_id is not None
    ]
    if holder.booker is not None:
        booker, now = bound(holder.booker.party_id), bound(holder.booker.now)
        whose.append(f"booker_id = {booker} AND {mandated_until('cdr')} > {now}")
    condition = " OR ".join(f"({one})" for one in whose)
    added, fleet = "", "NULL"
    if provider and holder.emsp_id:
        emsp = bound(holder.emsp_id)
        added, fleet = f"{_PROVIDER} AND emsp_id = {emsp}", _FLEET.format(emsp=emsp)
    columns = dict(COLUMNS)
    if holder.contract_ids is not None:
        asked = found_under(holder.contract_ids)
        numbers = [bound(key) for key in asked[1:]]
        own = asked[0].format(*numbers)
        condition = f"({condition}) AND {own}"
        added = added and f"{added} AND {own}"
        told = among("contract_id", holder.contract_ids)[0].format(*numbers)
        columns[StatementGroup.CONTRACT] = f"CASE WHEN {told} THEN contract_id END"
    keys = ", ".join(
        f"coalesce({column}, '') AS {group.value.lower()}" if group in groups else f"'' AS {group.value.lower()}"
        for group, column in columns.items()
    )
    amounts = _AMOUNTS.format(creditor=_RECORDS[creditor], fleet=fleet)
    keyed, found = (
        _FOUND.format(
            keys=keys, whose=condition, amounts=of, payments=payments, provider=added.format(keys=keys, amounts=more)
        )
        for of, payments, more in (("", "", ""), (amounts, _PAYMENTS, _ADDED))
    )
    return keyed, found, values


async def _keys(connection: Connection, keyed: str, values: list[Any]) -> dict[StatementGroup, dict[str, str]]:
    """Return how each spelling that is compared as another one is compared, by what it is of."""
    rows = await connection.fetch(keyed + _SPELLINGS, *values)
    spelt = {group: {str(row[group.value.lower()]) for row in rows} for group in SPELT}
    return {group: {one: key(one) for one in spelt[group] if key(one) != one} for group, key in SPELT.items()}


def _line(row: Any) -> StatementLine:
    parts = (f"{of}{name}" for of in ("", "fleet_", "provider_") for name in ("due", "invoiced", "paid"))
    amounts = ("before_taxes", "after_taxes", "provider", *parts)
    return StatementLine(
        vehicle=row["vehicle"] or None,
        contract_id=row["contract"] or None,
        location_id=row["location"] or None,
        month=row["month"] or None,
        currency=row["currency"],
        bookings=row["bookings"],
        sessions=row["sessions"],
        cdrs=row["cdrs"],
        energy=row["energy"],
        green_energy=row["green_energy"],
        **{name: to_cents(row[name]) for name in amounts},
    )
