"""What one CDR states, as a value: a bill of one fact, in lines; what it is of, the rules beside say (OCPI CDRs)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from models.rules.booking_location import BookingTerms
from models.rules.interval import Interval
from models.rules.price import Price, summed
from models.rules.pricing_lines import Priced
from models.rules.session import Reading, Session
from models.rules.tariff import Tariff
from models.rules.terms_fee import FeeKind, TermsFee


class BillKind(StrEnum):
    """What a CDR bills."""

    BOOKING = "BOOKING"
    MODIFICATION = "MODIFICATION"
    CANCELLATION = "CANCELLATION"
    NO_SHOW = "NO_SHOW"
    SESSION = "SESSION"


class LineKind(StrEnum):
    """For what one line of a CDR is: a fee, or a dimension of charging.

    LIMIT is what a price limit makes of it, REFUND what the operator gave back.
    """

    RESERVATION = "RESERVATION"
    MODIFICATION = "MODIFICATION"
    CANCELLATION = "CANCELLATION"
    NO_SHOW = "NO_SHOW"
    LATE_ARRIVAL = "LATE_ARRIVAL"
    OVERTIME = "OVERTIME"
    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"
    FLAT = "FLAT"
    LIMIT = "LIMIT"
    REFUND = "REFUND"


WAIVABLE = frozenset(
    {FeeKind.CANCELLATION, FeeKind.NO_SHOW, FeeKind.OVERTIME, FeeKind.LATE_ARRIVAL, FeeKind.MODIFICATION}
)
"""The fees that an operator may waive, with a reason (BUC 4.2, 4.3)."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line: kWh, hours or 1, at its price as published, by an element of a tariff, or by the terms if by none.

    A quantity is shown to four decimals; the price is that of the exact one.
    """

    kind: LineKind
    tariff_id: str | None
    element: int | None
    quantity: Decimal
    unit_price: Decimal
    vat: Decimal | None
    price: Price
    period: Interval | None = None
    """When it was, of overtime."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be billed for one fact, in one currency. `subject` names the fact: no two bills have the same.

    `period` is what it is for: the slot, or how long the session lasted; of one of no time, its moment.
    `booking_terms` are those that held, of a change the ones that price it. `timed_until` is until when it bills the
    minutes of a session, if a bill in another currency has those of overtime by a price of their own.
    """

    kind: BillKind
    subject: str
    currency: str
    lines: tuple[BillLine, ...]
    period: Interval
    revision: int | None
    booking_terms: BookingTerms | None = None
    session_id: UUID | None = None
    timed_until: datetime | None = None

    @property
    def beside(self) -> bool:
        """Whether it is of fees alone, beside the bill of the same session in which charging and the energy are."""
        return self.session_id is not None and self.subject != subject_of(self.session_id)

    @property
    def total(self) -> Price:
        """What it comes to."""
        return summed(line.price for line in self.lines)


@dataclass(frozen=True, slots=True)
class Charged:
    """A session, which may still go on, with what its meter showed, in order of time."""

    session: Session
    readings: Sequence[Reading]


def subject_of(session_id: UUID) -> str:
    """Return the subject of what a session is billed for, in the currency of charging; its energy is there."""
    return f"session {session_id}"


def lines_of(priced: Priced, tariff: Tariff, kind: LineKind | None = None) -> Iterator[BillLine]:
    """Yield what a tariff prices as lines of a bill, each for its dimension unless a `kind` is given."""
    for line in priced.lines:
        of = kind or (LineKind(line.dimension.value) if line.dimension else LineKind.LIMIT)
        yield BillLine(of, tariff.id, line.element, line.quantity, line.unit_price, line.vat, line.price)


def line_of_terms(fee: TermsFee, kind: LineKind) -> BillLine:
    """Return the line of a fee that the terms state."""
    return BillLine(kind, None, None, Decimal(1), fee.amount, fee.vat, fee.price)
