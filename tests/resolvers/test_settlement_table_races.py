"""Transactions side by side that store what may be there once: by a rule of the table it is, and without it twice."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from models.db import Connection
from models.queries import cdrs, provider_lines
from models.queries.cdrs import cdr_row
from models.queries.writing import insert
from models.rules.booking import Booking
from models.rules.cdr import Cdr
from models.rules.provider_line import ProviderLine, ProviderLineKind, taken_back
from tests.factories.catalogue import NOW
from tests.models.databases import run
from tests.resolvers.adding import a_share, a_sum, booked_by_fleet, lines, settled, the_site
from tests.resolvers.settling import issued
from tests.world import World

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Settled:
    """A booking, the CDR of its fee and what its EMSP takes; and a CDR that bills nothing and has no share."""

    booking: Booking
    cdr: Cdr
    line: ProviderLine
    share: ProviderLine
    spare: Cdr

    def another(self, which: int, **changes: Any) -> Cdr:
        """Return one more CDR, with an id of its own."""
        return replace(self.cdr, **{"local_id": f"X-{which}", **changes})


Storing = Callable[[Connection, Settled, int], Awaitable[None]]


@pytest.fixture
async def at(world: World) -> Settled:
    """A booking that is settled."""
    await the_site(world, a_sum("0.75"), a_share("10"))
    booking = await booked_by_fleet(world)
    await settled(world)
    (cdr,) = await issued(world)
    by_kind = {one.kind: one for one in await lines(world)}
    spare = replace(cdr, local_id="SPARE")
    async with world.database.transaction() as connection:
        await insert(connection, "cdr", [cdr_row(spare)])
    return Settled(booking, cdr, by_kind[ProviderLineKind.PER_BOOKING], by_kind[ProviderLineKind.MARKUP], spare)


async def same_id(connection: Connection, at: Settled, which: int) -> None:
    await insert(connection, "cdr", [cdr_row(at.another(which, local_id="X", number=which))])


async def same_number(connection: Connection, at: Settled, which: int) -> None:
    await insert(connection, "cdr", [cdr_row(at.another(which, number=7))])


async def same_subject(connection: Connection, at: Settled, which: int) -> None:
    await cdrs.issue(connection, at.booking.id, at.another(which, bill=replace(at.cdr.bill, subject="OTHER")))


async def two_subjects_by_one_cdr(connection: Connection, at: Settled, which: int) -> None:
    cpo_id, cdr_id = at.spare.key
    row = {"holder_id": at.booking.id, "subject": f"OTHER-{which}", "cpo_id": cpo_id, "cdr_id": cdr_id}
    await insert(connection, "billed", [row])


async def same_operator(connection: Connection, at: Settled, which: int) -> None:
    row = {"cpo_id": at.booking.cpo_id, "prefix": f"{which}-", "last_number": 0}
    await insert(connection, "cdr_numbering", [row])


async def same_record(connection: Connection, at: Settled, which: int) -> None:
    cpo_id, cdr_id = at.cdr.key
    noted = {"creditor": "CPO", "state": "INVOICED", "invoice_id": f"INV-{which}", "last_updated": NOW}
    await insert(connection, "cdr_payment", [{"cpo_id": cpo_id, "cdr_id": cdr_id, **noted}])


async def same_booking(connection: Connection, at: Settled, which: int) -> None:
    await provider_lines.add(connection, [replace(at.line, id=uuid4(), revision=9)])


async def share_of_same_cdr(connection: Connection, at: Settled, which: int) -> None:
    await provider_lines.add(connection, [replace(at.share, id=uuid4(), cdr_id=at.spare.local_id)])


async def same_line_taken_back(connection: Connection, at: Settled, which: int) -> None:
    await provider_lines.add(connection, [taken_back(at.line, uuid4(), NOW)])


RULES: dict[str, tuple[str, Storing]] = {
    "cdr_pkey": ("cdr", same_id),
    "cdr_number_once": ("cdr", same_number),
    "billed_pkey": ("billed", same_subject),
    "billed_by": ("billed", two_subjects_by_one_cdr),
    "cdr_numbering_pkey": ("cdr_numbering", same_operator),
    "cdr_payment_pkey": ("cdr_payment", same_record),
    "provider_line_once_a_booking": ("provider_line", same_booking),
    "provider_line_once_on_cdr": ("provider_line", share_of_same_cdr),
    "provider_line_credited_once": ("provider_line", same_line_taken_back),
}


async def side_by_side(world: World, at: Settled, rule: str) -> tuple[BaseException | None, BaseException | None]:
    """Let two transactions, of which neither sees what the other one wrote, store the same; return how they ended."""
    table, store = RULES[rule]
    found = asyncio.Barrier(2)

    async def stores(which: int) -> None:
        async with world.database.transaction() as connection:
            before = await rows(connection, table)
            await found.wait()
            await store(connection, at, which)
            assert await rows(connection, table) > before

    return await asyncio.gather(stores(1), stores(2), return_exceptions=True)


async def rows(connection: Connection, table: str) -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.mark.parametrize("rule", RULES)
async def test_of_two_that_store_what_may_be_there_once_the_table_keeps_one(
    world: World, at: Settled, rule: str
) -> None:
    ended = await side_by_side(world, at, rule)

    (refused,) = [one for one in ended if one is not None]
    assert isinstance(refused, asyncpg.UniqueViolationError)
    assert refused.constraint_name == rule


@pytest.mark.parametrize("rule", RULES)
async def test_without_the_rule_of_the_table_both_would_be_there(
    world: World, at: Settled, dsn: str, rule: str
) -> None:
    table, _ = RULES[rule]
    drop = f"ALTER TABLE {table} DROP CONSTRAINT {rule} CASCADE" if rule.endswith("_pkey") else f"DROP INDEX {rule}"
    await run(dsn, drop)

    assert list(await side_by_side(world, at, rule)) == [None, None]
