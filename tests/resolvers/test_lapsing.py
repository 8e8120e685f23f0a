"""Bookings that nobody used lapse: as no-shows, or canceled by the operator whose charger failed them (BUC 2.11)."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from models.rules.booking import Booking
from models.rules.booking_filter import BookingFilter
from models.rules.booking_location import BookingLocation
from models.rules.booking_state import CanceledReason, Outcome, Phase, RequestStatus, ReservationStatus
from models.rules.hazard import REASONS, Hazard
from models.rules.role import Role
from resolvers import bookings, lapsing
from resolvers.booking_cancel import Cancellation
from server import worker
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.deciding import asked_of, confirmed
from tests.resolvers.lifecycle import E1, LIVE, booked, change_quoted, changed, replace_terms
from tests.resolvers.quoting import TEN_TO_ELEVEN
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
OTHER = a_location("LOC2")
ASKED = asked_of(OTHER)
PATIENT = an_offer(SITE, "PATIENT", terms=replace_terms(noshow_timeout=None))
FREED = "SELECT location_id, during FROM event WHERE cause = 'NO_SHOW' ORDER BY xid, id"
TOLD = "SELECT object_id FROM event WHERE kind = 'BOOKING_CHANGED' AND at = $1"
WORKERS = 6


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers, and one whose operator decides."""
    await world.publish(SITE, OTHER, OFFER, PATIENT, ASKED)
    return world


async def lapsed(world: World, hour: float) -> int:
    """Let it be later, do a worker's round, and return how many bookings were ended."""
    world.later(at(hour))
    return await lapsing.no_shows(by_worker(world))


async def now_is(world: World, one: Booking) -> Booking:
    return await bookings.get(await world.call("cpo"), one.object_id)


async def endanger(dsn: str, one: Booking, hazard: str | None) -> None:
    await run(dsn, "UPDATE booking SET hazard = $2 WHERE id = $1", one.id, hazard)


async def test_a_booking_that_nobody_used_is_a_no_show_after_its_timeout_and_its_slot_is_free(
    site: World, dsn: str
) -> None:
    one = await booked(site, OFFER)

    early = await lapsed(site, 10.49)
    done = await lapsed(site, 10.5)
    again = await lapsed(site, 11)

    ended = await now_is(site, one)
    assert (early, done, again) == (0, 1, 0)
    assert (ended.status, ended.outcome) == (ReservationStatus.NO_SHOW, Outcome.NO_SHOW)
    assert (ended.phase(site.now), ended.last_updated) == (Phase.NO_SHOW, at(10.5))
    assert (ended.canceled_reason, ended.who_canceled) == (None, None)
    assert await run(dsn, LIVE) == []
    assert await run(dsn, TOLD, at(10.5)) == [(one.object_id,)]
    ((place, during),) = await run(dsn, FREED)
    assert (place, getattr(during, "lower", None)) == (SITE.id, at(10))


async def test_a_slot_that_a_no_show_freed_can_be_booked(site: World) -> None:
    await booked(site, OFFER, hours(10, 12), evse_id=E1)
    await lapsed(site, 10.5)

    again = await booked(site, OFFER, hours(11, 12), evse_id=E1)

    assert again.status is ReservationStatus.RESERVED


async def test_terms_that_know_no_no_show_let_a_booking_be_until_its_slot_ends(site: World) -> None:
    one = await booked(site, PATIENT)

    assert await lapsed(site, 10.99) == 0
    assert await lapsed(site, 11) == 1
    assert (await now_is(site, one)).status is ReservationStatus.NO_SHOW


async def test_a_change_moves_when_a_booking_lapses(site: World) -> None:
    one = await booked(site, OFFER)
    await changed(site, await change_quoted(site, one, period=hours(12, 13)))

    assert await lapsed(site, 10.5) == 0
    assert await lapsed(site, 12.5) == 1


@pytest.mark.parametrize("hazard", ["FAULT", "MAINTENANCE"])
async def test_a_booking_that_its_charger_failed_is_canceled_by_its_operator_and_no_no_show(
    site: World, dsn: str, hazard: str
) -> None:
    one = await booked(site, OFFER)
    await endanger(dsn, one, hazard)

    await lapsed(site, 10.5)

    ended = await now_is(site, one)
    assert (ended.status, ended.hazard) == (ReservationStatus.CANCELED, None)
    assert (ended.canceled_reason, ended.who_canceled) == (REASONS[Hazard(hazard)], Role.CPO)
    assert ended.alternatives_due_at is not None
    assert ended.outcome is Outcome.CANCELED_BY_OPERATOR
    assert await run(dsn, LIVE) == []
    assert await ask(dsn, "SELECT count(*) FROM event WHERE cause = 'NO_SHOW'") == 1


