"""Asking an operator to start or stop at a charger: where that is, whether it can, and one request at a time."""

from models.db import Connection
from models.errors import NotAllowed, NotFound
from models.queries import events
from models.queries import session_requests as stored
from models.rules.location import Evse
from models.rules.session_request import SessionRequest, remote
from resolvers import told
from resolvers.call import Call
from resolvers.charging import Charger
from resolvers.granting import as_stored
from resolvers.session_request_answer import let_go

NOT_REMOTE = "This charger cannot be started or stopped from afar; the driver does that at the charger."


async def charger_at(call: Call, connection: Connection, location_id: str, evse_id: str) -> Charger:
    """Return a charger as the database has it, or raise NotFound; its Location is locked."""
    published = await as_stored(call, connection, location_id)
    evse = published.location.evse(evse_id) if published else None
    if published is None or evse is None:
        raise NotFound("Evse", evse_id)
    return Charger(published, evse)


def check_remote(evse: Evse) -> None:
    """Raise NotAllowed at a charger whose operator publishes what it can, and commands are not among that."""
    if not remote(evse):
        raise NotAllowed(NOT_REMOTE)


async def ask(call: Call, connection: Connection, new: SessionRequest) -> None:
    """Put a request to its operator, or raise NotAllowed while one of its kind waits at the charger.

    One whose time is up is let go first, whether a worker came by or not.
    """
    if not await stored.add(connection, new):
        other = await stored.waiting_at(connection, new.location_id, new.evse_id, new.kind)
        if other is not None and other.waits(call.now):
            verb = new.kind.value.lower()
            until = other.answer_until.isoformat()
            raise NotAllowed(f"The operator is being asked to {verb} at this charger until {until}; wait for that.")
        if other is not None:
            await let_go(call, connection, other)
        if not await stored.add(connection, new):
            raise NotAllowed("The operator is being asked that at this charger just now; try again in a moment.")
    await events.add(connection, [told.session_request(new)], call.now)
