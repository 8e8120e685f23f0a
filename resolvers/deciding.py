"""Deciding on requests (BUC 2.6): the operator accepts or declines, and what nobody decides on in time lapses."""

from dataclasses import dataclass, replace
from uuid import UUID

from models.db import Connection
from models.errors import ChargerUnusable
from models.events import AvailabilityCause
from models.queries import booking_requests, events
from models.queries import bookings as stored
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import RequestKind, RequestStatus, ReservationStatus
from models.rules.decision import LAPSED
from models.rules.identity import own_uuid
from models.rules.role import Role
from resolvers import ending, told, undecided
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.each import all_due
from resolvers.granting import usable
from resolvers.locked_booking import at_once, check_changeable, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class Decision:
    """Which booking's request is accepted."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Which booking's request is declined, and why, in words for its holder."""

    booking_id: str
    reason: str


async def accept(call: Call, idempotency_key: str, wanted: Decision) -> Booking:
    """Grant what the holder of a booking asked for, the booking itself or a change of it, and return it.

    Raise NotFound, NothingToDecide, NotAllowed, AlreadyFinal, LostUpdate, or ChargerUnusable if it fails by now.
    """
    call.acting_as(Role.CPO)

    async def first(connection: Connection) -> None:
        await undecided.share_places(connection, own_uuid(wanted.booking_id))

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        pending = undecided.to_decide(call, old, proposed=False)
        if pending.kind is RequestKind.CREATE:
            await _confirm(call, connection, old, pending)
        else:
            await undecided.grant(call, connection, old, pending)

    await once(call, idempotency_key, "bookingAccept", wanted, {"booking": wanted.booking_id}, work, first=first)
    return await get(call, wanted.booking_id)


async def decline(call: Call, idempotency_key: str, wanted: Declined) -> Booking:
    """Decline what the holder of a booking asked for, and return the booking.

    One that was asked for is REJECTED, and its slot free; one that should change stays as it is. Raise NotFound,
    NothingToDecide, NotAllowed or AlreadyFinal.
    """
    call.acting_as(Role.CPO)

    async def first(connection: Connection) -> None:
        await undecided.share_places(connection, own_uuid(wanted.booking_id))

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        pending = undecided.to_decide(call, old, proposed=False)
        cause = AvailabilityCause.CANCELLATION
        if pending.kind is RequestKind.CREATE:
            await ending.end(connection, old, call.now, ReservationStatus.REJECTED, cause, reason=wanted.reason)
        else:
            status = RequestStatus.DECLINED
            await undecided.give_back(call, connection, old, pending, status, wanted.reason, cause)

    await once(call, idempotency_key, "bookingDecline", wanted, {"booking": wanted.booking_id}, work, first=first)
    return await get(call, wanted.booking_id)


async def lapse(call: Call) -> int:
    """Let go of the requests that nobody decided on in time, each in a transaction of its own; return how many.

    A booking that was asked for is FAILED; one that should change stays as it is. Any number of workers may do so at
    once; each request lapses once.
    """
    return await all_due(call.database, call.now, booking_requests.due, lambda booking_id: _lapsed(call, booking_id))


async def waiting(call: Call) -> list[Booking]:
    """Return the caller's bookings that it has to decide on, in the order in which that was asked for."""
    caller = call.acting_as(Role.CPO)
    async with call.database.reading() as connection:
        ids = await booking_requests.waiting(connection, caller.party_id, call.now)
        found = await stored.many(connection, ids)
    await remember(call, (one.location_id for one in found.values()))
    return [found[one] for one in ids if one in found]


async def _confirm(call: Call, connection: Connection, old: Booking, pending: BookingRequest) -> None:
    """Reserve what was asked for, whose slot is the booking's already."""
    if not await usable(call, connection, old):
        raise ChargerUnusable(old.booking_location_id)
    await stored.decide(connection, old, replace(pending, status=RequestStatus.ACCEPTED, decided_at=call.now))
    new = replace(old, status=ReservationStatus.RESERVED, last_updated=call.now)
    await stored.put(connection, old, new)
    await events.add(connection, [told.booking(new)], call.now)


async def _lapsed(call: Call, booking_id: UUID) -> bool:
    """Let the request on a booking lapse; False if somebody decided on it meanwhile."""

    async def work(connection: Connection) -> bool:
        old = await at_once(connection, booking_id, await booking_requests.places(connection, booking_id))
        pending = old.pending if old else None
        if old is None or pending is None or pending.decide_until is None or pending.decide_until > call.now:
            return False
        status, cause = RequestStatus.FAILED, AvailabilityCause.EXPIRY
        if pending.kind is RequestKind.CREATE:
            last = ReservationStatus.FAILED
            await ending.end(connection, old, call.now, last, cause, undecided=status, reason=LAPSED)
        else:
            await undecided.give_back(call, connection, old, pending, status, LAPSED, cause)
        return True

    return await call.database.write(work)
