"""Provisional bookings and quotes give room by moving to other chargers; revealed and pinned ones never do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from models.db import connected
from models.errors import SlotTaken
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.booking_state import CanceledReason
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.location import Status
from models.rules.vehicle import Vehicle
from resolvers import bookings, evses, quotes
from resolvers.booking_cancel import Cancellation
from resolvers.evses import StatusReport
from resolvers.revealing import Revelation
from tests.factories.catalogue import NOW, a_bay, a_location, an_evse, an_offer, hours
from tests.resolvers.lifecycle import HELD_TWICE, UNLIKE_THEIR_BOOKING, booked, change_quoted
from tests.resolvers.quoting import EXPIRY, book, or_refusal, quoted
from tests.resolvers.requests import a_request, ask, counted, rush
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

E1, E2, E3 = (f"NL*ABC*LOC1*E{number}" for number in (1, 2, 3))
MORNING, NOON, BOTH = hours(10, 11), hours(11, 12), hours(10, 12)
CLIENTS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
UNLIKE_THEIR_QUOTE = """
SELECT count(*) FROM quote q LEFT JOIN allocation a ON a.quote_id = q.id AND a.released_at IS NULL
WHERE q.outcome = 'OPEN' AND (a.location_id, a.evse_id, a.parking_bay_id, a.during, a.expires_at)
    IS DISTINCT FROM (q.location_id, q.evse_id, q.parking_bay_id, q.during, q.expires_at)
"""
TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED' AND object_id = $1"
CHANGES = "SELECT array_agg(during ORDER BY xid, id) FROM event WHERE cause = 'CHANGE'"


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Each slot is held once, by whom the rows say, and PostgreSQL broke no deadlock."""
    yield
    async with asyncio.timeout(30):
        while await ask(dsn, CLIENTS) > 0:
            pass
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0
    assert await ask(dsn, UNLIKE_THEIR_QUOTE) == 0
    assert await ask(dsn, DEADLOCKS) == 0


async def a_group(world: World, chargers: int = 2, **changes: object) -> BookingLocation:
    """Return what can be booked of any of some chargers, each with its bay."""
    place = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, chargers + 1)})
    offer = an_offer(place, **changes)  # type: ignore[arg-type]
    await world.publish(place, offer)
    return offer


async def apart(world: World, offer: BookingLocation, periods: Sequence[Interval] = (MORNING, NOON)) -> list[Booking]:
    """Return bookings of any charger, of which each got the next one because the others were taken at that time."""
    found: list[Booking] = []
    for number, period in enumerate(periods, 1):
        others = [
            await booked(world, offer, period, evse_id=f"NL*ABC*LOC1*E{other}")
            for other in range(1, len(periods) + 1)
            if other != number
        ]
        made = await booked(world, offer, period)
        assert made.evse_id == f"NL*ABC*LOC1*E{number}"
        for one in others:
            await canceled(world, one)
        found.append(made)
    return found


async def canceled(world: World, one: Booking) -> None:
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)


async def now_of(world: World, one: Booking) -> Booking:
    return await bookings.get(await world.call("cpo"), one.object_id)


async def test_a_request_for_both_halves_succeeds_once_one_half_has_moved(world: World, dsn: str) -> None:
    offer = await a_group(world)
    first, second = await apart(world, offer)
    before = await ask(dsn, TOLD, first.object_id) + await ask(dsn, TOLD, second.object_id)

    made = await booked(world, offer, BOTH, "other_emsp")

    halves = [await now_of(world, one) for one in (first, second)]
    assert {one.evse_id for one in halves} == {E1, E2} - {made.evse_id}
    (moved,) = [now for now, was in zip(halves, (first, second), strict=True) if now.evse_id != was.evse_id]
    was = first if moved.id == first.id else second
    bay_id = moved.evse_id.replace("*E", "*B")
    assert moved == replace(was, evse_id=moved.evse_id, connector_id=f"{moved.evse_id}*1", parking_bay_id=bay_id)
    told = await ask(dsn, TOLD, first.object_id) + await ask(dsn, TOLD, second.object_id)
    assert told == before + 1
    assert await ask(dsn, CHANGES) == [asyncpg.Range(was.timeslot.period.start, was.timeslot.period.end)]


async def test_a_quote_for_both_halves_moves_a_booking(world: World) -> None:
    offer = await a_group(world)
    await apart(world, offer)

    one = await quoted(world, offer, "other_emsp", period=BOTH)

    assert (await book(await world.call("other_emsp"), one)).timeslot.period == BOTH


