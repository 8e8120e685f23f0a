"""A booking that one transaction changes: its Location as it is, its row locked, and the caller allowed to."""

from collections.abc import Iterable
from uuid import UUID

from models.db import Connection
from models.errors import AlreadyFinal, NotAllowed, NotFound
from models.queries import bookings as stored
from models.queries import locks
from models.rules.booking import Booking
from models.rules.booking_state import LIVE, ReservationStatus
from models.rules.identity import normalized, own_uuid
from models.rules.role import Role
from resolvers import access, mandates
from resolvers.call import Call


async def lock_places(
    connection: Connection, booking_id: str, others: Iterable[str | None] = (), *, alone: bool = False
) -> None:
    """Keep the Locations of a booking and the `others` as they are, or for this transaction `alone`.

    It is for before the first write; whoever waits then holds up nobody. What is nowhere, None, is left out.
    """
    uuid = own_uuid(booking_id)
    place = await stored.location_of(connection, uuid) if uuid else None
    known = [one for one in (*others, place) if one is not None]
    await (locks.own_many if alone else locks.share_many)(connection, known)


async def locked(call: Call, connection: Connection, booking_id: str) -> Booking:
    """Return a booking that the caller sees and nobody else changes meanwhile, or raise NotFound.

    Raise NotAllowed if the caller made it for another provider, whose mandate it has no longer.
    Its Locations are locked by `lock_places`, unless it moved meanwhile; then this one's is shared.
    """
    uuid = own_uuid(booking_id)
    found = await by_uuid(connection, uuid) if uuid else None
    if found is None or found.object_id != normalized(booking_id) or not access.sees_booking(call, found):
        raise NotFound("Booking", booking_id)
    await mandates.check_booker(call, connection, found, found.contract_ids)
    return found


async def at_once(connection: Connection, uuid: UUID, others: Iterable[str] = ()) -> Booking | None:
    """Return a booking as `by_uuid`, or None if that would mean to wait; for workers, which come again.

    The Locations `others` are kept as they are too.
    """
    location_id = await stored.location_of(connection, uuid)
    if location_id is None or not await locks.try_share(connection, [location_id, *others]):
        return None
    return await stored.locked(connection, location_id, uuid, waits=False)


async def by_uuid(connection: Connection, uuid: UUID) -> Booking | None:
    """Return a booking that nobody else changes meanwhile, wherever it is."""
    for _ in range(3):
        location_id = await stored.location_of(connection, uuid)
        if location_id is None:
            return None
        await locks.share(connection, location_id)
        found = await stored.locked(connection, location_id, uuid)
        if found is not None:
            return found
    return None


def check_changeable(call: Call, one: Booking) -> None:
    """Raise NotAllowed if not all of a booking is under the caller's contracts, AlreadyFinal if it is over.

    One that nobody used in time is a no-show, whether a worker came by or not; one that its charger failed is not.
    """
    if not access.may_change(call, one):
        raise NotAllowed("The booking is for contracts that your token does not cover.")
    if one.status not in LIVE:
        raise AlreadyFinal(one.status)
    if one.status is ReservationStatus.RESERVED and one.hazard is None and one.lapses_at <= call.now:
        raise AlreadyFinal(ReservationStatus.NO_SHOW)


def check_undecided(one: Booking) -> None:
    """Raise NotAllowed while a request on the booking is being decided on."""
    pending = one.pending
    if pending is not None:
        until = pending.decide_until.isoformat() if pending.decide_until else "it is decided"
        if pending.role is Role.CPO:
            raise NotAllowed(f"The operator's proposal waits until {until}: take or decline it first.")
        raise NotAllowed(f"A request on the booking is being decided on until {until}; wait for that, or cancel.")
