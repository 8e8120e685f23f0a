"""Reading and writing the fees of EMSPs."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries.concerning import under
from models.queries.writing import upsert
from models.rules.provider_fee import ProviderFee

_OWN = "SELECT pg_advisory_xact_lock(hashtextextended('provider fees ' || $1, 0))"
_OWN_AT_ONCE = "SELECT pg_try_advisory_xact_lock(hashtextextended('provider fees ' || $1, 0))"
_OF = "SELECT * FROM provider_fee WHERE emsp_id = $1 ORDER BY id"
_SEEN = """
SELECT * FROM provider_fee
WHERE emsp_id = $1 AND (cardinality(contract_ids) = 0 OR {})
ORDER BY id
"""
_REMOVE = "DELETE FROM provider_fee WHERE emsp_id = $1 AND id = ANY($2)"
_UNTAKEN = "per_month > 0 AND last_updated < $1 AND coalesce(taken_until, last_updated) < $1"
_WITH_UNTAKEN = f"SELECT DISTINCT emsp_id FROM provider_fee WHERE {_UNTAKEN} ORDER BY emsp_id LIMIT $2"  # noqa: S608
_UNTAKEN_OF = f"SELECT * FROM provider_fee WHERE {_UNTAKEN} AND emsp_id = $2 ORDER BY id"  # noqa: S608
_TAKEN = f"UPDATE provider_fee SET taken_until = $1 WHERE {_UNTAKEN} AND emsp_id = $2"  # noqa: S608


async def own(connection: Connection, emsp_id: str) -> None:
    """Keep the fees of an EMSP for this transaction alone, also those that do not exist yet."""
    await connection.execute(_OWN, emsp_id)


async def of_emsp(connection: Connection, emsp_id: str) -> list[ProviderFee]:
    """Return all fees of an EMSP by their ids; one statement."""
    return [_fee(row) for row in await connection.fetch(_OF, emsp_id)]


async def seen(connection: Connection, emsp_id: str, contract_ids: Sequence[str]) -> list[ProviderFee]:
    """Return the fees of an EMSP that cover one of those contracts, by their ids; one statement."""
    condition, *keys = under(contract_ids)
    statement = _SEEN.format(condition.format("$2", "$3", "$4"))
    return [_fee(row) for row in await connection.fetch(statement, emsp_id, *keys)]


async def put(connection: Connection, fees: Sequence[ProviderFee]) -> None:
    """Store fees, new or in the place of what was known of them."""
    rows = [{**asdict(fee), "contract_ids": list(fee.contract_ids)} for fee in fees]
    await upsert(connection, "provider_fee", ["emsp_id", "id"], rows)


async def remove(connection: Connection, emsp_id: str, fee_ids: Sequence[str]) -> None:
    """Forget fees of an EMSP."""
    await connection.execute(_REMOVE, emsp_id, list(fee_ids))


async def own_at_once(connection: Connection, emsp_id: str) -> bool:
    """Keep the fees of an EMSP as `own` does, and return whether nobody else has them."""
    return bool(await connection.fetchval(_OWN_AT_ONCE, emsp_id))


async def with_untaken(connection: Connection, until: datetime, limit: int) -> list[str]:
    """Return at most `limit` EMSPs with a fee per month that was not taken for all months before `until`."""
    return [row["emsp_id"] for row in await connection.fetch(_WITH_UNTAKEN, until, limit)]


async def untaken(connection: Connection, emsp_id: str, until: datetime) -> list[tuple[ProviderFee, datetime]]:
    """Return the fees of an EMSP that were not taken for all months before `until`, each with since when.

    That is the month in which it was last changed, if it was not taken since: what was to be taken by it before it
    changed was taken then.
    """
    found = [(_fee(row), row["taken_until"]) for row in await connection.fetch(_UNTAKEN_OF, until, emsp_id)]
    return [(fee, fee.last_updated if since is None else max(since, fee.last_updated)) for fee, since in found]


async def taken(connection: Connection, emsp_id: str, until: datetime) -> None:
    """Note that the fees of an EMSP were taken for all months before `until`."""
    await connection.execute(_TAKEN, until, emsp_id)


def _fee(row: Any) -> ProviderFee:
    known = {name: row[name] for name in _KNOWN}
    return ProviderFee(**{**known, "contract_ids": tuple(row["contract_ids"])})


_KNOWN = tuple(field.name for field in fields(ProviderFee))
