"""Reading and writing ProblemReports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.concerning import Condition, page, parties, parties_row, selecting
from models.queries.documents import optional, to_document
from models.queries.writing import amend, insert
from models.rules.booking import Booking
from models.rules.booking_filter import Holder
from models.rules.charge import Charge
from models.rules.problem_report import ChargerProblem, ProblemReport, ProblemReportStatus
from models.rules.role import Role

Record = Any
_SELECT = selecting("problem_report")
_MANY = f"{_SELECT} WHERE id = ANY($1)"
_OF = f"{_SELECT} WHERE location_id = $1 AND booking_id = $2 AND status <> 'WITHDRAWN'"
_LAST_OF = f"""
{_SELECT} WHERE location_id = $1 AND booking_id = $2 ORDER BY status = 'WITHDRAWN', reported_at DESC LIMIT 1
"""
_LOCKED = f"{_SELECT} WHERE id = $1 FOR UPDATE"
_DUE = """
SELECT id FROM problem_report WHERE status = 'OPEN' AND contest_until <= $1 ORDER BY contest_until LIMIT $2
"""
_PLAIN = (
    "id",
    "location_id",
    "booking_id",
    "evse_id",
    "description",
    "reporter_id",
    "reported_at",
    "contest_until",
    "contested_at",
    "contest_reason",
    "resolved_at",
    "resolution",
    "last_updated",
)


async def many(connection: Connection, report_ids: Sequence[UUID]) -> dict[UUID, ProblemReport]:
    """Return the reports of those ids that exist; one statement."""
    return {row["id"]: _report(row) for row in await connection.fetch(_MANY, list(report_ids))}


async def of(connection: Connection, one: Booking) -> ProblemReport | None:
    """Return the report of a booking that was not withdrawn, or None."""
    row = await connection.fetchrow(_OF, one.location_id, one.id)
    return _report(row) if row else None


async def last_of(connection: Connection, one: Booking) -> ProblemReport | None:
    """Return the report of a booking, or the last that was withdrawn if there is no other, or None."""
    row = await connection.fetchrow(_LAST_OF, one.location_id, one.id)
    return _report(row) if row else None


async def locked(connection: Connection, report_id: UUID, *, waits: bool = True) -> ProblemReport | None:
    """Return a report that nobody else changes until the transaction ends; unless it `waits`, None if one does."""
    row = await connection.fetchrow(_LOCKED if waits else f"{_LOCKED} SKIP LOCKED", report_id)
    return _report(row) if row else None


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` reports that were not contested in time."""
    return [row["id"] for row in await connection.fetch(_DUE, now, limit)]


async def listed(
    connection: Connection,
    holder: Holder,
    wanted: Sequence[Condition],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ProblemReport]:
    """Return reports in the order in which they were made, from the one behind `after` on; one statement."""
    rows = await page(connection, "problem_report", "reported_at", holder, wanted, after=after, limit=limit)
    return [_report(row) for row in rows]


async def add(connection: Connection, new: ProblemReport) -> None:
    """Store a new report."""
    await insert(connection, "problem_report", [_row(new)])


async def put(connection: Connection, old: ProblemReport, new: ProblemReport) -> None:
    """Store what became of a report that is locked."""
    which = {"location_id": old.location_id, "id": old.id}
    await amend(connection, "problem_report", which, _row(old), _row(new))


def _row(one: ProblemReport) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        **parties_row(one.parties),
        "problem": one.problem.value,
        "status": one.status.value,
        "role": one.role.value,
        "fee": to_document(Charge, one.fee),
    }


def _report(row: Record) -> ProblemReport:
    return ProblemReport(
        **{name: row[name] for name in _PLAIN},
        parties=parties(row),
        problem=ChargerProblem(row["problem"]),
        status=ProblemReportStatus(row["status"]),
        role=Role(row["role"]),
        fee=optional(Charge, row["fee"]),
    )
