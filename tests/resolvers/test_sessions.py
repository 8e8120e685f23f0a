"""Sessions that operators report: begun by a booking, before it or without one, read, and ended (BUC 3.3, 3.7)."""

from decimal import Decimal

import pytest

from models.charging_errors import ChargingRefused, SessionOver
from models.errors import BadInput
from models.rules.booking_state import Phase, ReservationStatus
from models.rules.charging import ChargingBasis
from models.rules.session import ReadingOutcome, SessionStatus, StopReason
from resolvers import lapsing, overstaying, sessions
from resolvers.sessions import MeterReading, ReadingsReport
from tests.factories.catalogue import a_location, a_tariff, an_offer, at
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import (
    STRANGER,
    WITH_CARD,
    read,
    seen,
    started,
    stopped,
)
from tests.resolvers.lifecycle import E1, LIVE, booked, replace_terms
from tests.resolvers.quoting import charging
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location()
OFFER = an_offer(SITE)
EARLY = an_offer(SITE, booking_terms=replace_terms(early_start_allowed=True, early_start_time=30))


async def the_site(world: World, offer: object = OFFER) -> None:
    await world.publish(a_tariff(), charging("0.50"), SITE, offer)  # type: ignore[arg-type]
    await published(world)


async def live(world: World) -> list[tuple[object, ...]]:
    async with world.database.reading() as connection:
        return [tuple(row) for row in await connection.fetch(LIVE)]


async def test_a_booking_is_used_within_its_slot(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, whom=WITH_CARD)
    world.later(at(10.1))
    session = await started(world, booking.evse_id, meter_start=Decimal(1000))
    assert (session.status, session.basis) == (SessionStatus.ACTIVE, ChargingBasis.BOOKING)
    assert session.booking_id == booking.id
    assert session.allowed_until == at(11)
    assert session.authorization_reference == booking.authorization_reference
    now = await seen(world, booking)
    assert (now.status, now.phase(world.now)) == (ReservationStatus.FULFILLED, Phase.CHARGING)

    world.later(at(10.3))
    judged = await read(world, session, (at(10.3), "20", 40), (at(10.2), "10", 30))
    assert [outcome for _, outcome in judged.outcomes] == [ReadingOutcome.TAKEN, ReadingOutcome.TAKEN]
    assert (judged.session.kwh, judged.session.state_of_charge) == (Decimal(20), 40)
    assert judged.session.cost is not None
    assert judged.session.cost.price.before_taxes == Decimal(10)

    world.later(at(10.75))
    ended = await stopped(world, session, kwh=Decimal(50))
    assert (ended.status, ended.end_date_time, ended.kwh) == (SessionStatus.COMPLETED, at(10.75), Decimal(50))
    assert ended.ended_early
    assert await live(world) == []
    now = await seen(world, booking)
    assert now.phase(world.now) is Phase.COMPLETED
    with pytest.raises(SessionOver):
        await stopped(world, session)


