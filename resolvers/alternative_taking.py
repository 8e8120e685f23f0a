"""Taking an alternative, once and free of fees: the booking moves there, or another one takes its place (BUC 2.8)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import LostUpdate, NotAllowed, NotFound
from models.events import AvailabilityCause
from models.queries import allocations, booking_requests, events
from models.queries import alternatives as stored
from models.queries import bookings as stored_bookings
from models.queries import quotes as stored_quotes
from models.rules.alternative import HOLD_MINUTES, Alternative
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import LIVE, RequestKind, RequestStatus, ReservationStatus
from models.rules.fit import Demand
from models.rules.hazard import REASONS, Hazard
from models.rules.identity import owner, part_id, uuid_of
from models.rules.quote import Quote, QuoteOutcome
from models.rules.role import Role
from resolvers import access, booking_reading, ending, holds, told, undecided
from resolvers.alternative_holding import hold
from resolvers.alternative_suggesting import check_looks_elsewhere
from resolvers.asked import MostPrice
from resolvers.booking_cancel import note
from resolvers.booking_change import QuotedChange, ask_or_apply
from resolvers.booking_making import store_instead
from resolvers.call import Call
from resolvers.for_whom import check_plate
from resolvers.granting import WantedSlot, once_cleared, usable
from resolvers.locked_booking import lock_places, locked

REPLACED = "Its holder took an alternative."


@dataclass(frozen=True, slots=True)
class TakenAlternative:
    """Which alternative to take; without `license_plate` the booking's stays what it was."""

    alternative_id: str
    license_plate: str | None = None


