"""Moving provisional allocations to other chargers of their groups, when that makes room (BUC 2.1).

A booking keeps its terms and its price when it is moved, and a quote what it promised.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, events, provisional
from models.queries import bookings as stored
from models.queries.allocations import Holder
from models.queries.provisional import Asked
from models.rules.booking import Booking, relieved
from models.rules.interval import Interval
from models.rules.moving_scene import Newcomer
from models.rules.published import PublishedLocation
from models.rules.spot import Spot
from resolvers import holds, told
from resolvers.call import Call
from resolvers.room_finding import Place, Room


async def room(
    call: Call,
    connection: Connection,
    published: PublishedLocation,
    candidates: Sequence[Spot],
    period: Interval,
    holder: Holder,
) -> Spot | None:
    """Take one of `candidates` once others have moved, and return it; None if no moving would make room.

    Without `holder.clear`, raise InTheWay instead if moving would make room.
    """
    place = Place(call, connection, published)
    found = await place.room(_newcomer(holder, candidates, period), clear=holder.clear)
    if found is None:
        return None
    if not holder.clear:
        raise holds.InTheWay
    return await _take(place, found, candidates, period, holder)


async def elsewhere(call: Call, connection: Connection, published: PublishedLocation, one: Booking) -> Booking | None:
    """Move a booking to another charger that complies and serves its period, and return it; None if none can be had.

    It is locked and provisional, and its Location this transaction's alone. Others are moved if need be. All of that
    is stored and told.
    """
    now = await _present(connection, one)
    if now.evse_id != one.evse_id:
        return now  # it made room for another since it was read, by moving to one that serves
    asked = Asked(now.booking_option, now.demand, now.timeslot.max_power)
    fit = Place(call, connection, published).complying(asked, now.timeslot.period)
    return await reseat(call, connection, published, now, [spot for spot in fit if spot.evse.id != now.evse_id])


async def reseat(
    call: Call, connection: Connection, published: PublishedLocation, one: Booking, candidates: Sequence[Spot]
) -> Booking | None:
    """Move a booking to one of `candidates`, its present charger not among them, as `elsewhere` does."""
    period, holder = one.timeslot.period, Holder(one.id)
    place = Place(call, connection, published, leaving=one.id)
    found = await place.room(_newcomer(holder, candidates, period), clear=True)
    if found is None:
        return None
    await allocations.release(connection, place.id, one.id, call.now, allocations.BOOKED)
    spot = await _take(place, found, candidates, period, holder)
    new = replace(
        relieved(one, call.now),
        evse_id=spot.evse.id,
        connector_id=spot.connector.id,
        parking_bay_id=spot.key[1],
    )
    await stored.put(connection, one, new)
    changed = told.available([place.id], AvailabilityCause.CHANGE, period)
    await events.add(connection, [told.booking(new), *changed], call.now)
    return new


async def _take(place: Place, found: Room, candidates: Sequence[Spot], period: Interval, holder: Holder) -> Spot:
    """Move the others and take what is free then, at a Location that this transaction has alone."""
    call, connection = place.call, place.connection
    await provisional.move(connection, place.id, found.moves, call.now)
    if not await allocations.take(connection, place.id, found.key, period, holder):
        raise RuntimeError(f"{found.key} is not free for {holder.id} although all that was in its way has moved")
    if found.moves:
        moved = await stored.many(connection, [one.holder_id for one, _ in found.moves if one.quote_id is None])
        changed = reduce(Interval.hull, (one.period for one, _ in found.moves))
        available = told.available([place.id], AvailabilityCause.CHANGE, changed)
        await events.add(connection, [*map(told.booking, moved.values()), *available], call.now)
    return next(spot for spot in candidates if spot.key == found.key)


async def _present(connection: Connection, one: Booking) -> Booking:
    """Return a locked booking as it is, for it may have been moved in this transaction."""
    found = await stored.locked(connection, one.location_id, one.id)
    if found is None:
        raise RuntimeError(f"booking {one.id} is not at {one.location_id}")
    return found


def _newcomer(holder: Holder, candidates: Sequence[Spot], period: Interval) -> Newcomer:
    return Newcomer(holder.id, period, tuple(dict.fromkeys(spot.key for spot in candidates)))
