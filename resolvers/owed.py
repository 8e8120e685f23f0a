"""What is to be billed of a booking, or of a session without one, as the database has it now (BUC 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from models.db import Connection
from models.queries import cdrs, problem_reports, sessions
from models.rules.bill import Bill, Charged
from models.rules.booking import Booking
from models.rules.booking_bill import standing
from models.rules.problem_report import ProblemReport
from models.rules.session import Session
from models.rules.session_bill import of_session


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be billed before what was given back is taken off, and by what: the sessions, and a report."""

    bills: Sequence[Bill]
    charged: Sequence[Charged]
    report: ProblemReport | None = None


async def of_booking(connection: Connection, one: Booking, zone: tzinfo) -> Owed:
    """Return what is to be billed of a booking and its sessions, in the time zone of its Location."""
    charged = [await _charged(connection, session) for session in await sessions.of_bookings(connection, [one.id])]
    report = await problem_reports.last_of(connection, one)
    waived = await cdrs.waived(connection, one.id)
    return Owed(standing(one, charged, report, waived, zone), charged, report)


async def of_walk_up(connection: Connection, one: Session, zone: tzinfo) -> Owed:
    """Return what is to be billed of a session without a booking, in the time zone of its Location."""
    charged = await _charged(connection, one)
    return Owed([bill for bill in of_session(charged, None, frozenset(), zone) if bill.lines], [charged])


async def _charged(connection: Connection, session: Session) -> Charged:
    return Charged(session, await sessions.readings(connection, session))
