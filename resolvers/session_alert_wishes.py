"""When somebody wants to be warned in a session: of a booking from before it begins, of a walk-up while it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.charging_errors import SessionOver
from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import locks, sessions
from models.queries import session_alerts as stored
from models.rules.booking import Booking
from models.rules.booking_state import Phase, ReservationStatus
from models.rules.identity import normalized, own_uuid
from models.rules.role import Role
from models.rules.session import Session
from models.rules.session_alert import LONGEST_MINUTES, MOST_ALERTS, AlertWish, SessionAlert
from resolvers import access, session_alerts, session_finding
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.locked_booking import check_changeable, lock_places, locked
from resolvers.once import once

Held = Booking | Session
"""Who holds a charger: whoever booked it, or uses it without."""


@dataclass(frozen=True, slots=True)
class WantedAlerts:
    """When the holder of a booking, or whoever charges in a session, wants to be warned; exactly one is named."""

    booking_id: str | None
    session_id: str | None
    wish: AlertWish


@dataclass(frozen=True, slots=True)
class Alerts:
    """When somebody wants to be warned, and the warnings of the session that goes on, or was the last, if any."""

    booking_id: str | None
    session: Session | None
    wish: AlertWish
    alerts: Sequence[SessionAlert]


async def set(call: Call, idempotency_key: str, wanted: WantedAlerts) -> Alerts:
    """Store when somebody wants to be warned, let a session that goes on warn of that, and return what is stored.

    What was sent stays sent; of those whose moment has passed the last of a kind is sent at once.
    Raise NotFound, NotAllowed, AlreadyFinal, SessionOver or BadInput.
    """
    call.acting_as(Role.EMSP, Role.TO)
    _check_one(wanted.booking_id, wanted.session_id)
    wish = _checked(wanted.wish)

    async def first(connection: Connection) -> None:
        if wanted.booking_id is not None:
            await lock_places(connection, wanted.booking_id)
        else:
            await _lock_place(connection, wanted.session_id or "")

    async def work(connection: Connection) -> None:
        held, running = await _locked(call, connection, wanted)
        holder_id = held.holder_id if isinstance(held, Session) else held.id
        await stored.put_wish(connection, held.location_id, holder_id, wish, call.now)
        if running is not None:
            await session_alerts.wished_anew(call, connection, running, wish)

    outcome = {"booking": wanted.booking_id, "session": wanted.session_id}
    await once(call, idempotency_key, "sessionAlertsSet", wanted, outcome, work, first=first)
    return await of(call, wanted.booking_id, wanted.session_id)


async def of(call: Call, booking_id: str | None, session_id: str | None) -> Alerts:
    """Return when the holder of one of the caller's bookings or sessions is warned, or raise NotFound or BadInput."""
    call.acting_as(Role.EMSP, Role.TO)
    _check_one(booking_id, session_id)
    if booking_id is not None:
        booking = await get(call, booking_id)
        ((*_, last),) = [[None, *found] for found in await session_finding.of_bookings(call, [booking.object_id])]
        return await _read(call, booking.object_id, booking.id, last)
    session = await session_finding.get(call, session_id or "")
    return await _read(call, session.booking_object_id, session.holder_id, session)


async def _read(call: Call, booking_id: str | None, holder_id: UUID, session: Session | None) -> Alerts:
    async with call.database.reading() as connection:
        wish = await stored.wish(connection, holder_id) or AlertWish()
        return Alerts(booking_id, session, wish, await stored.of(connection, session) if session else [])


async def _lock_place(connection: Connection, session_id: str) -> None:
    """Keep the Location of a session as it is."""
    uuid = own_uuid(session_id)
    place = await sessions.location_of(connection, uuid) if uuid else None
    if place is not None:
        await locks.share(connection, place)


async def _locked(call: Call, connection: Connection, wanted: WantedAlerts) -> tuple[Held, Session | None]:
    """Return who holds a charger, or is to, and the session that goes on; nobody else changes them meanwhile."""
    if wanted.booking_id is None:
        session = await _locked_session(call, connection, wanted.session_id or "")
        return session, session
    booking = await locked(call, connection, wanted.booking_id)
    _check_booking(call, booking)
    of_it = await sessions.of_bookings(connection, [booking.id])
    going_on = [one for one in of_it if one.active]
    if not going_on:
        return booking, None
    running = await sessions.locked(connection, going_on[-1].location_id, going_on[-1].id)
    return booking, running if running is not None and running.active else None


async def _locked_session(call: Call, connection: Connection, session_id: str) -> Session:
    uuid = own_uuid(session_id)
    place = await sessions.location_of(connection, uuid) if uuid else None
    found = await sessions.locked(connection, place, uuid) if place is not None and uuid else None
    if found is None or found.object_id != normalized(session_id) or not access.concerns(call, found.parties):
        raise NotFound("Session", session_id)
    if not _covers(call, found):
        raise NotAllowed("The session is for contracts that your token does not cover.")
    if found.end_date_time is not None:
        raise SessionOver(found.object_id, found.end_date_time)
    return found


def _covers(call: Call, one: Session) -> bool:
    """Whether all of a session that the caller sees is under the contracts of its token."""
    return access.covers(call.authenticated(), one.parties.contract_ids)


def _check_booking(call: Call, one: Booking) -> None:
    """Raise NotAllowed or AlreadyFinal if the holder of a booking is warned no more; while it is used it is."""
    in_use = one.status is ReservationStatus.FULFILLED and one.phase(call.now) is not Phase.COMPLETED
    if not in_use or not access.may_change(call, one):
        check_changeable(call, one)


def _checked(wish: AlertWish) -> AlertWish:
    """Return a wish with its minutes in order, each once, or raise BadInput for one that cannot be."""
    target = wish.target_state_of_charge
    if target is None and wish.minutes_before_target:
        raise BadInput("Give `targetStateOfCharge` with `minutesBeforeTarget`.")
    if target is not None and not 1 <= target <= 100:
        raise BadInput("A `targetStateOfCharge` is 1 to 100 percent.")
    return AlertWish(_minutes(wish.minutes_before_end), target, _minutes(wish.minutes_before_target))


def _minutes(wanted: Sequence[int]) -> tuple[int, ...]:
    """Return how many minutes before somebody wants to be warned, the earliest first, or raise BadInput."""
    found = tuple(sorted({*wanted}, reverse=True))
    if len(found) > MOST_ALERTS:
        raise BadInput(f"A session has at most {MOST_ALERTS} warnings of a kind; you ask for {len(found)}.")
    if found and not 1 <= found[-1] <= found[0] <= LONGEST_MINUTES:
        raise BadInput(f"A warning is 1 to {LONGEST_MINUTES} minutes before.")
    return found


def _check_one(booking_id: str | None, session_id: str | None) -> None:
    if (booking_id is None) == (session_id is None):
        raise BadInput("Give either `bookingId` or `sessionId`.")
