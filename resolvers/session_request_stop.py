"""Asking an operator to stop a session (BUC 3.3)."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from models.charging_errors import SessionOver
from models.db import Connection
from models.errors import NotAllowed, NotFound
from models.queries import bookings as stored_bookings
from models.queries import locks, sessions
from models.rules.identity import normalized, own_uuid
from models.rules.role import Role
from models.rules.session import Session
from models.rules.session_request import SessionRequest, SessionRequestKind, SessionRequestStatus, answer_until
from resolvers import access, mandates
from resolvers.call import Call
from resolvers.once import once
from resolvers.session_request_asking import ask, charger_at, check_remote
from resolvers.session_request_reading import get


@dataclass(frozen=True, slots=True)
class WantedStop:
    """Which session to stop."""

    session_id: str


async def stop(call: Call, idempotency_key: str, wanted: WantedStop) -> SessionRequest:
    """Ask the operator of a session that goes on to stop it, and return the request.

    Raise NotFound, NotAllowed or SessionOver.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    uuid = own_uuid(wanted.session_id)
    new_id = uuid4()
    learned: dict[str, str] = {}

    async def first(connection: Connection) -> None:
        location_id = await sessions.location_of(connection, uuid) if uuid else None
        if location_id is not None:
            await locks.share(connection, location_id)

    async def work(connection: Connection) -> None:
        one = await _going_on(call, connection, uuid, wanted.session_id)
        charger = await charger_at(call, connection, one.location_id, one.evse_id)
        check_remote(charger.evse)
        new = SessionRequest(
            id=new_id,
            location_id=one.location_id,
            kind=SessionRequestKind.STOP,
            status=SessionRequestStatus.PENDING,
            evse_id=one.evse_id,
            connector_id=one.connector_id,
            booking_id=one.booking_id,
            session_id=one.id,
            parties=one.parties,
            token=one.token,
            role=caller.role,
            requester_id=caller.party_id,
            requested_at=call.now,
            answer_until=answer_until(call.now),
        )
        learned["session_request"] = new.object_id
        await ask(call, connection, new)

    came = await once(call, idempotency_key, "sessionStop", wanted, {}, work, first=first, learned=lambda: learned)
    return await get(call, came["session_request"])


async def _going_on(call: Call, connection: Connection, uuid: UUID | None, session_id: str) -> Session:
    """Return a session that goes on, and that nobody ends meanwhile; the caller sees it and may stop it."""
    location_id = await sessions.location_of(connection, uuid) if uuid else None
    one = await sessions.locked(connection, location_id, uuid) if location_id and uuid else None
    if one is None or one.object_id != normalized(session_id) or not access.concerns(call, one.parties):
        raise NotFound("Session", session_id)
    if not _covered(call, one):
        raise NotAllowed("The session is under a contract that your token does not cover.")
    if one.booking_id is not None:
        found = await stored_bookings.many(connection, [one.booking_id])
        await mandates.check_booker(call, connection, found[one.booking_id], one.parties.contract_ids)
    if one.end_date_time is not None:
        raise SessionOver(one.object_id, one.end_date_time)
    return one


def _covered(call: Call, one: Session) -> bool:
    """Whether what a session is charged under is the caller's; of a fleet, the contract of its Token."""
    contracts = one.parties.contract_ids if one.token is None else (one.token.contract_id,)
    return access.covers(call.authenticated(), contracts)
