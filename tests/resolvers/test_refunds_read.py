"""What was given back of what a CDR bills, as it is read: in order, with reasons, by whom it concerns (BUC 4.4)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.errors import NotFound, Unauthenticated
from models.rules.bill import BillKind, LineKind
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason
from models.rules.cdr import Cdr
from resolvers import cdrs, mandates
from resolvers.cdrs import KnownRefund
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from tests.factories.catalogue import a_location, an_offer, at
from tests.resolvers.adding import canceled
from tests.resolvers.charging_scenes import BY_CARD, WITH_CARD, started, stopped
from tests.resolvers.lifecycle import E2, booked, change_quoted, changed
from tests.resolvers.settling import (
    OFFER,
    fees,
    granted,
    issued,
    lines,
    open_site,
    overstayed,
    refunded,
    settle,
    standing,
)
from tests.resolvers.test_settling_contracts import OTHERS_CARD, given
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

THERE = a_location("THERE", chargers={"E1": ["B1"]}, place=(Decimal(47), Decimal(8)))
FOR_FRANCS = an_offer(THERE, tariff_ids=("NL*ABC*FRANCS",))
REFUNDS = """
query ($id: ID!) { cdrRefunds(cdrId: $id) { id cdrId currency beforeTaxes reason refundedAt stands } }
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site where everything costs something."""
    await open_site(world)


async def read(world: World, cdr: Cdr, caller: str | None = "cpo") -> list[KnownRefund]:
    """Return the refunds of what a CDR bills, as a caller knows them; a refusal is raised."""
    return await cdrs.refunds(await world.call(caller), cdr.object_id)


async def given_back(world: World, cdr: Cdr, amount: str, hour: float) -> None:
    """Give a part of a CDR back at an hour, and settle a minute later."""
    world.later(at(hour))
    await refunded(world, cdr, amount)
    world.later(at(hour + 1 / 60))
    await settle(world)


def amounts(found: list[KnownRefund]) -> list[str]:
    """Return what was given back, in order."""
    return [str(one.refund.before_taxes) for one in found]


async def refunded_twice(world: World) -> Booking:
    """Return a booking of whose fee 1.00 was given back, and then 0.50."""
    booking = await granted(world)
    for hour, amount in ((6.5, "1.00"), (7, "0.50")):
        (one,) = await standing(world, booking)
        await given_back(world, one, amount, hour)
    return booking


async def test_every_cdr_of_what_was_billed_tells_all_that_was_given_back_of_it_in_order(world: World) -> None:
    await refunded_twice(world)
    first, second, third = await issued(world, credits=False)

    for one in (first, second, third, *await issued(world, credits=True)):
        found = await read(world, one)
        assert amounts(found) == ["1.00", "0.50"]
        assert [each.given_on for each in found] == [first.object_id, second.object_id]
        assert [each.refund.refunded_at for each in found] == [at(6.5), at(7)]
        assert all(each.stands for each in found)
    assert lines(third)[-1] == (LineKind.REFUND, Decimal("-1.5000"))


async def test_what_was_given_back_is_told_before_it_is_settled(world: World) -> None:
    await granted(world)
    (one,) = await issued(world)
    assert await read(world, one) == []

    await refunded(world, one, "1.00")

    assert [(each.given_on, each.stands) for each in await read(world, one)] == [(one.object_id, True)]


async def test_a_refund_of_one_fact_is_none_of_another_one_of_the_same_booking(world: World) -> None:
    booking, _ = await overstayed(world)
    fee, session = sorted(await standing(world, booking), key=lambda each: each.kind is BillKind.SESSION)

    await given_back(world, session, "10.00", 12)

    assert (amounts(await read(world, fee)), amounts(await read(world, session))) == ([], ["10.00"])


async def test_what_is_given_back_of_a_walk_up_is_told_by_each_cdr_of_it(world: World) -> None:
    world.later(at(10))
    session = await started(world, E2, BY_CARD)
    world.later(at(10.5))
    await stopped(world, session, kwh=Decimal(10))
    await settle(world)
    (one,) = await issued(world)

    await given_back(world, one, "5.00", 11)

    for each in await issued(world):
        for caller in ("cpo", "emsp", "fleet"):
            found = await read(world, each, caller)
            assert [(known.given_on, known.stands) for known in found] == [(one.object_id, True)]
    assert len(await issued(world)) == 3


@pytest.mark.parametrize("caller", ["cpo", "emsp", "fleet"])
async def test_its_operator_provider_and_fleet_read_why(world: World, caller: str) -> None:
    await refunded_twice(world)

    for one in await issued(world):
        found = await read(world, one, caller)
        assert [each.refund.reason for each in found] == ["The bay was dirty."] * 2
        assert None not in [each.given_on for each in found]


@pytest.mark.parametrize("caller", ["other_cpo", "other_emsp", "other_fleet", "nsp", "nap", "admin"])
async def test_to_all_others_it_is_as_if_there_were_no_cdr(world: World, caller: str) -> None:
    await refunded_twice(world)

    for one in await issued(world):
        answer = await world.execute(caller, REFUNDS, id=one.object_id)
        unknown = await world.execute(caller, REFUNDS, id="NL*ABC*NOTHING")
        ((code, message),), ((other_code, other_message),) = answer.errors, unknown.errors
        assert (code, other_code, answer.data) == ("NOT_FOUND", "NOT_FOUND", None)
        assert message.replace(one.object_id, "") == other_message.replace("NL*ABC*NOTHING", "")


async def test_nobody_reads_it_without_a_token(world: World) -> None:
    await refunded_twice(world)

    with pytest.raises(Unauthenticated):
        await read(world, (await issued(world))[0], None)


async def test_whoever_booked_on_behalf_of_another_reads_it_while_it_has_the_mandate(world: World) -> None:
    mandate = await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    await settle(world)
    (one,) = await issued(world, "other_emsp")
    await given_back(world, one, "1.00", 6.5)
    assert amounts(await read(world, one, "other_emsp")) == ["1.00"]

    await mandates.revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(mandate.id)))

    with pytest.raises(NotFound):
        await read(world, one, "other_emsp")


async def test_when_another_contract_takes_over_each_reads_what_lessens_its_own_bills(world: World) -> None:
    booking = await granted(world)
    (one,) = await issued(world)
    await given_back(world, one, "1.00", 6.5)
    world.later(at(7))
    await given(world, booking, OTHERS_CARD)
    (taken,) = await standing(world, booking)
    await given_back(world, taken, "0.50", 7.5)

    before, after = await issued(world, "fleet"), await issued(world, "other_fleet")

    for cdr in before:
        assert [(each.given_on, each.stands) for each in await read(world, cdr, "fleet")] == [(one.object_id, True)]
    for cdr in after:
        found = await read(world, cdr, "other_fleet")
        assert amounts(found) == ["1.00", "0.50"]
        assert [each.given_on for each in found] == [None, taken.object_id]
    assert (len(before), len(after)) == (4, 3)
    assert amounts(await read(world, one, "emsp")) == ["1.00", "0.50"]


async def test_a_refund_of_a_slot_that_comes_to_be_billed_in_another_currency_does_not_stand(world: World) -> None:
    await world.publish(replace(fees(), id="NL*ABC*FRANCS", ocpi_id="FRANCS", currency="CHF"), THERE, FOR_FRANCS)
    booking = await booked(world, FOR_FRANCS, evse_id="NL*ABC*THERE*E1", whom=WITH_CARD)
    await settle(world)
    (francs,) = await issued(world)
    await given_back(world, francs, "1.00", 6.5)

    await changed(world, await change_quoted(world, booking, booking_location_id=OFFER.id))
    await settle(world)

    (euros,) = await standing(world, booking)
    assert (euros.currency, lines(euros)) == ("EUR", [(LineKind.RESERVATION, Decimal("2.5000"))])
    all_francs = [cdr for cdr in await issued(world) if cdr.currency == "CHF"]
    assert sum(cdr.total.after_taxes for cdr in all_francs) == 0
    for one in (francs, euros):
        assert [(each.refund.currency, each.stands) for each in await read(world, one)] == [("CHF", False)]

    await given_back(world, euros, "2.50", 7)
    assert [each.stands for each in await read(world, euros)] == [False, True]

    await changed(world, await change_quoted(world, booking, booking_location_id=FOR_FRANCS.id))
    await settle(world)

    (again,) = await standing(world, booking)
    assert lines(again) == [(LineKind.RESERVATION, Decimal("2.5000")), (LineKind.REFUND, Decimal("-1.0000"))]
    assert [each.stands for each in await read(world, again)] == [True, False]


async def test_a_refund_of_all_stands_and_one_of_what_is_not_to_be_billed_any_more_does_not(world: World) -> None:
    booking = await granted(world)
    (one,) = await issued(world)
    await given_back(world, one, "2.50", 6.5)
    assert await standing(world, booking) == []
    assert [each.stands for each in await read(world, one)] == [True]

    await canceled(world, booking, "emsp", CanceledReason.TRAFFIC)

    assert [each.stands for each in await read(world, one)] == [False]


async def test_refunds_are_read_through_the_contract(world: World) -> None:
    await granted(world)
    (one,) = await issued(world)
    await given_back(world, one, "1.00", 6.5)

    answer = await world.execute("fleet", REFUNDS, id=one.object_id.lower())

    (shown,) = answer.data["cdrRefunds"]
    assert answer.errors == []
    assert shown.pop("id").startswith("NL*ABC*")
    assert shown == {
        "cdrId": one.object_id,
        "currency": "EUR",
        "beforeTaxes": "1.00",
        "reason": "The bay was dirty.",
        "refundedAt": "2026-12-01T06:30:00Z",
        "stands": True,
    }