async def test_a_stranger_is_refused_at_a_booked_charger(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await published(world, a_token("FFFF0000"), caller="other_emsp")
    world.later(at(10))
    with pytest.raises(ChargingRefused, match="booked by someone else") as refused:
        await started(world, booking.evse_id, STRANGER)
    assert refused.value.reason == "BOOKED_BY_OTHER"


async def test_a_walk_up_keeps_the_charger_until_the_next_booking(world: World) -> None:
    await the_site(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(9.5))
    session = await started(world, E1, STRANGER)
    assert (session.basis, session.allowed_until, session.occupied_until) == (ChargingBasis.WALK_UP, at(10), at(10))
    world.later(at(10.1))
    assert await overstaying.prolong(await world.call(None)) == 1
    endangered = await seen(world, booking)
    assert endangered.hazard == "OVERSTAY" or endangered.evse_id != E1
    ended = await stopped(world, session, StopReason.NO_LONGER_ALLOWED)
    assert ended.status is SessionStatus.COMPLETED
    assert (await seen(world, booking)).hazard is None


async def test_an_early_start_takes_the_time_before_the_slot(world: World) -> None:
    await the_site(world, EARLY)
    booking = await booked(world, EARLY, evse_id=E1, whom=WITH_CARD)
    world.later(at(9.6))
    session = await started(world, E1)
    assert session.basis is ChargingBasis.EARLY_START
    assert await live(world) == [
        ("BOOKING", E1, "09:36", "10:00"),
        ("BOOKING", E1, "10:00", "11:00"),
    ]
    assert (await seen(world, booking)).charging_started_at == world.now


async def test_overtime_occupies_the_charger_as_long_as_nobody_booked_it(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(11.05))
    assert await overstaying.prolong(await world.call(None)) == 1
    assert await overstaying.prolong(await world.call(None)) == 0
    assert ("OVERTIME", E1, "11:00", "11:18") in await live(world)
    assert (await seen(world, booking)).phase(world.now) is Phase.OVERTIME
    await stopped(world, session)
    assert await live(world) == []


async def test_a_fault_that_interrupts_keeps_the_slot(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, E1)
    world.later(at(10.2))
    await stopped(world, session, StopReason.POWER_LOSS)
    assert (await seen(world, booking)).phase(world.now) is Phase.DUE
    world.later(at(10.4))
    again = await started(world, E1)
    assert again.booking_id == booking.id
    assert (await seen(world, booking)).phase(world.now) is Phase.CHARGING


async def test_who_charged_while_the_charger_was_silent_is_no_no_show(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10.6))
    assert await lapsing.no_shows(await world.call(None)) == 1
    assert (await seen(world, booking)).status is ReservationStatus.NO_SHOW
    session = await started(world, E1, started_at=at(10.1))
    assert (session.booking_id, session.start_date_time) == (booking.id, at(10.1))
    assert session.irregularity is None
    assert (await seen(world, booking)).status is ReservationStatus.FULFILLED


async def test_readings_come_twice_late_and_backwards(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, booking.evse_id)
    world.later(at(10.5))
    await read(world, session, (at(10.4), "20", None))
    judged = await read(
        world,
        session,
        (at(10.4), "20", None),
        (at(10.2), "10", None),
        (at(10.3), "25", None),
        (at(10.45), "19", None),
        (at(9), "1", None),
        (at(12), "30", None),
    )
    assert [outcome.value for _, outcome in judged.outcomes] == [
        "OUTSIDE",
        "LATE",
        "BACKWARDS",
        "KNOWN",
        "BACKWARDS",
        "OUTSIDE",
    ]
    assert judged.session.kwh == Decimal(20)


async def test_a_meter_below_its_start_is_kept_and_does_not_count(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, booking.evse_id, meter_start=Decimal(1000))
    report = ReadingsReport(
        session.object_id,
        (
            MeterReading(at(10), meter=Decimal(999)),
            MeterReading(at(10.01), meter=Decimal("1000.5"), power=150_000),
            MeterReading(at(10.02), state_of_charge=31),
        ),
    )
    judged = await sessions.readings_report(await world.call("cpo"), a_key(), report)
    assert [outcome.value for _, outcome in judged.outcomes] == ["BACKWARDS", "TAKEN", "TAKEN"]
    now = judged.session
    assert (now.kwh, now.power, now.state_of_charge, now.read_at) == (Decimal("0.5"), 150_000, 31, at(10.02))


async def test_a_sample_of_a_moment_after_the_stop_ends_the_session_then(world: World) -> None:
    await the_site(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    session = await started(world, booking.evse_id)
    world.later(at(10.5))
    await read(world, session, (at(10.5), "20", None))
    assert (await stopped(world, session, ended_at=at(10.49))).end_date_time == at(10.5)
    with pytest.raises(BadInput, match="endedAt"):
        await stopped(world, await started(world, booking.evse_id, started_at=at(10.5)), ended_at=at(9))
