"""Every refusal at the site, of charging and of what is told of it, as a type with fields.

Refusal
├── NothingToAnswer      no answer to the request of a session is waited for
├── TooManyAttempts      codes or references failed too often at a gate or charger
├── AlreadyReported      the booking's charger was reported before
├── ReportSettled        the report of a charger is settled and changes no more
├── ChargingRefused      nobody may charge there now, or not whoever asks
└── SessionOver          the session has ended
"""

from dataclasses import dataclass
from datetime import datetime

from models.errors import Refusal


@dataclass
class NothingToAnswer(Refusal):
    """No answer to a request to start or stop a session is waited for, or no more; `until` is when it timed out."""

    request_id: str
    until: datetime | None

    def __str__(self) -> str:
        if self.until is not None:
            return f"Request {self.request_id} could be answered until {self.until.isoformat()}."
        return f"Request {self.request_id} was answered before; read it to see what came of it."


@dataclass
class TooManyAttempts(Refusal):
    """Codes or references failed so often at a gate or a charger that none is taken there for a while (BUC 3.12)."""

    until: datetime

    def __str__(self) -> str:
        return f"Too many failed here; no code or reference is taken until {self.until.isoformat()}."


@dataclass
class ChargingRefused(Refusal):
    """Charging is refused (BUC 3.9): `sentence` is for the driver; it never tells who has the charger.

    `from_` is when it will be allowed, `evse_id` the charger that was booked instead.
    """

    reason: str
    sentence: str
    from_: datetime | None = None
    evse_id: str | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass
class SessionOver(Refusal):
    """The session has ended, and changes no more."""

    session_id: str
    ended_at: datetime

    def __str__(self) -> str:
        return f"Session {self.session_id} ended at {self.ended_at.isoformat()}."


@dataclass
class AlreadyReported(Refusal):
    """The charger of the booking was reported before; a booking has one report (BUC 3.10)."""

    report_id: str

    def __str__(self) -> str:
        return f"This was reported before; read {self.report_id} to see what came of it."


@dataclass
class ReportSettled(Refusal):
    """What comes of the report of a charger is settled (BUC 3.10)."""

    report_id: str
    status: str

    def __str__(self) -> str:
        return f"Report {self.report_id} is {self.status} and changes no more."
