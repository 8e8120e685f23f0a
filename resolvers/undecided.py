"""A request that waits for a decision: who decides on it, and what becomes of the slot that is kept for it."""

from dataclasses import replace
from uuid import UUID

from models.db import Connection
from models.errors import NotAllowed, NothingToDecide
from models.events import AvailabilityCause
from models.queries import allocations, booking_requests, events, locks
from models.queries import bookings as stored
from models.queries import quotes as stored_quotes
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_state import RequestStatus
from models.rules.quote import Quote
from models.rules.role import Role
from resolvers import applying, told
from resolvers.booking_change import check_current
from resolvers.call import Call


async def share_places(connection: Connection, booking_id: UUID | None) -> None:
    """Keep the Location of a booking, and the one of what is asked for it, as they are; before the first write."""
    if booking_id is not None:
        await locks.share_many(connection, await booking_requests.places(connection, booking_id))


def to_decide(call: Call, old: Booking, *, proposed: bool) -> BookingRequest:
    """Return the request that waits on a locked booking: its operator's proposal if `proposed`, else its holder's.

    Raise NothingToDecide, or NotAllowed if it is the other's.
    """
    pending = old.pending
    until = pending.decide_until if pending else None
    if pending is None or (until is not None and until <= call.now):
        raise NothingToDecide(old.object_id, until)
    if proposed and pending.role is not Role.CPO:
        raise NotAllowed("The operator decides on that request; to give it up, cancel the booking.")
    if pending.role is Role.CPO and not proposed:
        raise NotAllowed("The holder decides on that proposal; `bookingProposalWithdraw` takes it back.")
    return pending


async def grant(call: Call, connection: Connection, old: Booking, pending: BookingRequest) -> Booking:
    """Give a locked booking what a change asked for, and return it. Raise LostUpdate or ChargerUnusable."""
    quote = await _quote(connection, pending)
    await locks.share(connection, quote.grant.location_id)
    await check_current(call, connection, old, quote)
    asked = await booking_requests.asked(connection, old.location_id, old.id, pending.position)
    tokens = asked.get("tokens")
    fee = None if old.hazard is not None else pending.fee
    accepted = replace(pending, status=RequestStatus.ACCEPTED, decided_at=call.now, fee=fee)
    await stored.decide(connection, old, accepted)
    return await applying.apply(
        call,
        connection,
        old,
        quote.grant,
        tokens=None if tokens is None else tuple(BookingToken(**one) for one in tokens),
        license_plate=asked.get("license_plate"),
    )


async def give_back(
    call: Call,
    connection: Connection,
    old: Booking,
    pending: BookingRequest,
    status: RequestStatus,
    reason: str | None,
    cause: AvailabilityCause,
    *,
    tells: bool = True,
) -> None:
    """Free the slot that is kept for a change of a locked booking, which stays as it is; the request is `status`.

    Where its charger fails, alternatives are looked for again. Unless it `tells`, whoever goes on changing the
    booking tells of that.
    """
    quote = await _quote(connection, pending)
    place, period = quote.grant.location_id, quote.grant.timeslot.period
    await locks.share(connection, place)
    await stored.decide(connection, old, replace(pending, status=status, decided_at=call.now, reason=reason))
    await allocations.release(connection, place, old.id, call.now, allocations.KEPT_FOR_CHANGE)
    due = call.now if old.hazard is not None else None
    await stored.put(connection, old, replace(old, last_updated=call.now, alternatives_due_at=due))
    changed = [told.booking(old)] if tells else []
    await events.add(connection, [*changed, *told.available([place], cause, period)], call.now)


async def _quote(connection: Connection, pending: BookingRequest) -> Quote:
    """Return what a change would grant; it is settled since it was asked for, so that nobody changes it."""
    if pending.quote_id is None:
        raise LookupError(f"a {pending.kind} that waits since {pending.request_received} has no quote")
    return (await stored_quotes.many(connection, [pending.quote_id]))[pending.quote_id]
