"""Reading what was given back of what a CDR bills, and why, only by whom that concerns (BUC 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.db import Connection
from models.queries import bookings, cdrs, sessions
from models.queries import refunds as stored
from models.rules.bill import Bill
from models.rules.cdr import Cdr
from models.rules.refund import Refund
from resolvers import access, cdr_reading, to_bill
from resolvers.call import Call


@dataclass(frozen=True, slots=True)
class KnownRefund:
    """A refund, and what the caller may know of it.

    `given_on` is the composite id of the CDR of which it was given, None if the caller may not see that one. `stands`
    is whether what it was given of is to be billed in its currency as things are now, so that it is taken off.
    """

    refund: Refund
    given_on: str | None
    stands: bool


async def refunds(call: Call, cdr_id: str) -> list[KnownRefund]:
    """Return what was given back of the fact that a CDR bills or takes back, in order, on whichever CDR of it.

    What was given on a later one that the caller may not see, as another contract took the booking over, is left
    out. Raise NotFound.
    """
    one = (await cdr_reading.get(call, cdr_id)).cdr
    async with call.database.reading() as connection:
        given = [each for each in await stored.of(connection, one.holder_id) if each.subject == one.bill.subject]
        told = await _told(call, connection, one, given)
        billed = await _bills(call, connection, one) if told else ()
    currencies = {bill.currency for bill in billed if bill.subject == one.bill.subject}
    return [KnownRefund(each, given_on, each.currency in currencies) for each, given_on in told]


async def _told(
    call: Call, connection: Connection, one: Cdr, given: Sequence[Refund]
) -> list[tuple[Refund, str | None]]:
    """Return the refunds that the caller may know, each with the CDR on which it was given if it sees that one."""
    on = await cdrs.many(connection, [(each.cpo_id, each.cdr_id) for each in given])
    found: list[tuple[Refund, str | None]] = []
    for each in given:
        its = on[each.cpo_id, each.cdr_id]
        if access.concerns(call, its.parties):
            found.append((each, its.object_id))
        elif its.issued_at < one.issued_at:  # `one` bills what that left, so that its lines tell of the refund anyway
            found.append((each, None))
    return found


async def _bills(call: Call, connection: Connection, one: Cdr) -> Sequence[Bill]:
    """Return what is to be billed now of the booking or session that a CDR is of."""
    if one.booking_id is not None:
        booking = (await bookings.many(connection, [one.booking_id]))[one.booking_id]
        return (await to_bill.of_booking(connection, booking, _zone(call, booking.location_id))).bills
    session = (await sessions.many(connection, [one.holder_id]))[one.holder_id]
    return (await to_bill.of_walk_up(connection, session, _zone(call, session.location_id))).bills


def _zone(call: Call, location_id: str) -> ZoneInfo:
    entry = call.catalogue.get(location_id)
    return ZoneInfo(entry.published.location.time_zone if entry else "UTC")
