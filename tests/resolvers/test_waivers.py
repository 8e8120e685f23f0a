"""Fees that an operator does without, with a reason that stays on record (BUC 4.2, 4.3)."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from models.errors import BadInput, Forbidden, NotAllowed, NotFound, Refusal, Unauthenticated
from models.queries import waivers as stored
from models.rules.bill import WAIVABLE, BillKind, LineKind
from models.rules.booking import Booking
from models.rules.terms_fee import FeeKind
from models.rules.waiver import Waiver
from models.settling_errors import AlreadyWaived
from resolvers import lapsing, waivers
from tests.factories.catalogue import at
from tests.models.databases import run
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reminding import by_worker
from tests.resolvers.settling import (
    granted,
    issued,
    kinds,
    lines,
    no_show,
    open_site,
    overstayed,
    revoked,
    settle,
    standing,
    waived,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

LIVE = "SELECT count(*) FROM waiver WHERE revoked_at IS NULL"
WAIVE = """
mutation ($input: FeeWaiveInput!) {
  feeWaive(input: $input) { __typename ... on FeeWaiver { id fee reason } ... on AlreadyWaived { waiverId message } }
}
"""
REVOKE = """
mutation ($input: FeeWaiverRevokeInput!) { feeWaiverRevoke(input: $input) { __typename } }
"""
WAIVERS = """
query ($id: ID!) { feeWaivers(bookingId: $id) { fee reason waivedAt revokedAt revokedReason bookingId } }
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site where everything costs something."""
    await open_site(world)


async def test_a_no_show_that_is_waived_is_credited_and_its_booking_fee_stays(world: World) -> None:
    one = await no_show(world)
    assert kinds(await standing(world, one)) == {BillKind.BOOKING, BillKind.NO_SHOW}

    await waived(world, one)
    assert await settle(world) == 1

    assert kinds(await standing(world, one)) == {BillKind.BOOKING}
    (credit,) = await issued(world, credits=True)
    assert (credit.kind, credit.total.before_taxes) == (BillKind.NO_SHOW, Decimal("-10.0000"))
    assert await settle(world) == 0


async def test_overtime_that_is_waived_is_taken_out_of_the_session_which_is_issued_anew(world: World) -> None:
    one, _ = await overstayed(world)
    before = next(cdr for cdr in await standing(world, one) if cdr.kind is BillKind.SESSION)
    assert lines(before) == [(LineKind.ENERGY, Decimal("60.2500")), (LineKind.OVERTIME, Decimal("3.0000"))]

    await waived(world, one, FeeKind.OVERTIME)
    await settle(world)

    (credit,) = await issued(world, credits=True)
    after = next(cdr for cdr in await standing(world, one) if cdr.kind is BillKind.SESSION)
    assert (credit.credits, credit.total.before_taxes) == (before.local_id, Decimal("-63.2500"))
    assert lines(after) == [(LineKind.ENERGY, Decimal("60.2500"))]


async def test_what_is_waived_before_it_falls_due_is_never_billed(world: World) -> None:
    one = await granted(world)
    await waived(world, one)
    world.later(at(12))
    await lapsing.no_shows(by_worker(world))
    await settle(world)

    assert kinds(await issued(world)) == {BillKind.BOOKING}


async def test_a_waiver_that_is_revoked_stays_on_record_and_its_fee_is_billed_again(world: World) -> None:
    one = await no_show(world)
    first = await waived(world, one)
    await settle(world)
    await revoked(world, first)
    await settle(world)
    await waived(world, one)

    answer = await world.execute("fleet", WAIVERS, id=one.object_id)

    no_shows = [cdr for cdr in await issued(world) if cdr.kind is BillKind.NO_SHOW]
    assert sorted(cdr.total.before_taxes for cdr in no_shows) == [Decimal(-10), Decimal(10), Decimal(10)]
    assert answer.errors == []
    was, now = sorted(answer.data["feeWaivers"], key=lambda each: each["revokedAt"] is None)
    assert (was["reason"], was["revokedReason"], was["bookingId"]) == (
        "A road closed.",
        "It was open.",
        one.object_id,
    )
    assert (now["fee"], now["revokedAt"], now["revokedReason"]) == ("NO_SHOW", None, None)
    with pytest.raises(NotAllowed):
        await revoked(world, first)


@pytest.mark.parametrize("fee", sorted(set(FeeKind) - WAIVABLE))
async def test_only_penalties_and_fees_for_changes_are_waived(world: World, fee: FeeKind) -> None:
    one = await granted(world)

    with pytest.raises(BadInput, match="CANCELLATION, LATE_ARRIVAL, MODIFICATION, NO_SHOW, OVERTIME"):
        await waived(world, one, fee)


@pytest.mark.parametrize(
    ("caller", "refused"),
    [("emsp", Forbidden), ("fleet", Forbidden), ("nsp", Forbidden), (None, Unauthenticated), ("other_cpo", NotFound)],
)
async def test_nobody_but_its_operator_waives_a_fee(world: World, caller: str, refused: type[Exception]) -> None:
    one = await no_show(world)
    own = await waived(world, one, FeeKind.OVERTIME)

    with pytest.raises(refused):
        await waived(world, one, caller=caller)
    with pytest.raises(refused):
        await revoked(world, own, caller)


@pytest.mark.parametrize("caller", ["other_cpo", "other_emsp", "other_fleet", "nsp"])
async def test_waivers_are_unknown_to_those_whom_the_booking_does_not_concern(world: World, caller: str) -> None:
    one = await no_show(world)
    await waived(world, one)

    with pytest.raises(NotFound):
        await waivers.of_booking(await world.call(caller), one.object_id)


async def test_two_waivers_at_once_are_one_and_the_other_learns_of_it(world: World, dsn: str) -> None:
    one = await no_show(world)

    came = await asyncio.gather(*(or_refusal(waived(world, one)) for _ in range(4)))

    (made,) = [each for each in came if isinstance(each, Waiver)]
    assert [each for each in came if isinstance(each, Refusal)] == [AlreadyWaived(made.object_id)] * 3
    assert await run(dsn, LIVE) == [(1,)]


async def side_by_side(world: World, one: Booking) -> tuple[BaseException | None, BaseException | None]:
    """Let two transactions that have found no waiver store one each, and return how they ended."""
    found = asyncio.Barrier(2)

    async def waives() -> None:
        async with world.database.transaction() as connection:
            assert await stored.of_booking(connection, one.id) == []
            await found.wait()
            new = Waiver(uuid4(), one.id, one.cpo_id, FeeKind.NO_SHOW, "Twice.", world.now)
            await stored.add(connection, new)

    return await asyncio.gather(waives(), waives(), return_exceptions=True)


async def test_without_the_lock_of_the_booking_the_table_keeps_to_one_waiver(world: World, dsn: str) -> None:
    ended = await side_by_side(world, await no_show(world))

    (refused,) = [one for one in ended if one is not None]
    assert isinstance(refused, asyncpg.UniqueViolationError)
    assert refused.constraint_name == "waiver_one_per_fee"
    assert await run(dsn, LIVE) == [(1,)]


async def test_without_the_rule_of_the_table_there_would_be_two(world: World, dsn: str) -> None:
    await run(dsn, "DROP INDEX waiver_one_per_fee")

    assert list(await side_by_side(world, await no_show(world))) == [None, None]
    assert await run(dsn, LIVE) == [(2,)]


async def test_what_is_waived_while_workers_settle_is_settled_afterwards_at_the_latest(world: World) -> None:
    one = await granted(world)
    world.later(at(12))
    await lapsing.no_shows(by_worker(world))

    await asyncio.gather(settle(world), waived(world, one), settle(world), settle(world))
    await settle(world)

    assert kinds(await standing(world, one)) == {BillKind.BOOKING}
    total = sum(cdr.total.after_taxes for cdr in await issued(world))
    assert total == Decimal("3.0250")


@pytest.mark.parametrize("reason", ["", " ", "\t\n\u00a0\u2003"])
async def test_reasons_to_waive_and_to_revoke_say_something(world: World, dsn: str, reason: str) -> None:
    one = await granted(world)
    known = await waived(world, one)
    given = {"idempotencyKey": a_key(), "reason": reason}

    new = await world.execute("cpo", WAIVE, input={**given, "bookingId": one.object_id, "fee": "OVERTIME"})
    old = await world.execute("cpo", REVOKE, input={**given, "waiverId": known.object_id})

    for answer in (new, old):
        assert answer.errors == [("BAD_USER_INPUT", "`reason` has 1 to 2000 characters, not only spaces.")]
    assert await run(dsn, LIVE) == [(1,)]


async def test_a_waiver_is_granted_and_refused_through_the_contract(world: World) -> None:
    one = await no_show(world)
    wanted = {"bookingId": one.object_id, "fee": "NO_SHOW", "reason": "A road closed."}

    first = await world.execute("cpo", WAIVE, input={**wanted, "idempotencyKey": a_key()})
    again = await world.execute("cpo", WAIVE, input={**wanted, "idempotencyKey": a_key()})

    made = first.data["feeWaive"]
    assert made == {"__typename": "FeeWaiver", "id": made["id"], "fee": "NO_SHOW", "reason": "A road closed."}
    assert again.data["feeWaive"] == {
        "__typename": "AlreadyWaived",
        "waiverId": made["id"],
        "message": f"This fee was waived before; read {made['id']}, or revoke it first.",
    }
