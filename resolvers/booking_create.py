"""Booking a charger or any of a group (BUC 2.1, 2.2), directly or by the quote that holds it, in one transaction."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from models.db import Connection
from models.queries import bookings as stored
from models.queries.allocations import Holder
from models.rules.booking import Booking
from models.rules.quote import Quote
from models.rules.role import Role
from resolvers import mandates
from resolvers.booking_making import Maker, store, taken_over
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.for_whom import ForWhom, check_tokens, contracts
from resolvers.granting import WantedSlot, grant, once_cleared, own_place

NOBODY = ForWhom()


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What is asked for, and for whom."""

    slot: WantedSlot
    whom: ForWhom = NOBODY


@dataclass(frozen=True, slots=True)
class QuotedBooking:
    """A quote to book, and for whom."""

    quote_id: str
    whom: ForWhom = NOBODY


async def create(call: Call, idempotency_key: str, wanted: NewBooking | QuotedBooking) -> Booking:
    """Book, and return the booking.

    Raise NotFound, OutsideCalendar, DoesNotFit, ChargerUnusable, PriceChanged, SlotTaken or NotAllowed; of a quote
    NotFound, QuoteExpired, QuoteUsed, ChargerUnusable or NotAllowed.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    contract_ids = contracts(caller, wanted.whom)
    booking_id = uuid4()
    made: list[Booking] = []

    async def alone(connection: Connection, clear: bool) -> None:
        if clear and isinstance(wanted, NewBooking):
            await own_place(connection, wanted.slot)

    async def work(connection: Connection, clear: bool) -> None:
        emsp_id = await mandates.provider(call, connection, caller, wanted.whom, contract_ids)
        check_tokens(emsp_id, wanted.whom.tokens)
        quote: Quote | None = None
        if isinstance(wanted, QuotedBooking):
            quote = await taken_over(call, connection, wanted.quote_id, booking_id)
            granted = quote.grant
        else:
            granted = await grant(call, connection, wanted.slot, Holder(booking_id, clear=clear))
        maker = Maker(call, caller, emsp_id, contract_ids, wanted.whom)
        new = maker.booking(booking_id, idempotency_key, granted, quote.id if quote else None)
        made[:] = [await store(call, connection, new, wanted.whom, quote)]

    outcome = {"booking": str(booking_id)}
    came = await once_cleared(call, idempotency_key, "bookingCreate", wanted, outcome, work, alone)
    if came["booking"] == str(booking_id):
        await remember(call, [made[0].location_id])
        return made[0]
    async with call.database.reading() as connection:
        first = (await stored.many(connection, [UUID(came["booking"])]))[UUID(came["booking"])]
    await remember(call, [first.location_id])
    return first
