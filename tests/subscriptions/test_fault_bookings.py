"""Which of the caller's bookings a fault endangers (BUC 2.5), as chargerFaultAlert tells it."""

import pytest

from models.rules.booking_state import CanceledReason
from models.rules.location import Status
from resolvers import bookings
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import at
from tests.subscriptions.faults import E1, E2, book, evse_of, hit, publish_sites, report
from tests.subscriptions.streams import FAULTS, subscribed
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def sites(world: World) -> None:
    """Sites of two operators, one of them hidden."""
    await publish_sites(world)


async def test_everybody_is_told_which_of_its_own_bookings_are_hit_and_never_of_anothers(world: World) -> None:
    of_emsp = await book(world, "emsp", 9)
    of_other = await book(world, "other_emsp", 10)
    of_fleet = await book(world, "fleet", 11, contract=FLEET_CONTRACT)
    of_other_fleet = await book(world, "other_fleet", 12, contract=OTHER_CONTRACT)
    await book(world, "emsp", 9, E2)
    expected = {
        "emsp": [of_emsp, of_fleet, of_other_fleet],
        "other_emsp": [of_other],
        "fleet": [of_fleet],
        "other_fleet": [of_other_fleet],
        "cpo": [of_emsp, of_other, of_fleet, of_other_fleet],
        "nsp": [],
        "nap": [],
    }
    told: dict[str, tuple[list[str], list[str]]] = {}

    for caller in expected:
        async with subscribed(world, caller, FAULTS) as stream:
            await report(world, E1)
            reported = await stream.next()
            await report(world, E1, Status.AVAILABLE)
            repaired = await stream.next()
        told[caller] = hit(reported), hit(repaired)

    assert told == {caller: (hits, hits) for caller, hits in expected.items()}


async def test_a_booking_that_is_over_canceled_or_after_the_expected_end_is_not_hit(world: World) -> None:
    await book(world, "emsp", 7)
    running = await book(world, "emsp", 8)
    coming = await book(world, "emsp", 9)
    await book(world, "emsp", 10)
    gone = await book(world, "emsp", 9.0, E2)
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(gone, CanceledReason.NO_CANCELED))
    world.later(at(8.5))

    async with subscribed(world, "emsp", FAULTS) as stream:
        await report(world, E1, expected_end=at(10))
        on_e1 = await stream.next()
        await report(world, E2)
        on_e2 = await stream.next()

    assert hit(on_e1) == [running, coming]
    assert hit(on_e2) == []


async def test_only_own_bookings_leaves_out_what_hits_none_but_not_that_a_hit_is_over(world: World) -> None:
    endangered = await book(world, "emsp", 10)
    await book(world, "other_emsp", 10, E2)
    await report(world, E2, code="of others")

    async with subscribed(world, "emsp", FAULTS, onlyOwnBookings=True) as stream:
        await report(world, "NL*ABC*LOC2*E1", code="of nobody")
        await report(world, E1, code="hits")
        reported = await stream.next()
        await report(world, E2, code="of others still")
        await report(world, E1, code="hits no more", expected_end=at(9))
        relieved = await stream.next()
        await report(world, E1, code="still does not", expected_end=at(9.5))
        await report(world, E1, code="hits again", expected_end=at(11))
        endangered_again = await stream.next()
        await report(world, E2, Status.AVAILABLE)
        await report(world, E1, Status.AVAILABLE)
        repaired = await stream.next()

    told = [(one["fault"]["code"], hit(one)) for one in (reported, relieved, endangered_again, repaired)]
    assert told == [
        ("hits", [endangered]),
        ("hits no more", []),
        ("hits again", [endangered]),
        ("hits again", [endangered]),
    ]
    assert repaired["fault"]["repairedAt"] == "2026-12-01T06:00:00Z"


async def test_only_own_bookings_holds_for_the_open_faults_at_the_beginning_too(world: World) -> None:
    endangered = await book(world, "emsp", 10)
    await report(world, E2)
    await report(world, E1)

    async with subscribed(world, "emsp", FAULTS, onlyOwnBookings=True) as stream:
        told = await stream.next()

    assert (evse_of(told), hit(told)) == (E1, [endangered])
