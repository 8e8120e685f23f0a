"""The same allocations as a storm took, by bare asyncpg on the same table."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from benchmarks.ledger import Ledger, Slot, Taken
from models.db import Database
from models.queries import allocations
from models.queries.allocations import Holder
from models.rules.booking_location import BookingOption
from models.rules.interval import Interval
from models.rules.spot import spots
from tests.factories.catalogue import NOW

LATER = timedelta(days=60)
Holders = dict[str, tuple[UUID, str]]


async def replay(database: Database, ledgers: Sequence[Ledger]) -> Ledger:
    """Do to the bare table what the storm did to it, sixty days later; return how it went."""

    async def client(ledger: Ledger) -> Ledger:
        again, begun, holders = Ledger(), time.perf_counter(), Holders()
        for deed in ledger.deeds:
            started = time.perf_counter()
            granted = await _do(database, deed, holders)
            if granted and deed.slot is not None:
                again.accepted += 1
                again.accepting.append(time.perf_counter() - started)
        again.seconds = time.perf_counter() - begun
        return again

    return Ledger.together(await asyncio.gather(*(client(one) for one in ledgers)))


async def _do(database: Database, deed: Taken, holders: Holders) -> bool:
    """Take what the deed takes, if it is free, then let go of what its holder had; return whether it was done."""
    before = holders.get(deed.holder)
    async with database.transaction() as connection:
        if deed.slot is not None:
            place_id, fresh = deed.slot.place.id, uuid4()
            later = Interval(deed.slot.period.start + LATER, deed.slot.period.end + LATER)
            for spot in _spots(deed.slot, fresh):
                if await allocations.take(connection, place_id, spot, later, Holder(fresh)):
                    break
            else:
                return False
            holders[deed.holder] = fresh, place_id
        if before is not None:
            holder, place_id = before
            await allocations.release(connection, place_id, holder, NOW)
    return True


def _spots(slot: Slot, holder: UUID) -> list[tuple[str, str | None]]:
    """Return the chargers and bays that would do, beginning anywhere, as the product does."""
    found = [spot.key for spot in spots(slot.place, BookingOption()) if slot.evse_id in {None, spot.evse.id}]
    begin = holder.int % len(found)
    return [*found[begin:], *found[:begin]]
