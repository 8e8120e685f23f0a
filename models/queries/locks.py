"""The advisory locks that make catalogue and bookings of one Location wait for each other."""

from models.db import Connection

_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
_EXCLUSIVE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def share(connection: Connection, location_id: str) -> None:
    """Hold the Location as it is until the transaction ends; others may share it. Check in a later statement."""
    await connection.execute(_SHARED, location_id)


async def own(connection: Connection, location_id: str) -> None:
    """Keep the Location for this transaction alone."""
    await connection.execute(_EXCLUSIVE, location_id)
