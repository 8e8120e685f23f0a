"""Charging begins at one moment with something else at the charger: one of the two comes through, never both."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from models.charging_errors import ChargingRefused
from models.errors import Refusal, SlotTaken
from models.queries import sessions as stored
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.charging import ChargingBasis
from models.rules.session import Session
from resolvers import bookings, lapsing, quotes
from resolvers.booking_cancel import Cancellation
from resolvers.booking_change import QuotedChange
from resolvers.booking_create import NewBooking
from resolvers.booking_move import Move
from resolvers.for_whom import ForWhom
from resolvers.session_start import StartReport, start_report
from tests.factories.catalogue import a_tariff, at, hours
from tests.factories.sessions import a_session
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.charging_races import (
    CHARGERS,
    LENIENT,
    OFFER,
    SITE,
    WORKERS,
    Step,
    acting,
    assert_one_of,
    beginning,
    begun,
    booked_everywhere,
    crowded,
    pairs,
    typed,
    working,
)
from tests.resolvers.charging_scenes import BY_CARD, STRANGER, WITH_CARD, seen
from tests.resolvers.lifecycle import E1, E2, booked, change_quoted
from tests.resolvers.quoting import EXPIRY, a_slot, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SESSIONS = "SELECT count(*) FROM session"


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with eight chargers, and the cards of two providers."""
    await world.publish(SITE, a_tariff(), OFFER, LENIENT)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


def reasons(came: list[Any]) -> Counter[str]:
    """Count what came of starts: the basis of each, or why it was refused."""
    return Counter(str(one.basis) if isinstance(one, Session) else one.reason for one in came)


async def test_of_two_who_begin_at_one_charger_at_one_moment_one_does(world: World, dsn: str) -> None:
    world.later(at(10))
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")

        came = await asyncio.gather(*(begun(call, evse.id, by) for evse in SITE.evses for by in (BY_CARD, STRANGER)))

    assert reasons(came) == {"WALK_UP": len(CHARGERS), "CHARGER_IN_USE": len(CHARGERS)}
    assert all(
        isinstance(one, Session) != isinstance(other, Session)
        for one, other in zip(came[::2], came[1::2], strict=True)
    )


async def test_a_start_that_is_reported_several_times_at_one_moment_is_one_session(world: World, dsn: str) -> None:
    world.later(at(10))
    async with crowded(dsn) as database:
        call, key = await acting(world, database, "cpo"), a_key()

        came = await asyncio.gather(*(start_report(call, key, StartReport(E1, BY_CARD)) for _ in range(8)))

    assert len({one.id for one in came}) == 1
    assert await ask(dsn, SESSIONS) == 1


@pytest.mark.parametrize(
    ("constraint", "evses"),
    [("session_one_active_per_evse", (E1, E1)), ("session_one_active_per_booking", (E1, E2))],
)
async def test_the_database_itself_keeps_a_second_session_from_beginning(
    world: World, dsn: str, constraint: str, evses: tuple[str, str]
) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)

    came = await _both_unlocked(world, booking, evses)

    assert sorted(map(str, came)) == ["None", constraint]
    assert await ask(dsn, SESSIONS) == 1


@pytest.mark.parametrize(
    ("constraint", "evses"),
    [("session_one_active_per_evse", (E1, E1)), ("session_one_active_per_booking", (E1, E2))],
)
async def test_without_the_constraint_both_sessions_would_begin(
    world: World, dsn: str, constraint: str, evses: tuple[str, str]
) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    await run(dsn, f"DROP INDEX {constraint}")

    assert await _both_unlocked(world, booking, evses) == [None, None]

    assert await ask(dsn, SESSIONS) == 2


async def _both_unlocked(world: World, booking: Booking, evses: tuple[str, str]) -> list[str | None]:
    """Add two sessions, of the booking if they are at two chargers, as nobody does who has locked the charger."""
    booking_id = booking.id if len(set(evses)) > 1 else None

    async def add(evse_id: str) -> str | None:
        new = a_session(id=uuid4(), evse_id=evse_id, booking_id=booking_id)
        try:
            async with world.database.transaction() as connection:
                await stored.add(connection, new)
        except asyncpg.UniqueViolationError as error:
            return str(error.constraint_name)
        return None

    return list(await asyncio.gather(*(add(one) for one in evses)))


async def test_a_booking_is_used_at_one_charger_though_its_card_is_held_to_two(world: World, dsn: str) -> None:
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")

        came = await asyncio.gather(*(begun(call, evse.id, BY_CARD) for evse in SITE.evses))

    used = [one for one in came if isinstance(one, Session) and one.booking_id == booking.id]
    assert [one.evse_id for one in used] == [E1]


async def test_who_begins_at_the_last_moment_charges_or_is_a_no_show(world: World, dsn: str) -> None:
    made = await booked_everywhere(world, OFFER)
    async with crowded(dsn) as database:
        last = made[0].lapses_at
        operator = await acting(world, database, "cpo", last - timedelta(microseconds=1))
        worker = working(world, database, last)

        *came, _, _, _, _ = await asyncio.gather(
            *(begun(operator, one.evse_id, typed(one)) for one in made),
            *(lapsing.no_shows(worker) for _ in range(WORKERS)),
        )
        await lapsing.no_shows(worker)

    for one, outcome in zip(made, came, strict=True):
        charges = isinstance(outcome, Session)
        assert charges or (isinstance(outcome, ChargingRefused) and outcome.reason == "TOO_LATE")
        now = (await seen(world, one)).status
        assert now is (ReservationStatus.FULFILLED if charges else ReservationStatus.NO_SHOW)


