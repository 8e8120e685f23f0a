"""A site with one charger that its charge point runs by OCPP, and the drivers' provider, all through the API."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server import worker
from tests.factories.catalogue import TERMS, a_location, a_tariff, an_evse, an_offer
from tests.ocpp import documents
from tests.ocpp.bridge import operating
from tests.ocpp.central_system import CentralSystem
from tests.ocpp.charger import Charger, plugged
from tests.server.asgi_socket import Socket
from tests.server.served import Served, served
from tests.world import FLEET_CONTRACT, a_key

CHARGE_POINT = "CP-001"
EVSE = "NL*ABC*LOC1*E1"
LOCATION = "NL*ABC*LOC1"
OFFER = "NL*ABC*LOC1-ANY"
CARD, OTHER_CARD = "04A1B2C3D4E5F6", "04FFFFFFFFFFFF"
CAPABILITIES = ("RFID_READER", "REMOTE_START_STOP_CAPABLE")


@dataclass
class Site:
    """The served application, the operator's central system, and what a provider does meanwhile."""

    served: Served
    system: CentralSystem
    url: str

    def charger(self) -> AbstractAsyncContextManager[Charger]:
        """Return the charge point's connection; it may be lost and made again."""
        return plugged(self.url, CHARGE_POINT)

    async def ask(self, caller: str, document: str, **variables: Any) -> Any:
        """Return what the one root field of an operation answers; there must be no error."""
        answer = (await self.served.ask(document, caller, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        (found,) = answer["data"].values()
        return found

    async def do(self, caller: str, document: str, **wanted: Any) -> Any:
        """Return what came of a mutation."""
        return await self.ask(caller, document, input={"idempotencyKey": a_key(), **wanted})

    async def issue(self, *uids: str, kind: str = "RFID", **changes: Any) -> None:
        """Let the provider publish cards, or other tokens."""
        fields = {"type": kind, "contractId": FLEET_CONTRACT, "issuer": "The provider", **changes}
        came = await self.do("emsp", documents.PUBLISH, tokens=[{"uid": uid, **fields} for uid in uids])
        assert came["__typename"] == "TokensPublished", came

    async def book(self, start: datetime, end: datetime, *, card: str | None = CARD, caller: str = "emsp") -> Any:
        """Return what came of a provider's wish to book the charger, for a card or for all of its drivers'."""
        token = {"countryCode": "NL", "partyId": "EMS", "uid": card, "type": "RFID", "contractId": FLEET_CONTRACT}
        period = {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()}
        tokens = [token] if card else []
        return await self.do(caller, documents.BOOK, bookingLocationId=OFFER, period=period, tokens=tokens)

    async def booked(self, start: datetime, end: datetime, *, card: str | None = CARD) -> str:
        """Return the id of a booking that a provider made."""
        came = await self.book(start, end, card=card)
        assert came["__typename"] == "Booking", came
        return str(came["id"])

    async def booking(self, booking_id: str) -> tuple[str, str]:
        """Return status and phase of a booking, as its provider sees it."""
        found = await self.ask("emsp", documents.BOOKING, id=booking_id)
        return found["status"], found["phase"]

    async def sessions(self, booking_id: str | None = None) -> list[Any]:
        """Return the sessions of a booking, or all, as the provider sees them."""
        ids = [booking_id] if booking_id else None
        found = await self.ask("emsp", documents.SESSIONS, bookingIds=ids)
        return [edge["node"] for edge in found["edges"]]

    async def status(self) -> str:
        """Return the state of the charger, as the provider sees it."""
        await self.served.published()
        found = await self.ask("emsp", documents.CHARGER, id=LOCATION)
        return str(found["evses"][0]["status"])

    def later(self, moment: datetime) -> None:
        """Let the clock stand at a later moment."""
        self.served.world.later(moment)

    async def duties(self) -> None:
        """Let the worker do what is due."""
        assert await worker.due(await self.served.world.call(None))


async def heard(socket: Socket, **wanted: Any) -> Any:
    """Return the next of what is told on a socket that has these values; it may be told more than once before."""
    while True:
        (event,) = (await socket.receive())["payload"]["data"].values()
        (told,) = (one for one in event.values() if isinstance(one, dict))
        if wanted.items() <= told.items():
            return told


@asynccontextmanager
async def a_site(dsn: str, *, bookings_only: bool = False) -> AsyncIterator[Site]:
    """Yield a site with one charger, and a provider that issued two cards."""
    async with served(dsn) as one:
        charger = an_evse(LOCATION, "E1", ["B1"], capabilities=CAPABILITIES)
        location = a_location(evses=(charger,))
        offer = an_offer(location, terms=TERMS, reservation_required=bookings_only)
        await one.world.publish(location, a_tariff(), a_tariff("CHARGE"), offer)
        await one.published()
        async with operating(one, {CHARGE_POINT: EVSE}) as (system, url):
            site = Site(one, system, url)
            await site.issue(CARD, OTHER_CARD)
            yield site
