"""What became of what an EMSP adds: DUE, INVOICED, PAID, noted by itself alone, all that is named or nothing."""

import asyncio
from uuid import uuid4

import pytest

from models.errors import BadInput, Forbidden, IdempotencyConflict, NotFound, Unauthenticated
from models.rules.booking_state import CanceledReason
from models.rules.payment import PaymentState
from models.rules.provider_line import ProviderLine
from models.settling_errors import PaymentStateDiffers
from resolvers import provider_lines
from resolvers.provider_lines import LinesToInvoice, LinesToPay
from tests.api.landscape import EVERYBODY
from tests.resolvers.adding import (
    CHARGERS,
    a_share,
    a_sum,
    booked_by_fleet,
    canceled,
    lines,
    settled,
    the_site,
)
from tests.resolvers.quoting import or_refusal
from tests.world import World, a_key

pytestmark = pytest.mark.anyio


@pytest.fixture
async def due(world: World) -> list[ProviderLine]:
    """Two lines of a booking."""
    await the_site(world, a_sum("0.75"), a_share("10"))
    await booked_by_fleet(world)
    await settled(world)
    return await lines(world)


def ids(found: list[ProviderLine]) -> tuple[str, ...]:
    return tuple(str(one.id) for one in found)


async def invoiced(
    world: World, *line_ids: str, invoice: str = "I1", caller: str | None = "emsp", key: str | None = None
) -> list[ProviderLine]:
    wanted = LinesToInvoice(line_ids, invoice)
    return await provider_lines.invoice(await world.call(caller), key or a_key(), wanted)


async def paid(world: World, *line_ids: str, caller: str | None = "emsp") -> list[ProviderLine]:
    return await provider_lines.pay(await world.call(caller), a_key(), LinesToPay(line_ids))


async def states(world: World) -> list[tuple[PaymentState, str | None]]:
    return [(one.state, one.invoice_id) for one in await lines(world)]


async def test_lines_are_due_then_invoiced_then_paid(world: World, due: list[ProviderLine]) -> None:
    assert await states(world) == [(PaymentState.DUE, None)] * 2

    came = await invoiced(world, *ids(due))
    assert came == await lines(world) == await lines(world, "fleet")
    assert await states(world) == [(PaymentState.INVOICED, "I1")] * 2
    came = await paid(world, *ids(due))

    assert came == await lines(world)
    assert await states(world) == [(PaymentState.PAID, "I1")] * 2
    assert [one.price for one in came] == [one.price for one in due]


async def test_no_state_is_left_out_and_none_taken_twice(world: World, due: list[ProviderLine]) -> None:
    first, second = ids(due)

    assert await or_refusal(paid(world, first)) == PaymentStateDiffers("ProviderLine", first, "DUE", "INVOICED")
    await invoiced(world, first)
    refused = await or_refusal(invoiced(world, second, first, invoice="I2"))
    assert refused == PaymentStateDiffers("ProviderLine", first, "INVOICED", "DUE")
    await paid(world, first)
    assert isinstance(await or_refusal(paid(world, first)), PaymentStateDiffers)
    assert isinstance(await or_refusal(invoiced(world, first)), PaymentStateDiffers)

    assert await states(world) == [(PaymentState.PAID, "I1"), (PaymentState.DUE, None)]


@pytest.mark.parametrize("caller", [one for one in EVERYBODY if one != "emsp"])
async def test_only_their_emsp_says_so(world: World, due: list[ProviderLine], caller: str | None) -> None:
    refusal = NotFound if caller == "other_emsp" else Forbidden if caller else Unauthenticated

    for asked in (invoiced(world, *ids(due), caller=caller), paid(world, *ids(due), caller=caller)):
        with pytest.raises(refusal):
            await asked

    assert await states(world) == [(PaymentState.DUE, None)] * 2


@pytest.mark.parametrize("name", [str(uuid4()), "nothing"])
async def test_a_line_that_is_not_there_is_not_found_and_nothing_is_noted(
    world: World, due: list[ProviderLine], name: str
) -> None:
    assert await or_refusal(invoiced(world, *ids(due), name)) == NotFound("ProviderLine", name.upper())

    assert await states(world) == [(PaymentState.DUE, None)] * 2


async def test_a_call_names_one_to_five_hundred_lines(world: World) -> None:
    for named in ((), tuple(str(uuid4()) for _ in range(501))):
        with pytest.raises(BadInput, match="1 to 500"):
            await invoiced(world, *named)


async def test_a_key_is_for_one_input(world: World, due: list[ProviderLine]) -> None:
    key = a_key()
    first = await invoiced(world, *ids(due), key=key)

    assert await invoiced(world, *ids(due), key=key) == first
    assert isinstance(await or_refusal(invoiced(world, *ids(due), invoice="I2", key=key)), IdempotencyConflict)


async def test_of_many_invoices_at_one_moment_a_line_is_on_one(world: World, due: list[ProviderLine]) -> None:
    named = ids(due)

    came = await asyncio.gather(
        *(or_refusal(invoiced(world, *named[:: 1 if turn % 2 else -1], invoice=f"I{turn}")) for turn in range(8))
    )

    won = [one for one in came if isinstance(one, list)]
    assert len(won) == 1
    assert all(isinstance(one, PaymentStateDiffers) for one in came if one not in won)
    assert {invoice for _, invoice in await states(world)} == {won[0][0].invoice_id}


async def test_what_takes_back_a_line_that_was_paid_is_due_itself(world: World, due: list[ProviderLine]) -> None:
    await invoiced(world, *ids(due))
    await paid(world, *ids(due))
    one = await booked_by_fleet(world, evse_id=CHARGERS[1])
    await settled(world)
    more = [line for line in await lines(world) if line.booking_id == one.id]
    await invoiced(world, *ids(more), invoice="I2")

    await canceled(world, one, "cpo", CanceledReason.FULL)
    await settled(world)

    back = [line for line in await lines(world) if line.credits]
    assert {line.credits for line in back} == {line.id for line in more}
    assert [(line.state, line.invoice_id) for line in back] == [(PaymentState.DUE, None)] * 2
    assert {line.invoice_id for line in await lines(world) if not line.credits} == {"I1", "I2"}
