"""Holding a slot for a booking that is to go there, by a quote of its provider's that costs no fee (BUC 2.8)."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from models.db import Connection
from models.errors import ChargerUnusable, DoesNotFit, NotFound, SlotTaken
from models.events import Event, EventKind
from models.queries import allocations, alternatives
from models.queries import quotes as stored_quotes
from models.queries.allocations import Holder
from models.rules.alternative import shunned
from models.rules.booking import Booking
from models.rules.identity import normalized, owner
from models.rules.quote import Changes, Grant, Quote, QuotePurpose
from models.rules.role import Role
from resolvers import holds, quotes
from resolvers.call import Call
from resolvers.granting import WantedSlot, grant


async def hold(
    call: Call, connection: Connection, booking: Booking, slot: WantedSlot, until: datetime, *, clear: bool
) -> Quote:
    """Hold a slot for a locked booking until a moment, or its end, and return the quote that does; Locations are
    locked, for this transaction alone with `clear`.

    Another operator's is held no longer than for any quote, whatever the booking's says. Raise whatever `grant` does.
    """
    ends = [until, slot.period.end]
    if owner(normalized(slot.booking_location_id)) != booking.cpo_id:
        ends.append(call.now + timedelta(minutes=quotes.HOLD_MINUTES))
    holder = Holder(booking.id, uuid4(), min(ends), clear)
    granted = await _elsewhere(call, connection, booking, slot, holder)
    quote = Quote(
        id=holder.quote_id or holder.id,
        emsp_id=booking.emsp_id,
        role=Role.EMSP,
        contract_ids=(),
        grant=granted,
        provider_fees=(),
        made_at=call.now,
        expires_at=holder.expires_at or until,
        purpose=QuotePurpose.ALTERNATIVE,
        changes=Changes(booking.id, booking.revision),
    )
    await quotes.store(connection, quote, call.now)
    return quote


async def withdraw_found(call: Call, connection: Connection, booking: Booking) -> None:
    """Take back what was found in the place of a locked booking's slot and not taken, and what is held of that.

    What its operator suggests stays.
    """
    known = (await alternatives.of_bookings(connection, [booking.id])).get(booking.id, [])
    suggested = {one.quote_id for one in known if one.suggested_by is not None}
    for held in await stored_quotes.open_for(connection, booking.id, QuotePurpose.ALTERNATIVE):
        if held.id not in suggested:
            await holds.end(connection, held, call.now)
    await alternatives.withdraw_found(connection, booking.id, call.now)


def offered(one: Booking) -> Event:
    """Return the event that alternatives to a booking were looked for, or suggested."""
    kind = EventKind.ALTERNATIVES_OFFERED
    return Event(kind, one.object_id, one.location_id, one.emsp_id, booker_id=one.booker_id)


async def _elsewhere(call: Call, connection: Connection, booking: Booking, slot: WantedSlot, holder: Holder) -> Grant:
    """Grant a slot on any charger but the one that fails the booking, unless a charger is named."""
    granted = await grant(call, connection, slot, holder)
    same = granted.evse_id == booking.evse_id and slot.period.overlaps(shunned(booking))
    if not same or slot.evse_id is not None or holder.quote_id is None:
        return granted
    await allocations.end_hold(connection, granted.location_id, holder.quote_id, call.now)
    for evse_id in _others(call, granted):
        try:
            other = await grant(call, connection, replace(slot, evse_id=evse_id), holder)
        except (ChargerUnusable, DoesNotFit, NotFound, SlotTaken):
            continue
        return replace(other, evse_pinned=False)
    raise SlotTaken(granted.booking_location_id, slot.period)


def _others(call: Call, granted: Grant) -> list[str]:
    """Return the chargers of which the same could have been granted."""
    entry = call.catalogue.get(granted.location_id)
    spots = entry.spots.get(granted.booking_location_id, ()) if entry else ()
    return [one for one in dict.fromkeys(spot.evse.id for spot in spots) if one != granted.evse_id]
