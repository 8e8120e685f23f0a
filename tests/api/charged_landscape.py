"""The landscape a few hours later: on every booking somebody came, charged and was written to; others walked up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.rules.location import Location
from schema.live import EventCursor, write_cursor
from tests.api.landscape import OPEN, Landscape, Made, charger_of, landscape, site
from tests.factories.catalogue import at
from tests.subscriptions.hearing import position
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, a_key

CHARGER = charger_of(OPEN)
FIRST_HOUR = 8
"""When the first of the landscape's bookings begins; the others follow hour by hour."""

WALK_UPS = (
    ("emsp", "CARD-1", FLEET_CONTRACT, frozenset({"emsp", "fleet"})),
    ("emsp", "CARD-2", OTHER_CONTRACT, frozenset({"emsp", "other_fleet"})),
    ("other_emsp", "CARD-9", "DE-EMO-C00000009-X", frozenset({"other_emsp"})),
)
"""A provider, the uid and the contract of a card of its driver, and who may see that card."""

ROOTS = {
    "sessionStartReport": "... on Session { id }",
    "sessionStopReport": "... on Session { id }",
    "sessionStart": "... on SessionRequest { id }",
    "driverMessageSend": "... on DriverMessage { id }",
    "problemReportCreate": "... on ProblemReport { id }",
    "chargingAuthorize": "... on ChargingAuthorized { authorization { id } }",
    "siteEntryAuthorize": "... on SiteEntryAdmitted { entry { id } } ... on SiteEntryRefused { entry { id } }",
    "tokensPublish": "... on TokensPublished { tokens { id } }",
}


@dataclass(frozen=True)
class Thing:
    """Something of an operator's site or of a provider's, and who may see it."""

    id: str
    seen_by: frozenset[str]


@dataclass(frozen=True)
class Charged:
    """The landscape, and by its kind all that happened there; `bookings` are those on which somebody charged."""

    landscape: Landscape
    things: dict[str, list[Thing]]
    bookings: tuple[Made, ...]
    before: EventCursor
    """The place in the feed before all of that."""

    async def ask(self, caller: str | None, document: str, **variables: Any) -> Any:
        """Execute an operation with the rights of a caller."""
        return await self.landscape.ask(caller, document, **variables)

    async def doing(self, caller: str | None, root: str, selection: str = "", **given: Any) -> Any:
        """Execute a mutation with a key of its own."""
        return await self.ask(caller, mutation(root, selection), input={"idempotencyKey": a_key(), **given})

    async def done(self, caller: str, root: str, **given: Any) -> Any:
        """Return what a mutation that succeeds came to."""
        answer = await self.doing(caller, root, ROOTS[root], **given)
        assert answer.errors == []
        came = answer.data[root]
        assert set(came) > {"__typename"}, came
        return came

    def made(self, kind: str, object_id: str, seen_by: frozenset[str]) -> None:
        """Note what was made."""
        self.things[kind].append(Thing(object_id, seen_by))


def mutation(root: str, selection: str = "") -> str:
    """Return a mutation that takes an input and tells what refuses it."""
    kind = f"{root[0].upper()}{root[1:]}Input"
    told = "... on NotFound { kind id } ... on Problem { message }"
    return f"mutation ($input: {kind}!) {{ {root}(input: $input) {{ __typename {selection or told} }} }}"


@asynccontextmanager
async def charged(cluster: str, template: str) -> AsyncIterator[Charged]:
    """Yield the landscape in a database of its own after its bookings, and walk-ups behind them."""
    async with landscape(cluster, template) as made:
        await made.world.publish(from_afar(made.world.now))
        kinds = ("Session", "SessionRequest", "SiteEntry", "ChargingAuthorization", "ProblemReport", "DriverMessage")
        begin = write_cursor(position(made.world.feed))
        here = Charged(made, {kind: [] for kind in (*kinds, "Token", "Refusal")}, made.bookings, begin)
        for number, one in enumerate(made.bookings):
            await _used(here, one, FIRST_HOUR + number)
        for number, (caller, uid, contract, seen_by) in enumerate(WALK_UPS):
            await _walked_up(here, caller, uid, contract, seen_by, FIRST_HOUR + len(made.bookings) + number)
        await made.world.feed.synced()
        yield here


def from_afar(now: datetime) -> Location:
    """Return the open site as it is once its charger takes commands."""
    plain = site("OPEN")
    chargers = tuple(replace(one, capabilities=("REMOTE_START_STOP_CAPABLE",)) for one in plain.evses)
    return replace(plain, evses=chargers, last_updated=now)


async def _used(here: Charged, one: Made, hour: int) -> None:
    """Let somebody come, charge on a booking by its reference, be written to, stop, and be reported for."""
    here.landscape.world.later(at(hour + 0.1))
    provider = "emsp" if "emsp" in one.seen_by else "other_emsp"
    by = {"reference": one.reference}
    entered = await here.done("cpo", "siteEntryAuthorize", locationId=OPEN, **by)
    here.made("SiteEntry", entered["entry"]["id"], one.seen_by)
    decided = await here.done("cpo", "chargingAuthorize", evseId=CHARGER, **by)
    here.made("ChargingAuthorization", decided["authorization"]["id"], one.seen_by)
    asked = await here.done(provider, "sessionStart", bookingId=one.id)
    here.made("SessionRequest", asked["id"], one.seen_by)
    begun = await here.done("cpo", "sessionStartReport", evseId=CHARGER, **by)
    here.made("Session", begun["id"], one.seen_by)
    refused = await here.doing("cpo", "chargingAuthorize", evseId=CHARGER, **by)
    assert refused.data["chargingAuthorize"]["__typename"] == "ChargingRefused"
    here.made("Refusal", one.id, one.seen_by - {"cpo"})
    sent = await here.done("cpo", "driverMessageSend", bookingId=one.id, text="Please move on.")
    here.made("DriverMessage", sent["id"], one.seen_by)
    here.landscape.world.later(at(hour + 0.8))
    await here.done("cpo", "sessionStopReport", sessionId=begun["id"], reason="DRIVER")
    reported = await here.done(provider, "problemReportCreate", bookingId=one.id, problem="BROKEN")
    here.made("ProblemReport", reported["id"], one.seen_by)


async def _walked_up(here: Charged, caller: str, uid: str, contract: str, seen_by: frozenset[str], hour: int) -> None:
    """Let a provider publish a card, and its driver charge with that without a booking; the last goes on."""
    here.landscape.world.later(at(hour + 0.1))
    card = {"uid": uid, "type": "RFID"}
    published = await here.done(
        caller, "tokensPublish", tokens=[{**card, "contractId": contract, "issuer": "The provider"}]
    )
    here.made("Token", published["tokens"][0]["id"], seen_by)
    begun = await here.done("cpo", "sessionStartReport", evseId=CHARGER, token=card)
    here.made("Session", begun["id"], seen_by | {"cpo"})
    if uid != WALK_UPS[-1][1]:
        here.landscape.world.later(at(hour + 0.8))
        await here.done("cpo", "sessionStopReport", sessionId=begun["id"], reason="DRIVER")
