"""Reports of chargers that were booked and cannot be used, as callers see them, and their root fields (BUC 3.10)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import problem_report as rules
from models.rules.problem_report import ChargerProblem, ProblemReportStatus
from models.rules.role import Role
from resolvers import problem_reports
from resolvers.call import Call
from resolvers.events import Resync
from resolvers.problem_deciding import Contest, Resolution, Withdrawal
from resolvers.problem_reading import Reported, ReportFilter
from resolvers.problem_reporting import Report
from schema import charging_problems, problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import IN_WORDS, LONGEST_ID, LONGEST_TEXT, text, words
from schema.live import AFTER_CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.price import Price, charge
from subscriptions import problem_reports as following


@strawberry.type(description="That the charger of a booking cannot be used, and what came of the report.")
class ProblemReport:
    """That the charger of a booking cannot be used."""

    id: strawberry.ID
    booking: Booking
    problem: ChargerProblem
    description: str | None
    report_status: ProblemReportStatus
    role: Role = strawberry.field(description="As what the reporter acted; an operator's own is upheld at once.")
    reporter_id: strawberry.ID = strawberry.field(description="The party, such as NL*EMS.")
    reported_at: datetime
    contest_until: datetime = strawberry.field(
        description="Until then the operator may contest it; if that does not happen it is upheld."
    )
    contested_at: datetime | None
    contest_reason: str | None
    resolved_at: datetime | None = strawberry.field(description="Since when its status is the last one.")
    resolution: str | None = strawberry.field(description="Why the operator settled it so, if it said so.")
    fee: Price | None = strawberry.field(
        description="What the booking alone cost, credited by a CDR if the report is upheld; null if that is not "
        "known, or nothing."
    )
    last_updated: datetime

    @classmethod
    def of(cls, reported: Reported, call: Call) -> "ProblemReport":
        """Return a report as callers see it at the moment of `call`, whether a worker came by or not."""
        one: rules.ProblemReport = reported[0].as_of(call.now)
        return cls(
            id=strawberry.ID(one.object_id),
            booking=booking(reported[1], call),
            problem=one.problem,
            description=one.description,
            report_status=one.status,
            role=one.role,
            reporter_id=strawberry.ID(one.reporter_id),
            reported_at=one.reported_at,
            contest_until=one.contest_until,
            contested_at=one.contested_at,
            contest_reason=one.contest_reason,
            resolved_at=one.resolved_at,
            resolution=one.resolution,
            fee=charge(one.fee),
            last_updated=one.last_updated,
        )


@strawberry.type(description="A report as it is now, after it was made or something came of it.")
class ProblemReportUpdated:
    """A report as it is now."""

    cursor: EventCursor = strawberry.field(description="Keep the last one, and resume `after` it.")
    at: datetime
    problem_report: ProblemReport


@strawberry.input(description="The charger of which booking cannot be used, and why.")
class ProblemReportCreateInput:
    """The charger of which booking cannot be used."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booking_id: strawberry.ID
    problem: ChargerProblem
    description: str | None = strawberry.field(default=None, description=IN_WORDS)


@strawberry.input(description="Which report its operator contests, and why.")
class ProblemReportContestInput:
    """Which report its operator contests."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    report_id: strawberry.ID
    reason: str = strawberry.field(description=IN_WORDS)


@strawberry.input(description="Whether which report is upheld, and why.")
class ProblemReportResolveInput:
    """Whether which report is upheld."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    report_id: strawberry.ID
    upheld: bool = strawberry.field(description="Only a report that is contested can be dismissed.")
    explanation: str = strawberry.field(description=IN_WORDS)


