"""Reading Faults, and which of the caller's bookings one endangers."""

from dataclasses import dataclass, replace
from uuid import UUID

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
        fault = (await faults.many(connection, [UUID(fault_id)])).get(fault_id)
        entry = call.catalogue.get(fault.location_id) if fault else None
        evse = entry.published.location.evse(fault.evse_id) if entry and fault else None
        if fault is None or entry is None or evse is None or not access.sees_fault(call, entry.published.location):
            return None
        on_evse = await stored.on_evse(connection, fault.location_id, fault.evse_id, call.now)
    while_open = replace(fault, repaired_at=None)  # whoever was endangered is told of the repair too
    hit = (one for one in on_evse if while_open.hits(one.timeslot.period) and access.sees_booking(call, one))
    return FaultAlert(fault, entry.published, evse, tuple(hit))
