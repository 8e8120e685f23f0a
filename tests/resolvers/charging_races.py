"""Operators, holders and workers at the same chargers at one moment, and what must be true of all of it then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from asyncpg.connection import LoggedQuery

from models.charging_errors import ChargingRefused
from models.db import Database, connected
from models.errors import AlreadyFinal, QuoteExpired
from models.rules.booking import Booking
from models.rules.session import Session
from resolvers import sessions
from resolvers.call import Call
from resolvers.charging_scene import Credential
from resolvers.session_start import StartReport
from tests.factories.catalogue import a_location, an_offer
from tests.resolvers.charging_scenes import WITH_CARD
from tests.resolvers.lifecycle import HELD_TWICE, booked, replace_terms
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.statements import Counting
from tests.world import World, a_key

Step = Callable[[Call], Awaitable[Any]]
WORKERS = 4
APART = 3
"""By so many statements the second of each pair begins later."""

CHARGERS = [f"E{number}" for number in range(1, 9)]
SITE = a_location(chargers={one: [f"B{one}"] for one in CHARGERS})
OFFER = an_offer(SITE)
LENIENT = an_offer(
    SITE,
    "LENIENT",
    booking_terms=replace_terms(
        early_start_allowed=True, early_start_time=30, change_until_minutes=0, cancel_until_minutes=0
    ),
)
"""It lets begin early, and change and cancel until the slot begins."""

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
USED_UNLIKE_SAID = """
SELECT count(*) FROM booking b
WHERE (b.status = 'FULFILLED') <> EXISTS (SELECT FROM session s WHERE s.booking_id = b.id)
"""
CHARGING_ON_NOTHING = """
SELECT count(*) FROM session s WHERE s.status = 'ACTIVE' AND NOT EXISTS (
    SELECT FROM allocation a
    WHERE a.holder_id = coalesce(s.booking_id, s.id) AND a.evse_id = s.evse_id AND a.released_at IS NULL
        AND a.during @> s.start_date_time
)
"""
KEPT_BY_WHO_IS_GONE = """
SELECT count(*) FROM session s JOIN allocation a ON a.holder_id = coalesce(s.booking_id, s.id)
WHERE s.status = 'COMPLETED' AND a.released_at IS NULL
"""
NEVER = {
    "held twice": HELD_TWICE,
    "used unlike it says": USED_UNLIKE_SAID,
    "charging on nothing": CHARGING_ON_NOTHING,
    "kept by who is gone": KEPT_BY_WHO_IS_GONE,
    "waited in a circle": DEADLOCKS,
}


@asynccontextmanager
async def crowded(dsn: str) -> AsyncIterator[Database]:
    """Yield the database by many connections, as several processes have them, and assert what is always true."""
    async with connected(dsn, connections=24) as database:
        yield database
    for name, statement in NEVER.items():
        assert await ask(dsn, statement) == 0, name


async def acting(world: World, database: Database, caller: str, now: datetime | None = None) -> Call:
    """Return a call of a caller by the connections of `database`, at another moment if one is given."""
    return replace(await world.call(caller), database=database, now=now or world.now)


def working(world: World, database: Database, now: datetime | None = None) -> Call:
    """Return a call of a worker by the connections of `database`, at another moment if one is given."""
    return Call(None, now or world.now, database, world.catalogue)


async def booked_everywhere(world: World, offer: Any = LENIENT) -> list[Booking]:
    """Return bookings from ten to eleven of all chargers, each asked for by name."""
    return [await booked(world, offer, evse_id=evse.id, whom=WITH_CARD) for evse in SITE.evses]


async def begun(call: Call, evse_id: str, by: Credential) -> Session | Exception:
    """Return the session that an operator reports as begun, or the refusal."""
    return await or_refusal(sessions.start_report(call, a_key(), StartReport(evse_id, by)))


def beginning(one: Booking) -> Step:
    """Return the step by which an operator reports that a booking is begun to be used, by its reference."""
    return lambda call: begun(call, one.evse_id, typed(one))


def typed(one: Booking) -> Credential:
    """Return a booking's reference, as it is typed at a charger."""
    return Credential(reference=one.reference)


class Stepping(Counting):
    """The same database, which says when it was asked so many statements."""

    def __init__(self, database: Database, statements: int) -> None:
        """Take the database to ask."""
        super().__init__(database)
        self.reached = asyncio.Event()
        self._statements = statements

    def _note(self, statement: LoggedQuery) -> None:
        super()._note(statement)
        if len(self.asked) >= self._statements:
            self.reached.set()


async def pairs(call: Call, firsts: Sequence[Step], seconds: Sequence[Awaitable[Any]]) -> list[tuple[Any, Any]]:
    """Return what comes of two things each; the second begins while the first is done, each time further on in it."""

    async def together(first: Step, second: Awaitable[Any], statements: int) -> tuple[Any, Any]:
        database = Stepping(call.database, statements)

        async def begin() -> Any:
            try:
                return await first(replace(call, database=database))
            finally:
                database.reached.set()

        async def follow() -> Any:
            await database.reached.wait()
            return await second

        came = await asyncio.gather(begin(), follow())
        return came[0], came[1]

    turns = enumerate(zip(firsts, seconds, strict=True))
    return await asyncio.gather(*(together(*turn, number * APART) for number, turn in turns))


def assert_one_of(started: Any, done: Any, refused: str) -> None:
    """Either charging began, and the other came to what is final; or that was done, and nobody charges."""
    if isinstance(started, Session):
        assert done == AlreadyFinal("FULFILLED") or isinstance(done, QuoteExpired)
    else:
        assert isinstance(done, Booking)
        assert isinstance(started, ChargingRefused)
        assert started.reason == refused
