"""What was done on a simulated day and what came of it, as those who did it saw it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """One mutation: who sent it, about what, of which type the answer was, and all that it told."""

    at: datetime
    who: str
    root: str
    about: str
    kind: str
    told: Told

    @property
    def line(self) -> str:
        """What is the same whenever the same day is lived again: everything but ids."""
        more = [str(self.told[name]) for name in ("status", "reason", "basis", "evseId") if self.told.get(name)]
        return " ".join((f"{self.at:%d %H:%M:%S.%f}", self.who, self.root, self.about, self.kind, *more))


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking as its operator saw it the moment before somebody asked to charge."""

    booking_id: str
    status: str
    evse_id: str


@dataclass(frozen=True, slots=True)
class Had:
    """That a holder has a charger and bay for a time, as it stood at a moment."""

    evse_id: str
    parking_bay_id: str | None
    holder_id: str
    kind: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """That a truck asked to charge, with a credential that `owner` may use, or nobody; `basis` tells it was allowed.

    `seen` is the booking of that owner, `had` who has the charger or its bays, both as they were the moment before;
    `start` tells that the charger said that charging began.
    """

    at: datetime
    truck: str
    owner: str | None
    evse_id: str
    kind: str
    basis: str | None
    reason: str | None
    seen: Seen | None
    had: tuple[Had, ...]
    by_reference: bool = False
    start: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        whose = "its own" if self.owner == self.truck else f"{self.owner or 'nobody'}'s"
        came = self.basis or self.reason or self.kind
        return f"{self.truck} at {self.at:%H:%M:%S} at {self.evse_id} with {whose} right: {came}"


@dataclass(slots=True)
class Made:
    """A booking that a truck's provider or fleet was granted."""

    id: str
    site: int
    start: datetime
    end: datetime
    at: datetime
    given_up_at: datetime | None = None


@dataclass(slots=True)
class Used:
    """A session that an operator reported: by which truck, at which charger, and what its meter truly showed.

    `measured` is that, each with its moment, as far as it was told and is to count.
    """

    truck: str
    evse_id: str
    start: datetime
    end: datetime | None = None
    warnings: tuple[int, ...] | None = None
    energy: Decimal = Decimal(0)
    shown: list[Decimal] = field(default_factory=list)
    booking_id: str | None = None
    measured: list[tuple[datetime, Decimal]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Judged:
    """A reading that was sent, what it should have come to, and what it did."""

    session_id: str
    at: datetime
    expected: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Freed:
    """How many vehicles a search said could book from `start` on, just before and just after an early stop."""

    at: datetime
    truck: str
    evse_id: str
    start: datetime
    end: datetime
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Entered:
    """That a truck asked to be let in at a gate."""

    at: datetime
    truck: str
    admitted: bool
    reason: str | None


@dataclass(slots=True)
class Commanded:
    """That an operator was asked to start or stop, and what it was going to do about it."""

    at: datetime
    id: str
    expected: str


@dataclass(slots=True)
class Down:
    """That a charger was out of order, from when until when, as its operator told."""

    evse_id: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """That a change or cancellation of a booking was granted: its slot until then, and whether that was in danger."""

    kind: str
    at: datetime
    start: datetime
    end: datetime
    endangered: bool


@dataclass(slots=True)
class Accounts:
    """What operators and providers did about what they charge; every id is the API's.

    `granted` is by booking; `waived` has which waiver stands of which fee of a booking; `refunded` how much of which
    CDR was given back, before taxes; `reports` of which booking a report is and what came of it; `payments` what was
    noted of a CDR by CPO or EMSP, or of a LINE, and on which invoice; `stored` what CDRs and lines looked like when
    they were first read.
    """

    granted: dict[str, list[Granted]] = field(default_factory=dict)
    waived: dict[tuple[str, str], str] = field(default_factory=dict)
    refunded: list[tuple[str, Decimal]] = field(default_factory=list)
    reports: dict[str, tuple[str, str]] = field(default_factory=dict)
    payments: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    numbered_at: datetime | None = None
    crashes: Counter[str] = field(default_factory=Counter)


@dataclass
class Log:
    """All of a day."""

    deeds: list[Deed] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    bookings: dict[str, Made] = field(default_factory=dict)
    sessions: dict[str, Used] = field(default_factory=dict)
    readings: list[Judged] = field(default_factory=list)
    freed: list[Freed] = field(default_factory=list)
    entries: list[Entered] = field(default_factory=list)
    commands: list[Commanded] = field(default_factory=list)
    outages: list[Down] = field(default_factory=list)
    rounds: list[datetime] = field(default_factory=list)
    limits: dict[str, dict[datetime, datetime | None]] = field(default_factory=dict)
    """Until when each session was allowed, as its operator read it after each round, by its uuid."""

    failed_rounds: list[datetime] = field(default_factory=list)
    differing: list[Deed] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    accounts: Accounts = field(default_factory=Accounts)

    @property
    def lines(self) -> list[str]:
        """Every deed without its ids, in order."""
        return [one.line for one in self.deeds]

    @property
    def ends(self) -> list[datetime]:
        """When the slots end that were granted."""
        return [one.end for one in self.bookings.values()]

    def working(self, evse_id: str, at: datetime) -> bool:
        """Whether a charger was in order."""
        return not any(
            one.evse_id == evse_id and one.start <= at and (one.end is None or at < one.end) for one in self.outages
        )

    def first_round(self, moment: datetime) -> datetime | None:
        """Return the first round of the worker at a moment or after it."""
        return next((one for one in self.rounds if one >= moment), None)
