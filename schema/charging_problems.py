"""Refusals at the site as callers see them: of charging, and of what is told of it."""

from datetime import datetime

import strawberry

from models import charging_errors as errors
from models.rules.charging import ChargingRefusal
from models.rules.problem_report import ProblemReportStatus
from schema import problems
from schema.problems import handler


@strawberry.type(description="No answer to the request is waited for, or no more.")
class NothingToAnswer(problems.Problem):
    """No answer to the request is waited for."""

    request_id: strawberry.ID
    until: datetime | None = strawberry.field(description="When it timed out; null if it was answered before.")

    @classmethod
    def of(cls, refusal: errors.NothingToAnswer) -> "NothingToAnswer":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), request_id=strawberry.ID(refusal.request_id), until=refusal.until)


@strawberry.type(
    description="Codes or references failed too often at a gate or a charger; none is taken for a while."
)
class TooManyAttempts(problems.Problem):
    """Codes or references failed too often."""

    until: datetime = strawberry.field(description="From then on they are taken again; tokens and plates always are.")

    @classmethod
    def of(cls, refusal: errors.TooManyAttempts) -> "TooManyAttempts":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), until=refusal.until)


@strawberry.type(description="Charging is refused; nothing tells who has the charger (BUC 3.9).")
class ChargingRefused(problems.Problem):
    """Charging is refused."""

    reason: ChargingRefusal
    from_: datetime | None = strawberry.field(name="from", description="When it will be allowed, if that is known.")
    evse_id: strawberry.ID | None = strawberry.field(description="The charger that was booked instead.")

    @classmethod
    def of(cls, refusal: errors.ChargingRefused) -> "ChargingRefused":
        """Return the refusal as callers see it."""
        evse_id = strawberry.ID(refusal.evse_id) if refusal.evse_id else None
        reason = ChargingRefusal(refusal.reason)
        return cls(message=str(refusal), reason=reason, from_=refusal.from_, evse_id=evse_id)


@strawberry.type(description="The session has ended, and changes no more.")
class SessionOver(problems.Problem):
    """The session has ended."""

    ended_at: datetime

    @classmethod
    def of(cls, refusal: errors.SessionOver) -> "SessionOver":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), ended_at=refusal.ended_at)


@strawberry.type(description="The charger of the booking was reported before; a booking has one report.")
class AlreadyReported(problems.Problem):
    """It was reported before."""

    report_id: strawberry.ID

    @classmethod
    def of(cls, refusal: errors.AlreadyReported) -> "AlreadyReported":
        """Return the refusal as callers see it."""
        return cls(message=str(refusal), report_id=strawberry.ID(refusal.report_id))


@strawberry.type(description="What comes of the report is settled, and changes no more.")
class ReportSettled(problems.Problem):
    """What comes of the report is settled."""

    report_id: strawberry.ID
    report_status: ProblemReportStatus

    @classmethod
    def of(cls, refusal: errors.ReportSettled) -> "ReportSettled":
        """Return the refusal as callers see it."""
        status = ProblemReportStatus(refusal.status)
        return cls(message=str(refusal), report_id=strawberry.ID(refusal.report_id), report_status=status)


HANDLERS = (
    handler(errors.NothingToAnswer, NothingToAnswer, NothingToAnswer.of),
    handler(errors.TooManyAttempts, TooManyAttempts, TooManyAttempts.of),
    handler(errors.AlreadyReported, AlreadyReported, AlreadyReported.of),
    handler(errors.ReportSettled, ReportSettled, ReportSettled.of),
    handler(errors.ChargingRefused, ChargingRefused, ChargingRefused.of),
    handler(errors.SessionOver, SessionOver, SessionOver.of),
)
