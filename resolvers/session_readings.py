"""An operator's readings of a session's meter: those that count give its progress and what it costs (BUC 3.8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import events
from models.queries import sessions as stored
from models.rules.identity import normalized, own_uuid
from models.rules.published import PublishedLocation
from models.rules.readings import COUNTING, judged, merged
from models.rules.role import Role
from models.rules.session import Reading, ReadingOutcome, Session
from models.rules.session_tariff import cost
from resolvers import access, session_alerts, session_finding, told
from resolvers.call import Call
from resolvers.granting import as_stored
from resolvers.once import once

MOST_READINGS = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MeterReading:
    """What a charger measured at one moment: its meter in kWh, or the energy since the start; W and percent."""

    at: datetime
    meter: Decimal | None = None
    kwh: Decimal | None = None
    power: int | None = None
    state_of_charge: int | None = None


@dataclass(frozen=True, slots=True)
class ReadingsReport:
    """What the charger of a session measured, in any order."""

    session_id: str
    readings: tuple[MeterReading, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A session as it is now, and what became of each reading, in order of time."""

    session: Session
    outcomes: tuple[tuple[datetime, ReadingOutcome], ...]


async def readings_report(call: Call, idempotency_key: str, report: ReadingsReport) -> Judged:
    """Store what the charger of a session measured, and return the session and what became of each reading.

    Of a session that is over those from before its end are kept; they change nothing, nor what is billed. Raise
    NotFound or BadInput.
    """
    call.acting_as(Role.CPO)
    if not 1 <= len(report.readings) <= MOST_READINGS:
        raise BadInput(f"`readings` has 1 to {MOST_READINGS} entries.")
    came_of: dict[str, list[tuple[str, str]]] = {}

    async def work(connection: Connection) -> None:
        session = await locked(call, connection, report.session_id)
        found = await _taken(call, connection, session, report.readings)
        came_of["readings"] = [(one.at.isoformat(), outcome.value) for one, outcome in found]

    outcome = {"session": report.session_id}
    came = await once(
        call, idempotency_key, "sessionReadingsReport", report, outcome, work, learned=lambda: dict(came_of)
    )
    judged_then = [(datetime.fromisoformat(at), ReadingOutcome(value)) for at, value in came["readings"]]
    return Judged(await session_finding.get(call, report.session_id), tuple(judged_then))


async def locked(call: Call, connection: Connection, session_id: str) -> Session:
    """Return a session of the caller's that nobody else changes meanwhile, or raise NotFound."""
    uuid = own_uuid(session_id)
    location_id = await stored.location_of(connection, uuid) if uuid else None
    if uuid is not None and location_id is not None:
        found = await stored.locked(connection, location_id, uuid)
        if found is not None and found.object_id == normalized(session_id) and access.concerns(call, found.parties):
            return found
    raise NotFound("Session", session_id)


def since_start(session: Session, one: MeterReading) -> Reading:
    """Return a reading with its energy since the start, if it has any, or raise BadInput."""
    if one.meter is None:
        return Reading(one.at, one.kwh, one.power, one.state_of_charge)
    if session.meter_start is None:
        raise BadInput("The session's start was reported without `meterStart`: give `kwh`, the energy since then.")
    return Reading(one.at, one.meter - session.meter_start, one.power, one.state_of_charge)


async def count(
    call: Call,
    connection: Connection,
    session: Session,
    new: Sequence[Reading],
    end: datetime | None,
    *,
    counts: bool = True,
) -> tuple[list[tuple[Reading, ReadingOutcome]], list[Reading]]:
    """Store readings of a locked session; return what became of each, and all that counts, in order of time.

    Without `counts` they are only kept.
    """
    known = await stored.readings(connection, session)
    found = judged(known, new, session.start_date_time, end, call.now)
    kept = [(one, counts and outcome in COUNTING) for one, outcome in found if outcome is not ReadingOutcome.KNOWN]
    await stored.add_readings(connection, session, kept, call.now)
    return found, merged(known, found)


async def place(call: Call, connection: Connection, session: Session) -> PublishedLocation:
    """Return the Location that a session is at, as the database has it."""
    published = await as_stored(call, connection, session.location_id)
    if published is None:
        raise RuntimeError(f"session {session.id} is at {session.location_id}, which is not there")
    return published


def progressed(
    call: Call,
    published: PublishedLocation,
    session: Session,
    counted: Sequence[Reading],
    end: datetime | None = None,
) -> Session:
    """Return a session with what was measured of it and what that costs; it is not stored yet."""
    zone = ZoneInfo(published.location.time_zone)
    return replace(
        session,
        kwh=_last((one.kwh for one in counted), session.kwh),
        power=_last((one.power for one in counted), session.power),
        state_of_charge=_last((one.state_of_charge for one in counted), session.state_of_charge),
        read_at=_last((one.at for one in counted), session.read_at),
        cost=cost(session.tariffs, session.start_date_time, counted, end, zone),
        last_updated=call.now,
    )


def _last(values: Iterable[T | None], known: T) -> T:
    """Return the last of the values that are known, or what was known before."""
    return next((one for one in reversed(list(values)) if one is not None), known)


async def _taken(
    call: Call, connection: Connection, session: Session, given: Sequence[MeterReading]
) -> list[tuple[Reading, ReadingOutcome]]:
    """Store readings, and what they make of a session that goes on; what changes nothing is told to nobody."""
    new = [since_start(session, one) for one in given]
    found, counted = await count(call, connection, session, new, session.end_date_time, counts=session.active)
    if session.active and any(outcome in COUNTING for _, outcome in found):
        now = progressed(call, await place(call, connection, session), session, counted)
        await stored.put(connection, session, now)
        await session_alerts.moved(call, connection, now, counted)
        await events.add(connection, [told.session(now)], call.now)
    return found
