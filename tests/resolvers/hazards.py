"""What the tests of endangered bookings share: a site, what befalls its chargers, and who was told how often."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from models.queries import quotes as stored_quotes
from models.queries.allocations import Holder
from models.rules.booking import Booking
from models.rules.fault import Severity
from models.rules.interval import Interval
from models.rules.location import Status
from models.rules.maintenance import Maintenance
from models.rules.quote import Changes, Quote, QuoteOutcome, QuotePurpose
from models.rules.role import Role
from resolvers import bookings, bulk_publishing, evses, granting, quotes
from resolvers.changes import Change
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.quoting import EXPIRY, a_slot
from tests.resolvers.requests import TEN_TO_ELEVEN, a_request
from tests.world import World, a_key

E1, E2, E3 = (f"NL*ABC*LOC1*E{number}" for number in (1, 2, 3))


async def a_site(world: World, chargers: int) -> None:
    """Publish LOC1 with so many chargers, each with its bay."""
    site = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(1, chargers + 1)})
    await world.publish(site, an_offer(site))


async def booked(world: World, period: Interval = TEN_TO_ELEVEN, evse_id: str | None = None) -> Booking:
    """Return a booking of any charger, or of the one that is asked for."""
    wanted = a_request(an_offer(a_location()), period, evse_id=evse_id)
    return await bookings.create(await world.call("emsp"), a_key(), wanted)


async def report(
    world: World,
    evse_id: str,
    status: Status = Status.OUTOFORDER,
    *,
    expected_end: datetime | None = None,
    severity: Severity | None = None,
) -> None:
    """Report the status of a charger, with a fault if something is known of one."""
    fault = FaultReport(None, severity, None, expected_end) if expected_end or severity else None
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(evse_id, status, fault))


async def plan(world: World, *works: Maintenance) -> None:
    """Publish works."""
    await bulk_publishing.maintenance_publish(await world.call("cpo"), a_key(), [Change(one) for one in works])


async def now(world: World, *were: Booking) -> list[Booking]:
    """Return bookings as they are now."""
    found = await bookings.many(await world.call("cpo"), [one.object_id for one in were])
    return [one for one in found if one is not None]


async def told(world: World, *were: Booking, kind: str = "BOOKING_CHANGED") -> list[int]:
    """Return how often it was told that each booking changed, or another `kind`; its creation is told once."""
    async with world.database.reading() as connection:
        rows = await connection.fetch("SELECT object_id FROM event WHERE kind = $1", kind)
    counted = Counter(row["object_id"] for row in rows)
    return [counted[one.object_id] for one in were]


def chargers(found: Sequence[Booking]) -> list[str]:
    """Return on which chargers bookings are."""
    return [one.evse_id for one in found]


async def held(world: World, one: Booking, purpose: QuotePurpose, hour: float) -> Quote:
    """Return a quote of another hour that would change a booking."""
    call = await world.call("emsp")
    wanted = a_slot(an_offer(a_location()), hours(hour, hour + 1))
    async with world.database.transaction() as connection:
        quote_id = uuid4()
        holder = Holder(one.id, quote_id, EXPIRY, clear=False)
        granted = await granting.grant(call, connection, wanted, holder)
        changes = Changes(one.id, one.revision)
        made = Quote(
            quote_id, one.emsp_id, Role.EMSP, (), granted, (), call.now, EXPIRY, purpose=purpose, changes=changes
        )
        await stored_quotes.add(connection, made)
    return made


async def settled(world: World, *held: Quote) -> list[QuoteOutcome]:
    """Return what came of quotes."""
    found = await quotes.many(await world.call("emsp"), [str(one.id) for one in held])
    return [one.outcome for one in found if one is not None]
