"""Giving a booking another charger of its group, which its operator may do without consent (BUC 2.7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.db import Connection
from models.errors import DoesNotFit, NotAllowed, NotFound, SlotTaken, TryAgain
from models.queries import bookings as stored
from models.queries import locks
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import RequestKind, RequestStatus
from models.rules.identity import normalized, own_uuid
from models.rules.misfit import Misfit
from models.rules.published import PublishedLocation
from models.rules.role import Role
from models.rules.site import site_of
from models.rules.spot import Spot, spots
from resolvers import holds, moving
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.granting import as_stored, suitable
from resolvers.locked_booking import check_changeable, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class Reassignment:
    """Which booking is to have another charger, and which one; any other that complies, if None."""

    booking_id: str
    evse_id: str | None = None


async def reassign(call: Call, idempotency_key: str, wanted: Reassignment) -> Booking:
    """Give a booking another charger that complies, tell its holder, and return it.

    Its id, reference and revision, its terms and its price stay. Provisional bookings in the way are moved. Raise
    NotFound, NotAllowed, AlreadyFinal, DoesNotFit, ChargerUnusable or SlotTaken.
    """
    caller = call.acting_as(Role.CPO)

    uuid = own_uuid(wanted.booking_id)
    places: list[str | None] = []

    async def first(connection: Connection) -> None:
        places[:] = [await stored.location_of(connection, uuid) if uuid else None]
        await locks.own_many(connection, [place for place in places if place])

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, wanted.booking_id)
        if [old.location_id] != places:
            raise TryAgain("The booking went to another Location at this moment; send the same request again.")
        _check_may(call, old)
        published = await as_stored(call, connection, old.location_id)
        if published is None:
            raise NotFound("Booking", wanted.booking_id)
        candidates = _candidates(published, old, wanted)
        new = await moving.reseat(call, connection, published, old, candidates)
        if new is None:
            raise SlotTaken(old.booking_location_id, old.timeslot.period)
        if old.hazard is not None:
            await holds.end_alternatives(connection, old.id, call.now)
        request = BookingRequest(
            RequestKind.REASSIGN,
            RequestStatus.ACCEPTED,
            call.now,
            call.now,
            caller.role,
            caller.party_id,
            position=len(old.booking_requests),
            period=old.timeslot.period,
        )
        await stored.add_request(connection, old, request, {"from_evse_id": old.evse_id, "evse_id": new.evse_id})

    outcome = {"booking": wanted.booking_id}
    await once(call, idempotency_key, "bookingReassign", wanted, outcome, work, first=first)
    return await get(call, wanted.booking_id)


def _check_may(call: Call, old: Booking) -> None:
    check_changeable(call, old)
    if old.timeslot.period.end <= call.now:
        raise NotAllowed("The time of the booking is over.")
    if old.evse_pinned and old.hazard is None:
        raise NotAllowed("The holder asked for this charger and it works; propose a change, or cancel the booking.")


def _candidates(published: PublishedLocation, old: Booking, wanted: Reassignment) -> Sequence[Spot]:
    """Return the spots that are suitable, of the charger that is named or of all others.

    Raise NotFound, NotAllowed, DoesNotFit or ChargerUnusable.
    """
    evse_id = old.evse_id if wanted.evse_id is None else normalized(wanted.evse_id)
    if wanted.evse_id is not None:
        if published.location.evse(evse_id) is None:
            raise NotFound("Evse", wanted.evse_id)
        if evse_id == old.evse_id:
            raise NotAllowed("The booking has that charger already.")
    complying = [
        spot
        for spot in spots(published.location, old.booking_option)
        if (spot.evse.id == evse_id) == (wanted.evse_id is not None)
    ]
    if not complying:
        raise DoesNotFit(old.booking_location_id, [Misfit.NOT_OFFERED])
    site = site_of(published, old.timeslot.period)
    return suitable(complying, old.booking_location_id, old.booking_option, old.demand, old.timeslot, site)
