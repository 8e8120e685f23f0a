"""The books of a simulated day: what was billed, by plain SQL, and what each party is shown of it, by the API."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

import asyncpg

from benchmarks.day_ledger_exports import Cells, Reconciled, exported, payments, reconciled, told
from benchmarks.day_log import Log, Told
from benchmarks.day_plan import FLEETS, PROVIDERS, Plan
from benchmarks.day_tables import Row, Tables
from tests.server.served import Served

CDRS = """
SELECT cpo_id || '*' || id AS id, number, kind, booking_id, session_id, emsp_id, contract_ids, contract_id,
    license_plate, location_id, lower(during) AS start, upper(during) AS "end", currency, before_taxes, after_taxes,
    total, lines, energy, place ->> 'green_share' AS green, cpo_id || '*' || credits AS credits, issued_at, revision,
    place ->> 'name' AS location_name, place ->> 'evse_id' AS evse_id
FROM cdr ORDER BY issued_at, number, id
"""
LINES = """
SELECT id, emsp_id, kind, fee_id, contract_ids, contract_id, license_plate, location_id, booking_id,
    cpo_id || '*' || cdr_id AS cdr_id, month, currency, price, credits, state, invoice_id, issued_at
FROM provider_line ORDER BY issued_at, id
"""
BILLED = "SELECT cpo_id || '*' || cdr_id AS cdr_id FROM billed"
NUMBERING = "SELECT prefix, last_number FROM cdr_numbering"
STORED = """
SELECT 'cdr ' || id, md5(cdr::text) FROM cdr
UNION ALL
SELECT 'line ' || id, md5((to_jsonb(line) - 'state' - 'invoice_id')::text) FROM provider_line line
"""
TAMPERING = (
    "UPDATE cdr SET after_taxes = 0, total = '{}'",
    "UPDATE cdr SET remark = 'Never mind.'",
    "UPDATE cdr SET issued_at = issued_at - interval '1 day'",
    "DELETE FROM cdr",
)
GROUPS = ("VEHICLE", "CONTRACT", "LOCATION", "MONTH")
GROUPINGS = tuple(chosen for size in range(len(GROUPS) + 1) for chosen in combinations(GROUPS, size))
CALLERS = {
    "cpo": "NL*ABC",
    "other_cpo": "DE*XYZ",
    **PROVIDERS,
    **dict.fromkeys(FLEETS, "NL*EMS"),
    "nsp": "DE*NAV",
    "nap": "CH*NAP",
}
OWING = tuple(name for name in CALLERS if name not in ("nsp", "nap"))
LINE = """
vehicle contractId locationId month currency bookings sessions cdrs energy greenEnergy beforeTaxes afterTaxes due
invoiced paid fleetDue fleetInvoiced fleetPaid providerAfterTaxes providerDue providerInvoiced providerPaid
"""
STATEMENT = f"""
query ($period: PeriodInput!, $groupBy: [StatementGroup!], $after: String) {{
  statement(period: $period, groupBy: $groupBy, first: 500, after: $after) {{
    lines {{ edges {{ node {{ {LINE} }} }} pageInfo {{ hasNextPage endCursor }} }} totals {{ {LINE} }}
  }}
}}
"""
SHOWN = """
query ($after: String) { cdrs(first: 500, after: $after) {
  edges { node { id providerLines { id } } } pageInfo { hasNextPage endCursor }
} }
"""
SHOWN_LINES = """
query ($after: String) { providerLines(first: 500, after: $after) {
  edges { node { id } } pageInfo { hasNextPage endCursor }
} }
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one caller is shown: CDRs with the providers' lines beside each, such lines, and statements by grouping.

    What it is refused is None.
    """

    cdrs: Mapping[str, Sequence[str]] | None
    lines: Sequence[str] | None
    statements: Mapping[tuple[str, ...], tuple[Sequence[Told], Sequence[Told]]]


@dataclass(frozen=True, slots=True)
class Books:
    """All of a day, and what was billed of it. `tampered` is what the database let somebody do to what is billed.

    `csv` is what each caller is given of CDRs, `payments` what was noted of them by whom, `told` of which a provider
    is told, `reconciled` how an invoice of them compares.
    """

    plan: Plan
    log: Log
    tables: Tables
    cdrs: Sequence[Row]
    lines: Sequence[Row]
    billed: Sequence[str]
    numbering: tuple[str, int] | None
    stored: Mapping[str, str]
    tampered: Sequence[str]
    shown: Mapping[str, Shown]
    csv: Mapping[str, Sequence[Cells]]
    payments: Mapping[tuple[str, str], tuple[str, str]]
    told: Sequence[str]
    reconciled: Sequence[Reconciled]

    @property
    def standing(self) -> list[Row]:
        """The CDRs that bill something now."""
        credited = {one["credits"] for one in self.cdrs}
        return [one for one in self.cdrs if one["credits"] is None and one["id"] not in credited]

    @property
    def standing_lines(self) -> list[Row]:
        """The providers' lines that were not taken back."""
        credited = {one["credits"] for one in self.lines}
        return [one for one in self.lines if one["credits"] is None and one["id"] not in credited]