async def test_a_moved_quote_is_booked_on_its_new_charger_at_its_price(world: World) -> None:
    offer = await a_group(world)
    blocking = await booked(world, offer, MORNING, evse_id=E2)
    first = await quoted(world, offer, period=MORNING)
    await canceled(world, blocking)
    await booked(world, offer, NOON, evse_id=E2)

    made = await booked(world, offer, BOTH, "other_emsp")

    assert (first.grant.evse_id, made.evse_id) == (E1, E1)
    done = await book(await world.call("emsp"), first)
    assert (done.evse_id, done.connector_id, done.parking_bay_id) == (E2, f"{E2}*1", "NL*ABC*LOC1*B2")
    assert (done.price, done.timeslot) == (first.grant.price, first.grant.timeslot)


async def test_a_booking_that_is_revealed_or_pinned_stays(world: World) -> None:
    offer = await a_group(world)
    for name, period in (E1, MORNING), (E2, NOON):
        await booked(world, offer, period, evse_id=name)
    with pytest.raises(SlotTaken):
        await booked(world, offer, BOTH)

    revealed = await booked(world, offer, hours(14, 15), evse_id=E2)
    first = await booked(world, offer, hours(14, 15))
    await canceled(world, revealed)
    await booked(world, offer, hours(15, 16), evse_id=E2)
    await bookings.reveal(await world.call("cpo"), a_key(), Revelation(first.object_id))
    with pytest.raises(SlotTaken):
        await booked(world, offer, hours(14, 16))

    assert (await now_of(world, first)).evse_id == E1


async def test_a_quote_of_one_charger_and_one_that_changes_a_booking_stay(world: World) -> None:
    offer = await a_group(world)
    await quoted(world, offer, period=MORNING, evse_id=E1)
    changing = await booked(world, offer, hours(16, 17))
    held = await change_quoted(world, changing, period=hours(11, 12), evse_id=E2)

    with pytest.raises(SlotTaken):
        await booked(world, offer, BOTH, "other_emsp")

    assert (await quotes.get(await world.call("emsp"), str(held.id))).grant.evse_id == E2


async def test_two_bookings_move_at_once(world: World) -> None:
    offer = await a_group(world, 3)
    quarters = [hours(10, 10.5), hours(10.5, 11), hours(11, 12)]
    three = await apart(world, offer, quarters)
    await booked(world, offer, hours(9, 10), evse_id=E3)
    blocked = await booked(world, offer, hours(10, 12), "other_emsp")
    made = await booked(world, offer, hours(10, 12), "other_emsp")

    assert made.evse_id != blocked.evse_id
    after = [await now_of(world, one) for one in three]
    assert {one.evse_id for one in after} == {E1, E2, E3} - {made.evse_id, blocked.evse_id}
    with pytest.raises(SlotTaken):
        await booked(world, offer, hours(11.5, 12))


async def test_a_booking_moves_only_where_its_own_demand_and_option_are_met(world: World) -> None:
    place_id = "NL*ABC*LOC1"
    chargers = (an_evse(place_id, "E1", power=400_000), an_evse(place_id, "E2", power=150_000))
    place = a_location(evses=chargers, parking_bays=())
    offer = an_offer(place)
    await world.publish(place, offer)
    strong = await booked(world, offer, MORNING, demand=Demand(min_power=300_000))
    await booked(world, offer, NOON, evse_id=E2)

    with pytest.raises(SlotTaken):
        await booked(world, offer, BOTH)

    assert (await now_of(world, strong)).evse_id == E1


async def test_a_vehicle_is_moved_to_no_bay_that_is_too_short_for_it(world: World) -> None:
    place = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    short = a_bay(place.id, "B2", max_vehicle_length=1000)
    place = replace(place, parking_bays=(place.parking_bays[0], short))
    offer = an_offer(place)
    await world.publish(place, offer)
    await booked(world, offer, MORNING, demand=Demand(vehicle=Vehicle(length=1600)))
    await booked(world, offer, NOON, evse_id=E2)

    with pytest.raises(SlotTaken):
        await booked(world, offer, BOTH)


async def test_bays_that_chargers_share_are_moved_with_them(world: World) -> None:
    place = a_location(chargers={"E1": ["B1", "B2"], "E2": ["B2"], "E3": ["B1"]})
    offer = an_offer(place)
    await world.publish(place, offer)
    blocking = await booked(world, offer, evse_id=E3)
    any_charger = await booked(world, offer)
    await canceled(world, blocking)

    second = await booked(world, offer, caller="other_emsp", evse_id=E2)

    moved = await now_of(world, any_charger)
    assert (any_charger.parking_bay_id, second.parking_bay_id) == ("NL*ABC*LOC1*B2", "NL*ABC*LOC1*B2")
    assert (moved.parking_bay_id, moved.evse_id in {E1, E3}) == ("NL*ABC*LOC1*B1", True)


