"""A row in every table, put there by the product itself."""

from models.db import connected
from models.rules.alternative import AlternativesPolicy
from models.rules.booking import BookingToken
from models.rules.fault import Severity
from models.rules.location import Status
from resolvers import alternatives, bookings, evses, mandates, provider_fees, quotes, reminders, vehicles
from resolvers.alternative_suggesting import Suggestion
from resolvers.booking_create import QuotedBooking
from resolvers.evses import FaultReport, StatusReport
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from resolvers.reminders import Preference
from tests.factories.catalogue import a_location, a_tariff, an_offer, hours
from tests.factories.fleet import a_fee, a_vehicle, fees
from tests.resolvers.bulk import a_maintenance, publish
from tests.resolvers.quoting import a_slot
from tests.world import World, a_key


async def furnish(dsn: str, *, hold: bool = False) -> None:
    """Put a row into every table of an empty database: E1 is booked from 10:00 to 11:00, E2 broken, both worked on.

    In place of its hour, E1 is offered from 14:00 to 15:00. If `hold`, a quote holds it from 12:00 to 13:00.
    """
    async with connected(dsn) as database, World(database).living() as world:
        location = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
        offer = an_offer(location)
        await world.publish(location, a_tariff(), offer)
        token = BookingToken("NL", "EMS", "04AABBCC", "RFID", "NL-EMS-C00000001-A")
        held = await quotes.quote(await world.call("emsp"), a_key(), a_slot(offer, evse_id="NL*ABC*LOC1*E1"))
        wanted = QuotedBooking(str(held.id), ForWhom((token,), reminders=(60,)))
        booked = await bookings.create(await world.call("emsp"), a_key(), wanted)
        await bookings.quote_cancel(await world.call("emsp"), a_key(), booked.object_id)
        if hold:
            later = a_slot(offer, hours(12, 13), evse_id="NL*ABC*LOC1*E1")
            await quotes.quote(await world.call("emsp"), a_key(), later)
        broken = FaultReport("E042", Severity.OUT_OF_USE, "The cable is cut.", None)
        report = StatusReport("NL*ABC*LOC1*E2", Status.INOPERATIVE, broken)
        await evses.report_status(await world.call("cpo"), a_key(), report)
        await publish(world, a_maintenance(period=hours(10, 11)))
        await vehicles.save(await world.call("fleet"), a_key(), a_vehicle())
        await provider_fees.publish(await world.call("emsp"), a_key(), fees(a_fee()))
        await reminders.prefer(await world.call("emsp"), a_key(), Preference(None, (90, 15)))
        await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
        await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy())
        instead = Suggestion(booked.object_id, offer.id, hours(14, 15), "NL*ABC*LOC1*E1")
        await alternatives.suggest(await world.call("cpo"), a_key(), instead)
