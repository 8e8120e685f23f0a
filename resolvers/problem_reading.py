"""Reading reports of chargers with their bookings, each only by whom it concerns (BUC 3.10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import NotFound
from models.queries import problem_reports as stored
from models.queries.concerning import Condition, standing
from models.rules.booking import Booking
from models.rules.identity import normalized, own_uuid
from models.rules.problem_report import ProblemReport, ProblemReportStatus
from resolvers import access, booking_reading
from resolvers.call import Call
from resolvers.pages import Page, checked_first, moment_and_id

Reported = tuple[ProblemReport, Booking]


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports are asked for; empty fields ask nothing."""

    booking_id: str | None = None
    statuses: tuple[ProblemReportStatus, ...] = ()
    location_id: str | None = None


async def get(call: Call, report_id: str) -> Reported:
    """Return the report of a composite id with its booking, or raise NotFound."""
    call.authenticated()
    found = await many(call, [report_id])
    if not found:
        raise NotFound("ProblemReport", report_id)
    return found[0]


async def many(call: Call, report_ids: Sequence[str]) -> list[Reported]:
    """Return those of the reports of composite ids that the caller may see, each with its booking."""
    wanted = {normalized(one): own_uuid(one) for one in report_ids}
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted.values() if one is not None])
    seen = [one for one in found.values() if one.object_id in wanted and access.concerns(call, one.parties)]
    return await _with_bookings(call, seen)


async def page(call: Call, wanted: ReportFilter, *, first: int, after: tuple[str, ...] | None) -> Page[Reported]:
    """Return the reports that concern the caller, in the order in which they were made."""
    limit = checked_first(first)
    holder = access.holder(call)
    if holder is None:
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        found = await stored.listed(
            connection, holder, _conditions(call, wanted), after=moment_and_id(after), limit=limit + 1
        )
    shown = await _with_bookings(call, found[:limit])
    items = [(one, (one[0].reported_at.isoformat(), str(one[0].id))) for one in shown]
    return Page(items, has_next=len(found) > limit)


def _conditions(call: Call, wanted: ReportFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.booking_id is not None:
        conditions.append(("booking_id = {}", own_uuid(wanted.booking_id)))
    passing = ProblemReportStatus.OPEN, ProblemReportStatus.UPHELD
    conditions += standing(wanted.statuses, "contest_until", passing, call.now)
    if wanted.location_id is not None:
        conditions.append(("location_id = {}", normalized(wanted.location_id)))
    return conditions


async def _with_bookings(call: Call, reports: Sequence[ProblemReport]) -> list[Reported]:
    """Return reports with their bookings; whoever a report concerns, its booking concerns too."""
    bookings = await booking_reading.many(call, [one.booking_object_id for one in reports])
    return [(one, booking) for one, booking in zip(reports, bookings, strict=True) if booking is not None]
