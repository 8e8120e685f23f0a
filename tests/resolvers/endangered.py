"""Sites near each other, of two operators, and bookings there that their charger fails or their operator cancels."""

from decimal import Decimal

from models.queries import faults
from models.rules.alternative import Alternative
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.booking_state import CanceledReason
from models.rules.location import Location, Status
from models.rules.tariff import Tariff
from resolvers import alternatives, bookings
from resolvers.alternative_taking import TakenAlternative
from resolvers.booking_cancel import Cancellation
from resolvers.catalogue import reread
from tests.factories.catalogue import a_location, a_tariff, an_offer
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.requests import ask
from tests.world import World, a_key

XYZ = ("DE", "XYZ")
HERE = a_location()
NEAR = a_location("NEAR", place=(Decimal("51.95132"), Decimal("4.47773")))
OTHERS = a_location("OTHERS", owner=XYZ, place=(Decimal("51.83442"), Decimal("4.47773")))
FAR = a_location("FAR", place=(Decimal("52.37403"), Decimal("4.88969")))
AT_HERE, AT_NEAR, AT_OTHERS, AT_FAR = (an_offer(place) for place in (HERE, NEAR, OTHERS, FAR))
ENDANGER = """
UPDATE booking SET hazard = 'FAULT', alternatives_due_at = $2 WHERE id = $1 AND hazard IS NULL RETURNING 1
"""


async def open_sites(world: World, *changed: Location | BookingLocation) -> None:
    """Publish a site with one charger, one 3 km away, another operator's 10 km away, and one in another city.

    What is named in `changed` stands in the place of the plain ones.
    """
    plain: list[Location | BookingLocation | Tariff] = [
        a_tariff(),
        HERE,
        NEAR,
        OTHERS,
        FAR,
        AT_HERE,
        AT_NEAR,
        AT_OTHERS,
        AT_FAR,
    ]
    ids = {one.id for one in changed}
    order = {Tariff: 0, Location: 1, BookingLocation: 2}
    kept = [one for one in plain if one.id not in ids]
    await world.publish(*sorted([*kept, *changed], key=lambda one: order[type(one)]))


async def endangered(world: World, dsn: str, booking: Booking | None = None) -> Booking:
    """Return a booking of the charger here from ten to eleven, which is out of order from now on."""
    one = booking or await booked(world, AT_HERE, evse_id=E1)
    await _broken(world)
    await ask(dsn, ENDANGER, one.id, world.now)
    return one


async def canceled(world: World, booking: Booking | None = None) -> Booking:
    """Return a booking that its operator has canceled because its charger is out of order."""
    one = booking or await booked(world, AT_HERE)
    await _broken(world)
    wanted = Cancellation(one.object_id, CanceledReason.BROKEN_CHARGER)
    return await bookings.cancel(await world.call("cpo"), a_key(), wanted)


async def _broken(world: World) -> None:
    """Let the charger here be out of order from now on, and leave it to the test what follows of that, and when."""
    async with world.database.transaction() as connection:
        await faults.put_status(connection, HERE.id, E1, Status.OUTOFORDER, world.now)
    await reread(await world.call(None), [HERE.id])


async def offered(world: World, booking: Booking, caller: str = "emsp") -> list[Alternative]:
    """Let a worker see to what is due, and return what is offered in place of a booking."""
    await alternatives.offer(await world.call(None))
    return (await alternatives.offered(await world.call(caller), booking.object_id))[1]


async def taken(world: World, one: Alternative, caller: str = "emsp", key: str | None = None) -> Booking:
    """Return the booking that has the slot of an alternative; a refusal is raised."""
    return await alternatives.take(await world.call(caller), key or a_key(), TakenAlternative(str(one.id)))


def places(found: list[Alternative]) -> list[str]:
    """Return where alternatives are, by the operators' names for the Locations."""
    return [one.location_id.rsplit("*", 1)[1] for one in found]
