"""The same allocations as a storm took, by bare asyncpg on the same table."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from benchmarks.ledger import Ledger, Taken
from benchmarks.storming import CHARGERS, OPENING, SITES
from models.db import Database
from models.queries import allocations
from models.queries.allocations import Holder
from models.rules.interval import Interval

LATER = timedelta(days=60)
Holders = dict[str, tuple[UUID, int]]


async def replay(database: Database, ledgers: Sequence[Ledger]) -> Ledger:
    """Do to the bare table what the storm did to it, sixty days later; return how it went."""
    places = [[f"NL*ABC*SITE{site}*E{one}" for one in range(CHARGERS)] for site in range(SITES)]

    async def client(ledger: Ledger) -> Ledger:
        again, begun, holders = Ledger(), time.perf_counter(), Holders()
        for deed in ledger.deeds:
            started = time.perf_counter()
            granted = await _do(database, deed, holders, places)
            again.latencies.append(time.perf_counter() - started)
            if granted and deed.period is not None:
                again.accepted += 1
                again.accepting.append(again.latencies[-1])
        again.seconds = time.perf_counter() - begun
        return again

    return Ledger.together(await asyncio.gather(*(client(one) for one in ledgers)))


async def _do(database: Database, deed: Taken, holders: Holders, places: list[list[str]]) -> bool:
    async with database.transaction() as connection:
        holder, at = holders.get(deed.holder, (uuid4(), deed.site))
        known = deed.holder in holders
        if deed.period is not None:
            later = Interval(deed.period.start + LATER, deed.period.end + LATER)
            for evse_id in places[deed.site]:
                spot = evse_id, evse_id.replace("*E", "*B")
                fresh = uuid4()
                if await allocations.take(connection, f"NL*ABC*SITE{deed.site}", spot, later, Holder(fresh)):
                    break
            else:
                return False
            holders[deed.holder] = (fresh, deed.site)
        if known:
            await allocations.release(connection, f"NL*ABC*SITE{at}", holder, OPENING)
    return True