async def take(call: Call, idempotency_key: str, wanted: TakenAlternative) -> Booking:
    """Take an alternative and return the booking that has its slot: the same one, or the one in its place.

    A booking that is confirmed and stays with its operator is changed. Else there is a new one, which names the old
    one as what it replaces, and the old one ends for what endangers it. What its operator proposes is declined. Raise
    NotFound, NotAllowed, AlreadyFinal or LostUpdate; if the slot is held no more, whatever `grant` raises.
    """
    call.acting_as(Role.EMSP, Role.TO)
    one, before = await _found(call, wanted.alternative_id)
    confirmed = before.status is ReservationStatus.RESERVED
    stays = confirmed and owner(one.booking_location_id) == before.cpo_id
    new_id = uuid4()

    async def first(connection: Connection, clear: bool) -> None:
        places = await booking_requests.places(connection, before.id)
        await lock_places(connection, before.object_id, [one.location_id, *places], alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        old = await locked(call, connection, before.object_id)
        await _check_may(call, connection, before, old)
        old = await _free_to_go(call, connection, old)
        alternative = await stored.locked(connection, one.id)
        if alternative is None or not alternative.is_open:
            raise NotAllowed("That is offered no more; read again what is.")
        quote = await _held(call, connection, old, alternative, clear=clear)
        if not stays and confirmed and quote.grant.confirmation is Confirmation.OPERATOR:
            raise NotAllowed("That operator has to confirm first; book there, and cancel this one once it has.")
        await stored.take(connection, alternative, quote.id, call.now)
        if stays:
            check_plate(quote.grant.booking_terms, wanted.license_plate or old.license_plate)
            change = QuotedChange(str(quote.id), license_plate=wanted.license_plate)
            await ask_or_apply(call, connection, old, quote, change)
        else:
            await _replace(call, connection, old, quote, new_id, wanted)

    made = before.object_id if stays else part_id(owner(one.booking_location_id), str(new_id))
    outcome = {"booking": made}
    came = await once_cleared(call, idempotency_key, "alternativeTake", wanted, outcome, work, first)
    return await booking_reading.get(call, came["booking"])


async def _found(call: Call, alternative_id: str) -> tuple[Alternative, Booking]:
    """Return an alternative with its booking, or raise NotFound."""
    uuid = uuid_of(alternative_id.strip())
    async with call.database.reading() as connection:
        one = await stored.get(connection, uuid) if uuid else None
        if one is not None:
            booking = (await stored_bookings.many(connection, [one.booking_id]))[one.booking_id]
            if access.sees_booking(call, booking):
                return one, booking
    raise NotFound("Alternative", alternative_id)


async def _check_may(call: Call, connection: Connection, before: Booking, old: Booking) -> None:
    if not access.may_change(call, old):
        raise NotAllowed("The booking is for contracts that your token does not cover.")
    await check_looks_elsewhere(connection, old)
    if old.status is not before.status:
        raise LostUpdate("Booking", old.object_id, old.last_updated)
    pending = old.pending
    if pending is not None and pending.kind is RequestKind.CHANGE and pending.role is not Role.CPO:
        until = pending.decide_until.isoformat() if pending.decide_until else "it is decided"
        raise NotAllowed(
            f"The change that you asked for waits until {until}: take this once that is decided, or leave by "
            "`bookingMove`."
        )


async def _free_to_go(call: Call, connection: Connection, old: Booking) -> Booking:
    """Return a booking of which nothing is proposed any more, and for which no worker looks for more."""
    pending = old.pending
    if pending is not None and pending.kind is RequestKind.CHANGE:
        declined, cause = RequestStatus.DECLINED, AvailabilityCause.CANCELLATION
        await undecided.give_back(call, connection, old, pending, declined, REPLACED, cause, tells=False)
        old = await stored_bookings.locked(connection, old.location_id, old.id) or old
    settled = replace(old, alternatives_due_at=None)
    await stored_bookings.put(connection, old, settled)
    return settled


async def _held(call: Call, connection: Connection, old: Booking, one: Alternative, *, clear: bool) -> Quote:
    """Return the quote that holds an alternative, or hold it now, at the price it was offered at or less."""
    if one.quote_id is not None:
        quote = await stored_quotes.locked(connection, one.location_id, one.quote_id)
        if quote is not None and quote.outcome_at(call.now) is QuoteOutcome.OPEN:
            if await usable(call, connection, quote.grant):
                return quote
            await holds.end(connection, quote.held, call.now)
    slot = WantedSlot(one.booking_location_id, one.period, old.demand, max_price=_most(one, old.demand))
    until = call.now + timedelta(minutes=HOLD_MINUTES)
    return await hold(call, connection, old, slot, until, clear=clear)


def _most(one: Alternative, demand: Demand) -> MostPrice | None:
    """Return what an alternative may cost; anything, if nobody knew."""
    known = one.price.booking if demand.energy is None else one.price.total
    currency = one.price.currency
    return MostPrice(known.after_taxes, currency) if known is not None and currency is not None else None


async def _replace(
    call: Call, connection: Connection, old: Booking, quote: Quote, new_id: UUID, wanted: TakenAlternative
) -> None:
    """Book what is held for whom the old booking was, and end that one if it is live."""
    await holds.end_for(connection, old.id, call.now, but=quote.id)
    await allocations.release(connection, old.location_id, old.id, call.now, allocations.BOOKED)  # perhaps one bay
    await allocations.book(connection, quote.grant.location_id, quote.id, new_id)
    await store_instead(call, connection, old, quote, new_id, str(uuid4()), wanted.license_plate)
    if old.status in LIVE:
        await _leave(call, connection, old, wanted)
    else:
        await stored.withdraw(connection, old.id, call.now)


async def _leave(call: Call, connection: Connection, old: Booking, wanted: TakenAlternative) -> None:
    """End a live booking, whose slot is free already, and keep in its history what it was given up for."""
    reason = REASONS[old.hazard or Hazard.FAULT]
    asked = {"canceled_reason": reason.value, "alternative_id": wanted.alternative_id}
    await note(call, connection, old, asked)
    cause = AvailabilityCause.CANCELLATION
    ended, canceled = ReservationStatus.CANCELED, (reason, Role.CPO)
    await ending.end(connection, old, call.now, ended, cause, reason=REPLACED, canceled=canceled)
    freed = told.available([old.location_id], cause, old.timeslot.period)
    await events.add(connection, freed, call.now)
