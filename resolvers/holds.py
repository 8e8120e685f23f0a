"""How the hold of a quote ends without a booking, whoever notices it: its slot is free again, and that is told."""

from datetime import datetime
from uuid import UUID

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, alternatives, events, quotes
from models.rules.interval import Interval
from models.rules.quote import Held, QuoteOutcome, QuotePurpose
from resolvers import told


class InTheWay(Exception):
    """A slot may be had once expired holds are freed or others moved, by whoever has the Location alone."""


async def end(connection: Connection, one: Held, now: datetime) -> None:
    """Free what an open quote holds; it is locked."""
    await _settle(connection, one, now)
    await allocations.end_hold(connection, one.location_id, one.id, now)
    await events.add(connection, told.available([one.location_id], AvailabilityCause.EXPIRY, one.period), now)


async def end_for(connection: Connection, booking_id: UUID, now: datetime, but: UUID | None = None) -> None:
    """Free what quotes hold that would change a booking, all but the quote `but`."""
    for one in await quotes.open_for(connection, booking_id):
        if one.id != but:
            await end(connection, one, now)


async def end_alternatives(connection: Connection, booking_id: UUID, now: datetime) -> None:
    """Take back what is offered and held in place of the slot of a booking that nothing endangers any more."""
    for one in await quotes.open_for(connection, booking_id, QuotePurpose.ALTERNATIVE):
        await end(connection, one, now)
    await alternatives.withdraw(connection, booking_id, now)


async def settle_for(connection: Connection, booking_id: UUID, now: datetime) -> None:
    """Note that the quotes that would change a booking are over; what they held was freed and told with it."""
    for one in await quotes.open_for(connection, booking_id):
        await _settle(connection, one, now)


async def clear(connection: Connection, location_id: str, period: Interval, now: datetime) -> None:
    """Free what expired holds still keep of `period` at a Location that this transaction has for itself."""
    for one in await quotes.expired_at(connection, location_id, period, now, lock=True):
        await end(connection, one, now)


async def in_the_way(connection: Connection, location_id: str, period: Interval, now: datetime) -> bool:
    """Whether an expired hold still keeps some of `period` at a Location."""
    return bool(await quotes.expired_at(connection, location_id, period, now, lock=False))


async def _settle(connection: Connection, one: Held, now: datetime) -> None:
    outcome = QuoteOutcome.RELEASED if now < one.expires_at else QuoteOutcome.EXPIRED
    await quotes.settle(connection, one, outcome, now)
