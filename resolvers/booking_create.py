"""Booking a charger or any of a group (BUC 2.1, 2.2), directly or by the quote that holds it, in one transaction."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from models.db import Connection
from models.queries.allocations import Holder
from models.rules.booking import Booking
from models.rules.quote import Quote
from models.rules.role import Role
from resolvers import booking_reading, mandates, quotes
from resolvers.booking_making import Maker, store, taken_over
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.for_whom import NOBODY, ForWhom, check_tokens, contracts
from resolvers.granting import WantedSlot, grant, keep_place, once_cleared


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

    async def first(connection: Connection, clear: bool) -> None:
        if isinstance(wanted, NewBooking):
            await keep_place(connection, wanted.slot, alone=clear)
        else:
            await quotes.keep_place(connection, wanted.quote_id)

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
    came = await once_cleared(call, idempotency_key, "bookingCreate", wanted, outcome, work, first)
    if came["booking"] == str(booking_id):
        await remember(call, [made[0].location_id])
        return made[0]
    (before,) = await booking_reading.made(call, [UUID(came["booking"])])
    return before
