"""What EMSPs take per contract and month: once, as soon as the month is over (BUC 4.5)."""

from datetime import datetime
from uuid import uuid4

from models.db import Connection
from models.queries import provider_fees
from models.queries import provider_lines as stored
from models.rules.interval import Interval
from models.rules.provider_line import ProviderLine, month_begin, monthly, months
from models.rules.token import contract_key
from resolvers.call import Call
from resolvers.each import all_due


async def take_months(call: Call) -> int:
    """Take what is due per month for the months that are over, each EMSP's in a transaction of its own.

    Return for how many EMSPs that was. Any number of workers may do so at once; each month is taken once.
    """

    async def due(connection: Connection, now: datetime, limit: int) -> list[str]:
        return await provider_fees.with_untaken(connection, month_begin(now), limit)

    return await all_due(call.database, call.now, due, lambda emsp_id: _take(call, emsp_id))


async def take_until_now(call: Call, connection: Connection, emsp_id: str) -> bool:
    """Take what an EMSP's fees take for the months that are over, by the fees as they are; return whether it was due.

    The transaction has the EMSP's fees for itself. Whoever changes them does this first, so that a month is taken by
    what they were at its end.
    """
    until = month_begin(call.now)
    lines: list[ProviderLine] = []
    used: dict[str, list[str]] = {}
    untaken = await provider_fees.untaken(connection, emsp_id, until)
    for fee, since in untaken:
        for name, period in months(since, until):
            if name not in used:
                used[name] = await _contracts(connection, emsp_id, period)
            found = (monthly(fee, contract_id, name, uuid4(), call.now) for contract_id in used[name])
            lines.extend(line for line in found if line is not None)
    await stored.add(connection, lines)
    await provider_fees.taken(connection, emsp_id, until)
    return bool(untaken)


async def _take(call: Call, emsp_id: str) -> bool:
    """Take an EMSP's months unless somebody else does, or changes its fees; return whether that was due."""

    async def work(connection: Connection) -> bool:
        return await provider_fees.own_at_once(connection, emsp_id) and await take_until_now(
            call, connection, emsp_id
        )

    return await call.database.write(work)


async def _contracts(connection: Connection, emsp_id: str, month: Interval) -> list[str]:
    """Return the contracts that were used in a month, each in one spelling."""
    used = await stored.contracts_used(connection, emsp_id, month)
    return list({contract_key(one): one for one in reversed(used)}.values())
