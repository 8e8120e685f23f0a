"""Answering what an operator is asked to start or stop: itself, by the session it reports, or by time (BUC 3.9)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from models.charging_errors import NothingToAnswer
from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import events
from models.queries import session_requests as stored
from models.rules.identity import normalized, own_uuid
from models.rules.role import Role
from models.rules.session import Session
from models.rules.session_request import (
    ANSWER_SECONDS,
    STARTED_WITHIN,
    UNANSWERED,
    SessionRequest,
    SessionRequestKind,
    SessionRequestStatus,
)
from resolvers import access, told
from resolvers.call import Call
from resolvers.each import each
from resolvers.once import once
from resolvers.session_request_reading import get

BATCH = 100
"""So many unanswered requests are looked up at a time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a request is accepted; if not, why, in words for the driver."""

    request_id: str
    accepted: bool
    reason: str | None = None


async def answer(call: Call, idempotency_key: str, wanted: Answer) -> SessionRequest:
    """Accept or reject what the caller was asked to start or stop, and return the request.

    Accepting is not starting: the operator reports the session once it begins. Accepting again changes nothing.
    Raise NotFound or NothingToAnswer.
    """
    call.acting_as(Role.CPO)
    if wanted.accepted == (wanted.reason is not None):
        raise BadInput("`reason` says why a request is rejected; give it then, and only then.")

    async def work(connection: Connection) -> None:
        uuid = own_uuid(wanted.request_id)
        old = await stored.locked(connection, uuid) if uuid else None
        if old is None or old.object_id != normalized(wanted.request_id) or not access.concerns(call, old.parties):
            raise NotFound("SessionRequest", wanted.request_id)
        if wanted.accepted and old.status is SessionRequestStatus.ACCEPTED:
            return
        if not old.waits(call.now):
            late = old.status in (SessionRequestStatus.PENDING, SessionRequestStatus.TIMED_OUT)
            raise NothingToAnswer(old.object_id, old.answer_until if late else None)
        status = SessionRequestStatus.ACCEPTED if wanted.accepted else SessionRequestStatus.REJECTED
        await put(call, connection, old, old.answered(status, call.now, wanted.reason))

    asked = {"session_request": wanted.request_id}
    await once(call, idempotency_key, "sessionRequestAnswer", wanted, asked, work)
    return await get(call, wanted.request_id)


async def settle(
    call: Call, connection: Connection, session: Session, kind: SessionRequestKind
) -> SessionRequest | None:
    """Take a session that its operator reports, begun or ended, for the answer to the request that asked for it.

    That one is ACCEPTED if it was pending, and names the session. Return it, or None if nobody asked: a session that
    was asked for was started by COMMAND. The session may be stored afterwards, in the same transaction; its row is
    locked before.
    """
    since = call.now - STARTED_WITHIN - timedelta(seconds=ANSWER_SECONDS)
    found = await stored.open_at(connection, session.location_id, session.evse_id, kind, since)
    led = next((one for one in found if one.led_to(session, call.now)), None)
    if led is None:
        return None
    pending = led.status is SessionRequestStatus.PENDING
    accepted = led.answered(SessionRequestStatus.ACCEPTED, call.now) if pending else led
    settled = replace(accepted, session_id=session.id)
    if settled != led:
        await put(call, connection, led, settled)
    return settled


async def time_out(call: Call) -> int:
    """Let go of the requests that nobody answered in time, each in a transaction of its own; return how many.

    Any number of workers may do so at once; each request times out, and is told of, once.
    """
    gone = 0
    while True:
        async with call.database.reading() as connection:
            due = await stored.due(connection, call.now, BATCH)
        done = await each(due, lambda uuid: _timed_out(call, uuid))
        gone += done
        if len(due) < BATCH or not done:
            return gone


async def let_go(call: Call, connection: Connection, old: SessionRequest) -> None:
    """Let a locked request time out."""
    await put(call, connection, old, old.answered(SessionRequestStatus.TIMED_OUT, call.now, UNANSWERED))


async def put(call: Call, connection: Connection, old: SessionRequest, new: SessionRequest) -> None:
    """Store what became of a locked request, and tell whom it concerns."""
    await stored.put(connection, old, new)
    await events.add(connection, [told.session_request(new)], call.now)


async def _timed_out(call: Call, uuid: UUID) -> bool:
    """Let a request time out; False if somebody answered it meanwhile."""

    async def work(connection: Connection) -> bool:
        old = await stored.locked(connection, uuid, waits=False)
        if old is None or old.status is not SessionRequestStatus.PENDING or old.answer_until > call.now:
            return False
        await let_go(call, connection, old)
        return True

    return await call.database.write(work)