@strawberry.input(description="Which report to take back.")
class ProblemReportWithdrawInput:
    """Which report to take back."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    report_id: strawberry.ID


ProblemReportCreateResult = Annotated[
    ProblemReport
    | charging_problems.AlreadyReported
    | problems.AlreadyFinal
    | problems.CutOffPassed
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("ProblemReportCreateResult"),
]
ProblemReportContestResult = Annotated[
    ProblemReport
    | problems.CutOffPassed
    | charging_problems.ReportSettled
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("ProblemReportContestResult"),
]
ProblemReportResolveResult = Annotated[
    ProblemReport
    | charging_problems.ReportSettled
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("ProblemReportResolveResult"),
]
ProblemReportWithdrawResult = Annotated[
    ProblemReport
    | charging_problems.ReportSettled
    | problems.NotFound
    | problems.NotAllowed
    | problems.IdempotencyConflict,
    strawberry.union("ProblemReportWithdrawResult"),
]
ProblemReportEvent = Annotated[ProblemReportUpdated | ResyncRequired, strawberry.union("ProblemReportEvent")]


@strawberry.type
class ProblemReportQuery:
    """The root fields that read reports."""

    @strawberry.field(description="A report by its id; an error with code NOT_FOUND else. For EMSP, TO and CPO.")
    async def problem_report(self, info: Info, id: strawberry.ID) -> ProblemReport | None:
        """Return one report."""
        call = await info.context.call()
        return ProblemReport.of(await problem_reports.get(call, id), call)

    @strawberry.field(description="The reports that concern the caller, in the order in which they were made.")
    async def problem_reports(
        self,
        info: Info,
        booking_id: strawberry.ID | None = None,
        statuses: list[ProblemReportStatus] | None = None,
        location_id: strawberry.ID | None = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[ProblemReport]:
        """Return a page of reports."""
        call = await info.context.call()
        wanted = ReportFilter(booking_id, tuple(statuses or ()), location_id)
        page = await problem_reports.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(ProblemReport.of(one, call), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class ProblemReportMutation:
    """The root fields that report chargers, and settle reports."""

    @strawberry.mutation(
        description="Report that the charger of a booking is blocked or broken, from 30 minutes before it opens "
        "until 24 hours after its slot (BUC 3.10). A booking that is still to be used is canceled at once, for no "
        "fee, and alternatives are offered; one that was used, or was a no-show, stays. The booking fee is credited "
        "by a CDR unless the operator contests the report within 48 hours. For EMSP, TO and CPO."
    )
    async def problem_report_create(self, info: Info, input: ProblemReportCreateInput) -> ProblemReportCreateResult:
        """Report a charger."""
        call = await info.context.call()
        wanted = Report(
            text(input.booking_id, "bookingId", LONGEST_ID),
            input.problem,
            text(input.description, "description", LONGEST_TEXT),
        )
        return ProblemReport.of(await problem_reports.create(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Contest a report until `contestUntil`, so that its fee is not credited before you resolve it "
        "(BUC 3.10). For the CPO."
    )
    async def problem_report_contest(
        self, info: Info, input: ProblemReportContestInput
    ) -> ProblemReportContestResult:
        """Contest a report."""
        call = await info.context.call()
        wanted = Contest(text(input.report_id, "reportId", LONGEST_ID), words(input.reason, "reason", LONGEST_TEXT))
        return ProblemReport.of(await problem_reports.contest(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(description="Uphold a report, or dismiss one that you contest (BUC 3.10). For the CPO.")
    async def problem_report_resolve(
        self, info: Info, input: ProblemReportResolveInput
    ) -> ProblemReportResolveResult:
        """Settle a report."""
        call = await info.context.call()
        wanted = Resolution(
            text(input.report_id, "reportId", LONGEST_ID),
            input.upheld,
            words(input.explanation, "explanation", LONGEST_TEXT),
        )
        return ProblemReport.of(await problem_reports.resolve(call, input.idempotency_key, wanted), call)

    @strawberry.mutation(
        description="Take back a report that is not settled: its fee is not credited. A booking that it canceled "
        "stays canceled (BUC 3.10). For EMSP and TO."
    )
    async def problem_report_withdraw(
        self, info: Info, input: ProblemReportWithdrawInput
    ) -> ProblemReportWithdrawResult:
        """Take a report back."""
        call = await info.context.call()
        wanted = Withdrawal(text(input.report_id, "reportId", LONGEST_ID))
        return ProblemReport.of(await problem_reports.withdraw(call, input.idempotency_key, wanted), call)


@strawberry.type
class ProblemReportSubscription:
    """The root field that tells of reports."""

    @strawberry.subscription(
        description="Reports as they are made, contested, resolved, withdrawn or upheld (BUC 3.10). For EMSP, TO "
        "and CPO."
    )
    async def problem_report_updated(
        self,
        info: Info,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[ProblemReportEvent, None]:
        """Yield reports."""
        context = info.context
        updates = following.updated(await context.call(), context.call, context.feed, read_cursor(after))
        try:
            async for one in updates:
                yield ProblemReportUpdated(
                    cursor=write_cursor(one.cursor),
                    at=one.at,
                    problem_report=ProblemReport.of((one.report, one.booking), await context.call()),
                )
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await updates.aclose()
