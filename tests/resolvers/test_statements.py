"""What fleets and EMSPs owe and operators are owed, in groups and together, to two decimals (BUC 4.1, 4.4)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.errors import BadInput, Forbidden
from models.rules.bill import BillKind
from models.rules.booking import BookingToken
from models.rules.booking_state import CanceledReason
from models.rules.cdr import Cdr
from models.rules.interval import Interval
from models.rules.statement import StatementGroup, StatementLine
from models.rules.token import TokenType
from resolvers import cdrs, mandates, provider_fees, settling, statements
from resolvers.booking_cancel import Cancellation, cancel
from resolvers.cdrs import Invoicing, Paying
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from resolvers.statements import WantedStatement
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.factories.fleet import a_fee, fees
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import WITH_CARD, started, stopped
from tests.resolvers.lifecycle import E1, booked, booking_tariff
from tests.resolvers.quoting import charging
from tests.resolvers.settling import issued
from tests.world import OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
ALL = Interval(at(0), at(48))
NOTHING = Decimal(0)
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
    assert (line.after_taxes, line.due, line.paid) == (Decimal("19.48"), Decimal("19.48"), NOTHING)
    (of_emsp,) = await read(world, "emsp")
    assert (of_emsp.fleet_due, of_emsp.fleet_invoiced, of_emsp.fleet_paid) == (line.due, NOTHING, NOTHING)
    assert replace(of_emsp, fleet_due=line.fleet_due) == line


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
    (together,) = (await statements.read(call, wanted, first=1, after=None)).totals
    assert together.after_taxes == sum(one.after_taxes for one, _ in whole.items)


async def test_only_those_who_pay_or_are_paid_may_ask(world: World) -> None:
    with pytest.raises(Forbidden):
        await read(world, "nsp")
    long = WantedStatement(Interval(at(0), at(24 * 3000)), ())
    call = await world.call("emsp")
    with pytest.raises(BadInput, match="five years"):
        await statements.page(call, long, first=1, after=None)
    with pytest.raises(BadInput, match="cursor of another list"):
        await statements.page(call, WantedStatement(ALL, ()), first=1, after=("2026-12", "EUR"))


async def test_what_is_due_becomes_invoiced_and_then_paid(world: World) -> None:
    await settled_day(world)
    found = [one.object_id for one in await issued(world)]
    await cdrs.invoice(await world.call("cpo"), a_key(), Invoicing(tuple(found), "INV-1"))
    session = [one.object_id for one in await issued(world, kinds=(BillKind.SESSION,))]
    await cdrs.pay(await world.call("cpo"), a_key(), Paying(tuple(session)))
    for reader in ("cpo", "emsp"):
        (line,) = await read(world, reader)
        assert (line.due, line.invoiced, line.paid) == (NOTHING, Decimal("6.05"), Decimal("13.43"))
        assert line.after_taxes == Decimal("19.48")
    (others,) = await read(world, "other_fleet")
    assert (others.due, others.invoiced, others.paid) == (others.after_taxes, NOTHING, NOTHING)


async def test_what_an_emsp_invoices_its_fleets_is_apart_from_what_the_operator_invoices_it(world: World) -> None:
    await settled_day(world)
    found = [one.object_id for one in await issued(world)]
    await cdrs.invoice(await world.call("emsp"), a_key(), Invoicing(tuple(found), "INV-1"))
    session = [one.object_id for one in await issued(world, kinds=(BillKind.SESSION,))]
    await cdrs.pay(await world.call("emsp"), a_key(), Paying(tuple(session)))
    (line,) = await read(world, "emsp")
    assert (line.due, line.invoiced, line.paid) == (Decimal("19.48"), NOTHING, NOTHING)
    assert (line.fleet_due, line.fleet_invoiced, line.fleet_paid) == (NOTHING, Decimal("6.05"), Decimal("13.43"))
    (of_operator,) = await read(world, "cpo")
    assert (of_operator.due, of_operator.invoiced, of_operator.paid) == (Decimal("19.48"), NOTHING, NOTHING)
    assert of_operator.fleet_paid == NOTHING
    for reader, amounts in (("fleet", ("0.00", "3.03", "13.43")), ("other_fleet", ("0.00", "3.03", "0.00"))):
        (own,) = await read(world, reader)
        assert (own.due, own.invoiced, own.paid) == tuple(map(Decimal, amounts))
        assert (own.fleet_due, own.fleet_invoiced, own.fleet_paid) == (own.due, own.invoiced, own.paid)


async def test_amounts_of_different_currencies_are_never_added(world: World) -> None:
    francs = replace(booking_tariff(), id="NL*ABC*FRANCS", ocpi_id="FRANCS", currency="CHF")
    there = a_location("THERE", place=(Decimal(47), Decimal(8)))
    elsewhere = an_offer(there, tariff_ids=(francs.id,))
    await world.publish(booking_tariff(), francs, SITE, OFFER, there, elsewhere)
    await booked(world, OFFER)
    await booked(world, elsewhere)
    await settling.settle(await world.call(None))
    found = await read(world, "emsp")
    assert [(one.currency, one.before_taxes) for one in found] == [("CHF", Decimal("2.50")), ("EUR", Decimal("2.50"))]
    assert len(await read(world, "emsp", StatementGroup.MONTH)) == 2


async def test_who_books_for_a_provider_sees_what_it_booked_while_it_has_the_mandate_and_no_fees(
    world: World,
) -> None:
    await world.publish(booking_tariff(), SITE, OFFER)
    await provider_fees.publish(await world.call("emsp"), a_key(), fees(a_fee()))
    mandate = await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    await booked(world, OFFER, hours(12, 13))
    await settling.settle(await world.call(None))
    (line,) = await read(world, "other_emsp")
    assert (line.cdrs, line.before_taxes, line.provider) == (1, Decimal("2.50"), NOTHING)
    assert (line.due, line.fleet_due, line.fleet_invoiced, line.fleet_paid) == (line.after_taxes, *[NOTHING] * 3)
    (own,) = await read(world, "emsp")
    assert (own.cdrs, own.before_taxes, own.provider) == (2, Decimal("5.00"), Decimal("1.94"))
    assert (own.fleet_due, own.provider_due, own.provider_paid) == (own.after_taxes, own.provider, NOTHING)
    await mandates.revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))
    assert await read(world, "other_emsp") == []


async def test_a_fleet_is_not_told_the_contract_of_another_one_that_used_the_booking(world: World) -> None:
    await world.publish(booking_tariff(), charging("0.3333"), SITE, OFFER)
    await published(world, a_token("0B0B0B0B", contract_id=OTHER_CONTRACT))
    other = BookingToken("NL", "EMS", "0B0B0B0B", "RFID", OTHER_CONTRACT)
    await booked(world, OFFER, evse_id=E1, whom=ForWhom(tokens=(*WITH_CARD.tokens, other)))
    world.later(at(10))
    session = await started(world, E1, Credential(other.uid, TokenType.RFID))
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal(10))
    await settling.settle(await world.call(None))

    async def contracts(reader: str) -> set[str | None]:
        return {one.contract_id for one in await read(world, reader, StatementGroup.CONTRACT)}

    assert contracts_of(await issued(world)) == {None, OTHER_CONTRACT}
    assert await contracts("emsp") == await contracts("other_fleet") == {None, OTHER_CONTRACT}
    assert await contracts("fleet") == {None}


def contracts_of(found: list[Cdr]) -> set[str | None]:
    return {one.contract_id for one in found}
