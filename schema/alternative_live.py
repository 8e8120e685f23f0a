"""The root field that tells of alternatives to bookings as they are offered (BUC 2.8)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.events import Resync
from schema.alternative import Alternative, alternatives
from schema.booking import Booking, booking
from schema.context import Info
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from subscriptions import alternatives as live
from subscriptions.alternatives import Offered


@strawberry.type(description="What is offered in place of a booking; an empty list if nothing was found.")
class AlternativesOffered:
    """What is offered in place of a booking."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    booking: Booking
    alternatives: list[Alternative]


AlternativesEvent = Annotated[AlternativesOffered | ResyncRequired, strawberry.union("AlternativesEvent")]


@strawberry.type
class AlternativeSubscription:
    """The root field that tells of alternatives."""

    @strawberry.subscription(
        description="What is offered in place of your bookings: what is open, then each as it is offered, also if "
        "nothing was found (BUC 2.8). For EMSP and TO."
    )
    async def alternatives_offered(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[AlternativesEvent, None]:
        """Yield what is offered."""
        context = info.context
        offered = live.offered(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in offered:
                yield await _offered(info, one)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await offered.aclose()


async def _offered(info: Info, one: Offered) -> AlternativesOffered:
    call = await info.context.call()
    return AlternativesOffered(
        cursor=write_cursor(one.cursor) if one.cursor else None,
        at=one.at,
        booking=booking(one.booking, call),
        alternatives=alternatives(call, one.booking, one.alternatives),
    )
