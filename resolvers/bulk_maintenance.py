"""Operators plan work on their chargers, up to 500 works a call, and see before which bookings that endangers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import bookings as stored_bookings
from models.queries import endangered, events, locks, maintenance, publishing
from models.queries.publishing import Stored
from models.rules.booking import Booking
from models.rules.identity import part_id
from models.rules.maintenance import Maintenance
from resolvers import hazards, told
from resolvers.alternative_offering import offer_soon
from resolvers.bulk import MOST_DEFECTS, checked, checked_owner, done, last_updated, own
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.changes import Change
from resolvers.pages import checked_first
from resolvers.versions import renewed


@dataclass(frozen=True, slots=True)
class Impact:
    """How many bookings planned work would hit: those that would be moved, and those that would need alternatives.

    `bookings` are the first of them by their starts, each with whether it would be moved.
    """

    movable: int
    endangered: int
    bookings: tuple[tuple[Booking, bool], ...]


class _Undone(Exception):
    """What was tried is found out, and is to be undone."""

    def __init__(self, hit: Sequence[tuple[Booking, bool]]) -> None:
        """Take the bookings that were hit, each with whether it was moved."""
        super().__init__()
        self.hit = hit


async def maintenance_publish(call: Call, idempotency_key: str, changes: Sequence[Change[Maintenance]]) -> list[str]:
    """Publish when chargers are worked on, and move or flag the bookings that this endangers (BUC 2.7).

    Raise as `booking_locations_publish`, also for a charger.
    """
    _check(call, changes)
    location_ids = [one.value.location_id for one in changes]

    async def first(connection: Connection) -> None:
        await locks.own_many(connection, location_ids)

    async def work(connection: Connection) -> list[str]:
        await _put(call, connection, changes)
        return location_ids

    ids = [one.value.id for one in changes]
    published = await done(call, idempotency_key, "maintenancePublish", changes, ids, work, first=first)
    await offer_soon(call, location_ids)
    return published


async def maintenance_impact(call: Call, changes: Sequence[Change[Maintenance]], *, first: int) -> Impact:
    """Return what publishing works would do to bookings, of which the `first` are named; nothing is published.

    It is tried in a transaction that is undone, so that it is what would happen now, others' moves included. Raise as
    `maintenance_publish`.
    """
    limit = checked_first(first)
    _check(call, changes)

    async def work(connection: Connection) -> None:
        await locks.own_many(connection, [one.value.location_id for one in changes])
        hit = await _hit(call, connection, [one.value for one in changes])
        await _put(call, connection, changes)
        after = await stored_bookings.many(connection, [one.id for one in hit])
        raise _Undone([(one, after[one.id].hazard is None) for one in hit])

    found: Sequence[tuple[Booking, bool]] = ()
    try:
        await call.database.write(work)
    except _Undone as tried:
        found = tried.hit
    movable = sum(moved for _, moved in found)
    await remember(call, (one.location_id for one, _ in found[:limit]))
    return Impact(movable, len(found) - movable, tuple(found[:limit]))


def _check(call: Call, changes: Sequence[Change[Maintenance]]) -> None:
    ids = [one.value.id for one in changes]
    checked(call, changes, ids)
    checked_owner(call, "Maintenance", ids)


async def _put(call: Call, connection: Connection, changes: Sequence[Change[Maintenance]]) -> None:
    """Store works at Locations that this transaction has alone, with all that follows for bookings."""
    _check_ahead(call, changes)
    ids, location_ids = [one.value.id for one in changes], [one.value.location_id for one in changes]
    known = await publishing.stored(connection, "maintenance", ids)
    places = await publishing.stored(connection, "location", location_ids)
    chargers = await publishing.evse_ids(connection, location_ids)
    new = [_renewed(call, one, known, places, chargers) for one in changes]
    before = await maintenance.periods(connection, ids)
    await maintenance.put(connection, new)
    await publishing.changed(connection, location_ids, call.now)
    periods = [(one, before.get(one.id, one.period).hull(one.period)) for one in new]  # the old comes free again
    works = [(one.id, one.location_id, during) for one, during in periods]
    await events.add(connection, told.worked_on(works), call.now)
    given_up = [(one.location_id, before[one.id]) for one in new if one.id in before]
    touched = dict.fromkeys([*((one.location_id, one.period) for one in new), *given_up])
    await hazards.assess_works(call, connection, touched)


async def _hit(call: Call, connection: Connection, works: Sequence[Maintenance]) -> list[Booking]:
    """Return the live bookings of chargers that are worked on meanwhile."""
    periods = list(dict.fromkeys((one.location_id, one.period) for one in works))
    return [
        one
        for one in await endangered.during(connection, periods, call.now)
        if any(
            work.location_id == one.location_id
            and work.concerns(one.evse_id)
            and work.period.overlaps(one.timeslot.period)
            for work in works
        )
    ]


def _check_ahead(call: Call, changes: Sequence[Change[Maintenance]]) -> None:
    """Raise BadInput for work that is over; only when it is done, because a repeat may come later than its end."""
    over = [one.value.id for one in changes if one.value.period.end <= call.now]
    if over:
        wrong = "; ".join(f"the period of {one} is over" for one in over[:MOST_DEFECTS])
        raise BadInput(f"Nothing was published: {wrong}.")


def _renewed(
    call: Call,
    change: Change[Maintenance],
    known: dict[str, Stored],
    places: dict[str, Stored],
    chargers: set[str],
) -> Maintenance:
    new = change.value
    own(call, "Location", new.location_id, places)
    if new.id in known and known[new.id].location_id != new.location_id:
        placed_at = known[new.id].location_id
        raise NotAllowed(f"Maintenance {new.id} belongs to Location {placed_at}; publish it here under a new id.")
    for one in new.evse_ids:
        if one not in chargers or not one.startswith(part_id(new.location_id, "")):
            raise NotFound("Evse", one)
    updated = renewed(call, "Maintenance", new.id, last_updated(known, new.id), change.expected_last_updated)
    return replace(new, last_updated=updated)
