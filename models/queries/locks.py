"""The advisory locks that make catalogue and bookings of one Location, or holds of one party, wait for each other."""

from collections.abc import Iterable

from models.db import Connection
from models.rules.identity import owner

_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
_EXCLUSIVE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_EXCLUSIVE_MANY = """
SELECT pg_advisory_xact_lock(lock_key)
FROM (SELECT DISTINCT hashtextextended(id, 0) AS lock_key FROM unnest($1::text[]) AS id ORDER BY 1) AS keys
"""
_TRY_SHARED = """
SELECT coalesce(bool_and(pg_try_advisory_xact_lock_shared(hashtextextended(id, 0))), true)
FROM unnest($1::text[]) AS id
"""
_SHARED_MANY = _EXCLUSIVE_MANY.replace("xact_lock", "xact_lock_shared")


async def share(connection: Connection, location_id: str) -> None:
    """Hold the Location as it is until the transaction ends; others may share it. Check in a later statement."""
    await connection.execute(_SHARED, location_id)


async def share_many(connection: Connection, location_ids: Iterable[str]) -> None:
    """Hold those Locations as they are until the transaction ends; taken in one order, before the first write."""
    await connection.execute(_SHARED_MANY, sorted(set(location_ids)))


async def try_share(connection: Connection, location_ids: Iterable[str]) -> bool:
    """Hold those Locations as they are if nobody has one of them alone now; nobody is waited for.

    What workers do waits for another round rather than for a Location.
    """
    return bool(await connection.fetchval(_TRY_SHARED, sorted(set(location_ids))))


async def own(connection: Connection, location_id: str) -> None:
    """Keep the Location for this transaction alone."""
    await connection.execute(_EXCLUSIVE, location_id)


async def own_many(connection: Connection, location_ids: Iterable[str]) -> None:
    """Keep those Locations for this transaction alone; taken in one order, before the first write."""
    await connection.execute(_EXCLUSIVE_MANY, sorted(set(location_ids)))


async def own_tariffs(connection: Connection, tariff_ids: Iterable[str]) -> None:
    """Keep the tariffs of whoever owns those for this transaction alone, also while they do not exist yet."""
    await connection.execute(_EXCLUSIVE_MANY, sorted({_tariffs_of(one) for one in tariff_ids}))


async def share_tariffs(connection: Connection, tariff_ids: Iterable[str]) -> None:
    """Keep those tariffs as they are until the transaction ends, before anything that names them is written."""
    await connection.execute(_SHARED_MANY, sorted({_tariffs_of(one) for one in tariff_ids}))


async def own_holds(connection: Connection, scope: str) -> None:
    """Let nobody else add to the holds of a party; taken before the first write."""
    await connection.execute(_EXCLUSIVE, f"holds of {scope}")


def _tariffs_of(tariff_id: str) -> str:
    """Return what stands for all tariffs of an owner: one lock for each would fill the table of locks."""
    return f"tariffs of {owner(tariff_id)}"
