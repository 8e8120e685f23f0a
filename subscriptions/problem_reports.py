"""Reports of chargers that were booked and cannot be used (BUC 3.10), each only to whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from models.events import Cursor, EventKind
from models.rules.booking import Booking
from models.rules.problem_report import ProblemReport
from models.rules.role import Role
from resolvers import problem_reports
from resolvers.call import Call
from subscriptions.availability import Renew
from subscriptions.feed import Feed
from subscriptions.hub import of_party


@dataclass(frozen=True, slots=True)
class ProblemReportUpdated:
    """A report as it is now, with its booking, at its place in the feed."""

    cursor: Cursor
    at: datetime
    report: ProblemReport
    booking: Booking


async def updated(
    call: Call, renew: Renew, feed: Feed, after: Cursor | None
) -> AsyncGenerator[ProblemReportUpdated, None]:
    """Yield the reports that concern the caller as they are made, and as something comes of them.

    Raise Unauthenticated or Forbidden before the first one; later Resync, FellBehind or Unauthenticated.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    with feed.listening([of_party(caller.party_id, EventKind.PROBLEM_REPORTED)]) as listener:
        async with aclosing(listener.events(after)) as heard:
            async for recorded in heard:
                for report, booking in await problem_reports.many(await renew(), [recorded.event.object_id]):
                    yield ProblemReportUpdated(recorded.cursor, recorded.at, report, booking)
