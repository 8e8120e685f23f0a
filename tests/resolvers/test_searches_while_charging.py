"""While sessions begin, go on and end in any order, what a search shows as free can be booked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from models.db import Connection
from models.errors import Refusal, SlotTaken
from models.queries.allocations import Holder
from models.rules.booking import BookingToken
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.session import StopReason
from models.rules.token import TokenType
from resolvers import holds, lapsing, overstaying
from resolvers.asked import Asked, SlotForm
from resolvers.availability import Named, availability
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.granting import grant
from tests.factories.catalogue import a_location, a_tariff, an_offer, at
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_races import USED_UNLIKE_SAID
from tests.resolvers.charging_scenes import started, stopped
from tests.resolvers.lifecycle import HELD_TWICE, booked, replace_terms
from tests.resolvers.quoting import a_slot, charging
from tests.resolvers.requests import ask
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

STEPS = 40
HALF = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)
AHEAD = timedelta(hours=3)
SITE = a_location(chargers={"E1": ["B1"], "E2": ["B1", "B2"], "E3": ["B3"]})
TERMS = replace_terms(early_start_allowed=True, early_start_time=20, late_stop_allowed=True, late_stop_time=20)
OFFER = an_offer(SITE, increment=15, booking_terms=TERMS)
CARDS = [f"{number:08}" for number in range(6)]
NEVER = {
    "held twice": HELD_TWICE,
    "used unlike it says": USED_UNLIKE_SAID,
}


class Day:
    """A site on which drivers come and go by chance, and a worker comes by now and then."""

    def __init__(self, world: World, seed: int, *, pinned: bool) -> None:
        """Take the world, what its chance begins with, and whether all book a charger rather than any."""
        self.world = world
        self.chance = Random(seed)
        self.running: list[Any] = []
        self.begun = 0
        self.pinned = pinned

    async def step(self) -> None:
        """Let some time pass, and somebody do something; a refusal is one of the answers."""
        minutes = self.chance.choice((0, 0, 1, 4, 10, 25))
        self.world.later(self.world.now + timedelta(minutes=minutes))
        steps: list[Callable[[], Awaitable[Any]]] = [self.book, self.begin, self.end, self.work]
        try:
            await self.chance.choices(steps, weights=(1, 2, 1, 2))[0]()
        except Refusal:
            return

    async def book(self) -> None:
        start = at(8) + self.chance.randrange(40) * QUARTER
        whom = ForWhom(tokens=(BookingToken("NL", "EMS", self.chance.choice(CARDS), "RFID", FLEET_CONTRACT),))
        evse_id = self.chance.choice(SITE.evses).id if self.pinned else None
        await booked(self.world, OFFER, Interval(start, start + HALF), whom=whom, evse_id=evse_id)

    async def begin(self) -> None:
        card = Credential(self.chance.choice(CARDS), TokenType.RFID)
        ago = self.chance.choice((None, None, None, timedelta(minutes=35)))
        changes = {} if ago is None else {"started_at": self.world.now - ago}
        self.running.append(await started(self.world, self.chance.choice(SITE.evses).id, card, **changes))
        self.begun += 1

    async def end(self) -> None:
        if self.running:
            one = self.running.pop(self.chance.randrange(len(self.running)))
            await stopped(self.world, one, self.chance.choice((StopReason.DRIVER, StopReason.CHARGER_FAULT)))

    async def work(self) -> None:
        call = await self.world.call(None)
        await overstaying.prolong(call)
        await lapsing.no_shows(call)


async def shown(world: World) -> set[Any]:
    """Return the starts of half an hour that a search shows as free."""
    asked = Asked(Demand(minutes=30), form=SlotForm.STARTS, closest=False)
    window = Interval(world.now, world.now + AHEAD)
    page = await availability(await world.call("nsp"), Named((SITE.id,)), window, asked, first=1, after=None)
    found = [one for match, _ in page.items for free in match.available.free for one in free.timeslots]
    return {one.slot.period.start for one in found}


async def bookable(world: World, start: Any) -> bool:
    """Whether half an hour can be booked now; it is not kept."""
    call = await world.call("emsp")
    wanted = a_slot(OFFER, Interval(start, start + HALF))

    class Undone(Exception):
        """Nothing of it is kept."""

    async def work(connection: Connection) -> None:
        await grant(call, connection, wanted, Holder(uuid4(), clear=True))
        raise Undone

    try:
        await call.database.write(work)
    except Undone:
        return True
    except (SlotTaken, holds.InTheWay):
        return False
    raise AssertionError("it was kept")


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_shown_while_sessions_run_can_be_booked(world: World, dsn: str, seed: int) -> None:
    pinned = seed % 2 == 0
    await world.publish(a_tariff(), charging("0.50"), SITE, OFFER)
    await published(world, *(a_token(uid) for uid in CARDS))
    world.later(at(8))
    day = Day(world, seed, pinned=pinned)

    for number in range(STEPS):
        await day.step()
        if number % 4 == 0:
            free = await shown(world)
            first = at(8) + -(-(world.now - at(8)) // QUARTER) * QUARTER
            starts = [first + quarters * QUARTER for quarters in range(AHEAD // QUARTER)]
            possible = {one for one in starts if one + HALF <= world.now + AHEAD and await bookable(world, one)}
            assert free <= possible
            assert possible == free or not pinned  # those of any charger may be moved to make room

    assert day.begun > 2
    for name, statement in NEVER.items():
        assert await ask(dsn, statement) == 0, name
