"""Reading Faults, and which of the caller's bookings one endangers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from models.db import Connection
from models.queries import bookings as stored
from models.queries import faults
from models.rules.booking import Booking
from models.rules.fault import Fault
from models.rules.location import Evse
from models.rules.published import PublishedLocation
from resolvers import access
from resolvers.call import Call


@dataclass(frozen=True, slots=True)
class FaultAlert:
    """A fault with its charger, and the caller's bookings that it hits."""

    fault: Fault
    published: PublishedLocation
    evse: Evse
    bookings: tuple[Booking, ...]


async def alert(call: Call, fault_id: str) -> FaultAlert | None:
    """Return a fault as it is now, or None if the caller may not see it (BUC 2.5)."""
    async with call.database.reading() as connection:
        found = await faults.many(connection, [UUID(fault_id)])
        alerts = await _alerts(call, connection, list(found.values()))
    return alerts[0] if alerts else None


async def open_alerts(call: Call, location_ids: Sequence[str] | None) -> list[FaultAlert]:
    """Return the open faults at those Locations, or everywhere if None, that the caller may see."""
    async with call.database.reading() as connection:
        return await _alerts(call, connection, await faults.open_at(connection, location_ids))


async def _alerts(call: Call, connection: Connection, found: Sequence[Fault]) -> list[FaultAlert]:
    """Return those faults that the caller may see, each with the bookings of it that are hit; three statements."""
    seen: list[tuple[Fault, PublishedLocation, Evse]] = []
    for fault in found:
        entry = call.catalogue.get(fault.location_id)
        evse = entry.published.location.evse(fault.evse_id) if entry else None
        if entry is not None and evse is not None and access.sees_fault(call, entry.published.location):
            seen.append((fault, entry.published, evse))
    chargers = [(fault.location_id, fault.evse_id) for fault, _, _ in seen]
    booked = await stored.on_evses(connection, chargers, call.now)
    return [FaultAlert(*one, _hit(call, one[0], booked)) for one in seen]


def _hit(call: Call, fault: Fault, booked: Sequence[Booking]) -> tuple[Booking, ...]:
    while_open = replace(fault, repaired_at=None)  # whoever was endangered is told of the repair too
    return tuple(
        one
        for one in booked
        if (one.location_id, one.evse_id) == (fault.location_id, fault.evse_id)
        and while_open.hits(one.timeslot.period)
        and access.sees_booking(call, one)
    )