@pytest.mark.parametrize("caller", ["emsp", "cpo"])
async def test_of_beginning_and_canceling_at_one_moment_one_is_done(world: World, dsn: str, caller: str) -> None:
    made = await booked_everywhere(world)
    world.later(at(9.7))
    reason = CanceledReason.TRAFFIC if caller == "emsp" else CanceledReason.MAINTENANCE
    async with crowded(dsn) as database:
        operator, canceling = await acting(world, database, "cpo"), await acting(world, database, caller)

        came = await pairs(
            operator,
            [beginning(one) for one in made],
            [or_refusal(bookings.cancel(canceling, a_key(), Cancellation(one.object_id, reason))) for one in made],
        )

    for one, (started, canceled) in zip(made, came, strict=True):
        assert_one_of(started, canceled, "BOOKING_OVER")
        status = (await seen(world, one)).status
        assert status is (ReservationStatus.FULFILLED if isinstance(started, Session) else ReservationStatus.CANCELED)


async def test_of_beginning_and_changing_at_one_moment_one_is_done(world: World, dsn: str) -> None:
    made = await booked_everywhere(world)
    world.later(at(9.7))
    later = [await change_quoted(world, one, period=hours(12, 13)) for one in made]
    async with crowded(dsn) as database:
        operator, holder = await acting(world, database, "cpo"), await acting(world, database, "emsp")

        came = await pairs(
            operator,
            [beginning(one) for one in made],
            [or_refusal(bookings.change(holder, a_key(), QuotedChange(str(one.id)))) for one in later],
        )

    for one, (started, changed) in zip(made, came, strict=True):
        assert_one_of(started, changed, "REFERENCE_REPLACED")
        now = await seen(world, one)
        assert now.timeslot.period == (hours(10, 11) if isinstance(started, Session) else hours(12, 13))


async def test_of_beginning_and_moving_elsewhere_at_one_moment_one_is_done(world: World, dsn: str) -> None:
    made = await booked_everywhere(world)
    world.later(at(9.7))
    there = [await quoted(world, OFFER, period=hours(12, 13)) for _ in made[:4]]
    async with crowded(dsn) as database:
        operator, holder = await acting(world, database, "cpo"), await acting(world, database, "emsp")
        moves = [Move(one.object_id, str(quote.id)) for one, quote in zip(made, there, strict=False)]

        came = await pairs(
            operator,
            [beginning(one) for one in made[:4]],
            [or_refusal(bookings.move(holder, a_key(), one)) for one in moves],
        )

    for started, moved in came:
        assert_one_of(started, moved, "BOOKING_OVER")


async def test_of_beginning_early_and_booking_the_time_before_one_comes_through(world: World, dsn: str) -> None:
    made = await booked_everywhere(world)
    world.later(at(9.5))
    async with crowded(dsn) as database:
        operator, other = await acting(world, database, "cpo"), await acting(world, database, "other_emsp")

        came = await pairs(
            operator,
            [beginning(one) for one in made],
            [_book(other, hours(9.5, 10), one.evse_id) for one in made],
        )

    for started, before in came:
        if isinstance(started, Session):
            assert started.basis is ChargingBasis.EARLY_START
            assert isinstance(before, SlotTaken)
        else:
            assert isinstance(before, Booking)
            assert started.reason in ("TOO_EARLY", "BOOKED_BY_OTHER")


async def test_of_charging_unbooked_and_booking_that_charger_one_comes_through(world: World, dsn: str) -> None:
    world.later(at(10))
    async with crowded(dsn) as database:
        operator, other = await acting(world, database, "cpo"), await acting(world, database, "emsp")

        came = await pairs(
            operator,
            [walking_up(evse.id) for evse in SITE.evses],
            [_book(other, hours(10, 11), evse.id) for evse in SITE.evses],
        )

    for started, made in came:
        if isinstance(started, Session):
            assert isinstance(made, SlotTaken)
        else:
            assert isinstance(made, Booking)
            assert started.reason == "BOOKED_BY_OTHER"


def walking_up(evse_id: str) -> Step:
    return lambda call: begun(call, evse_id, STRANGER)


async def _book(call: Any, period: Any, evse_id: str) -> Booking | Refusal:
    wanted = NewBooking(a_slot(OFFER, period, evse_id=evse_id), ForWhom())
    return await or_refusal(bookings.create(call, a_key(), wanted))


async def test_an_expired_hold_keeps_nobody_from_charging(world: World, dsn: str) -> None:
    for evse in SITE.evses[:4]:
        await quoted(world, OFFER, "other_emsp", period=hours(6.25, 7.25), evse_id=evse.id)
    world.later(EXPIRY)
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")
        reports = [(StartReport(evse.id, BY_CARD), a_key()) for evse in SITE.evses[:4]]

        came = await asyncio.gather(*(start_report(call, key, one) for one, key in reports * 3))
        expired = await quotes.expire(database, world.now)

    assert len({one.id for one in came}) == 4
    assert {one.basis for one in came} == {ChargingBasis.WALK_UP}
    assert expired == 0
