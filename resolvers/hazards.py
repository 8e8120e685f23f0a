"""Which bookings a fault, work or another's session endangers: they are moved if they can be, else it is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.db import Connection
from models.queries import bookings as stored
from models.queries import catalogue, endangered, events, faults, locks, sessions
from models.rules.booking import Booking, relieved
from models.rules.booking_state import LIVE, lapses_at
from models.rules.charging_decision import Occupied
from models.rules.fault import Fault, Severity
from models.rules.hazard import Hazard, hazard
from models.rules.interval import Interval
from models.rules.location import USABLE, Evse, Status
from models.rules.published import PublishedLocation
from models.rules.session import Session
from resolvers import holds, moving, told
from resolvers.call import Call

MOST_MOVED = 50
"""So many bookings are moved in the transaction of a report, which keeps the Location from all others."""


@dataclass(frozen=True, slots=True)
class Endangering:
    """A Location as it is now, with its open faults by charger, and who charges there, by charger and by bay."""

    published: PublishedLocation
    faults: Mapping[str, Fault]
    charging: Mapping[str, Occupied]

    def hazard(self, one: Booking) -> Hazard | None:
        """Return what endangers a booking at the Location now; a charger that is gone is as good as broken."""
        evse = self.published.location.evse(one.evse_id)
        fault = self.faults.get(one.evse_id)
        if evse is None or evse.status is Status.REMOVED or (evse.status is Status.PLANNED and fault is None):
            return Hazard.FAULT
        at = (self.charging.get(one.evse_id), self.charging.get(one.parking_bay_id or ""))
        others = [each.period for each in at if each is not None and each.holder_id != one.id]
        overstay = next((period for period in others if period.overlaps(one.timeslot.period)), None)
        return hazard(one.timeslot.period, one.evse_id, fault, self.published.maintenance, overstay)

    def promising(self, one: Booking) -> PublishedLocation:
        """Return the Location without what looks usable and is endangered, so that nobody is moved there.

        Nor is anybody moved to what `one` is to leave, or where somebody charges in its time: they stay too long.
        """
        doubtful = {evse.id for evse in self.published.location.evses if self._doubtful(evse, one)}
        if not doubtful:
            return self.published
        evses = tuple(
            replace(evse, status=Status.INOPERATIVE) if evse.id in doubtful else evse
            for evse in self.published.location.evses
        )
        return replace(self.published, location=replace(self.published.location, evses=evses))

    def _doubtful(self, evse: Evse, one: Booking) -> bool:
        fault, charging = self.faults.get(evse.id), self.charging.get(evse.id)
        failing = fault is not None and fault.severity is not Severity.WARNING
        stays = charging is not None and (evse.id == one.evse_id or charging.period.overlaps(one.timeslot.period))
        return evse.status in USABLE and (failing or stays)


async def assess(call: Call, connection: Connection, published: PublishedLocation, evse_ids: Iterable[str]) -> None:
    """Move, flag or relieve the live bookings of chargers of a Location that this transaction has alone.

    `published` is the Location as it is now. An endangered booking whose charger was neither asked for nor shown to
    its holder is moved to another one of its group. If none is free, and for all others, it is told, and alternatives
    are due (BUC 2.5, 2.7); one that is endangered no longer loses them.
    """
    concerned = await endangered.on_chargers(connection, published.location.id, evse_ids, call.now)
    await _settle(call, connection, [published], concerned)


async def assess_charging(call: Call, connection: Connection, published: PublishedLocation, one: Session) -> None:
    """Do as `assess` where a session goes on or has ended: for its charger, and those that serve the same bay."""
    beside = (
        evse.id
        for evse in published.location.evses
        if any(link.parking_bay_id == one.parking_bay_id for link in evse.parking)
    )
    await assess(call, connection, published, {one.evse_id, *beside})


async def assess_works(call: Call, connection: Connection, works: Iterable[tuple[str, Interval]]) -> None:
    """Do as `assess` for all bookings that overlap planned work, before or after it was changed.

    Each of `works` is a Location, which this transaction has alone, and a period.
    """
    concerned = await endangered.during(connection, list(works), call.now)
    await _settle(call, connection, await _places(connection, concerned), concerned)


async def assess_published(call: Call, connection: Connection, location_ids: Iterable[str]) -> None:
    """Do as `assess` where Locations are published anew: for chargers that are gone, and faults that ended so."""
    concerned = await endangered.unsettled(connection, location_ids, call.now)
    await _settle(call, connection, await _places(connection, concerned), concerned)


async def endangering(connection: Connection, places: Sequence[PublishedLocation]) -> dict[str, Endangering]:
    """Return Locations by their ids, with their open faults and who charges there; two statements."""
    found: dict[str, dict[str, Fault]] = {one.location.id: {} for one in places}
    charging: dict[str, dict[str, Occupied]] = {location_id: {} for location_id in found}
    for fault in await faults.open_at(connection, list(found)):
        found[fault.location_id][fault.evse_id] = fault
    for (location_id, what), occupied in (await sessions.occupying(connection, list(found))).items():
        charging[location_id][what] = occupied
    return {one.location.id: Endangering(one, found[one.location.id], charging[one.location.id]) for one in places}


async def give_way(
    call: Call, connection: Connection, published: PublishedLocation, evse_id: str, period: Interval
) -> bool:
    """Move the bookings of a charger over a period that may be moved; return whether any was.

    The Location is this transaction's alone; `published` is as it is now.
    """
    booked = await endangered.on_chargers(connection, published.location.id, [evse_id], call.now)
    due = [one for one in booked if one.timeslot.period.overlaps(period)]
    if not due:
        return False
    return bool(await _moved(call, connection, await endangering(connection, [published]), due))


async def move_later(call: Call, one: Booking) -> bool:
    """Move a flagged booking that may be moved, as a worker does for those that were too many; return whether it was.

    Raise nothing if its Location is not to be had now: it stays flagged.
    """

    async def work(connection: Connection) -> bool:
        await locks.own(connection, one.location_id)
        old = await stored.locked(connection, one.location_id, one.id)
        if old is None or old.hazard is None or old.status not in LIVE or not provisional(old, call.now):
            return False
        (place,) = await catalogue.published(connection, [one.location_id])
        sites = await endangering(connection, [place])
        moved = await _moved(call, connection, sites, [old])
        for new in moved:
            await holds.end_alternatives(connection, new.id, call.now)
        return bool(moved)

    if one.hazard is None or not provisional(one, call.now):
        return False
    return await call.database.write(work)


def provisional(one: Booking, now: datetime) -> bool:
    """Whether a booking may be moved to another charger: it was not asked for, and its holder does not know it."""
    return not one.evse_pinned and (one.evse_revealed_at is None or one.evse_revealed_at > now)


async def _places(connection: Connection, concerned: Sequence[Booking]) -> list[PublishedLocation]:
    location_ids = sorted({one.location_id for one in concerned})
    return await catalogue.published(connection, location_ids) if location_ids else []


async def _settle(
    call: Call, connection: Connection, places: Sequence[PublishedLocation], concerned: Sequence[Booking]
) -> None:
    """Move, flag or relieve each of the locked bookings that is not as it should be."""
    if not concerned:
        return
    sites = await endangering(connection, places)
    now = [_judged(call, one, sites[one.location_id].hazard(one)) for one in concerned]
    changed = [new for old, new in zip(concerned, now, strict=True) if new is not old]
    await endangered.note(connection, changed)  # first, so that no other move takes along what is to be moved itself
    well = [one for one in changed if one.hazard is None]
    moved = await _moved(call, connection, sites, [one for one in now if one.hazard is not None])
    offered = {one.id for one in concerned if one.hazard is not None}
    for one in (*well, *moved):
        if one.id in offered:
            await holds.end_alternatives(connection, one.id, call.now)
    told_already = {one.id for one in moved}
    new = [told.booking(one) for one in changed if one.id not in told_already]
    await events.add(connection, new, call.now)


async def _moved(
    call: Call, connection: Connection, sites: Mapping[str, Endangering], failing: Sequence[Booking]
) -> list[Booking]:
    """Move, of endangered bookings, those that may be and for which there is room, and return them; that is told.

    Only the first are moved here; the rest stays flagged until a worker comes to it.
    """
    moved: list[Booking] = []
    movable = sorted(
        (one for one in failing if provisional(one, call.now)), key=lambda one: one.timeslot.period.start
    )
    for one in movable[:MOST_MOVED]:
        new = await moving.elsewhere(call, connection, sites[one.location_id].promising(one), one)
        if new is not None:
            moved.append(relieved(new, call.now))
    await endangered.note(connection, moved)
    return moved


def _judged(call: Call, one: Booking, found: Hazard | None) -> Booking:
    """Return a booking with what endangers it now, itself if that is as before; alternatives are looked for once.

    Whoever waited for somebody who stayed has as long to begin as if its slot began once that one is gone.
    """
    if found is one.hazard:
        return one
    if found is not None:
        known = one.hazard is not None
        due_at, since = (one.alternatives_due_at, one.endangered_since) if known else (call.now, call.now)
        return replace(one, hazard=found, alternatives_due_at=due_at, endangered_since=since, last_updated=call.now)
    new = relieved(one, call.now)
    if one.hazard is Hazard.OVERSTAY:
        waited = lapses_at(one.timeslot.period, one.booking_terms, call.now)
        return replace(new, lapses_at=max(one.lapses_at, waited))
    return new
