"""The clients of the storm: what each of them asks for, one thing after the other."""

import asyncio
import time
from datetime import timedelta
from random import Random
from typing import Any

from rich.progress import Progress

from benchmarks.ledger import Ledger, Taken
from models.rules.interval import Interval
from models.rules.location import Location
from models.rules.role import Role
from resolvers import parties
from tests.factories.catalogue import a_location, a_tariff, an_offer, hours
from tests.server.served import Served
from tests.world import a_key

SITES, CHARGERS, PROVIDERS, DAYS = 5, 4, 16, 14
SLOT = timedelta(minutes=30)
OPENING = hours(0, 1, 1).start
MOST_HELD = 40
"""Bookings that a client keeps at a time, before it cancels rather than books."""

CREATE = """
mutation ($input: BookingCreateInput!) { bookingCreate(input: $input) {
    __typename ... on Booking { id timeslot { startDateTime } } } }
"""
QUOTE = """
mutation ($input: BookingQuoteInput!) { bookingQuote(input: $input) {
    __typename ... on BookingQuoted { quote { id } } } }
"""
CHANGE_QUOTE = """
mutation ($input: BookingChangeQuoteInput!) { bookingChangeQuote(input: $input) {
    __typename ... on ChangeQuote { quote { id } } } }
"""
CHANGE = """
mutation ($input: BookingChangeInput!) { bookingChange(input: $input) { __typename ... on Booking { id } } }
"""
CANCEL = """
mutation ($input: BookingCancelInput!) { bookingCancel(input: $input) { __typename ... on Booking { id } } }
"""
MISSION = """
mutation ($input: MissionBookInput!) { missionBook(input: $input) {
    __typename ... on MissionBooked { bookings { id } } } }
"""
ACCEPTED = frozenset({"Booking", "MissionBooked"})


