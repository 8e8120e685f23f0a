"""Sessions that are reported once more under another key, as by a system that forgot what it sent: they are one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.db import Connection
from models.errors import NotAllowed
from models.queries import bookings
from models.rules.charging import Presented
from models.rules.charging_match import same
from models.rules.readings import AHEAD
from models.rules.session import Session


async def known(
    connection: Connection, found: Sequence[Session], by: Presented, at: datetime, until: datetime | None
) -> Session | None:
    """Return that of the sessions at a charger which began at about `at`, by the same Token or the same booking.

    With `until` it is told of whole, and is one that ended at about that moment. Raise NotAllowed if it goes on.
    """
    near = [one for one in found if abs(one.start_date_time - at) <= AHEAD]
    booking_id = await _referred_to(connection, by) if near else None
    for one in near:
        if not _begun_by(one, by, booking_id):
            continue
        if until is None:
            return one
        if one.end_date_time is None:
            raise NotAllowed(f"The session goes on as {one.object_id}; report its end by `sessionStopReport`.")
        if abs(one.end_date_time - until) <= AHEAD:
            return one
    return None


async def _referred_to(connection: Connection, by: Presented) -> UUID | None:
    """Return the booking that a reference names, or once named."""
    if by.reference is None:
        return None
    return (await bookings.ids_by_reference(connection, [by.reference])).get(by.reference)


def _begun_by(one: Session, by: Presented, booking_id: UUID | None) -> bool:
    if by.reference is not None:
        return booking_id is not None and one.booking_id == booking_id
    return one.token is not None and same(by, one.token)
