"""That a booked charger cannot be used, when that can be reported, and what comes of the report (BUC 3.10)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.charge import Charge
from models.rules.identity import part_id
from models.rules.interval import Interval, shifted
from models.rules.parties import Parties
from models.rules.role import Role

BEFORE_MINUTES = 30
"""So long before a booking opens a report is possible: who knows earlier cancels, at what that costs."""

AFTER_MINUTES = 24 * 60
"""So long after its slot."""

CONTEST_MINUTES = 48 * 60
"""So long its operator may contest a report, before the fee is credited without a word of it."""


class ChargerProblem(StrEnum):
    """What is wrong with a charger that was booked."""

    BLOCKED = "BLOCKED"
    BROKEN = "BROKEN"


CANCELED_FOR = {
    ChargerProblem.BLOCKED: CanceledReason.BLOCKED,
    ChargerProblem.BROKEN: CanceledReason.BROKEN_CHARGER,
}
"""Why a booking is canceled whose charger is reported."""


class ProblemReportStatus(StrEnum):
    """What came of a report: OPEN while its operator may contest it, CONTESTED until that is resolved.

    UPHELD means that the fee is credited by a CDR, DISMISSED that it is not, WITHDRAWN that its holder took it back.
    """

    OPEN = "OPEN"
    CONTESTED = "CONTESTED"
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"
    WITHDRAWN = "WITHDRAWN"


REPORTABLE = frozenset({ReservationStatus.RESERVED, ReservationStatus.FULFILLED, ReservationStatus.NO_SHOW})
"""States of a Booking whose charger can be reported: it was granted, and not given up."""

FOLLOWING = {
    ProblemReportStatus.OPEN: frozenset(
        {ProblemReportStatus.CONTESTED, ProblemReportStatus.UPHELD, ProblemReportStatus.WITHDRAWN}
    ),
    ProblemReportStatus.CONTESTED: frozenset(
        {ProblemReportStatus.UPHELD, ProblemReportStatus.DISMISSED, ProblemReportStatus.WITHDRAWN}
    ),
}
"""What a report may become; nothing, once it is settled. Who dismisses one has contested it in time."""


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """A report with its booking. `fee` is what was paid for the booking alone, credited by a CDR if it is upheld.

    `fee` is None if it is not known, or nothing. `resolution` is what the operator says of why it was settled so.
    """

    id: UUID
    location_id: str
    booking_id: UUID
    evse_id: str
    parties: Parties
    problem: ChargerProblem
    description: str | None
    role: Role
    reporter_id: str
    reported_at: datetime
    contest_until: datetime
    fee: Charge | None
    last_updated: datetime
    status: ProblemReportStatus = ProblemReportStatus.OPEN
    contested_at: datetime | None = None
    contest_reason: str | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None

    @property
    def object_id(self) -> str:
        """The composite id `NL*ABC*...`; it belongs to the operator of the booking."""
        return part_id(self.parties.cpo_id, str(self.id))

    @property
    def booking_object_id(self) -> str:
        """The composite id of the booking."""
        return part_id(self.parties.cpo_id, str(self.booking_id))

    @property
    def upheld(self) -> bool:
        """Whether it is noted to be upheld."""
        return self.status is ProblemReportStatus.UPHELD

    def as_of(self, now: datetime) -> "ProblemReport":
        """Return it as it stands by `now`: not contested in time it is upheld, whether a worker came by or not."""
        if self.status is ProblemReportStatus.OPEN and self.contest_until <= now:
            return replace(self, status=ProblemReportStatus.UPHELD, resolved_at=self.contest_until)
        return self

    def standing(self, now: datetime) -> ProblemReportStatus:
        """Return what came of it by `now`."""
        return self.as_of(now).status

    def may_become(self, status: ProblemReportStatus, now: datetime) -> bool:
        """Whether it may become that at `now`."""
        return status in FOLLOWING.get(self.standing(now), ())

    def contested(self, reason: str, now: datetime) -> "ProblemReport":
        """Return it as its operator contests it."""
        status = ProblemReportStatus.CONTESTED
        return replace(self, status=status, contested_at=now, contest_reason=reason, last_updated=now)

    def settled(self, status: ProblemReportStatus, now: datetime, resolution: str | None = None) -> "ProblemReport":
        """Return it with its last status."""
        return replace(self, status=status, resolved_at=now, resolution=resolution, last_updated=now)


def reported(
    report_id: UUID,
    one: Booking,
    problem: ChargerProblem,
    description: str | None,
    reporter: tuple[Role, str],
    now: datetime,
) -> ProblemReport:
    """Return the report of a booking's charger by a party in a role; its operator's own is upheld at once."""
    role, reporter_id = reporter
    new = ProblemReport(
        id=report_id,
        location_id=one.location_id,
        booking_id=one.id,
        evse_id=one.evse_id,
        parties=one.parties,
        problem=problem,
        description=description,
        role=role,
        reporter_id=reporter_id,
        reported_at=now,
        contest_until=now + timedelta(minutes=CONTEST_MINUTES),
        fee=booking_fee(one),
        last_updated=now,
    )
    return new.settled(ProblemReportStatus.UPHELD, now) if role is Role.CPO else new


def reportable(one: Booking) -> Interval:
    """Return when a booking's charger can be reported: from shortly before it opens until a day after its slot."""
    return Interval(shifted(one.opens_at, -BEFORE_MINUTES), shifted(one.timeslot.period.end, AFTER_MINUTES))


def booking_fee(one: Booking) -> Charge | None:
    """Return what was paid for a booking alone, as it was priced; None if that is not known, or nothing."""
    price = one.price
    if price is None or price.booking is None or price.booking_currency is None or not price.booking.after_taxes:
        return None
    return Charge(price.booking, price.booking_currency)
