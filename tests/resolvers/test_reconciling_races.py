"""An invoice that is received twice at once: the lines of one receipt stay, and none of the other."""

import asyncio
from decimal import Decimal

import asyncpg
import pytest

from models.queries import invoices as stored
from models.rules.reconciliation import InvoiceLine
from resolvers import reconciling
from resolvers.reconciling import Invoice
from tests.factories.catalogue import NOW, at
from tests.models.databases import run
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

AT_ONCE = 8
DEADLINE = 10.0
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
LINES = "SELECT given_cdr_id FROM invoice_line ORDER BY 1"
OURS = ("NL*EMS", "NL*ABC", "INV-1")


def lines(name: str, number: int) -> tuple[InvoiceLine, ...]:
    """Return so many lines that tell by whose receipt they are there."""
    return tuple(InvoiceLine(f"{name}-{one}", Decimal(1), "EUR") for one in range(number))


def given(name: str, number: int) -> list[tuple[str]]:
    """Return what is stored of those lines."""
    return [(one.cdr_id,) for one in lines(name, number)]


async def receive(world: World, name: str, number: int, invoice_id: str = "INV-1") -> None:
    await reconciling.reconcile(await world.call("emsp"), a_key(), Invoice("NL*ABC", invoice_id, lines(name, number)))


async def somebody_waits(dsn: str) -> None:
    async with asyncio.timeout(DEADLINE):
        while await ask(dsn, WAITING) == 0:
            pass


@pytest.mark.parametrize("known", [False, True])
async def test_of_many_receipts_at_once_the_lines_of_one_stay(world: World, dsn: str, known: bool) -> None:
    if known:
        await receive(world, "before", 5)

    receipts = {f"r{number}": 1 + number % 4 for number in range(AT_ONCE)}
    spelled = ("INV-1", "inv-1")
    await asyncio.gather(*(receive(world, name, many, spelled[many % 2]) for name, many in receipts.items()))

    found = await run(dsn, LINES)
    assert found in [given(name, many) for name, many in receipts.items()]
    assert await run(dsn, "SELECT lines, first_received_at FROM invoice") == [(len(found), NOW)]


@pytest.mark.parametrize("known", [False, True])
async def test_a_receipt_waits_for_another_of_the_same_invoice_and_takes_its_lines_away(
    world: World, dsn: str, known: bool
) -> None:
    if known:
        await receive(world, "before", 5)

    async with world.database.transaction() as connection:
        await stored.put(connection, *OURS, lines("one", 3), at(7))
        other = asyncio.create_task(receive(world, "other", 2))
        await somebody_waits(dsn)
        assert not other.done()
    await other

    assert await run(dsn, LINES) == given("other", 2)
    first = NOW if known else at(7)
    assert await run(dsn, "SELECT lines, first_received_at, received_at FROM invoice") == [(2, first, at(7))]


async def side_by_side(world: World, dsn: str) -> BaseException | None:
    """Let two transactions store lines of an invoice without its row, and return how the second one ended."""

    async def second() -> None:
        async with world.database.transaction() as connection:
            await stored.replace_lines(connection, *OURS, lines("other", 2))

    await receive(world, "before", 5)
    async with world.database.transaction() as connection:
        await stored.replace_lines(connection, *OURS, lines("one", 3))
        other = asyncio.create_task(second())
        await somebody_waits(dsn)
    (ended,) = await asyncio.gather(other, return_exceptions=True)
    return ended


async def test_without_the_row_of_the_invoice_the_table_refuses_the_lines_of_a_second(world: World, dsn: str) -> None:
    refused = await side_by_side(world, dsn)

    assert isinstance(refused, asyncpg.UniqueViolationError)
    assert refused.constraint_name == "invoice_line_pkey"
    assert await run(dsn, LINES) == given("one", 3)


async def test_without_the_rule_of_the_table_there_would_be_lines_of_both(world: World, dsn: str) -> None:
    await run(dsn, "ALTER TABLE invoice_line DROP CONSTRAINT invoice_line_pkey")

    assert await side_by_side(world, dsn) is None

    assert await run(dsn, LINES) == given("one", 3) + given("other", 2)
