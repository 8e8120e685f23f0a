"""What is to be billed of a booking, or of a session without one, as the database has it now (BUC 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from models.db import Connection
from models.queries import problem_reports, sessions, waivers
from models.rules.bill import Bill, Charged
from models.rules.booking import Booking
from models.rules.booking_bill import standing
from models.rules.problem_report import ProblemReport
from models.rules.session import Session
from models.rules.session_bill import of_session


@dataclass(frozen=True, slots=True)
class ToBill:
    """The bills of a booking or a walk-up as it stands; what was given back is not taken off yet.

    They were reckoned from the sessions, `charged`, and from the `report` of the booked charger, if there is one.
    """

    bills: Sequence[Bill]
    charged: Sequence[Charged]
    report: ProblemReport | None = None


async def of_booking(connection: Connection, one: Booking, zone: tzinfo) -> ToBill:
    """Return what is to be billed of a booking and its sessions, in the time zone of its Location."""
    charged = await _charged(connection, await sessions.of_bookings(connection, [one.id]))
    report = await problem_reports.last_of(connection, one)
    waived = await waivers.waived(connection, one.id)
    return ToBill(standing(one, charged, report, waived, zone), charged, report)


async def of_walk_up(connection: Connection, one: Session, zone: tzinfo) -> ToBill:
    """Return what is to be billed of a session without a booking, in the time zone of its Location."""
    (charged,) = await _charged(connection, [one])
    return ToBill([bill for bill in of_session(charged, None, frozenset(), zone) if bill.lines], [charged])


async def _charged(connection: Connection, some: Sequence[Session]) -> list[Charged]:
    readings = await sessions.readings_of(connection, some)
    return [Charged(one, readings[one.id]) for one in some]
