"""How CDRs and statements are read: each by GraphQL, and by the one statement of SQL that one would write for it.

That finds a fleet's rows by the same index, compares nothing more, and adds up in one go what is spelt alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from benchmarks.settling_year import BEGIN, MONTH, MONTHS, fleets, operators
from models.db import Database
from models.rules.interval import Interval
from models.rules.role import Role
from models.tables.columns import ONLY_CONTRACT
from resolvers import parties
from schema.build import schema
from schema.pages import to_cursor
from tests.factories.catalogue import NOW
from tests.world import World

MONEY = "{ beforeTaxes taxes { percentage amount } afterTaxes }"
CDRS = f"""
query ($first: Int!, $after: String, $contractId: String, $states: [PaymentState!]) {{
  cdrs(first: $first, after: $after, contractId: $contractId, states: $states) {{
    edges {{ node {{
      id number kind credit creditReferenceId creditedBy currency total {MONEY}
      lines {{ kind tariffId quantity unitPrice vat price {{ beforeTaxes afterTaxes }} }}
      bookingId sessionId period {{ startDateTime endDateTime }} energy contractId licensePlate
      location {{ id name city }} issuedAt state invoiceId
    }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
LINES = """
query ($first: Int!) {
  providerLines(first: $first) {
    edges { node { id kind feeId name contractId cdrId price { currency beforeTaxes afterTaxes } state issuedAt } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CSV = "query ($first: Int!) { cdrsCsv(first: $first) { text cursor hasNext } }"
SUMS = (
    "currency bookings sessions cdrs energy greenEnergy beforeTaxes afterTaxes due invoiced paid providerAfterTaxes"
)
STATEMENT = f"""
query ($period: PeriodInput!, $groupBy: [StatementGroup!]) {{
  statement(period: $period, groupBy: $groupBy, first: 500) {{
    lines {{ edges {{ node {{ vehicle contractId month {SUMS} }} }} pageInfo {{ hasNextPage }} }}
    totals {{ {SUMS} }}
  }}
}}
"""
BARE_STATEMENT = """
SELECT {groups}, currency, count(DISTINCT booking_id), count(DISTINCT session_id), count(*),
    sum(CASE WHEN credits IS NULL THEN energy ELSE -energy END), sum(before_taxes), sum(after_taxes),
    sum(after_taxes) FILTER (WHERE state IS NULL), sum(after_taxes) FILTER (WHERE state = 'INVOICED'),
    sum(after_taxes) FILTER (WHERE state = 'PAID')
FROM cdr LEFT JOIN cdr_payment payment
    ON payment.cpo_id = cdr.cpo_id AND payment.cdr_id = cdr.id AND payment.creditor = '{creditor}'
WHERE {whose} AND issued_at >= ${start} AND issued_at < ${end}
GROUP BY {groups}, currency ORDER BY {groups}, currency LIMIT 501
"""
GROUPS = {
    "VEHICLE": "license_plate",
    "CONTRACT": "contract_id",
    "MONTH": "to_char(issued_at AT TIME ZONE 'UTC', 'YYYY-MM')",
}
PAYMENT = "SELECT FROM cdr_payment p WHERE p.cpo_id = cdr.cpo_id AND p.cdr_id = cdr.id AND p.creditor = 'CPO'"
UNDER = f"emsp_id = $1 AND {ONLY_CONTRACT} = $2"
LARGEST = """
SELECT contract_ids[1] FROM cdr WHERE emsp_id = $1 AND contract_ids[1] LIKE 'DE-%'
GROUP BY 1 ORDER BY count(*) {order}, 1 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and by which condition with which values one would find what is theirs."""

    name: str
    secret: str
    whose: str
    values: tuple[Any, ...]
    creditor: str = "CPO"


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that is read: by GraphQL, and bare."""

    name: str
    reader: Reader
    document: str
    variables: dict[str, Any]
    bare: str
    values: tuple[Any, ...] = field(default=())

    async def executed(self, world: World) -> dict[str, Any]:
        """Read it by GraphQL; return the answer as values."""
        world.secrets[self.reader.name] = self.reader.secret
        context = world.context(self.reader.name)
        result = await schema.execute(self.document, variable_values=self.variables, context_value=context)
        if result.errors or result.data is None:
            raise RuntimeError(f"{self.name} came to {result.errors}")
        return result.data

    async def asked(self, bare: "asyncpg.Connection[asyncpg.Record]") -> int:
        """Ask the one statement; return how many rows there are."""
        return len(await bare.fetch(self.bare, *self.reader.values, *self.values))


async def readers(database: Database, bare: "asyncpg.Connection[asyncpg.Record]") -> list[Reader]:
    """Return the largest EMSP and operator, and the smallest and largest fleet of that EMSP, with API tokens."""
    emsp_id, cpo_id = fleets()[0].emsp_id, operators()[0]
    found = [
        Reader("the EMSP", await _token(database, emsp_id, Role.EMSP), "emsp_id = $1", (emsp_id,)),
        Reader("the operator", await _token(database, cpo_id, Role.CPO), "cdr.cpo_id = $1", (cpo_id,)),
    ]
    for name, order in (("a small fleet", "ASC"), ("a large fleet", "DESC")):
        contract = await bare.fetchval(LARGEST.format(order=order), emsp_id)
        secret = await _token(database, emsp_id, Role.TO, contract)
        found.append(Reader(name, secret, UNDER, (emsp_id, contract.replace("-", "")), "EMSP"))
    return found


async def reads(bare: "asyncpg.Connection[asyncpg.Record]", one: Reader) -> list[Read]:
    """Return what a reader reads: pages, statements, CSV; what only an EMSP asks for as well."""
    number = len(one.values)
    page = f"SELECT * FROM cdr WHERE {one.whose}{{}} ORDER BY issued_at, position LIMIT {{}}"
    behind = f" AND (issued_at, position) > (${number + 1}, ${number + 2})"
    many = await bare.fetchval(f"SELECT count(*) FROM cdr WHERE {one.whose}", *one.values)
    place = (
        f"SELECT issued_at, position FROM cdr WHERE {one.whose} "
        f"ORDER BY issued_at, position OFFSET {many * 9 // 10} LIMIT 1"
    )
    ((moment, position),) = await bare.fetch(place, *one.values)
    deep = {"first": 100, "after": to_cursor((moment.isoformat(), str(position)))}
    found = [
        Read("first page", one, CDRS, {"first": 100}, page.format("", 101)),
        Read(f"page behind {many * 9 // 10:,}", one, CDRS, deep, page.format(behind, 101), (moment, position)),
        Read("page of CSV", one, CSV, {"first": 500}, page.format("", 501)),
        _statement(one, "month by vehicle", ("VEHICLE", "MONTH"), MONTHS - 1),
        _statement(one, "year by contract", ("CONTRACT",), 0),
    ]
    if one.whose.startswith("emsp_id = $1"):
        lines = f"SELECT * FROM provider_line WHERE {one.whose} ORDER BY issued_at, id LIMIT 101"
        found.append(Read("page of lines added", one, LINES, {"first": 100}, lines))
    if one.whose == "emsp_id = $1":
        found += _asked_by_emsp(one, page)
    return found


def _asked_by_emsp(one: Reader, page: str) -> Iterator[Read]:
    contract = fleets()[0].contract_id
    of_one = page.format(" AND contract_key = $2", 101)
    wanted = {"first": 100, "contractId": contract}
    yield Read("page of a contract", one, CDRS, wanted, of_one, (contract.replace("-", ""),))
    due = page.format(f" AND NOT EXISTS ({PAYMENT})", 101)
    yield Read("page of what is due", one, CDRS, {"first": 100, "states": ["DUE"]}, due)


def _statement(one: Reader, name: str, groups: tuple[str, ...], first: int) -> Read:
    period = Interval(BEGIN + first * MONTH, NOW)
    number = len(one.values)
    columns = ", ".join(GROUPS[group] for group in groups)
    bare = BARE_STATEMENT.format(
        groups=columns, creditor=one.creditor, whose=one.whose, start=number + 1, end=number + 2
    )
    variables = {"period": _input(period.start, period.end), "groupBy": list(groups)}
    return Read(name, one, STATEMENT, variables, bare, (period.start, period.end))


def _input(start: datetime, end: datetime) -> dict[str, str]:
    return {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()}


async def _token(database: Database, party_id: str, role: Role, *contract_ids: str) -> str:
    return await parties.create_token(database, party_id, role, NOW, contract_ids=contract_ids)
