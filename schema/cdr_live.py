"""The root field that tells of CDRs as they are issued (BUC 4.1, 4.4)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.events import Resync
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.live import AFTER_CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from subscriptions import cdrs as following


@strawberry.type(description="A CDR that was issued, as it stands now; a credit too.")
class CdrIssued:
    """A CDR that was issued."""

    cursor: EventCursor = strawberry.field(description="Keep the last one, and resume `after` it.")
    at: datetime
    cdr: Cdr


CdrEvent = Annotated[CdrIssued | ResyncRequired, strawberry.union("CdrEvent")]


@strawberry.type
class CdrSubscription:
    """The root field that tells of CDRs."""

    @strawberry.subscription(
        description="CDRs that concern the caller as they are issued, credits too (BUC 4.1, 4.4). For EMSP, TO and "
        "CPO."
    )
    async def cdr_issued(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[CdrEvent, None]:
        """Yield CDRs."""
        context = info.context
        heard = following.issued(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in heard:
                seen = cdr(one.cdr, await context.call())
                yield CdrIssued(cursor=write_cursor(one.cursor), at=one.at, cdr=seen)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await heard.aclose()
