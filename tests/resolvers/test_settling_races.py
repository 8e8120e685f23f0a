"""Workers that settle at one moment, and whose transactions are cut: everything is billed once, without a gap."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal

import asyncpg
import pytest

from models.db import Connection
from models.errors import TryAgain
from models.queries import cdrs
from models.queries.cdrs import cdr_row
from models.queries.writing import insert
from models.rules.bill import BillKind
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.cdr import Cdr, credit_of
from resolvers import bookings, settling
from resolvers.booking_cancel import Cancellation
from resolvers.call import Call
from tests.factories.catalogue import hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.settling import OFFER, Cutting, granted, issued, numbered, open_site, settle
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

WORKERS = 4
BOOKINGS = 30
CUT_EVERY = 5
UNSETTLED = "SELECT count(*) FROM booking WHERE unsettled_at IS NOT NULL"
NUMBERS = "SELECT number FROM cdr ORDER BY number"
TOLD = "SELECT count(*), count(DISTINCT object_id) FROM event WHERE kind = 'CDR_ISSUED'"
BILLED = "SELECT count(*) FROM billed"
EVERYTHING = "SELECT (SELECT count(*) FROM cdr), (SELECT count(*) FROM billed), (SELECT count(*) FROM event)"


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site where a booking costs something."""
    await open_site(world)


async def booked_all_day(world: World) -> list[Booking]:
    """Return so many bookings of either charger by turns, one behind the other."""
    return [
        await booked(world, OFFER, hours(8 + number // 2, 9 + number // 2), evse_id=(E1, E2)[number % 2])
        for number in range(BOOKINGS)
    ]


async def canceled(world: World, one: Booking) -> None:
    """Let the holder cancel a booking, early enough for nothing."""
    wanted = Cancellation(one.object_id, CanceledReason.TRAFFIC)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)


async def settled_in_spite_of_cuts(call: Call) -> None:
    """Do a worker's round; what was cut is left to the next one."""
    try:
        await settling.settle(call)
    except TryAgain:
        return


async def settled_by_all(world: World, dsn: str, every: int) -> int:
    """Let workers settle at once until nothing is left, some of their transactions cut; return how many were cut."""
    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, WORKERS, stack)
        cutting = [replace(call, database=Cutting(call.database, every)) for call in calls]
        while await run(dsn, UNSETTLED) != [(0,)]:
            await asyncio.gather(*(settled_in_spite_of_cuts(call) for call in cutting))
        databases = [call.database for call in cutting]
    return sum(one.written // every for one in databases if isinstance(one, Cutting))


async def test_numbers_have_no_gap_and_no_double_however_many_settle_and_whatever_is_cut(
    world: World, dsn: str
) -> None:
    await numbered(world)
    made = await booked_all_day(world)

    cut = await settled_by_all(world, dsn, CUT_EVERY)
    for one in made[::3]:
        await canceled(world, one)
    await numbered(world, "B-")
    cut += await settled_by_all(world, dsn, CUT_EVERY)

    credits = len(made[::3])
    assert cut > 0
    assert await run(dsn, NUMBERS) == [(number,) for number in range(1, BOOKINGS + credits + 1)]
    assert await run(dsn, TOLD) == [(BOOKINGS + credits, BOOKINGS + credits)]
    found = await issued(world)
    assert {one.local_id for one in found if one.credit} == {
        f"B-{number:09}" for number in range(BOOKINGS + 1, BOOKINGS + credits + 1)
    }
    assert {one.local_id for one in found if not one.credit} == {f"A-{n:09}" for n in range(1, BOOKINGS + 1)}
    assert sum(one.total.before_taxes for one in found) == Decimal("2.50") * (BOOKINGS - credits)


async def test_four_workers_bill_one_booking_once_and_credit_it_once(world: World, dsn: str) -> None:
    one = await booked(world, OFFER)

    await asyncio.gather(*(settle(world) for _ in range(WORKERS)))
    await canceled(world, one)
    done = await asyncio.gather(*(settle(world) for _ in range(WORKERS)))

    assert sum(done) == 1
    assert sorted(each.total.before_taxes for each in await issued(world)) == [Decimal("-2.50"), Decimal("2.50")]
    assert await run(dsn, BILLED) == [(0,)]


async def test_what_is_cut_right_before_it_is_committed_bills_nothing_and_the_next_round_bills_once(
    world: World, dsn: str
) -> None:
    await numbered(world)
    await booked(world, OFFER)
    before = await run(dsn, EVERYTHING)
    sound = by_worker(world)

    with pytest.raises(TryAgain):
        await settling.settle(replace(sound, database=Cutting(world.database, every=1)))
    assert await run(dsn, EVERYTHING) == before

    assert await settle(world) == 1
    assert await settle(world) == 0
    assert [(one.kind, one.number) for one in await issued(world)] == [(BillKind.BOOKING, 1)]


def crediting(one: Cdr, number: int) -> Cdr:
    """Return a credit of a CDR with a number of its own."""
    return credit_of(one, number, f"X-{number}", one.issued_at, "Twice.")


async def side_by_side(world: World, one: Cdr) -> tuple[BaseException | None, BaseException | None]:
    """Let two transactions, neither of which locks what was billed, credit one CDR; return how they ended."""
    found = asyncio.Barrier(2)

    async def credits(number: int) -> None:
        async with world.database.transaction() as connection:
            assert await _credits(connection, one) == 0
            await found.wait()
            await insert(connection, "cdr", [cdr_row(crediting(one, number))])

    return await asyncio.gather(credits(1), credits(2), return_exceptions=True)


async def _credits(connection: Connection, one: Cdr) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM cdr WHERE credits = $1", one.local_id))


async def test_without_the_lock_of_the_booking_the_table_keeps_to_one_credit(world: World, dsn: str) -> None:
    await granted(world)
    (one,) = await issued(world)

    ended = await side_by_side(world, one)

    (refused,) = [each for each in ended if each is not None]
    assert isinstance(refused, asyncpg.UniqueViolationError)
    assert refused.constraint_name == "cdr_credited_once"
    assert len(await issued(world, credits=True)) == 1


async def test_without_the_rule_of_the_table_there_would_be_two(world: World, dsn: str) -> None:
    await granted(world)
    (one,) = await issued(world)
    await run(dsn, "DROP INDEX cdr_credited_once")

    assert list(await side_by_side(world, one)) == [None, None]
    assert len(await issued(world, credits=True)) == 2


async def test_what_bills_nothing_any_more_cannot_be_credited_even_without_that_rule(world: World, dsn: str) -> None:
    booking = await granted(world)
    (one,) = await issued(world)
    await run(dsn, "DROP INDEX cdr_credited_once")
    async with world.database.transaction() as connection:
        await cdrs.issue(connection, booking.id, crediting(one, 1))

    with pytest.raises(RuntimeError, match="bills nothing"):
        async with world.database.transaction() as connection:
            await cdrs.issue(connection, booking.id, crediting(one, 2))

    assert len(await issued(world, credits=True)) == 1


@pytest.mark.parametrize(
    "change", ["UPDATE cdr SET after_taxes = 0", "UPDATE cdr SET remark = NULL", "DELETE FROM cdr"]
)
async def test_nobody_changes_a_cdr_or_takes_it_away(world: World, dsn: str, change: str) -> None:
    await granted(world)
    before = await issued(world)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="stays as it is; credit it") as refused:
        await run(dsn, change)

    assert refused.value.constraint_name == "cdr_immutable"
    assert await issued(world) == before
