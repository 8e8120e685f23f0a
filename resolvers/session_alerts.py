"""Warnings in a session: before its slot ends, before a state of charge, when it is over, of a fault (BUC 3.5, 3.6).

A warning is the event SESSION_ALERT, whose object is the session's composite id with `#`, the kind, `#` and the
minutes. Those that nobody needs any more are settled, as if they were sent, without an event.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.db import Connection
from models.events import Event, EventKind
from models.queries import events, sessions
from models.queries import session_alerts as stored
from models.rules import session_alert as rules
from models.rules.parties import Parties
from models.rules.session import Reading, Session
from models.rules.session_alert import AlertKind, AlertWish
from resolvers import told
from resolvers.call import Call

BATCH = 100


async def begin(call: Call, connection: Connection, session: Session) -> None:
    """Let a session that is stored and new warn of what its holder wished, or else of the end of its slot."""
    wish = await stored.wish(connection, session.holder_id) or AlertWish()
    first = replace(session, target_state_of_charge=wish.target_state_of_charge)
    await sessions.put(connection, session, first)
    await stored.put(connection, session, (), rules.alerts(first, wish, None, call.now))


async def moved(call: Call, connection: Connection, session: Session, readings: Sequence[Reading] = ()) -> None:
    """Let the warnings of a session that is locked fall due by what it is now: its end, and what was measured.

    `readings` are all that count, in order of time; they are read here if none are given.
    """
    known = await stored.of(connection, session)
    reached_at = await _projected(connection, session, session.target_state_of_charge, readings)
    await stored.put(connection, session, known, rules.moved(session, reached_at, known, call.now))


async def over(call: Call, connection: Connection, session: Session) -> None:
    """Let a session that is locked and has ended warn of nothing more."""
    await stored.settle(connection, session, call.now)


async def faulted(call: Call, connection: Connection, location_id: str, evse_id: str) -> None:
    """Tell whoever charges at a charger, and its operator, that it has a fault, or a worse one."""
    told_now = [
        _told(one.object_id, AlertKind.CHARGER_FAULT, 0, location_id, one.parties)
        for one in await sessions.active_on(connection, location_id, [evse_id])
    ]
    await events.add(connection, told_now, call.now)


async def send(call: Call) -> int:
    """Send the warnings that are due, and return how many there were.

    Any number of workers may do so at once; each warning is sent once. One whose session others have locked at this
    moment waits for the next round.
    """
    sent = 0
    while (some := await call.database.write(lambda connection: _send_some(call, connection))) is not None:
        sent += some
    return sent


async def _send_some(call: Call, connection: Connection) -> int | None:
    """Settle some warnings that are due, tell of those that somebody still needs, and return how many."""
    due = await stored.settle_due(connection, call.now, BATCH)
    if due is None:
        return None
    wanted = [
        _told(one.object_id, one.alert.kind, one.alert.minutes_before, one.location_id, one.parties)
        for one in due
        if one.is_wanted(call.now)
    ]
    await events.add(connection, wanted, call.now)
    return len(wanted)


async def wished_anew(call: Call, connection: Connection, running: Session, wish: AlertWish) -> None:
    """Let a session that goes on and is locked warn of another wish; tell of it if it has another target."""
    target = wish.target_state_of_charge
    known = await stored.of(connection, running)
    reached_at = await _projected(connection, running, target)
    await stored.put(connection, running, known, rules.alerts(running, wish, reached_at, call.now, known))
    if target != running.target_state_of_charge:
        new = replace(running, target_state_of_charge=target, last_updated=call.now)
        await sessions.put(connection, running, new)
        await events.add(connection, [told.session(new)], call.now)


async def _projected(
    connection: Connection, session: Session, target: int | None, readings: Sequence[Reading] = ()
) -> datetime | None:
    if target is None:
        return None
    return rules.projected(readings or await sessions.readings(connection, session), target)


def _told(object_id: str, kind: AlertKind, minutes: int, location_id: str, parties: Parties) -> Event:
    return told.concerning(EventKind.SESSION_ALERT, rules.named(object_id, kind, minutes), location_id, parties)
