"""The root field that tells operators of the requests they have to decide on."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.events import Resync
from schema.booking import Booking, BookingRequest, booking
from schema.context import Info
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from subscriptions import requests
from subscriptions.requests import Received


@strawberry.type(description="A request on a booking that waits for its operator's decision (BUC 2.6).")
class BookingRequestReceived:
    """A request that waits for its operator's decision."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime = strawberry.field(description="When it was made.")
    booking: Booking = strawberry.field(description="The booking as it is now.")
    request: BookingRequest


BookingRequestEvent = Annotated[
    BookingRequestReceived | ResyncRequired,
    strawberry.union("BookingRequestEvent"),
]


@strawberry.type
class BookingRequestSubscription:
    """The root field that tells of requests."""

    @strawberry.subscription(
        description="Requests that you have to decide on: those that wait, then each as it arrives (BUC 2.6). "
        "For the CPO."
    )
    async def booking_request_received(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[BookingRequestEvent, None]:
        """Yield requests."""
        context = info.context
        received = requests.received(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in received:
                yield await _received(info, one)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await received.aclose()


async def _received(info: Info, one: Received) -> BookingRequestReceived:
    seen = booking(one.booking, await info.context.call())
    return BookingRequestReceived(
        cursor=write_cursor(one.cursor) if one.cursor else None,
        at=one.at,
        booking=seen,
        request=BookingRequest.of(one.request),
    )
