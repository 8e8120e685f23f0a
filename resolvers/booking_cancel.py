"""Canceling a booking by its holder (BUC 2.3.3, 2.4, 2.9)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.db import Connection
from models.errors import AlreadyFinal, BadInput, CutOffPassed, NotAllowed, NotFound, Refusal
from models.events import AvailabilityCause, Event, EventKind
from models.queries import allocations, events, faults, locks
from models.queries import bookings as stored
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import (
    HOLDER_REASONS,
    LIVE,
    CanceledReason,
    RequestKind,
    RequestStatus,
    ReservationStatus,
)
from models.rules.role import Role
from resolvers import access
from resolvers.call import Call, Caller
from resolvers.catalogue import remember
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Which booking to cancel, and why."""

    booking_id: str
    reason: CanceledReason


async def cancel(call: Call, idempotency_key: str, wanted: Cancellation, booking_id: UUID | None) -> Booking:
    """Cancel a booking and free its slot at once; `booking_id` is what `wanted` names, if it names anything.

    Before the cut-off of its terms, or while a fault of its charger endangers it; later raise CutOffPassed, and keep
    the declined request in the history. Raise NotFound, NotAllowed or AlreadyFinal otherwise.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    if wanted.reason not in HOLDER_REASONS:
        raise BadInput(f"{wanted.reason} is for operators; a holder cancels for {', '.join(sorted(HOLDER_REASONS))}.")

    async def work(connection: Connection) -> Refusal | None:
        old = await _owned(call, connection, wanted, booking_id)
        if not access.may_change(call, old):
            raise NotAllowed("The booking is for contracts that your token does not cover.")
        if old.status not in LIVE:
            raise AlreadyFinal(old.status)
        granted = await _may_cancel(connection, old, call.now)
        request = _request(call, caller, RequestStatus.ACCEPTED if granted else RequestStatus.DECLINED)
        await stored.add_request(connection, old, request, _asked(wanted), position=len(old.booking_requests))
        if not granted:
            return CutOffPassed(old.cancel_until)
        await stored.cancel(connection, old, wanted.reason, caller.role, call.now)
        await allocations.release(connection, old.location_id, old.id, call.now)
        await events.add(connection, _told(old), call.now)
        return None

    outcome = {"booking": str(booking_id)}
    came = await once(call, idempotency_key, "bookingCancel", wanted, outcome, work)
    async with call.database.reading() as connection:
        found = (await stored.many(connection, [UUID(came["booking"])]))[UUID(came["booking"])]
    await remember(call, [found.location_id])
    return found


async def _owned(call: Call, connection: Connection, wanted: Cancellation, booking_id: UUID | None) -> Booking:
    """Return the caller's booking, locked, or raise NotFound."""
    location_id = await stored.location_of(connection, booking_id) if booking_id else None
    if booking_id is not None and location_id is not None:
        await locks.share(connection, location_id)
        old = await stored.locked(connection, location_id, booking_id)
        if old is not None and access.sees_booking(call, old) and old.object_id == wanted.booking_id:
            return old
    raise NotFound("Booking", wanted.booking_id)


async def _may_cancel(connection: Connection, old: Booking, now: datetime) -> bool:
    """Whether the cut-off is still ahead, or does not count because the charger is broken (BUC 2.5)."""
    if now >= old.timeslot.period.end:
        return False
    if old.status is ReservationStatus.PENDING or now <= old.cancel_until:
        return True
    fault = await faults.open_fault(connection, old.location_id, old.evse_id)
    return fault is not None and fault.spoils(old.timeslot.period)


def _request(call: Call, caller: Caller, status: RequestStatus) -> BookingRequest:
    return BookingRequest(RequestKind.CANCEL, status, call.now, call.now, caller.role, caller.party_id)


def _asked(wanted: Cancellation) -> dict[str, object]:
    return {"canceled_reason": wanted.reason.value}


def _told(old: Booking) -> list[Event]:
    period = old.timeslot.period
    cause = AvailabilityCause.CANCELLATION
    return [
        Event(EventKind.BOOKING_CHANGED, old.object_id, old.location_id, old.emsp_id),
        Event(EventKind.AVAILABILITY_CHANGED, old.location_id, old.location_id, old.cpo_id, cause, period),
    ]
