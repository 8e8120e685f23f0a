"""Offering alternatives to bookings that were canceled or whose charger fails; the best one is held (BUC 2.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog

from models.db import Connection
from models.errors import Refusal
from models.queries import alternatives as stored
from models.queries import bookings as stored_bookings
from models.queries import events, locks
from models.rules.alternative import USUAL, Alternative, AlternativesPolicy
from models.rules.booking import Booking
from resolvers import hazards, holds
from resolvers.alternative_finding import find_anew
from resolvers.alternative_holding import hold, offered, withdraw_found
from resolvers.call import Call
from resolvers.catalogue import reread
from resolvers.granting import WantedSlot

BATCH = 200
"""So many bookings are seen to in a round; the rest has its turn in the next one."""

MOST_AT_ONCE = 5
"""So many of those that fail at one moment are seen to before whoever caused that is answered."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Offering:
    """What was found for one booking, the best first, and how it is to be held."""

    call: Call
    booking: Booking
    policy: AlternativesPolicy

    async def store(self, connection: Connection, found: Sequence[Alternative], *, clear: bool) -> bool:
        """Hold the first of what was found and offer all of it, if the booking is still to be seen to.

        It takes the place of what was found before. Raise InTheWay or a Refusal if the first cannot be had.
        """
        call, one = self.call, self.booking
        lock = locks.own_many if clear else locks.share_many
        await lock(connection, [one.location_id, *(each.location_id for each in found[:1])])
        if not await stored.still_due(connection, one.location_id, one.id, call.now):
            return False
        old = await stored_bookings.locked(connection, one.location_id, one.id)
        if old is None or old.timeslot != one.timeslot:
            return False
        await withdraw_found(call, connection, old)
        first = len((await stored.of_bookings(connection, [old.id])).get(old.id, ())) + 1
        offers = [replace(each, rank=rank) for rank, each in enumerate(found, first)]
        if offers:
            offers[0] = await self._held(connection, old, offers[0], clear=clear)
        await stored_bookings.put(connection, old, replace(old, alternatives_due_at=None))
        await stored.add(connection, offers)
        await events.add(connection, [offered(old)], call.now)
        return True

    async def _held(self, connection: Connection, old: Booking, best: Alternative, *, clear: bool) -> Alternative:
        until = self.call.now + timedelta(minutes=self.policy.hold_minutes)
        slot = WantedSlot(best.booking_location_id, best.period, old.demand)
        quote = await hold(self.call, connection, old, slot, until, clear=clear)
        return replace(best, quote_id=quote.id, price=quote.grant.price)


async def offer(call: Call) -> int:
    """Offer alternatives for the bookings that are due, each in its own transaction; return for how many.

    Any number of workers may do so at once; each booking is seen to once. One that fails keeps no other from it.
    """
    async with call.database.reading() as connection:
        due = await stored.due(connection, call.now, BATCH)
    return await _offer_for(call, due)


async def offer_soon(call: Call, location_ids: Sequence[str]) -> None:
    """Offer alternatives for bookings that are due at those Locations, at most 5, right after what made them so.

    Nothing is raised: whatever cannot be done now is done by a worker.
    """
    try:
        async with call.database.reading() as connection:
            due = await stored.due(connection, call.now, MOST_AT_ONCE, location_ids)
        await _offer_for(replace(call, caller=None), due)
    except Exception:
        log.exception("alternatives could not be offered at once; a worker does it")


async def _offer_for(call: Call, booking_ids: Sequence[UUID]) -> int:
    if not booking_ids:
        return 0
    async with call.database.reading() as connection:
        found = await stored_bookings.many(connection, booking_ids)
        due = [one for one in found.values() if one.alternatives_due_at and one.alternatives_due_at <= call.now]
        policies = await stored.policies(connection, sorted({one.cpo_id for one in due}))
    await reread(call, (one.location_id for one in due))  # what fails there may have been reported just now
    done, failed = 0, None
    for one in due:
        try:
            done += await _offer_one(Offering(call, one, policies.get(one.cpo_id, USUAL)))
        except Exception as error:
            log.exception("alternatives could not be offered", booking=one.object_id)
            failed = failed or error
    if failed is not None:
        raise failed
    return done


async def _offer_one(offering: Offering) -> bool:
    """Offer what is found, from the best on that can be held; return whether this worker did so.

    A booking that may go to another charger of its group goes there instead, if there is room by now.

    What was found and cannot be had any more is left out. If only an expired hold is in the way of one, it is tried
    again with its Location for this transaction alone.
    """
    if await hazards.move_later(offering.call, offering.booking):
        return True
    call, found = offering.call, await find_anew(offering.call, offering.booking, offering.policy)
    for number in range(len(found) + 1):
        for clear in (False, True):
            try:
                return await call.database.write(
                    lambda connection: offering.store(connection, found[number:], clear=clear)  # noqa: B023
                )
            except holds.InTheWay:
                continue
            except Refusal:
                break
    return False