async def test_an_expired_hold_in_the_way_of_a_move_is_freed(world: World, dsn: str) -> None:
    offer = await a_group(world)
    blocking = await booked(world, offer, hours(9, 11), evse_id=E2)
    first = await booked(world, offer, hours(9, 11))
    await canceled(world, blocking)
    await booked(world, offer, NOON, evse_id=E2)
    await quoted(world, offer, period=hours(9, 10), evse_id=E2)
    world.later(EXPIRY)

    made = await booked(world, offer, BOTH, "other_emsp")

    assert (made.evse_id, (await now_of(world, first)).evse_id) == (E1, E2)
    assert await ask(dsn, "SELECT count(*) FROM event WHERE cause = 'EXPIRY'") == 1


async def test_what_was_promised_stays_when_a_booking_is_moved(world: World, dsn: str) -> None:
    offer = await a_group(world)
    three = await apart(world, offer)
    await booked(world, offer, BOTH, "other_emsp")

    for one in three:
        now = await now_of(world, one)
        assert (now.reference, now.revision, now.price, now.tariffs) == (
            one.reference,
            one.revision,
            one.price,
            one.tariffs,
        )
        assert (now.booking_terms, now.booking_option, now.booking_requests) == (
            one.booking_terms,
            one.booking_option,
            one.booking_requests,
        )
    assert await ask(dsn, "SELECT count(*) FROM booking_request WHERE kind <> 'CREATE'") == 2  # the cancellations


async def test_a_booking_goes_elsewhere_and_others_make_room_for_it(world: World) -> None:
    offer = await a_group(world, 3)
    blocking = [await booked(world, offer, MORNING, evse_id=name) for name in (E2, E3)]
    failing = await booked(world, offer, hours(10, 11))
    for one in blocking:
        await canceled(world, one)
    halves = [(E2, hours(10, 10.5)), (E3, hours(10.5, 11))]
    kept = []
    for name, period in halves:
        others = [await booked(world, offer, period, evse_id=other) for other in (E2, E3) if other != name]
        kept.append(await booked(world, offer, period))
        for one in others:
            await canceled(world, one)

    report = StatusReport(E1, Status.INOPERATIVE, None)
    await evses.report_status(await world.call("cpo"), a_key(), report)

    new = await now_of(world, failing)
    assert (new.evse_id in {E2, E3}, new.hazard) == (True, None)
    assert {(await now_of(world, one)).evse_id for one in kept} == {E2, E3} - {new.evse_id}


async def test_a_crowd_fills_a_group_to_its_last_minute(world: World, dsn: str) -> None:
    offer = await a_group(world, 4)
    wishes = [hours(10 + half / 2, 10.5 + half / 2) for half in range(8)] * 4
    wishes = [wishes[number * 5 % len(wishes)] for number in range(len(wishes))]

    outcomes = await rush(world, dsn, [a_request(offer, period) for period in wishes])

    assert counted(outcomes) == {"Booking": 32}


async def test_a_crowd_of_all_lengths_is_refused_only_what_can_be_seated_in_no_way(world: World, dsn: str) -> None:
    offer = await a_group(world, 3)
    wishes = [hours(10 + start / 2, 10 + start / 2 + length / 2) for length in (4, 1, 3, 2) for start in range(8)]

    outcomes = await rush(world, dsn, [a_request(offer, period) for period in wishes])

    assert set(counted(outcomes)) == {"Booking", "SlotTaken"}
    made = [one.timeslot.period for one in outcomes if isinstance(one, Booking)]
    for refused in (one.period for one in outcomes if isinstance(one, SlotTaken)):
        moments = [refused.start + timedelta(minutes=minute) for minute in range(0, 120, 30)]
        inside = [moment for moment in moments if moment < refused.end]
        assert max(sum(one.start <= moment < one.end for one in made) for moment in inside) == 3


async def test_moves_and_bookings_of_moved_quotes_meet_no_deadlock(world: World, dsn: str) -> None:
    offer = await a_group(world, 3)
    held = [await quoted(world, offer, period=hours(10 + number / 2, 10.5 + number / 2)) for number in range(8)]
    async with connected(dsn, connections=20) as database:
        call, other = [replace(await world.call(name), database=database) for name in ("emsp", "other_emsp")]
        long = [a_request(offer, hours(10, 14)), a_request(offer, hours(10, 14)), a_request(offer, hours(10, 12))]
        came = await asyncio.gather(
            *(or_refusal(book(call, one)) for one in held),
            *(or_refusal(bookings.create(other, a_key(), one)) for one in long),
            quotes.expire(database, NOW),
        )

    assert [type(one).__name__ for one in came[:8]] == ["Booking"] * 8
    assert [type(one).__name__ for one in came[8:11]].count("Booking") == 2
