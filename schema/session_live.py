"""The root field that tells of sessions as they go on (BUC 3.7, 3.8)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.events import Resync
from schema.context import Info
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.session import Session, session
from subscriptions import sessions as following


@strawberry.type(description="A session as it is now, after it changed or at the beginning.")
class SessionUpdated:
    """A session as it is now."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    session: Session


SessionEvent = Annotated[SessionUpdated | ResyncRequired, strawberry.union("SessionEvent")]


@strawberry.type
class SessionSubscription:
    """The root field that tells of sessions."""

    @strawberry.subscription(
        description="Sessions as they begin, go on and end: those named and those of the named bookings, first as "
        "they are; all that concern the caller, if nothing is named. For CPO, EMSP and TO."
    )
    async def session_updated(
        self,
        info: Info,
        session_ids: list[strawberry.ID] | None = None,
        booking_ids: list[strawberry.ID] | None = None,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[SessionEvent, None]:
        """Yield sessions."""
        context = info.context
        heard = following.updated(
            await context.call(),
            context.call,
            context.feed,
            session_ids or [],
            booking_ids or [],
            read_cursor(after),
        )
        try:
            async for one in heard:
                seen = session(one.session, await context.call())
                cursor = write_cursor(one.cursor) if one.cursor else None
                yield SessionUpdated(cursor=cursor, at=one.at, session=seen)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await heard.aclose()
