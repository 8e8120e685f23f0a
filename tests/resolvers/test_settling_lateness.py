"""Who pays for having come late: whoever could have begun in time, and nobody who waited for a charger (BUC 4.1)."""

from decimal import Decimal

import pytest

from models.rules.bill import BillKind, LineKind
from models.rules.booking import Booking, BookingToken
from models.rules.hazard import Hazard
from models.rules.location import Status
from models.rules.terms_fee import FeeKind, TermsFee
from resolvers import overstaying
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import an_offer, at, hours
from tests.factories.tokens import a_token
from tests.factories.tokens import published as known
from tests.resolvers.charging_scenes import BY_CARD, STRANGER, WITH_CARD, seen, started, stopped
from tests.resolvers.hazards import report
from tests.resolvers.lifecycle import E1, booked, replace_terms
from tests.resolvers.reminding import by_worker
from tests.resolvers.settling import SITE, issued, open_site, settle
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

OTHERS_CARD = BookingToken("DE", "EMO", "FFFF0000", "RFID", FLEET_CONTRACT)
LATE = TermsFee(FeeKind.LATE_ARRIVAL, Decimal(8), "EUR", Decimal(21))
OFFER = an_offer(SITE, "STRICT", booking_terms=replace_terms(fees=(LATE,)))


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site whose terms let a late arrival cost 8.00, and the cards of two drivers."""
    await open_site(world)
    await world.publish(OFFER)
    await known(world, a_token("FFFF0000"), caller="other_emsp")


async def charged(world: World, hour: float, by: Credential = BY_CARD) -> dict[LineKind, Decimal]:
    """Return what is billed of a session that begins at an hour, and ends before eleven."""
    world.later(at(hour))
    session = await started(world, E1, by)
    world.later(at(10.9))
    await stopped(world, session, kwh=Decimal(10))
    await settle(world)
    (cdr,) = await issued(world, session_ids=(session.object_id,))
    assert cdr.kind is BillKind.SESSION
    return {line.kind: line.price.before_taxes for line in cdr.bill.lines}


async def from_ten(world: World) -> Booking:
    return await booked(world, OFFER, hours(10, 11), evse_id=E1, whom=WITH_CARD)


async def test_whoever_comes_late_to_a_free_charger_pays_for_it(world: World) -> None:
    await from_ten(world)
    assert (await charged(world, 10.25))[LineKind.LATE_ARRIVAL] == Decimal("8.0000")


async def test_whoever_waited_for_somebody_who_stayed_was_not_late(world: World) -> None:
    await booked(world, OFFER, hours(9, 10), evse_id=E1, whom=WITH_CARD)
    waiting = await booked(world, OFFER, hours(10, 11), "other_emsp", evse_id=E1, whom=ForWhom(tokens=(OTHERS_CARD,)))
    world.later(at(9))
    staying = await started(world, E1)
    world.later(at(10))
    await overstaying.prolong(by_worker(world))
    assert (await seen(world, waiting, "other_emsp")).hazard is Hazard.OVERSTAY
    world.later(at(10.4))
    await stopped(world, staying)

    assert (await charged(world, 10.45, STRANGER)).keys() == {LineKind.ENERGY}
    assert (await seen(world, waiting, "other_emsp")).kept_waiting_until == at(10.4)


async def test_whoever_waited_for_a_repair_was_not_late(world: World) -> None:
    await from_ten(world)
    world.later(at(9.9))
    await report(world, E1)
    world.later(at(10.3))
    await report(world, E1, Status.AVAILABLE)

    assert LineKind.LATE_ARRIVAL not in await charged(world, 10.35)


async def test_a_repair_before_the_slot_is_no_reason_to_come_late(world: World) -> None:
    await from_ten(world)
    world.later(at(9.5))
    await report(world, E1)
    world.later(at(9.8))
    await report(world, E1, Status.AVAILABLE)

    assert (await charged(world, 10.35))[LineKind.LATE_ARRIVAL] == Decimal("8.0000")


async def test_a_fault_that_comes_and_goes_while_nobody_is_there_excuses_no_late_arrival(world: World) -> None:
    await from_ten(world)
    world.later(at(10.2))
    await report(world, E1)
    world.later(at(10.25))
    await report(world, E1, Status.AVAILABLE)

    assert (await charged(world, 10.4))[LineKind.LATE_ARRIVAL] == Decimal("8.0000")
