"""A row in every table, put there by the product itself."""

from models.db import connected
from models.rules.booking import BookingToken
from models.rules.fault import Severity
from models.rules.location import Status
from resolvers import bookings, evses
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import a_location, a_tariff, an_offer
from tests.resolvers.requests import a_request
from tests.world import World, a_key


async def furnish(dsn: str) -> None:
    """Put a row into every table of an empty database: E1 is booked from 10:00 to 11:00, and E2 is broken."""
    async with connected(dsn) as database, World(database).living() as world:
        location = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
        offer = an_offer(location)
        await world.publish(location, a_tariff(), offer)
        token = BookingToken("NL", "EMS", "04AABBCC", "RFID", "NL-EMS-C00000001-A")
        wanted = a_request(offer, evse_id="NL*ABC*LOC1*E1", tokens=(token,))
        await bookings.create(await world.call("emsp"), a_key(), wanted)
        broken = FaultReport("E042", Severity.OUT_OF_USE, "The cable is cut.", None)
        report = StatusReport("NL*ABC*LOC1*E2", Status.INOPERATIVE, broken)
        await evses.report_status(await world.call("cpo"), a_key(), report)
