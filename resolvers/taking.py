"""Taking one of several chargers that would do, with its bay, so that as much as possible stays free for others."""

from collections.abc import Sequence
from dataclasses import replace

from models.db import Connection
from models.errors import SlotTaken
from models.queries import allocations
from models.queries.allocations import Holder
from models.rules.availability import Search
from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.nearby_times import around, closest
from models.rules.published import PublishedLocation
from models.rules.seating import seating
from models.rules.site import site_of
from models.rules.spot import Spot
from resolvers import holds, moving
from resolvers.call import Call


async def take(
    call: Call,
    connection: Connection,
    published: PublishedLocation,
    offer: BookingLocation,
    candidates: Sequence[Spot],
    period: Interval,
    holder: Holder,
    demand: Demand,
) -> Spot:
    """Take the first spot that is free, beginning anywhere, so that requests at one moment do not queue for one.

    Raise SlotTaken, or InTheWay if whatever has the spots may give room to a transaction that has the Location alone.
    """
    begin = holder.id.int % len(candidates)
    wanted = [*candidates[begin:], *candidates[:begin]]
    if len(seating(wanted)) < len(wanted):
        await _check_holds(call, connection, offer, period, holder)
        wanted = await _roomiest_first(call, connection, offer, wanted, period, holder)
    wanted.sort(key=lambda spot: spot.key != holder.current)
    for spot in wanted:
        if await allocations.take(connection, offer.location_id, spot.key, period, holder):
            return spot
    await _check_holds(call, connection, offer, period, holder)
    made = await moving.room(call, connection, published, wanted, period, holder)
    if made is not None:
        return made
    near = await _closest(call, connection, published, offer, candidates, period, holder, demand)
    raise SlotTaken(offer.id, period, near)


async def _check_holds(
    call: Call, connection: Connection, offer: BookingLocation, period: Interval, holder: Holder
) -> None:
    """Raise InTheWay if an expired hold may be in the way and none was cleared away yet."""
    if not holder.clear and await holds.in_the_way(connection, offer.location_id, period, call.now):
        raise holds.InTheWay


async def _roomiest_first(
    call: Call,
    connection: Connection,
    offer: BookingLocation,
    candidates: Sequence[Spot],
    period: Interval,
    holder: Holder,
) -> list[Spot]:
    """Return the candidates so that taking the first free one leaves room for all others that a search shows.

    Where chargers share bays, the wrong pair would take the only bay of another charger.
    """
    busy = await allocations.busy(connection, [offer.location_id], period, call.now, holder.id)
    taken = busy.get(offer.location_id, {})
    best = seating([spot for spot in candidates if taken.keys().isdisjoint(spot.key)])
    return [*best, *(spot for spot in candidates if spot not in best)]


async def _closest(
    call: Call,
    connection: Connection,
    published: PublishedLocation,
    offer: BookingLocation,
    candidates: Sequence[Spot],
    period: Interval,
    holder: Holder,
    demand: Demand,
) -> list[Interval]:
    """Return the free times of that length before and after `period` (BUC 2.1, step 3)."""
    near = around(period)
    busy = await allocations.busy(connection, [offer.location_id], near, call.now, holder.id)
    search = Search(period, call.now)
    asked = needing(demand, period)
    taken = busy.get(offer.location_id, {})
    found = closest(offer, candidates, taken, search, asked, site_of(published, near))
    return sorted((one.period for one in found.values()), key=lambda one: one.start)


def needing(demand: Demand, period: Interval) -> Demand:
    """Return what is asked, for as long as `period`."""
    minutes = -(-period.duration.total_seconds() // 60)
    return replace(demand, minutes=int(minutes))
