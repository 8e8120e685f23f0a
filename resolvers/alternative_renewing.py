"""A holder looks for alternatives anew, as far off as it likes, and may take what it finds (BUC 2.8, 4a and 4b)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from models.db import Connection
from models.errors import ChargerUnusable, DoesNotFit, LostUpdate, NotAllowed, NotFound, OutsideCalendar, SlotTaken
from models.queries import alternatives as stored
from models.queries import bookings as stored_bookings
from models.queries import events
from models.rules.alternative import Alternative, looks_elsewhere
from models.rules.booking import Booking
from models.rules.role import Role
from resolvers import access, booking_reading
from resolvers import alternative_reading as reading
from resolvers.alternative_finding import find_anew
from resolvers.alternative_holding import hold, offered, withdraw_found
from resolvers.alternative_suggesting import check_looks_elsewhere
from resolvers.call import Call
from resolvers.granting import WantedSlot, once_cleared
from resolvers.locked_booking import lock_places, locked
from resolvers.quotes import HOLD_MINUTES


@dataclass(frozen=True, slots=True)
class Renewal:
    """How far from which booking to look, and how much earlier or later; None is as its operator does."""

    booking_id: str
    within_km: int | None = None
    shift_minutes: int | None = None


async def renew(call: Call, idempotency_key: str, wanted: Renewal) -> reading.Offer:
    """Look for alternatives anew, offer what is found, hold the best of it, and return the booking with all of it.

    What was found before and not taken is offered no more; what its operator suggests is. Raise NotFound, BadInput,
    NotAllowed, AlreadyFinal or LostUpdate.
    """
    call.acting_as(Role.EMSP, Role.TO)
    before = await booking_reading.get(call, wanted.booking_id)
    reach = await reading.reach(call, before.cpo_id, wanted.within_km, wanted.shift_minutes)
    found = await find_anew(call, before, reach) if looks_elsewhere(before) else []

    async def first(connection: Connection, clear: bool) -> None:
        await lock_places(connection, before.object_id, (one.location_id for one in found), alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        old = await locked(call, connection, before.object_id)
        if not access.may_change(call, old):
            raise NotAllowed("The booking is for contracts that your token does not cover.")
        await check_looks_elsewhere(connection, old)
        if (old.status, old.timeslot) != (before.status, before.timeslot):
            raise LostUpdate("Booking", old.object_id, old.last_updated)
        await withdraw_found(call, connection, old)
        kept = (await stored.of_bookings(connection, [old.id])).get(old.id, [])
        offers = await _best_held(call, connection, old, found, clear=clear)
        ranked = [replace(one, rank=rank) for rank, one in enumerate(offers, len(kept) + 1)]
        await stored.add(connection, ranked)
        await stored_bookings.put(connection, old, replace(old, alternatives_due_at=None))
        await events.add(connection, [offered(old)], call.now)

    outcome = {"booking": before.object_id}
    await once_cleared(call, idempotency_key, "alternativesRenew", wanted, outcome, work, first)
    return await reading.offered(call, before.object_id)


async def _best_held(
    call: Call, connection: Connection, old: Booking, found: Sequence[Alternative], *, clear: bool
) -> list[Alternative]:
    """Return what was found, from the best on that can be had, which is held now; their Locations are locked."""
    until = call.now + timedelta(minutes=HOLD_MINUTES)
    for number, best in enumerate(found):
        slot = WantedSlot(best.booking_location_id, best.period, old.demand)
        try:
            quote = await hold(call, connection, old, slot, until, clear=clear)
        except (ChargerUnusable, DoesNotFit, NotFound, OutsideCalendar, SlotTaken):
            continue
        return [replace(best, quote_id=quote.id, price=quote.grant.price), *found[number + 1 :]]
    return []
