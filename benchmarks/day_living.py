"""How a simulated day is lived: a heap of what goes on when, the clock set to each moment, a worker every minute."""

import asyncio
import heapq
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

from strawberry.types import ExecutionResult

from benchmarks.day_asking import GOING_ON, Asking
from benchmarks.day_chargers import CPO, Charger
from benchmarks.day_crashes import Crashing, Died
from benchmarks.day_driving import Driving
from benchmarks.day_log import Log
from benchmarks.day_office import Office
from benchmarks.day_plan import MINUTE, NOW, PROVIDERS, Mistake, Plan
from benchmarks.day_prices import PROVIDER_PRICES
from benchmarks.day_publishing import cards, provider_fees, site, tariffs
from models.rules.role import Role
from resolvers import parties, provider_lines
from resolvers.call import Call
from schema.build import schema
from server.worker import due
from tests.server.served import Served
from tests.subscriptions.streams import SLOTS

MOST_TOKENS = 400
TICK = timedelta(milliseconds=1)
MONTH_OVER = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
AFTERWARDS = timedelta(hours=1)
Story = AsyncIterator[datetime]
T = TypeVar("T")
Progress = Callable[[datetime], None]


class Day:
    """A day that is lived at an application of its own."""

    def __init__(self, target: Served, plan: Plan, log: Log, seed: int, *, crashes: bool = False) -> None:
        """Take the application, whose clock is set, what is to happen, where to log, and what chance begins with.

        With `crashes` workers die now and then; each time another one takes over.
        """
        self._target = target
        self._world = target.world
        self._plan = plan
        self._seed = seed
        self.log = log
        counted, dying = log.accounts.crashes, Random(seed + 1)
        database = target.world.database
        self._workers = Crashing(database, dying, counted, dies=True) if crashes else database
        self._asking = Asking(target, self.log, seed)
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._begun = 0
        self._gone_at = NOW

    async def live(self, progress: Progress = lambda _: None) -> Log:
        """Live it to its end and return all that was done."""
        await self._prepare()
        with seeded_ids(self._seed):
            await self._live(progress)
        return self.log

    async def _live(self, progress: Progress) -> None:
        async with self._listening():
            for story in self._stories():
                await self._go_on(story)
            last = NOW
            while self._waiting:
                moment, _, story = heapq.heappop(self._waiting)
                last = max(
                    moment, last + TICK
                )  # no two things happen at one moment, so that events can be told apart
                self._world.later(last)
                await self._go_on(story)
                progress(last)
            await self._asking.heard()
            await self._world.feed.synced()
            self._world.later(MONTH_OVER)
            await self._worked(provider_lines.take_months)

    async def _worked(self, duty: Callable[[Call], Awaitable[T]]) -> T:
        """Let a worker do something now, and another if it dies, until it is done."""
        while True:
            try:
                return await duty(Call(None, self._world.now, self._workers, self._world.catalogue))
            except Died:
                continue

    def _stories(self) -> list[Story]:
        """Return what goes on beside one another; the worker first at each moment."""
        plan, trucks = self._plan, {one.name: one for one in self._plan.trucks}
        chargers = [
            {
                uid: Charger(self._asking, self.log, site, uid, self._seed + 100 * number + place)
                for place, uid in enumerate(site.chargers)
            }
            for number, site in enumerate(plan.sites)
        ]
        driving = [
            Driving(self._asking, self.log, plan.sites[one.visit.site], chargers[one.visit.site], trucks, one.name)
            for one in plan.trucks
        ]
        failing = [chargers[one.site][one.uid].fail(one) for one in plan.outages]
        office = Office(self._asking, self.log, plan, self._seed)
        return [self._work(), *(one.story() for one in driving), *failing, office.story()]

    async def _go_on(self, story: Story) -> None:
        """Let a story go on until it waits, and note when it goes on again."""
        moment = await anext(story, None)
        if moment is None:
            self._gone_at = self._world.now
        else:
            self._begun += 1
            heapq.heappush(self._waiting, (moment, self._begun, story))

    async def _work(self) -> Story:
        """Do a round of the worker every minute, until everybody has been gone for some time."""
        world, moment = self._world, NOW
        while self._waiting or moment < max([self._gone_at, *self.log.ends]) + AFTERWARDS:
            moment += MINUTE
            yield moment
            if not await self._worked(due):
                self.log.failed_rounds.append(world.now)
            self.log.rounds.append(world.now)
            await self._note_limits()

    async def _note_limits(self) -> None:
        """Note until when each session that goes on is allowed, as its operator reads it."""
        if all(one.end is not None for one in self.log.sessions.values()):
            return
        found = (await self._asking.read(CPO, GOING_ON))["sessions"]
        if found["pageInfo"]["hasNextPage"]:
            raise RuntimeError("more sessions go on at once than a page has; plan a smaller day")
        for edge in found["edges"]:
            uuid, until = edge["node"]["id"].rpartition("*")[2].lower(), edge["node"]["allowedUntil"]
            limits = self.log.limits.setdefault(uuid, {})
            limits[self._world.now] = datetime.fromisoformat(until) if until else None

    async def _prepare(self) -> None:
        """Publish the sites and the drivers' cards."""
        for name, party in PROVIDERS.items():
            if name not in self._world.secrets:
                database, now = self._world.database, self._world.now
                country_code, party_id = party.split("*")
                made = await parties.create(database, country_code, party_id, name, [Role.EMSP], now)
                self._world.secrets[name] = await parties.create_token(database, made, Role.EMSP, now)
        sites = [site(one) for one in self._plan.sites]
        await self._world.publish(*tariffs(), *(one for pair in sites for one in pair))
        await self._asking.heard()
        for name, party in PROVIDERS.items():
            fees = provider_fees(PROVIDER_PRICES[name])
            if fees:
                await self._asking.send(name, "providerFeesPublish", name, providerFees=fees)
            own = [one for one in self._plan.trucks if one.emsp_id == party]
            tokens = [token for one in own for token in cards(one)]
            for begin in range(0, len(tokens), MOST_TOKENS):
                await self._asking.send(name, "tokensPublish", name, tokens=tokens[begin : begin + MOST_TOKENS])
            for one in own:
                if one.visit.mistake is Mistake.BLOCKED_TOKEN:
                    token_id = f"{party}*RFID*LOST{one.name}"
                    await self._asking.send(name, "tokenBlock", one.name, tokenId=token_id, reason="Lost.")

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """Follow what is free at all sites, and count why that changed."""
        window = {"startDateTime": NOW.isoformat(), "endDateTime": (NOW + timedelta(hours=42)).isoformat()}
        asked = {"locationIds": [one.location_id for one in self._plan.sites], "window": window}
        context = self._world.context("emsp", lasting=True)
        told = await schema.subscribe(SLOTS, variable_values={"input": asked}, context_value=context)
        task = asyncio.create_task(self._count(told))
        try:
            yield
            await asyncio.wait_for(self._caught_up(), timeout=30)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _count(self, told: AsyncGenerator[ExecutionResult, None]) -> None:
        async with aclosing(told):
            async for one in told:
                message: dict[str, Any] = (one.data or {}).get("slotAvailabilityChanged") or {}
                self.log.heard[message.get("cause") or message["__typename"]] += 1

    async def _caught_up(self) -> None:
        """Wait until nothing more is heard."""
        before = -1
        while before != self.log.heard.total():
            before = self.log.heard.total()
            await asyncio.sleep(0.5)


@contextmanager
def seeded_ids(seed: int) -> Iterator[None]:
    """Let ids come from a seed: they spread bookings over chargers, and the same seed is to be the same day."""
    with patch("uuid.os", SimpleNamespace(urandom=Random(seed).randbytes)):
        yield
