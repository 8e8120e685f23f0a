"""The root fields on the state of chargers: an operator's report, and the alert that follows a fault."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from models.rules import fault as rules
from models.rules.fault import Severity
from models.rules.location import Status
from resolvers import evses
from resolvers.events import Resync
from resolvers.evses import FaultReport, StatusReport
from schema import problems
from schema.booking import Booking, booking
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.evse import Evse
from schema.inputs import LONGEST_ID, text
from schema.live import AFTER_CURSOR, CURSOR, EventCursor, ResyncRequired, read_cursor, write_cursor
from schema.location import evse_of
from subscriptions import faults
from subscriptions.faults import Alert

LONGEST_CODE, LONGEST_DESCRIPTION = 100, 2000


@strawberry.type(description="That a charger does not work as it should (BUC 2.5).")
class Fault:
    """That a charger does not work as it should."""

    id: strawberry.ID
    evse: Evse
    status: Status = strawberry.field(description="The state that was reported with it.")
    code: str | None = strawberry.field(description="The operator's or maker's code.")
    severity: Severity
    description: str | None
    reported_at: datetime
    expected_end: datetime | None
    repaired_at: datetime | None = strawberry.field(description="When it ended; null while it is open.")


@strawberry.type(description="A fault as it is now, and the caller's bookings that it endangers.")
class ChargerFaultAlert:
    """A fault as it is now."""

    cursor: EventCursor | None = strawberry.field(description=CURSOR)
    at: datetime
    fault: Fault
    bookings: list[Booking]


@strawberry.input(description="What the operator knows of a fault.")
class FaultInput:
    """What the operator knows of a fault."""

    code: str | None = None
    severity: Severity | None = strawberry.field(default=None, description="By the status, if absent.")
    description: str | None = None
    expected_end: datetime | None = strawberry.field(
        default=None, description="When the charger is expected back; from then on it is offered again."
    )


@strawberry.input(description="The state of a charger now.")
class EvseStatusReportInput:
    """The state of a charger now."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    evse_id: strawberry.ID
    status: Status
    fault: FaultInput | None = strawberry.field(
        default=None, description="A usable state without a fault ends the open one."
    )


EvseStatusReportResult = Annotated[
    Evse | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("EvseStatusReportResult"),
]
ChargerFaultEvent = Annotated[ChargerFaultAlert | ResyncRequired, strawberry.union("ChargerFaultEvent")]


@strawberry.type
class EvseMutation:
    """The root fields of operators on their chargers."""

    @strawberry.mutation(
        description="Tell the state of a charger; a faulty one is not offered until it is repaired, or expected to "
        "be (BUC 2.5). For the CPO that owns it."
    )
    async def evse_status_report(
        self,
        info: Info,
        input: EvseStatusReportInput,
    ) -> EvseStatusReportResult:
        """Report the state of a charger."""
        evse_id = text(input.evse_id, "evseId", LONGEST_ID)
        report = StatusReport(evse_id, input.status, _reported(input.fault) if input.fault else None)
        return evse_of(*await evses.report_status(await info.context.call(), input.idempotency_key, report))


@strawberry.type
class FaultSubscription:
    """The root fields that tell of faults."""

    @strawberry.subscription(
        description="Faults that are open, then as they are reported, amended and repaired, with the caller's "
        "bookings that they endanger (BUC 2.5). With a token only."
    )
    async def charger_fault_alert(
        self,
        info: Info,
        location_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="All that the caller may see, if absent.")
        ] = None,
        only_own_bookings: Annotated[
            bool, strawberry.argument(description="Only faults that endanger a booking of the caller.")
        ] = False,
        after: Annotated[EventCursor | None, strawberry.argument(description=AFTER_CURSOR)] = None,
    ) -> AsyncGenerator[ChargerFaultEvent, None]:
        """Yield faults."""
        context = info.context
        alerts = faults.alerts(
            await context.call(),
            context.call,
            context.feed,
            tuple(location_ids or ()),
            read_cursor(after),
            only_own_bookings=only_own_bookings,
        )
        try:
            async for one in alerts:
                yield await _alert(info, one)
        except Resync as resync:
            yield ResyncRequired(reason=resync.reason)
        finally:
            await alerts.aclose()


def _reported(told: FaultInput) -> FaultReport:
    return FaultReport(
        text(told.code, "code", LONGEST_CODE),
        told.severity,
        text(told.description, "description", LONGEST_DESCRIPTION),
        told.expected_end,
    )


async def _alert(info: Info, one: Alert) -> ChargerFaultAlert:
    call = await info.context.call()
    told = one.fault_alert
    return ChargerFaultAlert(
        cursor=write_cursor(one.cursor) if one.cursor else None,
        at=one.at,
        fault=_fault(told.fault, evse_of(told.published, told.evse)),
        bookings=[booking(each, call) for each in told.bookings],
    )


def _fault(one: rules.Fault, evse: Evse) -> Fault:
    return Fault(
        id=strawberry.ID(one.id),
        evse=evse,
        status=one.status,
        code=one.code,
        severity=one.severity,
        description=one.description,
        reported_at=one.reported_at,
        expected_end=one.expected_end,
        repaired_at=one.repaired_at,
    )
