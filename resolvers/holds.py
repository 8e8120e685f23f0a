"""How the hold of a quote ends without a booking, whoever notices it: its slot is free again, and that is told."""

from datetime import datetime

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, events, quotes
from models.rules.interval import Interval
from models.rules.quote import Held, QuoteOutcome
from resolvers import told


class ExpiredHold(Exception):
    """A slot may be taken only by holds that have expired; they are to be freed in another transaction."""


async def end(connection: Connection, one: Held, now: datetime) -> None:
    """Free what an open quote holds; it is locked."""
    outcome = QuoteOutcome.RELEASED if now < one.expires_at else QuoteOutcome.EXPIRED
    await quotes.settle(connection, one, outcome, now)
    await allocations.release(connection, one.location_id, one.id, now)
    await events.add(connection, told.available([one.location_id], AvailabilityCause.EXPIRY, one.period), now)


async def clear(connection: Connection, location_id: str, period: Interval, now: datetime) -> None:
    """Free what expired holds still keep of `period` at a Location that this transaction has for itself."""
    for one in await quotes.expired_at(connection, location_id, period, now, lock=True):
        await end(connection, one, now)


async def in_the_way(connection: Connection, location_id: str, period: Interval, now: datetime) -> bool:
    """Whether an expired hold still keeps some of `period` at a Location."""
    return bool(await quotes.expired_at(connection, location_id, period, now, lock=False))
