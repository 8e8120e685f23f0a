"""A Fault of a charger, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.rules.interval import Interval
from models.rules.location import USABLE, Status


class Severity(StrEnum):
    """How bad a Fault is: whether the charger still charges, and as promised; the worst comes last."""

    WARNING = "WARNING"
    DEGRADED = "DEGRADED"
    OUT_OF_USE = "OUT_OF_USE"


@dataclass(frozen=True, slots=True)
class Fault:
    """That an Evse does not work as it should; `expected_end` is the operator's guess (BUC 2.5)."""

    id: str
    location_id: str
    evse_id: str
    status: Status
    code: str | None
    severity: Severity
    description: str | None
    reported_at: datetime
    expected_end: datetime | None
    repaired_at: datetime | None

    def hits(self, period: Interval) -> bool:
        """Whether a booking of the charger over `period` is endangered: the fault is open and lasts into it."""
        if self.repaired_at is not None or period.end <= self.reported_at:
            return False
        return self.expected_end is None or period.start < self.expected_end

    def spoils(self, period: Interval) -> bool:
        """Whether the charger may not give what was booked over `period`, so that its holder is free to leave."""
        return self.severity is not Severity.WARNING and self.hits(period)

    def worse_than(self, known: "Fault | None") -> bool:
        """Whether somebody who charges is to be told of it (BUC 3.5): nothing was known, or nothing as bad."""
        order = tuple(Severity)
        return known is None or order.index(self.severity) > order.index(known.severity)


def severity_of(status: Status) -> Severity:
    """Return the severity of a fault whose report gives none."""
    return Severity.WARNING if status in USABLE else Severity.OUT_OF_USE