async def books(target: Served, plan: Plan, log: Log, tables: Tables) -> Books:
    """Read the books of a day that is over."""
    connection = await asyncpg.connect(target.dsn)
    try:
        await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        numbering = await connection.fetchrow(NUMBERING)
        cdrs = [_row(one) for one in await connection.fetch(CDRS)]
        return Books(
            plan=plan,
            log=log,
            tables=tables,
            cdrs=cdrs,
            lines=[_row(one) for one in await connection.fetch(LINES)],
            billed=[one["cdr_id"] for one in await connection.fetch(BILLED)],
            numbering=(numbering["prefix"], numbering["last_number"]) if numbering else None,
            stored={one[0]: one[1] for one in await connection.fetch(STORED)},
            tampered=[one for one in TAMPERING if await _may(connection, one)],
            shown={caller: await _shown(target, caller, log) for caller in CALLERS},
            csv={caller: await exported(target, caller) for caller in CALLERS},
            payments=await payments(target),
            told=await told(target, cdrs),
            reconciled=await reconciled(target, cdrs, _ever(target.world.now)),
        )
    finally:
        await connection.close()


async def _may(connection: Any, statement: str) -> bool:
    """Whether the database would do something to what is billed; it is not left done."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
    except asyncpg.IntegrityConstraintViolationError:
        return False
    else:
        return True
    finally:
        await transaction.rollback()


async def _shown(target: Served, caller: str, log: Log) -> Shown:
    cdrs = await _paged(target, caller, SHOWN, "cdrs")
    lines = await _paged(target, caller, SHOWN_LINES, "providerLines")
    return Shown(
        cdrs=None if cdrs is None else {one["id"]: [each["id"] for each in one["providerLines"]] for one in cdrs},
        lines=None if lines is None else [one["id"] for one in lines],
        statements={one: await _statement(target, caller, one) for one in GROUPINGS} if caller in OWING else {},
    )


async def _statement(target: Served, caller: str, groups: tuple[str, ...]) -> tuple[Sequence[Told], Sequence[Told]]:
    totals: list[Sequence[Told]] = []

    def part(data: Told) -> Told:
        totals.append(data["statement"]["totals"])
        found: Told = data["statement"]["lines"]
        return found

    lines = await _pages(target, caller, STATEMENT, part, period=_ever(target.world.now), groupBy=list(groups))
    if lines is None:
        raise RuntimeError(f"{caller} was given no statement by {groups}")
    return lines, totals[0]


def _ever(now: datetime) -> Told:
    return {"startDateTime": "2026-11-30T00:00:00Z", "endDateTime": now.replace(year=now.year + 1).isoformat()}


async def _paged(target: Served, caller: str, document: str, root: str) -> list[Told] | None:
    def part(data: Told) -> Told:
        found: Told = data[root]
        return found

    return await _pages(target, caller, document, part)


async def _pages(target: Served, caller: str, document: str, part: Any, **variables: Any) -> list[Told] | None:
    """Return the items of all pages; None if that is not for the caller."""
    found: list[Told] = []
    after: str | None = None
    while True:
        answer = (await target.ask(document, caller, after=after, **variables)).json()
        if "errors" in answer:
            if {one["extensions"]["code"] for one in answer["errors"]} == {"FORBIDDEN"}:
                return None
            raise RuntimeError(f"{caller} {document}: {answer['errors']}")
        page = part(answer["data"])
        found.extend(edge["node"] for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def _row(record: Any) -> Row:
    return {name: str(value) if type(value).__name__ == "UUID" else value for name, value in record.items()}
