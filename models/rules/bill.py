"""What of a booking and its sessions is to be billed as it stands: each fact once, each minute once (BUC 4.1).

A bill is what one CDR states. What was billed and does not stand any more, or not so, is credited as a whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import Outcome, RequestKind, RequestStatus, ReservationStatus
from models.rules.estimate import chosen
from models.rules.interval import Interval
from models.rules.price import Price, summed
from models.rules.pricing import booking as fee_of
from models.rules.pricing import charging, overtime_from
from models.rules.pricing_lines import Priced
from models.rules.pricing_rules import CHARGING, rules_of
from models.rules.problem_report import ProblemReport, ProblemReportStatus
from models.rules.readings import stretches
from models.rules.session import Reading, Session, SessionStatus
from models.rules.tariff import BookingRestriction, Tariff, TariffDimension
from models.rules.terms_fee import FeeKind, TermsFee
from models.rules.usage import MICROSECOND, Stretch

GRACE = timedelta(minutes=5)
"""Who begins so soon after the start of a slot is not late."""


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
    """

    kind: BillKind
    subject: str
    currency: str
    lines: tuple[BillLine, ...]
    period: Interval
    revision: int | None
    session_id: UUID | None = None

    @property
    def total(self) -> Price:
        """What it comes to."""
        return summed(line.price for line in self.lines)


@dataclass(frozen=True, slots=True)
class Charged:
    """A session that ended, with what its meter showed, in order of time."""

    session: Session
    readings: Sequence[Reading]


def standing(
    one: Booking,
    sessions: Iterable[Charged],
    report: ProblemReport | None,
    waived: frozenset[FeeKind],
    zone: tzinfo,
) -> list[Bill]:
    """Return what is to be billed for a booking and its sessions as they are now, fact by fact; in no two currencies.

    One that its holder canceled costs what that and its changes do, without the booking's own fee; one that its
    operator canceled, or whose charger was reported unusable and that upheld, costs nothing.
    """
    found = [*_of_booking(one, report, waived, zone)]
    for charged in sessions:
        found.extend(of_session(charged, one, waived, zone))
    return [bill for bill in found if bill.lines]


def of_session(charged: Charged, one: Booking | None, waived: frozenset[FeeKind], zone: tzinfo) -> Iterator[Bill]:
    """Yield what a session that ended is billed for, by currency: charging, overtime, and having come late.

    One of no time, as clocks that show seconds tell of it, is billed for its energy; without any, for nothing.
    """
    session = charged.session
    end = session.end_date_time
    if session.status is not SessionStatus.COMPLETED or end is None:
        return
    used = stretches(session.start_date_time, charged.readings, end)
    if not used:
        return
    period = Interval(session.start_date_time, max(end, session.start_date_time + MICROSECOND))
    overtime = _overtime(session, one, waived)
    by_currency: dict[str, list[BillLine]] = {}
    tariff = chosen(session.tariffs, period.start, CHARGING)
    if tariff is not None:
        by_currency.setdefault(tariff.currency, []).extend(
            _lines(charging(tariff, [*_cut(used, overtime)], zone), tariff)
        )
    if overtime is not None:
        priced = fee_of(overtime.tariff, overtime.period, zone, BookingRestriction.BOOKING_OVERTIME)
        fees = _lines(priced, overtime.tariff, LineKind.OVERTIME)
        by_currency.setdefault(priced.currency, []).extend(replace(fee, period=overtime.period) for fee in fees)
    late = _late(session, one, waived)
    if late is not None:
        by_currency.setdefault(late.currency, []).append(_of_terms(late, LineKind.LATE_ARRIVAL))
    revision = one.revision if one is not None else None
    main = tariff.currency if tariff is not None else min(by_currency, default="")
    for currency, lines in sorted(by_currency.items()):
        subject = subject_of(session.id) if currency == main else f"{subject_of(session.id)} {currency}"
        yield Bill(BillKind.SESSION, subject, currency, tuple(lines), period, revision, session.id)


def subject_of(session_id: UUID) -> str:
    """Return the subject of what a session is billed for, in the currency of charging; its energy is there."""
    return f"session {session_id}"


def _of_booking(
    one: Booking, report: ProblemReport | None, waived: frozenset[FeeKind], zone: tzinfo
) -> Iterator[Bill]:
    upheld = report is not None and report.status is ProblemReportStatus.UPHELD
    granted = any(_accepted(request, RequestKind.CREATE) for request in one.booking_requests)
    failed = upheld or one.outcome is Outcome.CANCELED_BY_OPERATOR
    if granted and not failed and (one.status is not ReservationStatus.CANCELED or report is not None):
        yield from _fee(one, BillKind.BOOKING, BookingRestriction.BOOKING, LineKind.RESERVATION, zone)
    for request in one.booking_requests:
        if request.kind is RequestKind.CANCEL or not failed:
            yield from _of_request(one, request, waived)
    no_show = one.status is ReservationStatus.NO_SHOW and one.booking_terms.noshow_fee is not False
    if no_show and not upheld and FeeKind.NO_SHOW not in waived:
        yield from _fee(one, BillKind.NO_SHOW, BookingRestriction.BOOKING_EXPIRES, LineKind.NO_SHOW, zone)