async def test_a_booking_whose_change_is_undecided_lapses_and_the_change_fails(site: World, dsn: str) -> None:
    one = await confirmed(site, ASKED)
    site.later(at(10.25))
    await endanger(dsn, one, "FAULT")  # else it is too late to ask
    await changed(site, await change_quoted(site, one, period=hours(11, 12)))
    await endanger(dsn, one, None)
    kept = await run(dsn, LIVE)

    assert await lapsed(site, 10.5) == 1

    ended = await now_is(site, one)
    assert [row[0] for row in kept] == ["BOOKING", "CHANGE"]
    assert ended.status is ReservationStatus.NO_SHOW
    assert (ended.booking_requests[-1].status, ended.booking_requests[-1].reason) == (
        RequestStatus.FAILED,
        lapsing.UNDECIDED,
    )
    assert await run(dsn, LIVE) == []


async def test_what_is_decided_against_or_waits_for_its_operator_is_no_no_show(site: World) -> None:
    waiting = await booked(site, ASKED)
    gone = await booked(site, OFFER)
    wanted = Cancellation(gone.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), wanted)

    assert await lapsed(site, 12) == 0
    assert (await now_is(site, waiting)).status is ReservationStatus.PENDING
    assert (await now_is(site, gone)).status is ReservationStatus.CANCELED


async def all_day(world: World, offer: BookingLocation) -> set[str]:
    """Book both chargers for every hour of the morning, and return the ids."""
    starts = [*range(8, 20)] * 2
    made = [await booked(world, offer, hours(start, start + 1)) for start in starts]
    return {one.object_id for one in made}


async def test_several_workers_at_once_end_every_booking_once(site: World, dsn: str) -> None:
    ids = await all_day(site, OFFER)
    site.later(at(20))

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, WORKERS, stack)
        shares = await asyncio.gather(*(lapsing.no_shows(call) for call in calls))

    told = Counter(await run(dsn, TOLD, at(20)))
    assert sum(shares) == len(ids)
    assert told == {(one,): 1 for one in ids}
    assert await ask(dsn, "SELECT count(*) FROM event WHERE cause = 'NO_SHOW'") == len(ids)
    assert await ask(dsn, "SELECT count(*) FROM booking WHERE status = 'NO_SHOW'") == len(ids)


async def test_a_worker_that_ends_at_any_moment_loses_no_booking_and_ends_none_twice(site: World, dsn: str) -> None:
    ids = await all_day(site, OFFER)
    site.later(at(20))

    async with AsyncExitStack() as stack:
        for number, call in enumerate(await by_workers(site, dsn, WORKERS, stack)):
            round_ = asyncio.create_task(lapsing.no_shows(call))
            await asyncio.wait([round_], timeout=0.01 * number)
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
        await lapsing.no_shows(by_worker(site))

    assert Counter(await run(dsn, TOLD, at(20))) == {(one,): 1 for one in ids}


async def test_a_cancellation_at_the_last_moment_and_the_worker_end_a_booking_once(site: World, dsn: str) -> None:
    made = [await booked(site, PATIENT, hours(start, start + 1)) for start in range(8, 14)]
    await run(dsn, "UPDATE booking SET hazard = 'FAULT', lapses_at = lower(during)")
    site.later(at(7.99))
    call = await site.call("emsp")
    wanted = [Cancellation(one.object_id, CanceledReason.BROKEN_CHARGER) for one in made]
    late = replace(by_worker(site), now=at(20))

    await asyncio.gather(
        *(bookings.cancel(call, a_key(), one) for one in wanted), lapsing.no_shows(late), return_exceptions=True
    )

    ended = await run(dsn, "SELECT object_id FROM event WHERE kind = 'BOOKING_CHANGED' AND at > $1", at(7.9))
    assert Counter(ended) == {(one.object_id,): 1 for one in made}


async def test_bookings_are_found_by_what_became_of_them(site: World, dsn: str) -> None:
    shown_up = await booked(site, OFFER, hours(15, 16))
    missed = await booked(site, OFFER)
    failed = await booked(site, OFFER, hours(9, 10))
    gone = await booked(site, OFFER, hours(14, 15))
    await endanger(dsn, failed, "FAULT")
    wanted = Cancellation(gone.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await site.call("emsp"), a_key(), wanted)
    await lapsed(site, 11)

    async def found(*outcomes: Outcome) -> list[str]:
        wanted = BookingFilter(outcomes=outcomes)
        page = await bookings.page(await site.call("emsp"), wanted, first=50, after=None)
        return [one.object_id for one, _ in page.items]

    assert await found(Outcome.OPEN) == [shown_up.object_id]
    assert await found(Outcome.NO_SHOW) == [missed.object_id]
    assert await found(Outcome.CANCELED_BY_OPERATOR) == [failed.object_id]
    assert await found(Outcome.CANCELED_BY_HOLDER, Outcome.NO_SHOW) == [missed.object_id, gone.object_id]
    assert await found(Outcome.CHARGED, Outcome.REJECTED) == []
    assert len(await found()) == 4


async def test_the_worker_ends_them_among_its_duties(site: World) -> None:
    one = await booked(site, OFFER, TEN_TO_ELEVEN)
    site.later(at(10.5) + timedelta(seconds=1))

    assert await worker.due(by_worker(site))
    assert (await now_is(site, one)).status is ReservationStatus.NO_SHOW
