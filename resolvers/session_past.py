"""Sessions that an operator tells of whole, once they are over: they happened, and occupy nothing (BUC 3.3, 3.7)."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from models.db import Connection
from models.errors import BadInput
from models.queries import events
from models.queries import sessions as stored
from models.rules.booking import Booking
from models.rules.published import PublishedLocation
from models.rules.readings import AHEAD
from models.rules.session import Session, SessionStatus, StopReason
from resolvers import occupying, told
from resolvers.call import Call
from resolvers.session_readings import MeterReading, count, progressed, since_start
from resolvers.session_stop import STOPPED_BY


@dataclass(frozen=True, slots=True)
class Ended:
    """When and why a session ended that is told of whole; `meter` or `kwh` is what was read then, if known."""

    at: datetime
    reason: StopReason
    meter: Decimal | None = None
    kwh: Decimal | None = None
    state_of_charge: int | None = None


def check(call: Call, started_at: datetime | None, ended: Ended) -> None:
    """Raise BadInput for an end that cannot be."""
    if started_at is None:
        raise BadInput("Give `startedAt` with `endedAt`.")
    if ended.at > call.now + AHEAD:
        raise BadInput("`endedAt` lies in the future; give it with its offset, as the charger's clock shows it.")
    if ended.at < started_at:
        raise BadInput("`endedAt` lies before `startedAt`.")


async def store(
    call: Call,
    connection: Connection,
    published: PublishedLocation,
    begun: Session,
    used: Booking | None,
    ended: Ended,
) -> None:
    """Store a session that is over, whoever has its charger now, and what that makes of the locked booking `used`.

    Nobody is warned in it, and nothing that was asked of it is answered.
    """
    end = max(min(ended.at, call.now), begun.start_date_time)
    over = replace(
        begun,
        status=SessionStatus.COMPLETED,
        end_date_time=end,
        stop_reason=ended.reason,
        stopped_by=STOPPED_BY.get(ended.reason),
        occupied_until=None,
    )
    await stored.add(connection, over)
    last = MeterReading(end, ended.meter, ended.kwh, None, ended.state_of_charge)
    new = [] if (last.meter, last.kwh, last.state_of_charge) == (None, None, None) else [since_start(over, last)]
    _, counted = await count(call, connection, over, new, end)
    told_whole = replace(progressed(call, published, over, counted, end), power=None)
    await stored.put(connection, over, told_whole)
    if used is not None:
        await occupying.afterwards(call, connection, used, told_whole)
    await events.add(connection, [told.session(told_whole)], call.now)
