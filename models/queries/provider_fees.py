"""Reading and writing the fees of EMSPs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from models.db import Connection
from models.queries.writing import upsert
from models.rules.provider_fee import ProviderFee

_OWN = "SELECT pg_advisory_xact_lock(hashtextextended('provider fees ' || $1, 0))"
_OF = "SELECT * FROM provider_fee WHERE emsp_id = $1 ORDER BY id"
_SEEN = """
SELECT * FROM provider_fee
WHERE emsp_id = $1 AND (cardinality(contract_ids) = 0 OR contract_ids && $2)
ORDER BY id
"""
_REMOVE = "DELETE FROM provider_fee WHERE emsp_id = $1 AND id = ANY($2)"


async def own(connection: Connection, emsp_id: str) -> None:
    """Keep the fees of an EMSP for this transaction alone, also those that do not exist yet."""
    await connection.execute(_OWN, emsp_id)


async def of_emsp(connection: Connection, emsp_id: str) -> list[ProviderFee]:
    """Return all fees of an EMSP by their ids; one statement."""
    return [_fee(row) for row in await connection.fetch(_OF, emsp_id)]


async def seen(connection: Connection, emsp_id: str, contract_ids: Sequence[str]) -> list[ProviderFee]:
    """Return the fees of an EMSP that cover one of those contracts, by their ids; one statement."""
    return [_fee(row) for row in await connection.fetch(_SEEN, emsp_id, list(contract_ids))]


async def put(connection: Connection, fees: Sequence[ProviderFee]) -> None:
    """Store fees, new or in the place of what was known of them."""
    rows = [{**asdict(fee), "contract_ids": list(fee.contract_ids)} for fee in fees]
    await upsert(connection, "provider_fee", ["emsp_id", "id"], rows)


async def remove(connection: Connection, emsp_id: str, fee_ids: Sequence[str]) -> None:
    """Forget fees of an EMSP."""
    await connection.execute(_REMOVE, emsp_id, list(fee_ids))


def _fee(row: Any) -> ProviderFee:
    return ProviderFee(**{**row, "contract_ids": tuple(row["contract_ids"])})
