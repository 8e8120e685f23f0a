"""Decisions at one moment: of those who decide, and of what is asked meanwhile, exactly one comes through."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from models.db import Database, connected
from models.errors import AlreadyFinal, NotAllowed, NothingToDecide
from models.queries import bookings as stored
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import RequestKind, RequestStatus, ReservationStatus
from models.rules.role import Role
from resolvers import bookings, deciding
from resolvers.booking_change import QuotedChange
from resolvers.call import Call
from resolvers.deciding import Decision, Declined
from tests.factories.catalogue import NOW, a_location, a_tariff, hours
from tests.models.databases import run
from tests.resolvers.deciding import asked_of, confirmed
from tests.resolvers.lifecycle import HELD_TWICE, UNLIKE_THEIR_BOOKING, booked, change_quoted, changed
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

CHARGERS = {f"E{number}": [f"B{number}"] for number in range(1, 9)}
SITE = a_location(chargers=dict(CHARGERS))
OFFER = asked_of(SITE)
DEADLINE = NOW + timedelta(minutes=30)
WORKERS = 4
PENDING = "SELECT count(*) FROM booking_request WHERE status = 'PENDING'"
FREED = "SELECT count(*) FROM event WHERE kind = 'AVAILABILITY_CHANGED' AND cause = 'EXPIRY'"


@pytest.fixture
async def site(world: World) -> World:
    """A world with eight chargers whose operator decides on every request."""
    await world.publish(SITE, a_tariff(), OFFER)
    return world


@asynccontextmanager
async def crowded(dsn: str) -> AsyncIterator[Database]:
    """Yield the database by many connections, as several processes have them."""
    async with connected(dsn, connections=20) as database:
        yield database


async def assert_sound(dsn: str) -> None:
    """No charger is held twice, and every booking has the slot that it says."""
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def test_of_a_decision_and_several_workers_exactly_one_wins_each_booking(site: World, dsn: str) -> None:
    asked = [await booked(site, OFFER) for _ in CHARGERS]
    async with crowded(dsn) as database:
        operator = replace(await site.call("cpo"), database=database, now=DEADLINE - timedelta(microseconds=1))
        worker = Call(None, DEADLINE, database, site.catalogue)

        *decided, lapsed, again, third, fourth = await asyncio.gather(
            *(or_refusal(bookings.accept(operator, a_key(), Decision(one.object_id))) for one in asked),
            *(deciding.lapse(worker) for _ in range(WORKERS)),
        )

    made = [one for one in decided if isinstance(one, Booking)]
    workers = [one for one in (lapsed, again, third, fourth) if isinstance(one, int)]
    found = await bookings.many(await site.call("cpo"), [one.object_id for one in asked])
    statuses = [one.status for one in found if one]
    assert len(made) + sum(workers) == len(asked)
    assert statuses.count(ReservationStatus.RESERVED) == len(made)
    assert statuses.count(ReservationStatus.FAILED) == sum(workers)
    assert all(isinstance(one, Booking) or one == AlreadyFinal("FAILED") for one in decided)
    assert await ask(dsn, FREED) == sum(workers)
    await assert_sound(dsn)


async def test_several_workers_let_every_request_lapse_once(site: World, dsn: str) -> None:
    for _ in range(4):
        await booked(site, OFFER)
    for _ in range(4):
        one = await confirmed(site, OFFER)
        await changed(site, await change_quoted(site, one, period=hours(10.5, 11.5)))
    async with crowded(dsn) as database:
        worker = Call(None, DEADLINE, database, site.catalogue)

        lapsed = await asyncio.gather(*(deciding.lapse(worker) for _ in range(WORKERS)))

    assert sum(lapsed) == 8
    assert await ask(dsn, FREED) == 8
    assert await ask(dsn, PENDING) == 0
    await assert_sound(dsn)


async def test_of_accepting_and_declining_a_change_at_one_moment_one_is_done(site: World, dsn: str) -> None:
    waiting = []
    for _ in range(4):
        one = await confirmed(site, OFFER)
        waiting.append(await changed(site, await change_quoted(site, one, period=hours(10.5, 11.5))))
    async with crowded(dsn) as database:
        call = replace(await site.call("cpo"), database=database)

        accepted = [or_refusal(bookings.accept(call, a_key(), Decision(one.object_id))) for one in waiting]
        declined = [or_refusal(bookings.decline(call, a_key(), Declined(one.object_id, "No."))) for one in waiting]
        came = await asyncio.gather(*accepted, *declined)

    for one, *both in zip(waiting, came[:4], came[4:], strict=True):
        refused = [other for other in both if not isinstance(other, Booking)]
        assert refused == [NothingToDecide(one.object_id, None)]
    await assert_sound(dsn)


async def test_of_two_changes_asked_for_at_one_moment_one_waits(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)
    quotes = [await change_quoted(site, before, period=one) for one in (hours(10.5, 11.5), hours(12, 13))]
    async with crowded(dsn) as database:
        call = replace(await site.call("emsp"), database=database)

        came = await asyncio.gather(
            *(or_refusal(bookings.change(call, a_key(), QuotedChange(str(one.id)))) for one in quotes)
        )

    assert sorted(type(one).__name__ for one in came) == ["Booking", "NotAllowed"]
    assert any(isinstance(one, NotAllowed) for one in came)
    assert await ask(dsn, PENDING) == 1
    await assert_sound(dsn)


async def test_the_database_itself_keeps_a_second_request_from_waiting(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)

    came = await _both_at_once(site, before)

    assert sorted(str(one) for one in came) == ["None", "booking_request_one_pending"]
    assert await ask(dsn, PENDING) == 1


async def test_without_the_constraint_two_requests_would_wait_at_once(site: World, dsn: str) -> None:
    before = await confirmed(site, OFFER)
    await run(dsn, "DROP INDEX booking_request_one_pending")

    came = await _both_at_once(site, before)

    assert came == [None, None]
    assert await ask(dsn, PENDING) == 2


async def _both_at_once(world: World, booking: Booking) -> list[str | None]:
    """Add two requests that wait to a booking that nobody locks; return which constraint refused each."""
    request = BookingRequest(RequestKind.CHANGE, RequestStatus.PENDING, NOW, None, Role.EMSP, "NL*EMS", DEADLINE)

    async def add(position: int) -> str | None:
        try:
            async with world.database.transaction() as connection:
                await stored.add_request(connection, booking, replace(request, position=position), {})
        except asyncpg.UniqueViolationError as error:
            return str(error.constraint_name)
        return None

    return list(await asyncio.gather(add(1), add(2)))
