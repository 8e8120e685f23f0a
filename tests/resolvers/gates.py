"""Sites with gates, bookings that open them, and how vehicles ask (BUC 3.12)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import AccessMethod, BookingLocation, Confirmation
from models.rules.interval import Interval
from models.rules.site_entry import EntryRefusal
from models.rules.token import TokenType
from resolvers import site_entries
from resolvers.for_whom import ForWhom
from resolvers.site_entry_authorizing import Answered, Attempt
from tests.factories.catalogue import TERMS, a_location, an_offer, hours
from tests.resolvers.lifecycle import booked
from tests.world import FLEET_CONTRACT, World, a_key

ALL_WAYS = replace(TERMS, supported_access_methods=(AccessMethod.OPEN, AccessMethod.ACCESS_CODE))
SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE, terms=ALL_WAYS)
TO_CONFIRM = an_offer(SITE, "ASKED", terms=ALL_WAYS, confirmation=Confirmation.OPERATOR)
ELSEWHERE = a_location("LOC2")
AT_ELSEWHERE = an_offer(ELSEWHERE, terms=ALL_WAYS)
FOREIGN = a_location("LOC9", owner=("DE", "XYZ"))
HIDDEN = a_location("LOC8", owner=("DE", "XYZ"), publish=False)
CARD = BookingToken("NL", "EMS", "04A1B2C3", "RFID", FLEET_CONTRACT)
HOLDER = ForWhom((CARD,), license_plate="12-ABC-3")
MINUTE = timedelta(minutes=1)
FAILED = "SELECT coalesce(sum(count), 0)::int FROM failed_attempt"
KEPT = "SELECT count(*) FROM site_entry"
TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED' AND object_id = $1"


async def open_sites(world: World) -> None:
    """Publish sites of two operators."""
    await world.publish(SITE, ELSEWHERE, FOREIGN, HIDDEN, OFFER, TO_CONFIRM, AT_ELSEWHERE)


async def expected(
    world: World, offer: BookingLocation = OFFER, period: Interval | None = None, **changes: Any
) -> Booking:
    """Return a booking from ten to eleven, of whose holder all is known that a gate may ask for."""
    return await booked(world, offer, period or hours(10, 11), whom=changes.pop("whom", HOLDER), **changes)


async def enter(
    world: World, key: str | None = None, *, caller: str = "cpo", location_id: str = SITE.id, **by: Any
) -> Answered:
    """Ask at a gate, and return what it was answered; a refusal is raised."""
    return await site_entries.authorize(await world.call(caller), key or a_key(), Attempt(location_id, **by))


async def why(world: World, **by: Any) -> EntryRefusal | None:
    """Ask at a gate, and return why it stays shut; None if it opens."""
    return (await enter(world, **by)).entry.reason


def ways(one: Booking) -> list[dict[str, Any]]:
    """Return in which ways a booking may be asked for."""
    return [
        {"license_plate": "12 abc 3"},
        {"access_code": one.access_code},
        {"uid": CARD.uid.lower(), "type": TokenType.RFID},
        {"reference": f"{one.reference[:5]}-{one.reference[5:]}".lower()},
    ]
