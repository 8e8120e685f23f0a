"""A row in every table, put there by the product itself."""

from decimal import Decimal

from models.db import connected
from models.rules.alternative import AlternativesPolicy
from models.rules.booking import Booking, BookingToken
from models.rules.fault import Severity
from models.rules.location import Status
from models.rules.reconciliation import InvoiceLine
from models.rules.session_alert import AlertWish
from resolvers import (
    alternatives,
    bookings,
    cdrs,
    charging,
    evses,
    mandates,
    provider_fees,
    quotes,
    reconciling,
    reminders,
    session_alert_wishes,
    sessions,
    site_entries,
    vehicles,
)
from resolvers.alternative_suggesting import Suggestion
from resolvers.booking_create import QuotedBooking
from resolvers.cdrs import Invoicing
from resolvers.charging import WantedCharging
from resolvers.charging_scene import Credential
from resolvers.evses import FaultReport, StatusReport
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from resolvers.reconciling import Invoice
from resolvers.reminders import Preference
from resolvers.session_alert_wishes import WantedAlerts
from resolvers.sessions import MeterReading, ReadingsReport
from resolvers.site_entry_authorizing import Attempt
from tests.factories.catalogue import a_tariff, an_offer, hours
from tests.factories.fleet import a_fee, a_vehicle, fees
from tests.factories.tokens import published
from tests.resolvers.bulk import a_maintenance, publish
from tests.resolvers.messaging import messaged, shared
from tests.resolvers.quoting import a_slot, or_refusal
from tests.resolvers.remote import a_site, going_on, stop
from tests.resolvers.reporting import noted
from tests.resolvers.settling import issued, numbered, refunded, settle, waived
from tests.world import World, a_key


async def furnish(dsn: str, *, hold: bool = False) -> None:
    """Put a row into every table of an empty database: E1 is booked from 10:00 to 11:00, E2 broken, both worked on.

    In place of its hour, E1 is offered from 14:00 to 15:00. If `hold`, a quote holds it from 12:00 to 13:00.
    """
    async with connected(dsn) as database, World(database).living() as world:
        location = a_site()
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
        await published(world)
        await provider_fees.publish(await world.call("emsp"), a_key(), fees(a_fee()))
        await reminders.prefer(await world.call("emsp"), a_key(), Preference(None, (90, 15)))
        await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
        await alternatives.policy_set(await world.call("cpo"), a_key(), AlternativesPolicy())
        await site_entries.authorize(await world.call("cpo"), a_key(), Attempt(location.id, access_code="4711"))
        asked = WantedCharging("NL*ABC*LOC1*E1", Credential(reference="WRONG"))
        await or_refusal(charging.authorize(await world.call("cpo"), a_key(), asked))
        await _charge(world, booked)
        await noted(world, booked)
        instead = Suggestion(booked.object_id, offer.id, hours(14, 15), "NL*ABC*LOC1*E1")
        await alternatives.suggest(await world.call("cpo"), a_key(), instead)
        await messaged(world, booked)
        await shared(world, booked)
        await _bill(world, booked)


async def _bill(world: World, booked: Booking) -> None:
    """Let the booking be billed as number 1, that be invoiced and received, a part be given back, a fee be waived."""
    await numbered(world, "F-")
    await settle(world)
    (fee,) = await issued(world)
    await cdrs.invoice(await world.call("cpo"), a_key(), Invoicing((fee.object_id,), "INV-1"))
    received = Invoice("NL*ABC", "INV-1", (InvoiceLine(fee.object_id, fee.total.after_taxes, fee.currency),))
    await reconciling.reconcile(await world.call("emsp"), a_key(), received)
    await refunded(world, fee, "1.00")
    await waived(world, booked)


async def _charge(world: World, booked: Booking) -> None:
    """Let charging go on at E1, a reading be taken, and somebody ask to be warned, and then to stop it."""
    session = await going_on(world, booked)
    reading = MeterReading(world.now, kwh=Decimal(0), state_of_charge=40)
    await sessions.readings_report(await world.call("cpo"), a_key(), ReadingsReport(session.object_id, (reading,)))
    wanted = WantedAlerts(None, session.object_id, AlertWish(target_state_of_charge=80))
    await session_alert_wishes.set(await world.call("emsp"), a_key(), wanted)
    await stop(world, session)
