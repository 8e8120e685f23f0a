"""The fee of a booking whose charger was reported: credited if that is upheld, and not otherwise (BUC 3.10)."""

from decimal import Decimal

import pytest

from models.rules.problem_report import ProblemReport
from tests.factories.catalogue import at
from tests.resolvers.reporting import contest, report, resolve, settled, withdraw
from tests.resolvers.settling import granted, issued, open_site, settle
from tests.world import World

pytestmark = pytest.mark.anyio

FEE = Decimal("3.0250")


@pytest.fixture
async def reported(world: World) -> ProblemReport:
    """The report of a booking whose fee was billed; it is canceled by it."""
    await open_site(world)
    one = await granted(world)
    world.later(at(9.75))
    made = await report(world, one)
    await settle(world)
    return made


async def billed(world: World) -> list[Decimal]:
    """Return what was billed and credited, once what is unsettled is settled."""
    await settle(world)
    return sorted((one.total.after_taxes for one in await issued(world)), reverse=True)


async def test_a_fee_stays_billed_while_its_report_is_open_or_contested(
    world: World, reported: ProblemReport
) -> None:
    assert await billed(world) == [FEE]
    await contest(world, reported)
    assert await billed(world) == [FEE]


async def test_a_fee_whose_report_is_upheld_is_credited(world: World, reported: ProblemReport) -> None:
    await resolve(world, reported, upheld=True)

    assert await billed(world) == [FEE, -FEE]


async def test_a_fee_whose_report_nobody_contests_is_credited(world: World, reported: ProblemReport) -> None:
    assert await settled(world, at(10, day=2)) == 1

    assert await billed(world) == [FEE, -FEE]


async def test_a_fee_whose_report_is_dismissed_stays_billed(world: World, reported: ProblemReport) -> None:
    await resolve(world, await contest(world, reported), upheld=False)

    assert await billed(world) == [FEE]


async def test_a_fee_whose_report_is_withdrawn_stays_billed(world: World, reported: ProblemReport) -> None:
    await withdraw(world, reported)

    assert await billed(world) == [FEE]