def _fee(one: Booking, kind: BillKind, purpose: BookingRestriction, line: LineKind, zone: tzinfo) -> Iterator[Bill]:
    period = one.timeslot.period
    tariff = chosen(one.tariffs, period.start, purpose)
    if tariff is not None:
        lines = tuple(_lines(fee_of(tariff, period, zone, purpose), tariff, line))
        yield Bill(kind, kind.value.lower(), tariff.currency, lines, period, one.revision)


def _of_request(one: Booking, request: BookingRequest, waived: frozenset[FeeKind]) -> Iterator[Bill]:
    """Yield the fee of a change or cancellation that was granted, as it was quoted (BUC 2.9)."""
    kinds = {RequestKind.CHANGE: BillKind.MODIFICATION, RequestKind.CANCEL: BillKind.CANCELLATION}
    kind = kinds.get(request.kind)
    if kind is None or request.fee is None or not _accepted(request, request.kind) or FeeKind(kind.value) in waived:
        return
    fee = request.fee
    line = BillLine(LineKind(kind.value), None, None, Decimal(1), fee.price.before_taxes, None, fee.price)
    subject = f"{kind.value.lower()} {request.position}"
    yield Bill(kind, subject, fee.currency, (line,), request.period or one.timeslot.period, one.revision)


def _accepted(request: BookingRequest, kind: RequestKind) -> bool:
    return request.kind is kind and request.status is RequestStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class _Overtime:
    """When a session was in overtime, and by which tariff that is priced."""

    tariff: Tariff
    period: Interval

    @property
    def timed(self) -> bool:
        """Whether its minutes are priced, so that charging does not price them again."""
        rules = rules_of(self.tariff)[BookingRestriction.BOOKING_OVERTIME]
        return TariffDimension.TIME in rules.by_dimension


def _overtime(session: Session, one: Booking | None, waived: frozenset[FeeKind]) -> _Overtime | None:
    """Return the overtime of a session; None if there was none, or it is not priced (BUC 4.3)."""
    end = session.end_date_time
    if one is None or end is None or FeeKind.OVERTIME in waived:
        return None
    terms = one.booking_terms
    begin = overtime_from(one.timeslot.period.end, terms.late_stop_time if terms.late_stop_allowed else None)
    begin = max(begin, session.start_date_time)
    tariff = chosen(one.tariffs, one.timeslot.period.start, BookingRestriction.BOOKING_OVERTIME)
    return None if tariff is None or end <= begin else _Overtime(tariff, Interval(begin, end))


def _cut(used: Iterable[Stretch], overtime: _Overtime | None) -> Iterator[Stretch]:
    """Yield how a charger was used, cut where overtime begins; what lies in it bills its energy only."""
    for one in used:
        if overtime is None or not overtime.timed or one.period.end <= overtime.period.start:
            yield one
        elif one.period.start >= overtime.period.start:
            yield replace(one, timed=False)
        else:
            begin = overtime.period.start
            share = Fraction((begin - one.period.start) // MICROSECOND, one.period.duration // MICROSECOND)
            before = Fraction(one.energy) * share
            yield replace(one, period=Interval(one.period.start, begin), energy=before)
            rest = Interval(begin, one.period.end)
            yield replace(one, period=rest, energy=Fraction(one.energy) - before, timed=False)


def _late(session: Session, one: Booking | None, waived: frozenset[FeeKind]) -> TermsFee | None:
    """Return the fee for having come late: once for a booking, with the session in which it was begun to be used.

    Nobody is late who could not begin in time, because something endangered the booking still when its slot began.
    """
    if one is None or FeeKind.LATE_ARRIVAL in waived or one.charging_started_at != session.start_date_time:
        return None
    begin = one.timeslot.period.start
    kept = one.endangered_until is not None and one.endangered_until > begin
    if kept or session.start_date_time <= begin + GRACE:
        return None
    return next((fee for fee in one.booking_terms.fees if fee.kind is FeeKind.LATE_ARRIVAL), None)


def _lines(priced: Priced, tariff: Tariff, kind: LineKind | None = None) -> Iterator[BillLine]:
    for line in priced.lines:
        of = kind or (LineKind(line.dimension.value) if line.dimension else LineKind.LIMIT)
        yield BillLine(of, tariff.id, line.element, line.quantity, line.unit_price, line.vat, line.price)


def _of_terms(fee: TermsFee, kind: LineKind) -> BillLine:
    return BillLine(kind, None, None, Decimal(1), fee.amount, fee.vat, fee.price)
