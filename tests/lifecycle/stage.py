"""The product and the model side by side: each step is asked of the one, judged by the other, and compared."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from dataclasses import replace
from itertools import product
from typing import Any

import asyncpg
from structlog.testing import capture_logs

from models.errors import Refusal, TryAgain
from models.events import EventKind
from resolvers import bookings
from resolvers.call import Call
from server import worker
from subscriptions.hub import of_kind
from tests.factories.catalogue import NOW
from tests.lifecycle.charger_steps import Report
from tests.lifecycle.comparing import assert_as_modeled, follow, follow_moves
from tests.lifecycle.crashing import AnswerLost, Cut, Fragile
from tests.lifecycle.model import Model
from tests.lifecycle.site import EDITIONS, OFFERS, PLAIN, SHARED, minute, moment, offered, tariff
from tests.lifecycle.truth import EMPTIED, WATCH, Truth, assert_never, truth
from tests.lifecycle.wish import Step, Wish
from tests.world import World, a_key

PATIENCE = 1000


class Stage:
    """A world with two sites, on which one play after the other begins with no bookings."""

    def __init__(self, world: World, dsn: str, connection: "asyncpg.Connection[Any]") -> None:
        """Take a world, and a connection of our own to look into its database."""
        self.world = world
        self.dsn = dsn
        self.model = Model(minute(NOW), EDITIONS[0])
        self._connection = connection
        self._published = 0
        self._since = 0
        self._heard: list[tuple[int, int]] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Stage"]:
        """Publish the sites, watch what transactions do, and listen to the feed until the end."""
        await self._connection.execute(WATCH)
        await self.world.publish(SHARED, PLAIN)
        await self.publish(0)
        listening = asyncio.create_task(self._listen(), name="listener")
        await asyncio.sleep(0)
        try:
            with capture_logs():  # what is cut is logged with its trace, which takes long to write
                yield self
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def begin(self) -> None:
        """Begin a play: no bookings, all chargers at work, the first edition, on the morning of the tests."""
        for place, evse in sorted(self.model.broken):
            wish = Report(place, evse, works=True).wish(self.model)
            assert wish is not None
            await self._send(wish, a_key())
        worked_on = bool(self.model.works)
        await self._connection.execute(f"TRUNCATE {EMPTIED}")
        self.world.later(NOW)
        if worked_on:
            await self._connection.execute("UPDATE location SET version = version + 1")
        if self.model.edition is not EDITIONS[0]:
            await self.publish(0)
        self.model = Model(minute(NOW), EDITIONS[0])
        await self.world.feed.synced()
        self._since = int(await self._connection.fetchval("SELECT pg_current_xact_id()::text"))
        self._heard.clear()

    async def finish(self) -> None:
        """End a play: every reference that was ever issued finds its booking, and the feed told all of it, once."""
        call = await self.world.call("cpo")
        for one in self.model.bookings.values():
            for reference in one.references:
                found = await bookings.by_reference(call, reference)
                assert (str(found.id), found.reference) == (one.id, one.references[-1])
        await self.world.feed.synced()
        rows = await self._connection.fetch(
            "SELECT xid::text AS written, id FROM event WHERE kind = $1 AND xid >= $2::text::xid8 ORDER BY xid, id",
            EventKind.BOOKING_CHANGED.value,
            str(self._since),
        )
        told = [(int(row["written"]), row["id"]) for row in rows]
        for _ in range(PATIENCE):
            if self._heard[-1:] == told[-1:]:
                break
            await asyncio.sleep(0)
        heard = [one for one in self._heard if one[0] >= self._since]
        assert heard == told, f"missed {set(told) - set(heard)}, heard also {set(heard) - set(told)}"

    async def publish(self, number: int) -> None:
        """Publish an edition of what is offered."""
        self._published += 1
        edition = EDITIONS[number]
        offers = [offered(one, edition, self._published) for one in OFFERS]
        await self.world.publish(tariff(edition, self._published), *offers)
        self.model.edition = edition

    async def do(self, step: Step) -> None:
        """Do one step, and compare."""
        wish = step.wish(self.model)
        if wish is not None:
            wish.judge(self.model, await self._send(wish, a_key()))
            await self.compare()

    async def do_twice(self, step: Step) -> None:
        """Do one step, and repeat it: the first result comes again."""
        wish = step.wish(self.model)
        if wish is not None:
            key = a_key()
            first = await self._send(wish, key)
            again, also = await asyncio.gather(self._send(wish, key), self._send(wish, key))
            assert type(first) is type(again) is type(also)
            wish.judge(self.model, again)
            await self.compare()

    async def do_crashing(self, step: Step, cut: Cut, statement: int) -> None:
        """Do one step that is cut at some statement, then repeat it: it is done once, and has one result."""
        wish = step.wish(self.model)
        if wish is None:
            return
        key = a_key()
        call = await self.world.call(wish.caller)
        fragile = Fragile(self.world.database, self.dsn, cut, statement)
        with suppress(AnswerLost, TryAgain, asyncio.CancelledError):
            await or_refusal(wish.ask(replace(call, database=fragile), key))
        wish.judge(self.model, await self._send(wish, key))
        await self.compare()

    async def do_together(self, first: Step, second: Step) -> None:
        """Do two steps at one moment: what comes of them is what comes of them in one order or the other."""
        wishes = [wish for wish in (first.wish(self.model), second.wish(self.model)) if wish]
        answers = await asyncio.gather(*(self._send(wish, a_key()) for wish in wishes))
        both = list(zip(wishes, answers, strict=True))
        found = await truth(self._connection)
        before, refuted = self.model, list[AssertionError]()
        for order, moved in product((both, both[::-1]), (None, found)):
            try:
                self.model = _after(before, order, moved)
                return await self.compare()
            except AssertionError as error:
                refuted.append(error)
        raise AssertionError("\n".join(["neither order explains what came of the two:", *map(repr, refuted)]))

    async def wait(self, minutes: int, workers: int, cut_at: int | None) -> None:
        """Let time pass, and then let so many workers do what is due, after one that was killed at a statement."""
        self.model.now += minutes
        self.world.later(moment(self.model.now))
        if cut_at is not None:
            fragile = Fragile(self.world.database, self.dsn, Cut.PROCESS, cut_at)
            try:
                await worker.due(replace(self._nobody(), database=fragile))
            except asyncio.CancelledError:
                await self._assert_never()
        if workers or cut_at is not None:
            assert all(await asyncio.gather(*(worker.due(self._nobody()) for _ in range(max(1, workers)))))
            self.model.due()
        await self.compare()

    async def compare(self) -> None:
        """Assert that the product is as modeled; what is its choice, the model adopts if it is allowed."""
        found = await truth(self._connection)
        follow(self.model, found)
        assert not self.model.double_booked()
        call = await self.world.call("cpo")
        seen = await bookings.many(call, [f"NL*ABC*{one}" for one in self.model.bookings])
        assert_as_modeled(self.model, found, seen)
        await self._assert_never()

    async def _assert_never(self) -> None:
        await assert_never(self._connection, self._since)

    async def _send(self, wish: Wish, key: str) -> Any:
        return await or_refusal(wish.ask(await self.world.call(wish.caller), key))

    def _nobody(self) -> Call:
        return Call(None, self.world.now, self.world.database, self.world.catalogue)

    async def _listen(self) -> None:
        with self.world.feed.listening([of_kind(EventKind.BOOKING_CHANGED)]) as listener:
            async for recorded in listener.events(None):
                self._heard.append((recorded.cursor.xid, recorded.cursor.id))


def _after(model: Model, answered: list[tuple[Wish, Any]], moved: Truth | None) -> Model:
    """Return what the model is after answers in that order; what was `moved` may have been so by the first."""
    trial = deepcopy(model)
    for number, (wish, answer) in enumerate(answered):
        if number and moved is not None:
            follow_moves(trial, moved)
        wish.judge(trial, answer)
    return trial


async def or_refusal(asked: Awaitable[Any]) -> Any:
    """Return what was asked for, or the refusal; whatever else is raised is a fault."""
    try:
        return await asked
    except Refusal as refusal:
        return refusal
