"""What fleets and EMSPs owe and operators are owed, in groups and together, to two decimals (BUC 4.1, 4.4)."""

from decimal import Decimal

import pytest

from models.errors import BadInput, Forbidden
from models.rules.booking import BookingToken
from models.rules.booking_state import CanceledReason
from models.rules.interval import Interval
from models.rules.statement import StatementGroup, StatementLine
from resolvers import settling, statements
from resolvers.booking_cancel import Cancellation, cancel
from resolvers.for_whom import ForWhom
from resolvers.statements import WantedStatement
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.factories.tokens import published
from tests.resolvers.charging_scenes import WITH_CARD, started, stopped
from tests.resolvers.lifecycle import E1, booked, booking_tariff
from tests.resolvers.quoting import charging
from tests.world import OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
ALL = Interval(at(0), at(48))
OTHER_CARD = ForWhom(tokens=(BookingToken("NL", "EMS", "99", "RFID", OTHER_CONTRACT),), license_plate="ZZ-99-ZZ")


async def settled_day(world: World) -> None:
    """Let one fleet book and charge, and another book twice and cancel once; all of it is settled."""
    await world.publish(booking_tariff(), charging("0.3333"), SITE, OFFER)
    await published(world)
    await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await booked(world, OFFER, hours(12, 13), whom=OTHER_CARD)
    gone = await booked(world, OFFER, hours(14, 15), whom=OTHER_CARD)
    await settling.settle(await world.call(None))
    await cancel(await world.call("emsp"), a_key(), Cancellation(gone.object_id, CanceledReason.TRAFFIC))
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal("33.3"))
    await settling.settle(await world.call(None))


async def read(world: World, caller: str, *groups: StatementGroup, first: int = 100) -> list[StatementLine]:
    page = await statements.page(await world.call(caller), WantedStatement(ALL, groups), first=first, after=None)
    return [one for one, _ in page.items]


async def test_all_of_it_comes_together_with_credits_taken_off(world: World) -> None:
    await settled_day(world)
    (line,) = await read(world, "cpo")
    assert (line.cdrs, line.bookings, line.sessions, line.energy) == (5, 3, 1, Decimal("33.3"))
    assert line.before_taxes == Decimal("16.10")  # two fees of 2.50, and 11.0989 of energy
    assert (line.after_taxes, line.due, line.paid) == (Decimal("19.48"), Decimal("19.48"), 0)
    assert await read(world, "emsp") == [line]


async def test_a_fleet_sees_its_own_alone(world: World) -> None:
    await settled_day(world)
    (own,) = await read(world, "fleet")
    (others,) = await read(world, "other_fleet")
    assert (own.before_taxes, others.before_taxes) == (Decimal("13.60"), Decimal("2.50"))
    assert await read(world, "other_emsp") == []
    assert await read(world, "other_cpo") == []


async def test_it_is_divided_by_whatever_is_asked_and_read_page_by_page(world: World) -> None:
    await settled_day(world)
    by_vehicle = await read(world, "emsp", StatementGroup.VEHICLE, StatementGroup.CONTRACT, StatementGroup.MONTH)
    assert [(one.vehicle, one.contract_id, one.month) for one in by_vehicle] == [
        (None, WITH_CARD.tokens[0].contract_id, "2026-12"),
        ("ZZ-99-ZZ", OTHER_CONTRACT, "2026-12"),
    ]
    wanted = WantedStatement(ALL, (StatementGroup.CONTRACT,))
    call = await world.call("emsp")
    first = await statements.page(call, wanted, first=1, after=None)
    second = await statements.page(call, wanted, first=1, after=first.items[0][1])
    assert [first.has_next, second.has_next] == [True, False]
    whole = await statements.page(call, wanted, first=10, after=None)
    assert [*first.items, *second.items] == list(whole.items)
    (together,) = await statements.totals(call, wanted)
    assert together.after_taxes == sum(one.after_taxes for one, _ in whole.items)


async def test_only_those_who_pay_or_are_paid_may_ask(world: World) -> None:
    with pytest.raises(Forbidden):
        await read(world, "nsp")
    with pytest.raises(BadInput, match="five years"):
        long = WantedStatement(Interval(at(0), at(24 * 3000)), ())
        await statements.page(await world.call("emsp"), long, first=1, after=None)
