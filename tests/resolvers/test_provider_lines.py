"""What an EMSP takes for bookings and as its share of CDRs: issued once, taken back with what it is for (BUC 4.5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.queries import cdrs
from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason
from models.rules.provider_line import ProviderLineKind
from resolvers import lapsing, provider_lines
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.adding import (
    CHARGERS,
    FREE,
    OFFER,
    OTHERS_CARD,
    SITE,
    a_share,
    a_sum,
    booked_by_fleet,
    canceled,
    lines,
    publish,
    settled,
    taken,
    the_site,
    withdraw,
)
from tests.resolvers.charging_scenes import WITH_CARD, read, started, stopped
from tests.resolvers.deciding import accepted, declined, lapsed
from tests.resolvers.lifecycle import E1, booked, change_quoted, changed
from tests.resolvers.reminding import by_worker
from tests.resolvers.reporting import contest, report, resolve
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

ASKED = an_offer(SITE, "ASKED", confirmation=Confirmation.OPERATOR)
ONE = [("PER_BOOKING", "SERVICE", Decimal("0.75"), False)]
NONE = [*ONE, ("PER_BOOKING", "SERVICE", Decimal("-0.75"), True)]


async def charged(world: World, one: Booking) -> None:
    """Let 100 kWh be charged on a booking from ten on, at 0.50 each."""
    world.later(one.timeslot.period.start)
    session = await started(world, E1)
    world.later(one.timeslot.period.start + timedelta(minutes=30))
    await stopped(world, session, kwh=Decimal(100))


@pytest.mark.parametrize("caller", ["fleet", "emsp"])
@pytest.mark.parametrize("offer", [OFFER, FREE])
async def test_a_booking_bears_the_sum_once_whoever_made_it_and_whatever_its_operator_takes(
    world: World, dsn: str, caller: str, offer: Any
) -> None:
    await the_site(world, a_sum("0.75"))
    one = await booked(world, offer, caller=caller, whom=ForWhom(contract_id=FLEET_CONTRACT, license_plate="X 1"))

    await settled(world)
    await run(dsn, "UPDATE booking SET unsettled_at = $1", world.now)
    await settled(world)

    (line,) = await lines(world, "fleet")
    assert (line.kind, line.price.before_taxes, line.price.after_taxes) == (
        ProviderLineKind.PER_BOOKING,
        Decimal("0.7500"),
        Decimal("0.9075"),
    )
    assert (line.booking_id, line.location_id, line.contract_id) == (one.id, SITE.id, FLEET_CONTRACT)
    assert (line.license_plate, line.issued_at) == ("X 1", world.now)
    assert await lines(world) == [line]


async def test_a_booking_that_waits_for_its_operator_bears_nothing_until_it_is_granted(
    world: World, dsn: str
) -> None:
    await the_site(world, a_sum("0.75"))
    await world.publish(ASKED)
    one = await booked(world, ASKED)
    await settled(world)
    assert await taken(dsn) == []

    await accepted(world, one)
    await settled(world)

    assert await taken(dsn) == ONE


async def test_a_booking_that_was_never_granted_bears_nothing(world: World, dsn: str) -> None:
    await the_site(world, a_sum("0.75"))
    await world.publish(ASKED)
    refused = await booked(world, ASKED, evse_id=CHARGERS[0])
    await booked(world, ASKED, evse_id=CHARGERS[1])
    await declined(world, refused)
    world.later(at(12))
    assert await lapsed(world) == 1

    await settled(world)

    assert await taken(dsn) == []


@pytest.mark.parametrize("first", [True, False], ids=["settled before", "not settled before"])
async def test_what_the_operator_cancels_is_taken_back(world: World, dsn: str, first: bool) -> None:
    await the_site(world, a_sum("0.75"))
    one = await booked_by_fleet(world)
    if first:
        await settled(world)

    await canceled(world, one, "cpo", CanceledReason.POWER_OUTAGE)
    for _ in range(2):
        await settled(world)
        await run(dsn, "UPDATE booking SET unsettled_at = $1", world.now)

    assert await taken(dsn) == (NONE if first else [])
    back = [line for line in await lines(world) if line.credits]
    assert [line.credits for line in back] == [line.id for line in await lines(world) if not line.credits]


@pytest.mark.parametrize("caller", ["fleet", "emsp"])
async def test_what_its_holder_cancels_is_kept(world: World, dsn: str, caller: str) -> None:
    await the_site(world, a_sum("0.75"))
    one = await booked_by_fleet(world)
    await settled(world)

    await canceled(world, one, caller, CanceledReason.TRAFFIC)
    await settled(world)

    assert await taken(dsn) == ONE


async def test_of_a_no_show_it_is_kept(world: World, dsn: str) -> None:
    await the_site(world, a_sum("0.75"))
    await booked_by_fleet(world)
    world.later(at(10.6))
    assert await lapsing.no_shows(by_worker(world)) == 1

    await settled(world)

    assert await taken(dsn) == ONE


@pytest.mark.parametrize("upheld", [True, False])
async def test_what_is_reported_is_taken_back_once_the_report_is_upheld(world: World, dsn: str, upheld: bool) -> None:
    await the_site(world, a_sum("0.75"))
    one = await booked_by_fleet(world)
    world.later(at(9.75))
    made = await report(world, one, "fleet")
    await settled(world)
    assert await taken(dsn) == ONE

    await contest(world, made)
    await settled(world)
    assert await taken(dsn) == ONE
    await resolve(world, made, upheld=upheld)
    await settled(world)

    assert await taken(dsn) == (NONE if upheld else ONE)


async def test_a_change_takes_nothing_more(world: World, dsn: str) -> None:
    await the_site(world, a_sum("0.75"))
    one = await booked(world, OFFER, whom=WITH_CARD)
    await settled(world)

    await changed(world, await change_quoted(world, one, period=hours(12, 13)))
    assert await settled(world) == 1

    assert await taken(dsn) == ONE


async def test_a_fee_that_changes_or_comes_later_changes_no_line_and_adds_none(world: World, dsn: str) -> None:
    await the_site(world, a_sum("0.75"), a_sum("0", "NOTHING"))
    one = await booked_by_fleet(world)
    await settled(world)

    await publish(world, a_sum("9", name="SERVICE"), a_sum("5", "NOTHING"), a_sum("7", "LATE"))
    await changed(world, await change_quoted(world, one, "fleet", period=hours(12, 13)), "fleet")
    await settled(world)
    assert await taken(dsn) == ONE
    await withdraw(world, "SERVICE", "NOTHING", "LATE")
    await canceled(world, one, "cpo", CanceledReason.FULL)
    await settled(world)

    assert await taken(dsn) == NONE


async def test_a_booking_of_before_any_fee_bears_none_that_comes_later(world: World, dsn: str) -> None:
    await the_site(world)
    one = await booked_by_fleet(world)
    await settled(world)

    await publish(world, a_sum("0.75"))
    await changed(world, await change_quoted(world, one, "fleet", period=hours(12, 13)), "fleet")
    await settled(world)

    assert await taken(dsn) == []


async def test_fees_apply_to_the_contracts_that_they_cover(world: World) -> None:
    await the_site(
        world,
        a_sum("1", "ALL"),
        a_sum("2", "MINE", contract_ids=(FLEET_CONTRACT,)),
        a_sum("3", "OTHERS", contract_ids=(OTHER_CONTRACT,)),
    )
    await publish(world, a_sum("4", "FOREIGN"), caller="other_emsp")
    for caller, evse_id in zip(("fleet", "other_fleet", "emsp"), CHARGERS, strict=False):
        await booked(world, OFFER, caller=caller, evse_id=evse_id)

    await settled(world)

    assert sorted(line.fee_id for line in await lines(world, "fleet")) == ["ALL", "MINE"]
    assert sorted(line.fee_id for line in await lines(world, "other_fleet")) == ["ALL", "OTHERS"]
    assert sorted(line.fee_id for line in await lines(world)) == ["ALL"] * 3 + ["MINE", "OTHERS"]
    assert await lines(world, "other_emsp") == []


async def test_a_share_of_each_cdr_is_taken(world: World) -> None:
    await the_site(world, a_sum("0.75"), a_share("10"))
    one = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await settled(world)
    await charged(world, one)
    await settled(world)

    found = [(line.fee_id, str(line.price.before_taxes), line.cdr_id is None) for line in await lines(world, "fleet")]

    assert sorted(found) == [("SERVICE", "0.7500", True), ("SHARE", "0.2500", False), ("SHARE", "5.0000", False)]
    async with world.database.reading() as connection:
        billed = await cdrs.billed(connection, one.id)
    shares = await provider_lines.of_cdrs(await world.call("fleet"), [cdr.object_id for cdr in billed])
    assert [[str(line.price.before_taxes) for line in each] for each in shares] == [["0.2500"], ["5.0000"]]
    assert [each[0].cdr_object_id for each in shares] == [cdr.object_id for cdr in billed]


async def test_of_a_walk_up_too_a_share_is_taken_and_no_sum(world: World, dsn: str) -> None:
    await the_site(world, a_sum("0.75"), a_share("10"))
    session = await started(world, E1)
    world.later(at(6.5))
    await read(world, session, (at(6.4), "20", None))
    await stopped(world, session, kwh=Decimal(20))

    await settled(world)

    assert await taken(dsn) == [("MARKUP", "SHARE", Decimal("1.0000"), False)]
    (line,) = await lines(world, "fleet")
    assert (line.contract_id, line.booking_id) == (FLEET_CONTRACT, None)


async def test_a_share_is_taken_back_with_the_cdr_that_is_credited(world: World, dsn: str) -> None:
    await the_site(world, a_share("10"), a_share("1", "CHF", currency="CHF"))
    one = await booked_by_fleet(world)
    await settled(world)
    (first,) = await lines(world)

    await canceled(world, one, "fleet", CanceledReason.TRAFFIC)
    await settled(world)

    assert await taken(dsn) == [
        ("MARKUP", "SHARE", Decimal("0.25"), False),
        ("MARKUP", "SHARE", Decimal("-0.25"), True),
    ]
    (back,) = [line for line in await lines(world) if line.credits]
    assert (back.credits, back.booking_id) == (first.id, one.id)
    assert await run(dsn, "SELECT credits FROM cdr WHERE id = $1", back.cdr_id) == [(first.cdr_id,)]


async def test_the_share_of_a_corrected_cdr_is_by_the_fee_as_it_is_then(world: World, dsn: str) -> None:
    await the_site(world, a_share("10"))
    one = await booked_by_fleet(world)
    await settled(world)

    await publish(world, a_share("20"))
    await changed(world, await change_quoted(world, one, "fleet", period=hours(12, 13)), "fleet")
    await settled(world)

    amounts = {(amount, credit) for _, _, amount, credit in await taken(dsn)}
    assert amounts == {(Decimal("0.25"), False), (Decimal("-0.25"), True), (Decimal("0.50"), False)}


async def test_a_booking_that_another_contract_takes_over_bears_what_is_for_that_one(world: World, dsn: str) -> None:
    await the_site(
        world,
        a_sum("0.75"),
        a_sum("0.30", "OLD", contract_ids=(FLEET_CONTRACT,)),
        a_sum("0.40", "NEW", contract_ids=(OTHER_CONTRACT,)),
    )
    one = await booked(world, OFFER, whom=WITH_CARD)
    await settled(world)

    taker = BookingToken("NL", "EMS", OTHERS_CARD, "RFID", OTHER_CONTRACT)
    await changed(world, await change_quoted(world, one), tokens=(taker,))
    await settled(world)

    first, second = [await lines(world, whose) for whose in ("fleet", "other_fleet")]
    assert {(line.fee_id, line.price.before_taxes) for line in first} == {
        ("SERVICE", Decimal("0.7500")),
        ("SERVICE", Decimal("-0.7500")),
        ("OLD", Decimal("0.3000")),
        ("OLD", Decimal("-0.3000")),
    }
    assert {(line.fee_id, line.price.before_taxes) for line in second} == {
        ("NEW", Decimal("0.4000")),
        ("SERVICE", Decimal("0.7500")),
    }
    assert (len(first), len(second)) == (4, 2)
    assert await settled(world) == 0
