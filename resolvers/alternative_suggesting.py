"""An operator suggests one of its own places for a booking that it cannot keep, and holds it (BUC 2.8)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from models.db import Connection
from models.errors import AlreadyFinal, NotAllowed
from models.queries import alternatives as stored
from models.queries import events
from models.rules.alternative import USUAL, Alternative, looks_elsewhere, shift
from models.rules.booking import Booking
from models.rules.booking_state import LIVE
from models.rules.identity import normalized, owner
from models.rules.interval import Interval
from models.rules.quote import Quote
from models.rules.role import Role
from resolvers import booking_reading
from resolvers.alternative_holding import hold, offered
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.granting import WantedSlot, once_cleared, place_of
from resolvers.locked_booking import lock_places, locked


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where and when a booking may go instead; `evse_id` names one charger of a group."""

    booking_id: str
    booking_location_id: str
    period: Interval
    evse_id: str | None = None


async def suggest(call: Call, idempotency_key: str, wanted: Suggestion) -> Booking:
    """Offer one more alternative, ahead of all others, hold it as long as the operator's policy says, and return
    the booking.

    Raise NotFound, NotAllowed, AlreadyFinal, and whatever `grant` raises.
    """
    caller = call.acting_as(Role.CPO)
    place = normalized(wanted.booking_location_id)

    async def first(connection: Connection, clear: bool) -> None:
        await lock_places(connection, wanted.booking_id, [await place_of(connection, place)], alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        old = await locked(call, connection, wanted.booking_id)
        await check_looks_elsewhere(connection, old)
        if owner(place) != old.cpo_id:
            raise NotAllowed("That is another operator's; suggest a place of your own.")
        policy = (await stored.policies(connection, [caller.party_id])).get(caller.party_id, USUAL)
        until = call.now + timedelta(minutes=policy.hold_minutes)
        slot = WantedSlot(place, wanted.period, old.demand, wanted.evse_id)
        quote = await hold(call, connection, old, slot, until, clear=clear)
        await remember(call, [old.location_id, quote.grant.location_id])
        await stored.rank_down(connection, old.id)
        await stored.add(connection, [_suggested(call, old, quote)])
        await events.add(connection, [offered(old)], call.now)

    outcome = {"booking": wanted.booking_id}
    await once_cleared(call, idempotency_key, "alternativesSuggest", wanted, outcome, work, first)
    return await booking_reading.get(call, wanted.booking_id)


async def check_looks_elsewhere(connection: Connection, one: Booking) -> None:
    """Raise AlreadyFinal or NotAllowed unless alternatives to a locked booking are in order."""
    if one.status in LIVE:
        if looks_elsewhere(one):
            return
        raise NotAllowed(
            "Nothing endangers the booking; it is changed as usual, or its operator proposes another slot."
        )
    if not looks_elsewhere(one):
        raise AlreadyFinal(one.status)
    if await stored.replaced(connection, one.id):
        raise NotAllowed("The holder has taken an alternative already, and has a booking of it.")


def _suggested(call: Call, old: Booking, quote: Quote) -> Alternative:
    grant = quote.grant
    return Alternative(
        id=uuid4(),
        booking_id=old.id,
        booking_location_id=grant.booking_location_id,
        location_id=grant.location_id,
        period=grant.timeslot.period,
        distance=round(1000 * call.catalogue.apart(old.location_id, grant.location_id)),
        shift_minutes=shift(grant.timeslot.period, old.timeslot.period),
        rank=1,
        price=grant.price,
        suggested_by=old.cpo_id,
        quote_id=quote.id,
        offered_at=call.now,
    )
