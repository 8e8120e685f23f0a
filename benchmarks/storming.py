"""The callers of the storm, providers and the operator: what each asks for, one thing after the other."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from benchmarks.ledger import GRANTED, TRY_AGAIN, Answer, Ledger, Slot, Taken
from models.rules.interval import Interval
from models.rules.location import Location
from tests.factories.catalogue import NOW, an_offer
from tests.server.served import Served
from tests.world import a_key

OPENING = NOW + timedelta(days=1)
"""So late that no booking begins while the storm lasts."""

DAYS = 2
SLOT = timedelta(minutes=30)
MOST_HELD = 12
"""Bookings that a client keeps at a time, before it cancels rather than books."""

PINNED, TWICE, FORGOTTEN = 0.2, 0.1, 0.15
"""Shares of the slots asked for on one charger, of the mutations sent twice, and of the quotes left to expire."""

FAULT_SECONDS = 3.0
MOST_BROKEN = 3
"""Chargers out of order at a time; then the first is repaired."""

ANSWERED = {
    "bookingCreate": "... on Booking { id status timeslot { startDateTime } }",
    "bookingQuote": "... on BookingQuoted { quote { id } }",
    "bookingChangeQuote": "... on ChangeQuote { quote { id } }",
    "bookingChange": "... on Booking { id status }",
    "bookingCancel": "... on Booking { id status }",
    "missionBook": "... on MissionBooked { bookings { id } }",
    "evseStatusReport": "... on Evse { id }",
}


class Caller:
    """Somebody who sends mutations, some of them twice at the same moment, and notes what comes of them."""

    def __init__(self, target: Served, secret: str, places: Sequence[Location], seed: float) -> None:
        """Take whom to ask, with which token, about which sites, and what its chance begins with."""
        self._target = target
        self._secret = secret
        self._places = places
        self._chance = Random(seed)
        self.ledger = Ledger()

    async def _send(self, root: str, wanted: dict[str, Any], slot: Slot | None = None) -> dict[str, Any] | None:
        """Send a mutation, which asks for `slot` if given, and return what was granted, or None."""
        body = {"query": _document(root), "variables": {"input": {"idempotencyKey": a_key(), **wanted}}}
        times = 2 if self._chance.random() < TWICE else 1
        answers = await asyncio.gather(*(self._post(root, body) for _ in range(times)))
        answer = self.ledger.note(root, answers, slot)
        if answer.kind not in GRANTED:
            return None
        if root in {"bookingCreate", "bookingChange", "missionBook"}:
            self.ledger.accepting.append(answer.seconds)
        return answer.told

    async def _post(self, root: str, body: dict[str, Any]) -> Answer:
        begun = time.perf_counter()
        headers = {"authorization": f"Bearer {self._secret}"}
        response = await self._target.client.post("/graphql", json=body, headers=headers)
        seconds, status = time.perf_counter() - begun, response.status_code
        told = response.json()
        data = (told.get("data") or {}).get(root)
        if data is not None:
            return Answer(data["__typename"], data, status >= 500, seconds)
        code = told["errors"][0]["extensions"]["code"]
        return Answer(code, {}, code != TRY_AGAIN or status >= 500, seconds)


class Client(Caller):
    """One client with its bookings, at a few sites that many want."""

    def __init__(self, target: Served, secret: str, places: Sequence[Location], seed: float) -> None:
        """Take the same as any caller."""
        super().__init__(target, secret, places, seed)
        self._bookings: list[str] = []

    async def ask_until(self, ends: float) -> None:
        """Ask for one thing after the other."""
        begun = time.perf_counter()
        while time.perf_counter() < ends:
            deeds = [self._create] * 4 + [self._by_quote] * 3 + [self._mission]
            if len(self._bookings) >= MOST_HELD:
                deeds = [self._cancel]
            if self._bookings:
                deeds += [self._change] * 3 + [self._cancel] * 2
            await self._chance.choice(deeds)()
        self.ledger.seconds = time.perf_counter() - begun

    async def _create(self) -> None:
        slot = self._slot()
        self._keep(await self._send("bookingCreate", _wanted(slot), slot), slot)

    async def _by_quote(self) -> None:
        quoted = await self._quote()
        if quoted is not None and self._chance.random() >= FORGOTTEN:
            self._keep(await self._send("bookingCreate", {"quoteId": quoted[0]}), quoted[1])

    async def _mission(self) -> None:
        quoted = [one for one in (await self._quote(), await self._quote()) if one is not None]
        if not quoted:
            return
        made = await self._send("missionBook", {"quotes": [{"quoteId": quote_id} for quote_id, _ in quoted]})
        for (_, slot), booking in zip(quoted, (made or {}).get("bookings", ()), strict=False):
            self._keep(booking, slot)

    async def _change(self) -> None:
        slot = self._slot()
        wanted = {"bookingId": self._chance.choice(self._bookings), **_wanted(slot)}
        quoted = await self._send("bookingChangeQuote", wanted, slot)
        if quoted is not None and self._chance.random() >= FORGOTTEN:
            self._keep(await self._send("bookingChange", {"quoteId": quoted["quote"]["id"]}), slot)

    async def _cancel(self) -> None:
        booking_id = self._chance.choice(self._bookings)
        if await self._send("bookingCancel", {"bookingId": booking_id}) is not None:
            self._bookings.remove(booking_id)
            self.ledger.deeds.append(Taken(booking_id, None))

    async def _quote(self) -> tuple[str, Slot] | None:
        slot = self._slot()
        made = await self._send("bookingQuote", _wanted(slot), slot)
        return None if made is None else (made["quote"]["id"], slot)

    def _keep(self, booking: dict[str, Any] | None, slot: Slot) -> None:
        if booking is None:
            return
        if booking["id"] not in self._bookings:
            self._bookings.append(booking["id"])
        self.ledger.accepted += 1
        self.ledger.deeds.append(Taken(booking["id"], slot))

    def _slot(self) -> Slot:
        """Return half an hour or an hour at one of the sites, now and then on one of its chargers."""
        place = self._chance.choice(self._places)
        start = OPENING + self._chance.randrange(DAYS * 48 - 1) * SLOT
        pinned = self._chance.choice(place.evses).id if self._chance.random() < PINNED else None
        return Slot(place, Interval(start, start + self._chance.choice((1, 1, 2)) * SLOT), pinned)


class Operator(Caller):
    """The operator of all sites, whose chargers break and are repaired."""

    async def report_until(self, ends: float) -> None:
        """Report a fault every now and then, and later its repair; no report waits for the answer to another."""
        broken = deque[str]()
        async with asyncio.TaskGroup() as reports:
            while time.perf_counter() + FAULT_SECONDS < ends:
                await asyncio.sleep(FAULT_SECONDS)
                if len(broken) >= MOST_BROKEN:
                    reports.create_task(self._report(broken.popleft(), "AVAILABLE"))
                working = [evse.id for place in self._places for evse in place.evses if evse.id not in broken]
                broken.append(self._chance.choice(working))
                reports.create_task(self._report(broken[-1], "OUTOFORDER"))

    async def _report(self, evse_id: str, status: str) -> None:
        await self._send("evseStatusReport", {"evseId": evse_id, "status": status})


def _document(root: str) -> str:
    kind = f"{root[0].upper()}{root[1:]}Input"
    fields = f"__typename {ANSWERED[root]} ... on Problem {{ message }}"
    return f"mutation ($input: {kind}!) {{ {root}(input: $input) {{ {fields} }} }}"


def _wanted(slot: Slot) -> dict[str, Any]:
    period = {"startDateTime": slot.period.start.isoformat(), "endDateTime": slot.period.end.isoformat()}
    return {"bookingLocationId": an_offer(slot.place).id, "period": period, "evseId": slot.evse_id}
