"""Lines of EMSPs, with many workers at once and transactions that are cut: each is issued and taken back once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from models.db import Connection, Database
from models.errors import TryAgain
from models.queries import provider_fees
from models.queries import provider_lines as stored
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.payment import Payment, PaymentState, invoiced_on
from models.rules.provider_line import monthly
from resolvers import provider_lines, settling
from resolvers.call import Call
from tests.factories.catalogue import hours
from tests.models.databases import run
from tests.resolvers.adding import (
    CHARGERS,
    a_month,
    a_share,
    a_sum,
    booked_by_fleet,
    canceled,
    lines,
    months_taken,
    publish,
    settled,
    taken,
    the_site,
)
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.settling import Cutting
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

WORKERS = 4
CUT_EVERY = 3
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
UNSETTLED = "SELECT count(*) FROM booking WHERE unsettled_at IS NOT NULL"
UNTAKEN = "SELECT count(*) FROM provider_fee WHERE per_month > 0 AND taken_until IS NULL"
BY_KIND = """
SELECT kind, count(*) FILTER (WHERE credits IS NULL), count(*) FILTER (WHERE credits IS NOT NULL),
    sum((price->>'before_taxes')::numeric)
FROM provider_line GROUP BY kind ORDER BY kind
"""
EVERYTHING = "SELECT (SELECT count(*) FROM provider_line), (SELECT array_agg(taken_until) FROM provider_fee)"
Duty = Callable[[Call], Awaitable[int]]


async def in_spite_of_cuts(duty: Duty, call: Call) -> None:
    """Do a worker's round; what was cut is left to the next one."""
    try:
        await duty(call)
    except TryAgain:
        return


async def by_all(world: World, dsn: str, duty: Duty, left: str, every: int = CUT_EVERY) -> int:
    """Let workers do a duty at once until nothing is left, some transactions cut; return how many were cut."""
    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, WORKERS, stack)
        cutting = [Cutting(call.database, every) for call in calls]
        while await run(dsn, left) != [(0,)]:
            rounds = zip(calls, cutting, strict=True)
            await asyncio.gather(*(in_spite_of_cuts(duty, replace(call, database=one)) for call, one in rounds))
    return sum(one.written // every for one in cutting)


async def all_day(world: World) -> list[Booking]:
    """Return bookings of four chargers for three hours."""
    return [
        await booked_by_fleet(world, hours(hour, hour + 1), evse_id) for hour in (10, 11, 12) for evse_id in CHARGERS
    ]


async def test_four_workers_whose_transactions_are_cut_add_and_take_back_each_line_once(
    world: World, dsn: str
) -> None:
    await the_site(world, a_sum("0.75"), a_share("10"))
    made = await all_day(world)

    cut = await by_all(world, dsn, settling.settle, UNSETTLED)
    assert await run(dsn, BY_KIND) == [
        ("MARKUP", 12, 0, Decimal("3.0000")),
        ("PER_BOOKING", 12, 0, Decimal("9.0000")),
    ]
    for one in made[::2]:
        await canceled(world, one, "cpo", CanceledReason.FULL)
    cut += await by_all(world, dsn, settling.settle, UNSETTLED)

    assert cut > 0
    assert await run(dsn, BY_KIND) == [
        ("MARKUP", 12, 6, Decimal("1.5000")),
        ("PER_BOOKING", 12, 6, Decimal("4.5000")),
    ]


async def test_what_is_cut_before_it_is_committed_adds_nothing_and_the_next_round_adds_it_once(
    world: World, dsn: str
) -> None:
    await the_site(world, a_sum("0.75"), a_month("9.90"))
    await booked_by_fleet(world)
    before = await run(dsn, EVERYTHING)

    for moment, duty in ((world.now, settling.settle), (NEW_YEAR, provider_lines.take_months)):
        world.later(moment)
        with pytest.raises(TryAgain):
            await duty(replace(by_worker(world), database=Cutting(world.database, every=1)))
    assert await run(dsn, EVERYTHING) == before

    assert [await settled(world), await months_taken(world)] == [1, 1]
    assert [await settled(world), await months_taken(world)] == [0, 0]
    assert {(kind, amount) for kind, _, amount, _ in await taken(dsn)} == {
        ("PER_BOOKING", Decimal("0.75")),
        ("MONTHLY", Decimal("9.90")),
    }
    assert len(await taken(dsn)) == 2


async def test_a_fee_that_changes_while_bookings_are_settled_is_taken_of_each_once(world: World, dsn: str) -> None:
    await the_site(world, a_sum("1"))
    await all_day(world)

    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, WORKERS, stack)
        await asyncio.gather(
            *(settling.settle(call) for call in calls), publish(world, a_sum("2")), publish(world, a_sum("3", "NEW"))
        )
    await run(dsn, "UPDATE booking SET unsettled_at = $1", world.now)
    await settled(world)

    found = await run(
        dsn, "SELECT count(*) FILTER (WHERE fee_id = 'SERVICE'), count(DISTINCT booking_id) FROM provider_line"
    )
    assert found == [(12, 12)]
    twice = "SELECT 1 FROM provider_line GROUP BY booking_id, fee_id HAVING count(*) > 1"
    assert await run(dsn, twice) == []


async def test_four_workers_take_a_month_of_each_emsp_once(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"), a_month("5", "MORE"))
    await publish(world, a_month("7"), caller="other_emsp")
    await all_day(world)
    world.later(NEW_YEAR)

    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, WORKERS, stack)
        done = await asyncio.gather(*(provider_lines.take_months(call) for call in calls))

    assert sum(done) == 2
    assert await run(dsn, BY_KIND) == [("MONTHLY", 2, 0, Decimal("14.9000"))]
    assert await run(dsn, UNTAKEN) == [(0,)]


