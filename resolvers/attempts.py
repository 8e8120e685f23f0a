"""Keeping codes and references from being guessed: a door that many failed at takes none for a while (BUC 3.1, 3.12).

`check` before one is looked up, `failed` if it was wrong, in one transaction that is committed also when nobody is
let in. Whoever checks waits for whoever tries the same door at this moment, so that many at once find out no more
than many one by one.
"""

from datetime import timedelta

from models.charging_errors import TooManyAttempts
from models.db import Connection
from models.queries import attempts
from resolvers.call import Call

LIMIT = 10
"""So many may fail within the window: of codes with eight digits, one in ten million may then be a guess."""

WINDOW = timedelta(minutes=10)
KEEP = timedelta(days=90)
"""So long an operator can tell who was let in, and a provider why its driver was not."""

BATCH = 500


def gate(name: str | None) -> str:
    """Return the door that a gate is; a Location's only one has no name."""
    return f"gate {name or ''}"


async def wait(connection: Connection, location_id: str, door: str) -> None:
    """Wait until nobody else tries a door; before the first write, so that whoever waits holds up nobody."""
    await attempts.own(connection, location_id, door)


async def check(call: Call, connection: Connection, location_id: str, door: str) -> None:
    """Raise TooManyAttempts if no code or reference is taken at a door at present; until then nobody else tries it.

    It is for before any row is locked.
    """
    await attempts.own(connection, location_id, door)
    since = await attempts.since(connection, location_id, door, WINDOW, LIMIT, call.now)
    if since is not None:
        raise TooManyAttempts(since + WINDOW)


async def failed(call: Call, connection: Connection, location_id: str, door: str) -> None:
    """Count a code or a reference that was wrong; the transaction is to be committed, whatever it answers."""
    await attempts.failed(connection, location_id, door, WINDOW, call.now)


async def forget(call: Call) -> int:
    """Forget who asked to enter and to charge long ago, in batches, and return how many did."""
    gone, batch = 0, -1
    while batch:
        batch = await call.database.write(lambda connection: attempts.prune(connection, call.now, KEEP, BATCH))
        gone += batch
    return gone