class Storm:
    """Clients of many providers that quote, book, change, cancel and plan trips at a few sites."""

    def __init__(self, target: Served, chance: Random) -> None:
        """Take whom to ask, and what decides."""
        self._target = target
        self._chance = chance
        self._secrets: list[str] = []
        self._sites: list[tuple[Location, str]] = []

    async def prepare(self) -> None:
        """Publish the sites, and give the providers their tokens."""
        world = self._target.world
        for number in range(PROVIDERS):
            name = await parties.create(
                world.database, "NL", f"P{number:02}", f"P{number:02}", [Role.EMSP], world.now
            )
            self._secrets.append(await parties.create_token(world.database, name, Role.EMSP, world.now))
        window = Interval(OPENING, OPENING + timedelta(days=DAYS))
        for number in range(SITES):
            place = a_location(f"SITE{number}", chargers={f"E{one}": [f"B{one}"] for one in range(CHARGERS)})
            offer = an_offer(place, windows=[window], increment=30)
            await world.publish(place, offer)
            self._sites.append((place, offer.id))
        await world.publish(a_tariff(), a_tariff("CHARGE"))
        await self._target.published()

    async def rage(self, clients: int, seconds: float) -> list[Ledger]:
        """Let so many clients ask for so long, and return what each did."""
        ends = time.perf_counter() + seconds
        asking = [Client(self, self._secrets[number % PROVIDERS], self._chance.random()) for number in range(clients)]
        with Progress(transient=True) as progress:
            task = progress.add_task("storm", total=seconds)

            async def show() -> None:
                while time.perf_counter() < ends:
                    progress.update(task, completed=seconds - (ends - time.perf_counter()))
                    await asyncio.sleep(1)

            await asyncio.gather(show(), *(one.ask_until(ends) for one in asking))
        return [one.ledger for one in asking]

    def slot(self, chance: Random) -> tuple[int, str, Interval]:
        """Return a site, what can be booked there, and one of its half hours."""
        site = chance.randrange(SITES)
        start = OPENING + chance.randrange(DAYS * 48 - 3) * SLOT
        return site, self._sites[site][1], Interval(start, start + chance.choice((1, 2, 3)) * SLOT)

    async def post(self, secret: str, document: str, input: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send a mutation, and return the HTTP status and the answer."""
        body = {"query": document, "variables": {"input": {"idempotencyKey": a_key(), **input}}}
        headers = {"authorization": f"Bearer {secret}"}
        answer = await self._target.client.post("/graphql", json=body, headers=headers)
        return answer.status_code, answer.json()


class Client:
    """One client with its bookings, each with its site and its slot."""

    def __init__(self, storm: Storm, secret: str, seed: float) -> None:
        """Take whose storm it is, with which token, and what its chance begins with."""
        self._storm = storm
        self._secret = secret
        self._chance = Random(seed)
        self._bookings: dict[str, int] = {}
        self.ledger = Ledger()

    async def ask_until(self, ends: float) -> None:
        """Ask for one thing after the other."""
        begun = time.perf_counter()
        while time.perf_counter() < ends:
            many = len(self._bookings) >= MOST_HELD
            deeds = [self._cancel] if many else [self._create] * 4 + [self._by_quote] * 3 + [self._mission]
            if self._bookings:
                deeds += [self._change] * 3 + [self._cancel] * (3 if many else 2)
            await self._chance.choice(deeds)()
        self.ledger.seconds = time.perf_counter() - begun

    async def _create(self) -> None:
        site, offer, period = self._storm.slot(self._chance)
        made = await self._send(CREATE, "bookingCreate", {"bookingLocationId": offer, "period": _period(period)})
        self._keep(made, site, period)

    async def _by_quote(self) -> None:
        quoted = await self._quote()
        if quoted:
            quote_id, site, period = quoted
            self._keep(await self._send(CREATE, "bookingCreate", {"quoteId": quote_id}), site, period)

    async def _mission(self) -> None:
        quoted = [one for one in (await self._quote(), await self._quote()) if one]
        if not quoted:
            return
        made = await self._send(MISSION, "missionBook", {"quotes": [{"quoteId": one[0]} for one in quoted]})
        for one, booking in zip(quoted, (made or {}).get("bookings", ()), strict=False):
            self._keep(booking, one[1], one[2])

    async def _change(self) -> None:
        booking_id = self._chance.choice(list(self._bookings))
        site, offer, period = self._storm.slot(self._chance)
        wanted = {"bookingId": booking_id, "bookingLocationId": offer, "period": _period(period)}
        quoted = await self._send(CHANGE_QUOTE, "bookingChangeQuote", wanted)
        if quoted is not None:
            changed = await self._send(CHANGE, "bookingChange", {"quoteId": quoted["quote"]["id"]})
            self._keep(changed, site, period)

    async def _cancel(self) -> None:
        booking_id = self._chance.choice(list(self._bookings))
        if await self._send(CANCEL, "bookingCancel", {"bookingId": booking_id}) is not None:
            site = self._bookings.pop(booking_id)
            self.ledger.deeds.append(Taken(booking_id, site, None))

    async def _quote(self) -> tuple[str, int, Interval] | None:
        site, offer, period = self._storm.slot(self._chance)
        made = await self._send(QUOTE, "bookingQuote", {"bookingLocationId": offer, "period": _period(period)})
        return None if made is None else (made["quote"]["id"], site, period)

    def _keep(self, booking: dict[str, Any] | None, site: int, period: Interval) -> None:
        if booking is not None:
            self._bookings[booking["id"]] = site
            self.ledger.accepted += 1
            self.ledger.deeds.append(Taken(booking["id"], site, period))

    async def _send(self, document: str, root: str, input: dict[str, Any]) -> dict[str, Any] | None:
        """Send a mutation, note how it went, and return what was granted, or None."""
        begun = time.perf_counter()
        status, answer = await self._storm.post(self._secret, document, input)
        taken = time.perf_counter() - begun
        self.ledger.latencies.append(taken)
        data = (answer.get("data") or {}).get(root)
        if data is None:
            code = answer["errors"][0]["extensions"]["code"]
            self.ledger.faults += status >= 500 or code == "INTERNAL_SERVER_ERROR"
            self.ledger.answers[f"{root}: {code}"] += 1
            return None
        name: str = data["__typename"]
        self.ledger.answers[f"{root}: {name}"] += 1
        granted = name in {"Booking", "MissionBooked", "BookingQuoted", "ChangeQuote"}
        if name in ACCEPTED and root != "bookingCancel":
            self.ledger.accepting.append(taken)
        return data if granted else None


def _period(period: Interval) -> dict[str, str]:
    return {"startDateTime": period.start.isoformat(), "endDateTime": period.end.isoformat()}
