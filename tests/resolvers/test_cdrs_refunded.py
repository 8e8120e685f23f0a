"""A part of what was billed, given back: its CDR is credited, and one issued for what is left (BUC 4.4)."""

import asyncio
from decimal import Decimal

import pytest

from models.errors import Forbidden, NotAllowed, NotFound, Refusal
from models.rules.bill import BillKind, LineKind
from models.rules.terms_fee import FeeKind
from resolvers.cdrs import KnownCdr
from tests.factories.catalogue import at
from tests.models.databases import run
from tests.resolvers.charging_scenes import BY_CARD, started, stopped
from tests.resolvers.lifecycle import E2
from tests.resolvers.quoting import or_refusal
from tests.resolvers.settling import (
    granted,
    issued,
    lines,
    numbered,
    open_site,
    overstayed,
    refunded,
    settle,
    standing,
    waived,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

REFUND = """
mutation ($input: CdrRefundInput!) {
  cdrRefund(input: $input) { __typename ... on CdrRefunded { cdr { id kind state } } ... on Problem { message } }
}
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site where everything costs something."""
    await open_site(world)


async def test_a_part_that_is_given_back_is_a_line_of_the_cdr_that_takes_the_place_of_the_other(world: World) -> None:
    booking = await granted(world)
    (one,) = await issued(world)

    await refunded(world, one, "1.00")
    assert await settle(world) == 1

    (credit,) = await issued(world, credits=True)
    (new,) = await standing(world, booking)
    assert (credit.credits, credit.total.after_taxes) == (one.local_id, Decimal("-3.0250"))
    assert lines(new) == [(LineKind.RESERVATION, Decimal("2.5000")), (LineKind.REFUND, Decimal("-1.0000"))]
    assert (new.total.before_taxes, new.total.after_taxes) == (Decimal("1.5000"), Decimal("1.8150"))
    assert new.lines[1].vat == Decimal(21)
    assert await settle(world) == 0


async def test_what_is_given_back_twice_adds_up_and_a_fee_that_is_all_given_back_is_only_credited(
    world: World,
) -> None:
    booking = await granted(world)
    (one,) = await issued(world)
    await refunded(world, one, "1.00")
    await settle(world)
    (less,) = await standing(world, booking)

    await refunded(world, less, "1.50")
    await settle(world)

    assert await standing(world, booking) == []
    assert sum(each.total.after_taxes for each in await issued(world)) == 0


async def test_no_more_is_given_back_than_was_billed_even_before_it_is_settled(world: World) -> None:
    await granted(world)
    (one,) = await issued(world)
    await refunded(world, one, "1.00")

    with pytest.raises(NotAllowed, match=r"At most 1\.5000 EUR before taxes"):
        await refunded(world, one, "1.5001")


async def test_two_refunds_at_once_give_back_no_more_than_was_billed(world: World, dsn: str) -> None:
    booking = await granted(world)
    (one,) = await issued(world)

    came = await asyncio.gather(*(or_refusal(refunded(world, one, "1.00")) for _ in range(4)))
    await settle(world)

    assert sum(isinstance(each, KnownCdr) for each in came) == 2
    assert all(isinstance(each, NotAllowed) for each in came if isinstance(each, Refusal))
    assert await run(dsn, "SELECT sum(before_taxes)::text FROM refund") == [("2.00",)]
    (new,) = await standing(world, booking)
    assert new.total.before_taxes == Decimal("0.5000")


async def test_a_refund_stays_when_what_was_billed_changes(world: World) -> None:
    booking, _ = await overstayed(world)
    before = next(each for each in await standing(world, booking) if each.kind is BillKind.SESSION)
    await refunded(world, before, "10.00")
    await settle(world)

    await waived(world, booking, FeeKind.OVERTIME)
    await settle(world)

    after = next(each for each in await standing(world, booking) if each.kind is BillKind.SESSION)
    assert lines(after) == [(LineKind.ENERGY, Decimal("60.2500")), (LineKind.REFUND, Decimal("-10.0000"))]
    assert after.total.after_taxes == Decimal("60.8025")


async def test_a_session_that_is_all_given_back_is_billed_at_nothing_for_its_energy(world: World) -> None:
    world.later(at(10))
    session = await started(world, E2, BY_CARD)
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal(10))
    await settle(world)
    (one,) = await issued(world)

    await refunded(world, one, "5.00")
    assert await settle(world) == 1

    _, *more = sorted(await issued(world), key=lambda each: (each.credit, each.total.after_taxes), reverse=True)
    paid, nothing = sorted(more, key=lambda each: each.total.after_taxes, reverse=True)
    assert (paid.local_id, nothing.total.after_taxes, nothing.energy) == (one.local_id, Decimal(0), Decimal(10))


async def test_neither_a_credit_nor_what_was_credited_is_refunded(world: World) -> None:
    await numbered(world)
    await granted(world)
    (one,) = await issued(world)
    await refunded(world, one, "1.00")
    await settle(world)
    (credit,) = await issued(world, credits=True)

    for each in (one, credit):
        with pytest.raises(NotAllowed, match="was credited"):
            await refunded(world, each, "0.10")


@pytest.mark.parametrize(("caller", "refused"), [("emsp", Forbidden), ("fleet", Forbidden), ("other_cpo", NotFound)])
async def test_nobody_but_its_operator_gives_back(world: World, caller: str, refused: type[Exception]) -> None:
    await granted(world)
    (one,) = await issued(world)

    with pytest.raises(refused):
        await refunded(world, one, "1.00", caller)


@pytest.mark.parametrize("amount", ["0", "-1", "0.00001", "1000000001"])
async def test_an_amount_is_positive_and_has_four_decimals_at_most(world: World, amount: str) -> None:
    await granted(world)
    (one,) = await issued(world)
    wanted = {"idempotencyKey": a_key(), "cdrId": one.object_id, "beforeTaxes": amount, "reason": "Dirty."}

    answer = await world.execute("cpo", REFUND, input=wanted)

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("reason", ["", " ", "\t\n\u00a0\u2003"])
async def test_a_reason_says_something(world: World, dsn: str, reason: str) -> None:
    await granted(world)
    (one,) = await issued(world)
    wanted = {"idempotencyKey": a_key(), "cdrId": one.object_id, "beforeTaxes": "1.00", "reason": reason}

    answer = await world.execute("cpo", REFUND, input=wanted)

    assert answer.errors == [("BAD_USER_INPUT", "`reason` has 1 to 2000 characters, not only spaces.")]
    assert await run(dsn, "SELECT count(*) FROM refund") == [(0,)]


async def test_a_refund_is_granted_through_the_contract(world: World) -> None:
    await granted(world)
    (one,) = await issued(world)
    wanted = {"idempotencyKey": a_key(), "cdrId": one.object_id, "beforeTaxes": "0.5", "reason": "Dirty."}

    answer = await world.execute("cpo", REFUND, input=wanted)

    assert answer.data["cdrRefund"] == {
        "__typename": "CdrRefunded",
        "cdr": {"id": one.object_id, "kind": "BOOKING", "state": "DUE"},
    }
