"""Taking an alternative, once and free of fees: the booking moves there, or another one takes its place (BUC 2.8)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import LostUpdate, NotAllowed, NotFound
from models.events import AvailabilityCause
from models.queries import allocations
from models.queries import alternatives as stored
from models.queries import bookings as stored_bookings
from models.queries import quotes as stored_quotes
from models.queries import reminders as stored_reminders
from models.rules.alternative import HOLD_MINUTES, Alternative
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import LIVE, CanceledReason, ReservationStatus
from models.rules.fit import Demand
from models.rules.hazard import Hazard
from models.rules.identity import owner, part_id, uuid_of
from models.rules.quote import Quote, QuoteOutcome
from models.rules.role import Role
from resolvers import access, booking_reading, ending, holds
from resolvers.alternative_holding import hold
from resolvers.alternative_suggesting import check_looks_elsewhere
from resolvers.asked import MostPrice
from resolvers.booking_change import QuotedChange, ask_or_apply
from resolvers.booking_making import Maker, store
from resolvers.call import Call
from resolvers.for_whom import ForWhom, check_plate
from resolvers.granting import WantedSlot, once_cleared, usable
from resolvers.locked_booking import check_undecided, lock_places, locked

REASONS = {Hazard.FAULT: CanceledReason.BROKEN_CHARGER, Hazard.MAINTENANCE: CanceledReason.MAINTENANCE}
REPLACED = "Its holder took an alternative elsewhere."


@dataclass(frozen=True, slots=True)
class TakenAlternative:
    """Which alternative to take; without `license_plate` the booking's stays what it was."""

    alternative_id: str
    license_plate: str | None = None


async def take(call: Call, idempotency_key: str, wanted: TakenAlternative) -> Booking:
    """Take an alternative and return the booking that has its slot: the same one, or the one in its place.

    A booking that is live and stays with its operator is changed. Else there is a new one, which names the old one as
    what it replaces, and the old one ends for what endangers it. Raise NotFound, NotAllowed, AlreadyFinal or
    LostUpdate; if the slot is held no more, whatever `grant` raises.
    """
    call.acting_as(Role.EMSP, Role.TO)
    one, before = await _found(call, wanted.alternative_id)
    stays = before.status in LIVE and owner(one.booking_location_id) == before.cpo_id
    new_id = uuid4()

    async def first(connection: Connection, clear: bool) -> None:
        await lock_places(connection, before.object_id, [one.location_id], alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        old = await locked(call, connection, before.object_id)
        _check_may(call, before, old)
        alternative = await stored.locked(connection, one.id)
        if alternative is None or not alternative.is_open:
            raise NotAllowed("That is offered no more; read again what is.")
        quote = await _held(call, connection, old, alternative, clear=clear)
        if not stays and old.status in LIVE and quote.grant.confirmation is Confirmation.OPERATOR:
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


def _check_may(call: Call, before: Booking, old: Booking) -> None:
    if not access.may_change(call, old):
        raise NotAllowed("The booking is for contracts that your token does not cover.")
    check_looks_elsewhere(old)
    check_undecided(old)
    if (old.status in LIVE) != (before.status in LIVE):
        raise LostUpdate("Booking", old.object_id, old.last_updated)


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
    await allocations.book(connection, quote.grant.location_id, quote.id, new_id)
    reminded = tuple(one.minutes_before for one in await stored_reminders.of(connection, old))
    plate = wanted.license_plate or old.license_plate
    as_before = bool(reminded) or old.status in LIVE
    whom = ForWhom(old.tokens, license_plate=plate, reminders=reminded if as_before else None)
    maker = Maker(call, call.authenticated(), old.emsp_id, old.contract_ids, whom, old.mission_id, old.object_id)
    new = replace(maker.booking(new_id, str(uuid4()), quote.grant, quote.id), booker_id=old.booker_id)
    await store(call, connection, new, whom, quote)
    if old.status not in LIVE:
        await stored.withdraw(connection, old.id, call.now)
        return
    reason = REASONS[old.hazard or Hazard.FAULT]
    await ending.end(
        connection,
        old,
        call.now,
        ReservationStatus.CANCELED,
        AvailabilityCause.CANCELLATION,
        reason=REPLACED,
        canceled=(reason, Role.CPO),
    )
