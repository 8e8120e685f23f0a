"""Sites of two operators, and bookings at them for whom it may be: on behalf of others, of whole trips, moved."""

from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import BookingLocation
from models.rules.mandate import Mandate
from models.rules.quote import Quote
from resolvers import bookings, mandates
from resolvers.booking_move import Move
from resolvers.mandates import MandateToGrant, MandateToRevoke
from resolvers.missions import Mission, MissionBooking, Stop
from tests.factories.catalogue import a_location, an_offer
from tests.world import World, a_key

BOOKER = "DE*EMO"
PROVIDER = "NL*EMS"

HERE = a_location("LOC1")
THERE = a_location("LOC2", owner=("DE", "XYZ"))
OFFER = an_offer(HERE)
ABROAD = an_offer(THERE)


def token(contract_id: str = "C1", uid: str = "T1", provider: str = PROVIDER) -> BookingToken:
    """Return a driver's token."""
    country_code, party_id = provider.split("*")
    return BookingToken(country_code, party_id, uid, "RFID", contract_id)


async def open_sites(world: World, *offers: BookingLocation) -> None:
    """Publish a site of each of two operators, with one charger each, and what can be booked there."""
    await world.publish(HERE, THERE, *(offers or (OFFER, ABROAD)))


async def granted(world: World, caller: str = "emsp", booker_id: str = BOOKER, **changes: object) -> Mandate:
    """Return a mandate that a provider gave; a refusal is raised."""
    wanted = MandateToGrant(booker_id, **changes)  # type: ignore[arg-type]  # the fields are known to the tests
    return await mandates.grant(await world.call(caller), a_key(), wanted)


async def revoked(world: World, mandate: Mandate, caller: str = "emsp") -> Mandate:
    """Return a mandate that was ended; a refusal is raised."""
    return await mandates.revoke(await world.call(caller), a_key(), MandateToRevoke(str(mandate.id)))


async def mission(world: World, *quotes: Quote, caller: str = "emsp", key: str | None = None) -> Mission:
    """Return what one trip was booked as; a refusal is raised."""
    wanted = MissionBooking(tuple(Stop(str(one.id)) for one in quotes))
    return await bookings.book_mission(await world.call(caller), key or a_key(), wanted)


async def moved(
    world: World, booking: Booking, quote: Quote, caller: str = "emsp", cancel_quote_id: str | None = None
) -> Booking:
    """Return what a booking was moved to; a refusal is raised."""
    wanted = Move(booking.object_id, str(quote.id), cancel_quote_id)
    return await bookings.move(await world.call(caller), a_key(), wanted)
