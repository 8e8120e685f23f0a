"""A row in every table, put there by the product itself."""

from models.db import connected
from models.rules.booking import BookingToken
from models.rules.fault import Severity
from models.rules.location import Status
from resolvers import bookings, evses, provider_fees, quotes, vehicles
from resolvers.booking_create import QuotedBooking
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import a_location, a_tariff, an_offer, hours
from tests.factories.fleet import a_fee, a_vehicle, fees
from tests.resolvers.bulk import a_maintenance, publish
from tests.resolvers.quoting import a_slot
from tests.world import World, a_key


async def furnish(dsn: str, *, hold: bool = False) -> None:
    """Put a row into every table of an empty database: E1 is booked from 10:00 to 11:00, E2 broken and worked on.

    If `hold`, a quote holds E1 from 12:00 to 13:00.
    """
    async with connected(dsn) as database, World(database).living() as world:
        location = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
        offer = an_offer(location)
        await world.publish(location, a_tariff(), offer)
        token = BookingToken("NL", "EMS", "04AABBCC", "RFID", "NL-EMS-C00000001-A")
        held = await quotes.quote(await world.call("emsp"), a_key(), a_slot(offer, evse_id="NL*ABC*LOC1*E1"))
        wanted = QuotedBooking(str(held.id), tokens=(token,))
        await bookings.create(await world.call("emsp"), a_key(), wanted)
        if hold:
            later = a_slot(offer, hours(12, 13), evse_id="NL*ABC*LOC1*E1")
            await quotes.quote(await world.call("emsp"), a_key(), later)
        broken = FaultReport("E042", Severity.OUT_OF_USE, "The cable is cut.", None)
        report = StatusReport("NL*ABC*LOC1*E2", Status.INOPERATIVE, broken)
        await evses.report_status(await world.call("cpo"), a_key(), report)
        await publish(world, a_maintenance(evses=("NL*ABC*LOC1*E2",)))
        await vehicles.save(await world.call("fleet"), a_key(), a_vehicle())
        await provider_fees.publish(await world.call("emsp"), a_key(), fees(a_fee()))
