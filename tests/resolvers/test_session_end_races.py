"""Sessions are read, prolonged and ended at one moment: each reading counts once, and each session ends once."""

import asyncio
from decimal import Decimal

import asyncpg
import pytest

from models.charging_errors import SessionOver
from models.errors import SlotTaken
from models.rules.booking import Booking
from models.rules.session import ReadingOutcome, Session, SessionStatus, StopReason
from resolvers import bookings, overstaying, sessions
from resolvers.booking_create import NewBooking
from resolvers.call import Call
from resolvers.for_whom import ForWhom
from resolvers.session_readings import Judged, MeterReading, ReadingsReport
from resolvers.session_stop import StopReport
from tests.factories.catalogue import a_tariff, at, hours
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.charging_races import (
    OFFER,
    SITE,
    WORKERS,
    Step,
    acting,
    booked_everywhere,
    crowded,
    pairs,
    working,
)
from tests.resolvers.charging_scenes import STRANGER, seen, started
from tests.resolvers.quoting import a_slot, charging, or_refusal
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

LAST_EVENT = "SELECT coalesce(max(id), 0) FROM event"
TOLD = "SELECT object_id FROM event WHERE kind = 'SESSION_CHANGED' AND id > $1"
BOOKINGS_TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED' AND id > $1"
OVERTIME = "SELECT evse_id FROM allocation WHERE kind IN ('OVERTIME', 'WALK_UP') AND released_at IS NULL"
COUNTED = "SELECT at, kwh FROM session_reading WHERE session_id = $1 AND counts ORDER BY at"
KEPT = "SELECT count(*) FROM session_reading WHERE session_id = $1"


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with eight chargers, and the cards of two providers."""
    await world.publish(SITE, a_tariff(), charging("0.50"), OFFER)
    await published(world)
    await published(world, a_token("FFFF0000"), caller="other_emsp")


async def used_everywhere(world: World) -> list[Session]:
    """Return sessions that go on at all chargers since ten, each with a booking until eleven."""
    made = await booked_everywhere(world, OFFER)
    world.later(at(10))
    return [await started(world, one.evse_id) for one in made]


async def stop(call: Call, one: Session, **changes: Decimal) -> Session | Exception:
    report = StopReport(one.object_id, StopReason.DRIVER, **changes)  # type: ignore[arg-type]  # what the meter says
    return await or_refusal(sessions.stop_report(call, a_key(), report))


def ending(one: Session) -> Step:
    return lambda call: stop(call, one)


async def report(call: Call, one: Session, *measured: tuple[float, str]) -> Judged | Exception:
    """Report readings, each an hour and the energy since the start."""
    readings = tuple(MeterReading(at(hour), None, Decimal(kwh)) for hour, kwh in measured)
    return await or_refusal(sessions.readings_report(call, a_key(), ReadingsReport(one.object_id, readings)))


async def told_since(dsn: str, last: int) -> list[str]:
    return sorted(str(row[0]) for row in await run(dsn, TOLD, last))


async def test_several_workers_prolong_every_session_once(world: World, dsn: str) -> None:
    going_on = await used_everywhere(world)
    world.later(at(11.05))
    last = await ask(dsn, LAST_EVENT)
    async with crowded(dsn) as database:
        worker = working(world, database)

        shares = await asyncio.gather(*(overstaying.prolong(worker) for _ in range(WORKERS)))

        assert sum(shares) == len(going_on)
        assert await overstaying.prolong(worker) == 0
    assert await told_since(dsn, last) == sorted(one.object_id for one in going_on)
    assert sorted(str(row[0]) for row in await run(dsn, OVERTIME)) == sorted(one.evse_id for one in going_on)


async def test_several_workers_tell_once_of_each_booking_whose_overtime_begins(world: World, dsn: str) -> None:
    going_on = await used_everywhere(world)
    world.later(at(11.05))
    last = await ask(dsn, LAST_EVENT)
    async with crowded(dsn) as database:
        worker = working(world, database)

        shares = await asyncio.gather(*(overstaying.begin(worker) for _ in range(WORKERS)))

        assert sum(shares) + await overstaying.begin(worker) == len(going_on)
    assert await ask(dsn, BOOKINGS_TOLD, last) == len(going_on)


async def test_of_ending_and_prolonging_at_one_moment_the_charger_is_free_afterwards(world: World, dsn: str) -> None:
    going_on = await used_everywhere(world)
    world.later(at(11.05))
    last = await ask(dsn, LAST_EVENT)
    async with crowded(dsn) as database:
        operator, worker = await acting(world, database, "cpo"), working(world, database)

        *ended, first, second, third, fourth = await asyncio.gather(
            *(stop(operator, one) for one in going_on), *(overstaying.prolong(worker) for _ in range(WORKERS))
        )

    assert all(isinstance(one, Session) and one.status is SessionStatus.COMPLETED for one in ended)
    prolonged = sum(one for one in (first, second, third, fourth) if isinstance(one, int))
    assert len(await told_since(dsn, last)) == len(going_on) + prolonged
    assert await run(dsn, OVERTIME) == []


async def test_of_several_that_end_a_session_at_one_moment_one_does(world: World, dsn: str) -> None:
    going_on = await used_everywhere(world)
    world.later(at(10.5))
    last = await ask(dsn, LAST_EVENT)
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")

        came = await pairs(call, [ending(one) for one in going_on], [stop(call, one) for one in going_on])

    for one, both in zip(going_on, came, strict=True):
        assert sorted(type(each).__name__ for each in both) == ["Session", "SessionOver"]
        assert SessionOver(one.object_id, at(10.5)) in both
    assert await told_since(dsn, last) == sorted(one.object_id for one in going_on)


async def test_what_is_read_while_a_session_ends_is_kept_and_takes_no_energy_back(world: World, dsn: str) -> None:
    (one, *_) = await used_everywhere(world)
    world.later(at(10.9))
    measured = [(10 + number / 20, str(number * 5)) for number in range(1, 17)]
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")
        last = [stop(call, one, kwh=Decimal(90))]

        *judged, ended = await asyncio.gather(*(report(call, one, each) for each in measured[::-1]), *last)

    assert isinstance(ended, Session)
    outcomes = [each.outcomes[0][1] for each in judged if isinstance(each, Judged)]
    assert len(outcomes) == len(measured)
    assert set(outcomes) <= {ReadingOutcome.TAKEN, ReadingOutcome.LATE}
    assert await ask(dsn, KEPT, one.id) == len(measured) + 1
    energy = [row[1] for row in await run(dsn, COUNTED, one.id)]
    assert energy == sorted(energy, key=lambda kwh: Decimal(str(kwh)))
    (after,) = await sessions.many(await world.call("cpo"), [one.object_id])
    assert after is not None
    assert (after.kwh, after.status) == (Decimal(90), SessionStatus.COMPLETED)


async def test_of_two_readings_of_one_moment_that_differ_one_counts(world: World, dsn: str) -> None:
    (one, *_) = await used_everywhere(world)
    world.later(at(10.5))
    async with crowded(dsn) as database:
        call = await acting(world, database, "cpo")

        came = await asyncio.gather(*(report(call, one, (10.4, str(20 + number))) for number in range(6)))

    outcomes = sorted(each.outcomes[0][1].value for each in came if isinstance(each, Judged))
    assert outcomes == ["CONTRADICTS"] * 5 + ["TAKEN"]
    assert len(await run(dsn, COUNTED, one.id)) == 1
    assert await ask(dsn, KEPT, one.id) == 6


async def test_the_database_itself_keeps_a_second_reading_of_a_moment_from_counting(world: World, dsn: str) -> None:
    (one, *_) = await used_everywhere(world)

    came = await _both_unlocked(world, one)

    assert sorted(map(str, came)) == ["None", "session_reading_one_counts"]
    assert len(await run(dsn, COUNTED, one.id)) == 1


async def test_without_the_constraint_both_readings_of_a_moment_would_count(world: World, dsn: str) -> None:
    (one, *_) = await used_everywhere(world)
    await run(dsn, "DROP INDEX session_reading_one_counts")

    assert await _both_unlocked(world, one) == [None, None]

    assert len(await run(dsn, COUNTED, one.id)) == 2


async def _both_unlocked(world: World, one: Session) -> list[str | None]:
    """Add two readings of one moment to a session that nobody locks; return which constraint refused each."""
    counting = "INSERT INTO session_reading VALUES ($1, $2, $3, $4, $5, NULL, NULL, true, $4)"

    async def add(position: int) -> str | None:
        try:
            async with world.database.transaction() as connection:
                await connection.execute(
                    counting, one.location_id, one.id, position, at(10.4), Decimal(20 + position)
                )
        except asyncpg.UniqueViolationError as error:
            return str(error.constraint_name)
        return None

    return list(await asyncio.gather(add(1), add(2)))


async def test_of_overtime_and_a_booking_right_behind_the_slot_one_has_the_charger(world: World, dsn: str) -> None:
    going_on = await used_everywhere(world)
    world.later(at(11))
    async with crowded(dsn) as database:
        other, worker = await acting(world, database, "other_emsp"), working(world, database)
        wanted = [
            NewBooking(a_slot(OFFER, hours(11, 12), evse_id=one.evse_id), ForWhom(license_plate="12-ABC-3"))
            for one in going_on
        ]

        *came, _, _, _, _ = await asyncio.gather(
            *(or_refusal(bookings.create(other, a_key(), one)) for one in wanted),
            *(overstaying.prolong(worker) for _ in range(WORKERS)),
        )
        await overstaying.prolong(worker)

    prolonged = {row[0] for row in await run(dsn, OVERTIME)}
    for one, made in zip(going_on, came, strict=True):
        if one.evse_id in prolonged:
            assert isinstance(made, SlotTaken)
        else:
            assert isinstance(made, Booking)
            assert (await seen(world, made, "other_emsp")).hazard == "OVERSTAY"


async def test_of_a_walk_up_that_goes_on_and_a_booking_behind_it_one_has_the_charger(world: World, dsn: str) -> None:
    world.later(at(10))
    walked: list[Session] = [await started(world, evse.id, STRANGER) for evse in SITE.evses]
    world.later(at(10.8))
    async with crowded(dsn) as database:
        other, worker = await acting(world, database, "emsp"), working(world, database)
        wanted = [NewBooking(a_slot(OFFER, hours(11, 12), evse_id=one.evse_id), ForWhom()) for one in walked]

        *came, _, _, _, _ = await asyncio.gather(
            *(or_refusal(bookings.create(other, a_key(), one)) for one in wanted),
            *(overstaying.prolong(worker) for _ in range(WORKERS)),
        )
        await overstaying.prolong(worker)

    now = await sessions.many(await world.call("cpo"), [one.object_id for one in walked])
    for one, made in zip(now, came, strict=True):
        assert one is not None
        if isinstance(made, Booking):
            assert (one.occupied_until, one.allowed_until) == (at(11), at(11))
        else:
            assert isinstance(made, SlotTaken)
            assert (one.occupied_until, one.allowed_until) == (at(11.25), None)
