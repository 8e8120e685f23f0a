"""Calendars with weekly hours grow by a day every day, each exactly once, however many workers see to it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models import db
from models.queries import locks
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.calendars import weekly_calendar
from models.rules.interval import Interval
from models.rules.location import RegularHours
from models.rules.weekly import WeeklyHours
from resolvers import bulk_publishing, calendars, withdrawing
from resolvers.changes import CalendarChange, Change, Withdrawal
from server import worker
from tests.factories.catalogue import NOW, TERMS, a_location, an_offer, at, hours
from tests.resolvers.bulk import ANY, LOC1, a_maintenance, known, offer_of, publish, told
from tests.resolvers.requests import a_request, outcome
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

DAYS = tuple(RegularHours(day, "08:00", "20:00") for day in range(1, 8))
WEEKLY = weekly_calendar("C1", 15, WeeklyHours(DAYS, horizon_days=1))
TOMORROW = at(23)
"""The next day begins in Amsterdam."""


def periods(offer: BookingLocation) -> list[Interval]:
    """Return the periods of the timeslots of the only calendar."""
    (calendar,) = offer.calendars
    return [one.period for one in calendar.available_timeslots]


@pytest.fixture
async def site(world: World) -> World:
    """A world with one offer by weekly hours, for today and tomorrow."""
    await publish(world, a_location(), an_offer(a_location(), calendars=(WEEKLY,)))
    return world


async def test_a_calendar_grows_once_the_day_begins_and_once_only(site: World) -> None:
    before = known(site).version, await told(site)

    early = await calendars.extend(site.database, TOMORROW - timedelta(seconds=1))
    on_time = await calendars.extend(site.database, TOMORROW)
    again = await calendars.extend(site.database, TOMORROW + timedelta(hours=23))
    await site.feed.synced()

    assert (early, on_time, again) == (0, 1, 0)
    assert periods(offer_of(site)) == [hours(31, 43), hours(55, 67)]
    assert known(site).version == before[0] + 1
    assert (await told(site))[len(before[1]) :] == [
        ("BOOKING_LOCATION_PUBLISHED", ANY, None),
        ("AVAILABILITY_CHANGED", LOC1, "CALENDAR"),
    ]
    async with site.database.reading() as connection:
        during = await connection.fetchval("SELECT during FROM event ORDER BY xid DESC, id DESC LIMIT 1")
    assert (during.lower, during.upper) == (hours(47, 71).start, hours(47, 71).end)


async def test_what_grows_is_bookable_and_is_no_update_of_the_operator(site: World) -> None:
    before = offer_of(site)
    terms = replace(TERMS, min_booking_duration=None)

    refused = await outcome(await site.call("emsp"), a_request(an_offer(a_location(), terms=terms), hours(55, 56)))
    site.later(TOMORROW)
    await worker.due(await site.call(None))
    await site.feed.synced()
    made = await outcome(await site.call("emsp"), a_request(an_offer(a_location(), terms=terms), hours(55, 56)))

    assert not isinstance(refused, Booking)
    assert isinstance(made, Booking)
    after = offer_of(site)
    assert (after.last_updated, after.calendars[0].last_updated) == (before.last_updated, NOW)


async def test_days_that_no_worker_saw_are_made_up_for_at_once(site: World) -> None:
    assert await calendars.extend(site.database, at(12, day=5)) == 1
    await site.feed.synced()

    assert periods(offer_of(site)) == [hours(7, 19, day=5), hours(7, 19, day=6)]


async def test_several_workers_let_each_calendar_grow_once(world: World) -> None:
    sites = [a_location(f"LOC{number}") for number in range(1, 13)]
    call = await world.call("cpo")
    await bulk_publishing.locations_publish(call, a_key(), [Change(one) for one in sites])
    offers = [an_offer(one, name, calendars=(WEEKLY,)) for one in sites for name in ("A", "B")]
    await bulk_publishing.booking_locations_publish(call, a_key(), [Change(one) for one in offers])
    before, version = len(await told(world)), known(world, sites[0].id).version

    grown = await asyncio.gather(*(calendars.extend(world.database, TOMORROW) for _ in range(5)))
    await world.feed.synced()

    assert sum(grown) == len(offers)
    assert len((await told(world))[before:]) == 2 * len(offers)
    assert {tuple(periods(offer_of(world, one.id))) for one in offers} == {(hours(31, 43), hours(55, 67))}
    assert {known(world, one.id).version for one in sites} == {version + len("AB")}


async def test_a_calendar_whose_location_is_busy_waits_for_the_next_round_and_others_do_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ATTEMPTS", 1)
    sites = [a_location("LOC1"), a_location("LOC2")]
    await publish(world, *sites, *(an_offer(one, calendars=(WEEKLY,)) for one in sites))

    async with world.database.transaction() as connection:
        await connection.execute(
            "SET LOCAL transaction_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
        )
        await locks.own(connection, LOC1)
        assert await calendars.extend(world.database, TOMORROW) == 1
    assert await calendars.extend(world.database, TOMORROW) == 1


async def test_the_calendars_of_one_offer_grow_together_and_fixed_ones_stay(site: World) -> None:
    second = weekly_calendar("C2", 30, WeeklyHours(DAYS[:1], horizon_days=7), at(0, day=3))
    fixed = replace(an_offer(a_location()).calendars[0], id="C3")
    call = await site.call("cpo")
    changes = [CalendarChange(ANY, second), CalendarChange(ANY, fixed)]
    await bulk_publishing.calendars_publish(call, a_key(), changes)

    assert await calendars.extend(site.database, TOMORROW) == 1
    await site.feed.synced()

    found = {one.id: [slot.period for slot in one.available_timeslots] for one in offer_of(site).calendars}
    assert found == {
        "C1": [hours(31, 43), hours(55, 67)],
        "C2": [hours(7, 19, day=6)],
        "C3": [hours(0, 48)],
    }


async def test_what_was_taken_back_does_not_grow(site: World) -> None:
    await withdrawing.booking_locations_withdraw(await site.call("cpo"), a_key(), [Withdrawal(ANY)])

    assert await calendars.extend(site.database, TOMORROW) == 0


async def test_more_than_one_batch_grows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "BATCH", 2)
    offers = [an_offer(a_location(), f"O{number}", calendars=(WEEKLY,)) for number in range(5)]
    await publish(world, a_location(), *offers)

    assert await calendars.extend(world.database, TOMORROW) == 5


async def works(world: World) -> Sequence[str]:
    """Return the ids of all works in the database."""
    async with world.database.reading() as connection:
        return [row["id"] for row in await connection.fetch("SELECT id FROM maintenance ORDER BY id")]


async def test_work_that_is_long_over_is_forgotten(site: World) -> None:
    ended: datetime = hours(9, 10).end
    await publish(site, a_maintenance(), a_maintenance("LATER", period=hours(9, 11)))

    kept = await calendars.forget_maintenance(site.database, ended + calendars.KEEP_MAINTENANCE)
    gone = await calendars.forget_maintenance(
        site.database, ended + calendars.KEEP_MAINTENANCE + timedelta(minutes=1)
    )

    assert (kept, gone) == (0, 1)
    assert await works(site) == ["NL*ABC*LATER"]
