"""How a booking lapses that nobody used: a no-show, or its operator's failure if its charger failed it (BUC 2.11)."""

from uuid import UUID

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import lapsing
from models.rules.booking_state import RequestStatus, ReservationStatus
from models.rules.hazard import REASONS
from models.rules.role import Role
from resolvers import ending, locked_booking
from resolvers.call import Call
from resolvers.each import all_due

UNDECIDED = "The booking lapsed before this was decided on."


async def no_shows(call: Call) -> int:
    """End the granted bookings that nobody used in time, each in its own transaction; return how many there were.

    Any number of workers may do so at once; each booking ends, and is told of, once.
    """
    return await all_due(call.database, call.now, lapsing.due, lambda booking_id: _lapse(call, booking_id))


async def _lapse(call: Call, booking_id: UUID) -> bool:
    """End a booking unless it is not due any more; return whether it was ended."""

    async def work(connection: Connection) -> bool:
        old = await locked_booking.at_once(connection, booking_id)
        if old is None or old.status is not ReservationStatus.RESERVED or old.lapses_at > call.now:
            return False
        await ending.end(
            connection,
            old,
            call.now,
            ReservationStatus.CANCELED if old.hazard else ReservationStatus.NO_SHOW,
            AvailabilityCause.NO_SHOW,
            undecided=RequestStatus.FAILED,
            reason=UNDECIDED,
            canceled=(REASONS[old.hazard], Role.CPO) if old.hazard else None,
            looks_elsewhere=old.hazard is not None,
        )
        return True

    return await call.database.write(work)
