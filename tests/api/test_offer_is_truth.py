"""What a search shows can be booked, and what can be booked is shown: random sites on PostgreSQL, by the contract."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from models.rules.booking_location import BookingLocation, Calendar
from models.rules.interval import Interval
from tests.api.client import Client, Shown
from tests.api.random_sites import MIDNIGHT, Asked, Site, sites
from tests.world import World

pytestmark = pytest.mark.anyio

BOOKED_BEFORE = 6
WINDOWS_TRIED = 3
INTERVALS_TRIED = 8
MINUTE = timedelta(minutes=1)
SHORT = settings(max_examples=50, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**32)
"""What is tried at a site comes from a seed: drawing inside a coroutine would tear it down."""

LONG = settings(SHORT, max_examples=400)


@SHORT
@given(site=sites(), seed=SEEDS)
async def test_every_slot_shown_can_be_booked_and_every_bookable_interval_is_shown(
    world: World, site: Site, seed: int
) -> None:
    await compare(world, site, Random(seed))


@pytest.mark.long
@LONG
@given(site=sites(), seed=SEEDS)
async def test_many_more_sites_show_what_can_be_booked(world: World, site: Site, seed: int) -> None:
    await compare(world, site, Random(seed))


async def compare(world: World, site: Site, random: Random) -> None:
    """Compare what is shown of a site with what can be booked; each booking that is tried is taken back."""
    world.later(MIDNIGHT)
    await world.publish(site.location, *site.offers)
    client = Client(world, site)
    await book_some(client, random)
    world.later(site.now)
    for broken in site.broken:
        await client.report(broken)
    await world.feed.synced()
    shown = await client.find()
    event(f"windows shown: {min(sum(map(len, shown.values())), 5)}")

    for offer in site.offers:
        windows = shown.get(offer.id, [])
        await assert_windows_are_true(client, offer, windows, random)
        await assert_intervals_are_shown(client, offer, windows, random)
    assert await client.find() == shown


async def book_some(client: Client, random: Random) -> None:
    """Book here and there, so that chargers and bays are taken in odd ways; cancel some of it again.

    Each is of a charger that is asked for: others would move to make room, and more could be booked than is shown.
    """
    for _ in range(random.randint(0, BOOKED_BEFORE)):
        offer = random.choice(client.site.offers)
        charger = random.choice([evse.id for evse in client.site.location.evses])
        made = await client.book(offer, interval_near(random.choice(slots(offer)), offer, random), charger)
        if made and random.randint(0, 3) == 0:
            await client.cancel([made])


async def assert_windows_are_true(
    client: Client, offer: BookingLocation, windows: Sequence[Shown], random: Random
) -> None:
    """Every window can be booked in part, and as often as is said as a whole if that is not too long."""
    for shown in random.sample(windows, min(len(windows), WINDOWS_TRIED)):
        assert client.site.asked.window.contains(shown.period)
        parts = [part for part in parts_of(shown.period, offer) if allowed(part, offer, client.site.asked)]
        assert parts, f"no booking fits {shown}"
        for part in random.sample(parts, min(len(parts), 2)):
            made = await client.book(offer, part)
            assert made, f"{part} of {shown} cannot be booked"
            await client.cancel([made])
        if allowed(shown.period, offer, client.site.asked):
            booked = await client.book_all(offer, shown.period)
            assert len(booked) == shown.available, f"{shown} could be booked {len(booked)} times"
            await client.cancel(booked)


async def assert_intervals_are_shown(
    client: Client, offer: BookingLocation, windows: Sequence[Shown], random: Random
) -> None:
    """An interval can be booked exactly if a window holds it."""
    for _ in range(INTERVALS_TRIED):
        period = interval_near(random.choice(slots(offer)), offer, random)
        if not client.site.asked.window.contains(period) or period.duration < needed(client.site.asked):
            continue
        is_shown = allowed(period, offer, client.site.asked) and any(
            shown.period.contains(period) for shown in windows
        )
        made = await client.book(offer, period)
        assert bool(made) == is_shown, f"{period} is {'not ' * (not is_shown)}shown"
        await client.cancel([made] if made else [])


def slots(offer: BookingLocation) -> list[tuple[Calendar, Interval]]:
    """Return the published timeslots, each with its calendar."""
    return [(calendar, slot.period) for calendar in offer.calendars for slot in calendar.available_timeslots]


def step_of(calendar: Calendar) -> timedelta:
    return (calendar.timeslot_increment or 1) * MINUTE


def needed(asked: Asked) -> timedelta:
    return (asked.minutes_needed or 0) * MINUTE


def interval_near(slot: tuple[Calendar, Interval], offer: BookingLocation, random: Random) -> Interval:
    """Return an interval in or about a timeslot, mostly on its grid and of a length that the terms allow."""
    calendar, period = slot
    step = step_of(calendar)
    steps = period.duration // step
    begin = period.start + random.randint(-1, steps) * step
    longest = (offer.terms.max_booking_duration or 600) * MINUTE // step
    shortest = -(-(offer.terms.min_booking_duration or 1) * MINUTE // step)
    length = random.randint(max(1, shortest - 1), max(shortest, min(steps, longest) + 1)) * step
    off_grid = random.choice([0, 0, 0, 1]) * MINUTE
    return Interval(begin + off_grid, begin + length + off_grid)


def parts_of(window: Interval, offer: BookingLocation) -> list[Interval]:
    """Return some stretches of a window on the grid that it was cut by: whole, first, last, and inner ones."""
    found = [window]
    for calendar, slot in slots(offer):
        step = step_of(calendar)
        longest = min(window.duration, (offer.terms.max_booking_duration or 2880) * MINUTE) // step * step
        shortest = -(-max(MINUTE, (offer.terms.min_booking_duration or 0) * MINUTE) // step) * step
        for length in {shortest, longest} - {timedelta(0)}:
            inner = window.start + (window.duration - length) // step // 2 * step
            starts = (window.start, inner, window.end - length)
            found += [Interval(start, start + length) for start in starts if not (start - slot.start) % step]
    return sorted({part for part in found if window.contains(part)})


def allowed(period: Interval, offer: BookingLocation, asked: Asked) -> bool:
    """Whether the offer's calendars and terms allow the interval; who holds what does not count."""
    terms = offer.terms
    if not (terms.min_booking_duration or 0) * MINUTE <= period.duration:
        return False
    if period.duration > (terms.max_booking_duration or 2880) * MINUTE or period.duration < needed(asked):
        return False
    return any(
        slot.period.contains(period)
        and calendar.covers.contains(period)
        and not (period.start - slot.period.start) % step_of(calendar)
        and not period.duration % step_of(calendar)
        and (asked.min_power is None or slot.max_power is None or slot.max_power >= asked.min_power)
        for calendar in offer.calendars
        for slot in calendar.available_timeslots
    )