async def test_months_that_are_cut_are_taken_once_in_the_end(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await publish(world, a_month("7"), caller="other_emsp")
    await booked_by_fleet(world)
    world.later(NEW_YEAR)

    await by_all(world, dsn, provider_lines.take_months, UNTAKEN, every=2)

    assert await run(dsn, BY_KIND) == [("MONTHLY", 1, 0, Decimal("9.9000"))]


async def test_a_worker_and_an_emsp_that_changes_its_fee_take_the_month_once(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world)
    world.later(NEW_YEAR)

    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, WORKERS, stack)
        await asyncio.gather(
            *(provider_lines.take_months(call) for call in calls),
            *(publish(world, a_month(str(amount))) for amount in (50, 60)),
        )
    await months_taken(world)

    assert await run(dsn, BY_KIND) == [("MONTHLY", 1, 0, Decimal("9.9000"))]


async def test_while_an_emsp_changes_its_fees_a_worker_comes_again(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await booked_by_fleet(world)
    world.later(NEW_YEAR)

    async with world.database.transaction() as connection:
        await provider_fees.own(connection, "NL*EMS")
        assert await months_taken(world) == 0
    assert await months_taken(world) == 1

    assert await run(dsn, BY_KIND) == [("MONTHLY", 1, 0, Decimal("9.9000"))]


async def side_by_side(world: World) -> tuple[BaseException | None, BaseException | None]:
    """Let two transactions that both found a month untaken take it, and return how they ended."""
    found = asyncio.Barrier(2)

    async def takes() -> None:
        async with world.database.transaction() as connection:
            ((fee, _),) = await provider_fees.untaken(connection, "NL*EMS", NEW_YEAR)
            await found.wait()
            line = monthly(fee, FLEET_CONTRACT, "2026-12", uuid4(), NEW_YEAR)
            assert line is not None
            await stored.add(connection, [line])

    return await asyncio.gather(takes(), takes(), return_exceptions=True)


async def test_without_the_lock_the_table_keeps_a_month_to_one_line(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))

    ended = await side_by_side(world)

    (refused,) = [one for one in ended if one is not None]
    assert isinstance(refused, asyncpg.UniqueViolationError)
    assert refused.constraint_name == "provider_line_once_a_month"
    assert len(await taken(dsn)) == 1


async def test_without_the_rule_of_the_table_there_would_be_two(world: World, dsn: str) -> None:
    await the_site(world, a_month("9.90"))
    await run(dsn, "DROP INDEX provider_line_once_a_month")

    ended = await side_by_side(world)

    assert list(ended) == [None, None]
    assert len(await taken(dsn)) == 2


async def test_a_booking_that_is_settled_by_hand_twice_is_given_its_lines_once(world: World) -> None:
    await the_site(world, a_sum("0.75"))
    one = await booked_by_fleet(world)

    async def first_time(connection: Connection) -> bool:
        return await stored.settle_once(connection, one.location_id, one.id, world.now)

    database: Database = world.database
    came = await asyncio.gather(*(database.write(first_time) for _ in range(WORKERS)))

    assert sorted(came) == [False, False, False, True]


async def noted_side_by_side(world: World, *, locked: bool) -> list[bool]:
    """Let two transactions put the line of a booking on an invoice each if it is due; return whether they did."""
    (line,) = await lines(world)
    both = asyncio.Barrier(2)

    async def notes(invoice_id: str) -> bool:
        async with world.database.transaction() as connection:
            await both.wait()
            if locked:
                await stored.lock(connection, line.emsp_id, [line.id])
            one = (await stored.many(connection, line.emsp_id, [line.id]))[line.id]
            if not locked:
                await both.wait()
            new = invoiced_on(invoice_id).taken(Payment(one.state, one.invoice_id))
            await stored.put(connection, [(line.id, new)] if new else [])
            return new is not None

    return sorted(await asyncio.gather(notes("I1"), notes("I2")))


async def test_a_line_that_is_locked_is_put_on_one_invoice(world: World) -> None:
    await the_site(world, a_sum("0.75"))
    await booked_by_fleet(world)
    await settled(world)

    assert await noted_side_by_side(world, locked=True) == [False, True]


async def test_without_the_lock_a_line_would_be_put_on_two_invoices(world: World) -> None:
    await the_site(world, a_sum("0.75"))
    await booked_by_fleet(world)
    await settled(world)

    assert await noted_side_by_side(world, locked=False) == [True, True]


async def test_what_is_being_paid_is_taken_back_without_waiting_for_that(world: World, dsn: str) -> None:
    """Settling may hold the operator's numbering, and with that all of its CDRs."""
    await the_site(world, a_sum("0.75"), a_share("10"))
    one = await booked_by_fleet(world)
    await settled(world)
    paying = await lines(world)
    await canceled(world, one, "cpo", CanceledReason.FULL)

    async with world.database.transaction() as connection:
        await stored.lock(connection, "NL*EMS", [line.id for line in paying])
        assert await settled(world) == 1
        back = [line for line in await lines(world) if line.credits]
        await stored.put(connection, [(line.id, Payment(PaymentState.INVOICED, "I1")) for line in paying])

    assert {line.credits for line in back} == {line.id for line in paying}
    assert {line.invoice_id for line in await lines(world) if not line.credits} == {"I1"}
