"""What the tests of bulk publication share: changes of one object, what is in the catalogue, and what is refused."""

from collections.abc import Awaitable

from models.errors import BadInput, Forbidden, Refusal
from models.rules.booking_location import BookingLocation
from models.rules.identity import object_id
from models.rules.interval import Interval
from models.rules.location import Location
from models.rules.maintenance import Maintenance
from models.rules.published import PublishedLocation
from models.rules.tariff import Tariff
from resolvers import bulk_publishing
from resolvers.changes import Change
from tests.factories.catalogue import CPO, NOW, hours
from tests.world import World, a_key

LOC1, ANY = "NL*ABC*LOC1", "NL*ABC*LOC1-ANY"


async def publish(world: World, *values: Location | Tariff | BookingLocation | Maintenance) -> None:
    """Publish objects as their operator, and wait until everybody has heard."""
    call = await world.call("cpo")
    for one in values:
        if isinstance(one, Location):
            await bulk_publishing.locations_publish(call, a_key(), [Change(one)])
        elif isinstance(one, Tariff):
            await bulk_publishing.tariffs_publish(call, a_key(), [Change(one)])
        elif isinstance(one, BookingLocation):
            await bulk_publishing.booking_locations_publish(call, a_key(), [Change(one)])
        else:
            await bulk_publishing.maintenance_publish(call, a_key(), [Change(one)])
    await world.feed.synced()


async def refusal(asked: Awaitable[object]) -> Refusal | BadInput | Forbidden:
    """Return why what is asked was refused."""
    try:
        came = await asked
    except (Refusal, BadInput, Forbidden) as refused:
        return refused
    raise AssertionError(f"nothing was refused: {came}")


def known(world: World, location_id: str = LOC1) -> PublishedLocation:
    """Return a Location as the catalogue has it."""
    entry = world.catalogue.get(location_id)
    assert entry is not None
    return entry.published


def offer_of(world: World, offer_id: str = ANY) -> BookingLocation:
    """Return a BookingLocation as the catalogue has it."""
    found = world.catalogue.booking_location(offer_id)
    assert found is not None
    return found[1]


def a_maintenance(
    name: str = "WORK", *, period: Interval | None = None, evses: tuple[str, ...] = (), location_id: str = LOC1
) -> Maintenance:
    """Return work at LOC1 from 9 to 10."""
    ids = object_id(*CPO, name)
    return Maintenance(ids, *CPO, name, location_id, evses, period or hours(9, 10), "Inspection", NOW)


async def told(world: World) -> list[tuple[str, str, str | None]]:
    """Return the kind, the object and the cause of all events so far, in order."""
    async with world.database.reading() as connection:
        rows = await connection.fetch("SELECT kind, object_id, cause FROM event ORDER BY xid, id")
    return [(row["kind"], row["object_id"], row["cause"]) for row in rows]
