"""A site whose chargers take commands, and what operators are asked there to start and to stop."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from models.queries import sessions
from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import BookingTerms
from models.rules.location import Location
from models.rules.session import Session
from models.rules.session_request import SessionRequest
from models.rules.token import TokenType
from resolvers import session_requests
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.session_request_answer import Answer
from resolvers.session_request_start import WantedStart
from resolvers.session_request_stop import WantedStop
from tests.factories.catalogue import TERMS, a_location, an_evse, an_offer, at
from tests.factories.sessions import a_session
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import TEN_TO_ELEVEN
from tests.resolvers.requests import ask
from tests.world import FLEET_CONTRACT, World, a_key

COMMANDED = ("RFID_READER", "REMOTE_START_STOP_CAPABLE")
CARD = Credential(uid="04A1B2C3", type=TokenType.RFID)
OTHERS_CARD = Credential(uid="04D4E5F6", type=TokenType.RFID)
E1, E2 = "NL*ABC*LOC1*E1", "NL*ABC*LOC1*E2"
OF_CARD = ForWhom((BookingToken("NL", "EMS", "04A1B2C3", "RFID", FLEET_CONTRACT),))
NOT_FROM_AFAR: BookingTerms = replace(TERMS, remote_auth_supported=False)
TOLD = "SELECT count(*) FROM event WHERE kind = 'SESSION_REQUESTED'"
ASKED = "SELECT count(*) FROM session_request"
NOTED = "SELECT concat_ws(' ', method, basis, reason) FROM charging_authorization"


def a_site(name: str = "LOC1", capabilities: Sequence[str] = COMMANDED, **changes: Any) -> Location:
    """Return a site with two chargers of those capabilities."""
    location_id = f"NL*ABC*{name}"
    chargers = {"E1": ["B1"], "E2": ["B2"]}
    evses = tuple(an_evse(location_id, uid, bays, capabilities=tuple(capabilities)) for uid, bays in chargers.items())
    return a_location(name, **{"chargers": chargers, "evses": evses, **changes})


SITE = a_site()
OFFER = an_offer(SITE)


async def at_ten(world: World, caller: str = "emsp", evse_id: str | None = E1, whom: ForWhom = OF_CARD) -> Booking:
    """Return a booking from ten to eleven, whose slot has just begun."""
    one = await booked(world, OFFER, TEN_TO_ELEVEN, caller, whom=whom, evse_id=evse_id)
    world.later(at(10))
    return one


async def start(world: World, one: Booking, caller: str = "emsp", **more: Any) -> SessionRequest:
    """Ask to start a booking; a refusal is raised."""
    wanted = WantedStart(booking_id=one.object_id, **more)
    return await session_requests.start(await world.call(caller), a_key(), wanted)


async def start_at(world: World, evse_id: str, by: Credential = CARD, caller: str = "emsp") -> SessionRequest:
    """Ask to start at a charger with a Token; a refusal is raised."""
    wanted = WantedStart(evse_id=evse_id, by=by)
    return await session_requests.start(await world.call(caller), a_key(), wanted)


async def stop(world: World, one: Session, caller: str = "emsp") -> SessionRequest:
    """Ask to stop a session; a refusal is raised."""
    return await session_requests.stop(await world.call(caller), a_key(), WantedStop(one.object_id))


async def answered(
    world: World, one: SessionRequest, accepted: bool = True, reason: str | None = None, caller: str = "cpo"
) -> SessionRequest:
    """Answer a request; a refusal is raised."""
    wanted = Answer(one.object_id, accepted, reason)
    return await session_requests.answer(await world.call(caller), a_key(), wanted)


async def going_on(world: World, one: Booking | None = None, **changes: Any) -> Session:
    """Return a session that goes on, of a booking if one is given."""
    of_booking = {"booking_id": one.id, "parties": one.parties, "evse_id": one.evse_id} if one else {}
    made = a_session(**{"start_date_time": world.now, "last_updated": world.now, **of_booking, **changes})
    async with world.database.transaction() as connection:
        await sessions.add(connection, made)
    return made


async def counted(dsn: str) -> tuple[int, int]:
    """Return how many requests there are, and how often whoever is concerned was told of one."""
    return await ask(dsn, ASKED), await ask(dsn, TOLD)
