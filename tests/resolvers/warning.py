"""Sessions that warn, what is stored of their warnings, and what was sent of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from models.db import Connection
from models.queries import sessions as stored
from models.rules.booking import Booking
from models.rules.session import Session, StopReason
from models.rules.session_alert import AlertWish
from resolvers import session_alert_wishes, session_alerts, sessions
from resolvers.charging_scene import Credential
from resolvers.session_alert_wishes import Alerts, WantedAlerts
from resolvers.sessions import MeterReading, ReadingsReport, StartReport, StopReport
from tests.factories.sessions import a_session
from tests.models.databases import run
from tests.resolvers.lifecycle import E1
from tests.resolvers.reminding import by_worker
from tests.world import World, a_key

SENT = "SELECT object_id FROM event WHERE kind = 'SESSION_ALERT' ORDER BY xid, id"
TO_COME = """
SELECT kind, minutes_before, due_at FROM session_alert WHERE sent_at IS NULL ORDER BY due_at, kind, minutes_before
"""


async def begun(world: World, one: Booking, evse_id: str = E1) -> Session:
    """Let charging begin on a booking."""
    report = StartReport(evse_id, Credential(reference=one.reference))
    return await sessions.start_report(await world.call("cpo"), a_key(), report)


async def walked_up(world: World, **changes: Any) -> Session:
    """Let a session be there that has no booking."""
    one = a_session(id=uuid4(), **changes)

    async def store(connection: Connection) -> None:
        await stored.add(connection, one)
        await session_alerts.begin(await world.call("cpo"), connection, one)

    await world.database.write(store)
    return one


async def charged(world: World, one: Session, **percents: Any) -> None:
    """Let a charger measure now, in energy no more than before."""
    reading = MeterReading(world.now, kwh=Decimal(0), **percents)
    await sessions.readings_report(await world.call("cpo"), a_key(), ReadingsReport(one.object_id, (reading,)))


async def stopped(world: World, one: Session, reason: StopReason = StopReason.DRIVER) -> Session:
    """Let charging end now."""
    report = StopReport(one.object_id, reason)
    return await sessions.stop_report(await world.call("cpo"), a_key(), report)


async def wished(world: World, one: Booking | Session, *minutes: int, caller: str = "emsp", **target: Any) -> Alerts:
    """Ask to be warned so many minutes before the end; a refusal is raised."""
    booking_id, session_id = (one.object_id, None) if isinstance(one, Booking) else (None, one.object_id)
    wanted = WantedAlerts(booking_id, session_id, AlertWish(minutes, **target))
    return await session_alert_wishes.set(await world.call(caller), a_key(), wanted)


async def warned(world: World, when: datetime) -> int:
    """Let it be later, do a worker's round, and return how many warnings were sent."""
    world.later(when)
    return await session_alerts.send(by_worker(world))


async def told(dsn: str) -> list[str]:
    """Return every warning that was sent, in order, as events name it."""
    return [str(name) for (name,) in await run(dsn, SENT)]


async def to_come(dsn: str) -> list[tuple[object, ...]]:
    """Return the kinds, minutes and moments of all warnings that are to be sent; None where that is not known."""
    return await run(dsn, TO_COME)
