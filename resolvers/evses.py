"""An operator's report on the status of a charger, and the Fault it opens, amends or closes (BUC 2.5)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.events import AvailabilityCause, Event, EventKind
from models.queries import catalogue, events, faults, locks
from models.rules.fault import Fault, Severity, severity_of
from models.rules.identity import normalized, party
from models.rules.location import USABLE, Evse, Location, Status
from models.rules.published import PublishedLocation
from models.rules.role import Role
from resolvers import access, hazards, session_alerts
from resolvers.alternative_offering import offer_soon
from resolvers.call import Call
from resolvers.once import once

NO_FAULT = USABLE | {Status.PLANNED, Status.REMOVED}
"""States that are no fault by themselves; in these only a report that describes one opens it."""


@dataclass(frozen=True, slots=True)
class FaultReport:
    """What the operator knows of a fault."""

    code: str | None
    severity: Severity | None
    description: str | None
    expected_end: datetime | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The status of a charger now, with the fault behind it if there is one."""

    evse_id: str
    status: Status
    fault: FaultReport | None


async def report_status(call: Call, idempotency_key: str, report: StatusReport) -> tuple[PublishedLocation, Evse]:
    """Set the status of a charger and return it with its Location as they are now.

    A state out of order opens a Fault, or amends the open one; a usable state without a fault closes it. Bookings
    that it endangers are moved to other chargers, or their holders are told; those it relieves are told so.
    Raise NotFound, NotAllowed or BadInput.
    """
    call.acting_as(Role.CPO)
    evse_id = normalized(report.evse_id)

    async def first(connection: Connection) -> None:
        location_id = await faults.location_of_evse(connection, evse_id)
        if location_id is not None:
            await locks.own(connection, location_id)

    async def work(connection: Connection) -> None:
        _check_ahead(call, report)
        location, before = await _owned(call, connection, evse_id)
        await faults.put_status(connection, location.id, evse_id, report.status, call.now)
        fault = await _put_fault(call, connection, location, report)
        ((published, after),) = await _read(connection, location.id, evse_id)
        await events.add(connection, _told(location, before, after, fault), call.now)
        await hazards.assess(call, connection, published, [evse_id])

    came = await once(call, idempotency_key, "evseStatusReport", report, {"evse": evse_id}, work, first=first)
    async with call.database.reading() as connection:
        location_id = await faults.location_of_evse(connection, came["evse"])
        (found,) = await _read(connection, str(location_id), came["evse"])
    await offer_soon(call, [found[0].location.id])
    return found


def _check_ahead(call: Call, report: StatusReport) -> None:
    """Raise BadInput for a repair in the past; only when it is done, because a repeat may come later than that."""
    expected_end = report.fault.expected_end if report.fault else None
    if expected_end is not None and expected_end <= call.now:
        raise BadInput("`expectedEnd` lies in the past; report the charger as AVAILABLE once it is repaired.")


async def _owned(call: Call, connection: Connection, evse_id: str) -> tuple[Location, Evse]:
    """Return the caller's charger; nobody books or publishes at its Location until the transaction ends."""
    location_id = await faults.location_of_evse(connection, evse_id)
    if location_id is None:
        raise NotFound("Evse", evse_id)
    await locks.own(connection, location_id)  # held already, unless the charger came a moment ago
    for published, evse in await _read(connection, location_id, evse_id):
        if access.owns(call, published.location):
            return published.location, evse
        if access.sees_location(call, published.location):
            raise NotAllowed(f"Evse {evse_id} belongs to another operator.")
    raise NotFound("Evse", evse_id)


async def _read(connection: Connection, location_id: str, evse_id: str) -> list[tuple[PublishedLocation, Evse]]:
    found = []
    for published in await catalogue.published(connection, [location_id]):
        evse = published.location.evse(evse_id)
        if evse is not None:
            found.append((published, evse))
    return found


async def _put_fault(call: Call, connection: Connection, location: Location, report: StatusReport) -> Fault | None:
    """Open, amend or close the charger's fault, and return it if it changed."""
    evse_id = normalized(report.evse_id)
    known = await faults.open_fault(connection, location.id, evse_id)
    if report.fault is None and report.status in USABLE:
        if known is not None:
            await faults.repair(connection, known, call.now)
        return known
    if report.fault is None and report.status in NO_FAULT:
        return None
    told = report.fault or FaultReport(None, None, None, None)
    fault = Fault(
        id=known.id if known else str(uuid4()),
        location_id=location.id,
        evse_id=evse_id,
        status=report.status,
        code=told.code,
        severity=told.severity or severity_of(report.status),
        description=told.description,
        reported_at=known.reported_at if known else call.now,
        expected_end=told.expected_end,
        repaired_at=None,
    )
    await faults.put(connection, fault, amends=known is not None)
    if fault.worse_than(known):
        await session_alerts.faulted(call, connection, location.id, evse_id)
    return fault


def _told(location: Location, before: Evse, after: Evse, fault: Fault | None) -> list[Event]:
    cpo_id = party(location.country_code, location.party_id)
    told = [Event(EventKind.EVSE_STATUS_CHANGED, after.id, location.id, cpo_id)]
    if fault is not None:
        told.append(Event(EventKind.FAULT_CHANGED, str(UUID(fault.id)), location.id, cpo_id))
    was, now = _promise(before), _promise(after)
    if was != now:
        cause = AvailabilityCause.REPAIR if after.status in USABLE else AvailabilityCause.FAULT
        told.append(Event(EventKind.AVAILABILITY_CHANGED, location.id, location.id, cpo_id, cause))
    return told


def _promise(evse: Evse) -> tuple[bool, datetime | None]:
    """Return whether a charger can be promised, and else from when on."""
    usable = evse.status in USABLE
    return usable, None if usable else evse.fault_expected_end
