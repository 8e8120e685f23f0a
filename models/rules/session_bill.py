"""What a session that ended is billed for: charging, overtime and having come late, each minute once (BUC 4.1)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal

from models.rules.bill import Bill, BillKind, BillLine, Charged, LineKind, line_of_terms, lines_of, subject_of
from models.rules.booking import GRACE, Booking
from models.rules.estimate import chosen
from models.rules.interval import Interval
from models.rules.price import ZERO
from models.rules.pricing import booking as fee_of
from models.rules.pricing import charging, overtime_from
from models.rules.pricing_rules import CHARGING, rules_of
from models.rules.readings import stretches
from models.rules.session import Session, SessionStatus
from models.rules.tariff import BookingRestriction, Tariff, TariffDimension
from models.rules.terms_fee import FeeKind, TermsFee
from models.rules.usage import MICROSECOND, Stretch, cut_at

NO_CURRENCY = "XXX"
"""What ISO 4217 has where no currency is involved: energy for which nobody asks a price."""


def of_session(charged: Charged, one: Booking | None, waived: frozenset[FeeKind], zone: tzinfo) -> list[Bill]:
    """Return what a session that ended is billed for, by currency: charging, overtime, and having come late.

    Its energy is in one of them, at nothing if no tariff prices charging. One of no time, as clocks that show seconds
    tell of it, is billed for its energy; without any, for nothing.
    """
    session, end = charged.session, charged.session.end_date_time
    if session.status is not SessionStatus.COMPLETED or end is None:
        return []
    used = stretches(session.start_date_time, charged.readings, end)
    if not used:
        return []
    period = Interval(session.start_date_time, max(end, session.start_date_time + MICROSECOND))
    overtime = _overtime(session, one, waived)
    tariff = chosen(session.tariffs, period.start, CHARGING)
    main = _main(session, one, tariff)
    found: dict[str, list[BillLine]] = defaultdict(list)
    if tariff is not None:
        found[main].extend(lines_of(charging(tariff, _cut(used, overtime), zone), tariff))
    if overtime is not None:
        found[overtime.tariff.currency].extend(overtime.lines(zone))
    late = _late(session, one, waived)
    if late is not None:
        found[late.currency].append(line_of_terms(late, LineKind.LATE_ARRIVAL))
    if session.kwh and not found[main]:
        found[main].append(BillLine(LineKind.ENERGY, None, None, session.kwh, Decimal(0), None, ZERO))
    bills = [_bill(session, one, main, currency, lines, period) for currency, lines in sorted(found.items()) if lines]
    return _timed(bills, overtime)


def _bill(
    session: Session, one: Booking | None, main: str, currency: str, lines: Iterable[BillLine], period: Interval
) -> Bill:
    subject = subject_of(session.id) if currency == main else f"{subject_of(session.id)} {currency}"
    revision, terms = (one.revision, one.booking_terms) if one is not None else (None, None)
    return Bill(BillKind.SESSION, subject, currency, tuple(lines), period, revision, terms, session.id)


def _main(session: Session, one: Booking | None, tariff: Tariff | None) -> str:
    """Return in which currency a session and its energy are billed, whatever fees there are beside."""
    known = (tariff, *session.tariffs, *(one.tariffs if one is not None else ()))
    return next((each.currency for each in known if each is not None), NO_CURRENCY)


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

    def lines(self, zone: tzinfo) -> Iterator[BillLine]:
        """Yield what it costs."""
        priced = fee_of(self.tariff, self.period, zone, BookingRestriction.BOOKING_OVERTIME)
        for line in lines_of(priced, self.tariff, LineKind.OVERTIME):
            yield replace(line, period=self.period)


def _timed(bills: list[Bill], overtime: _Overtime | None) -> list[Bill]:
    """Return bills, that of charging with until when it has the minutes, if another one has those of overtime."""
    apart = any(line.kind is LineKind.OVERTIME for bill in bills if bill.beside for line in bill.lines)
    if overtime is None or not overtime.timed or not apart:
        return bills
    return [bill if bill.beside else replace(bill, timed_until=overtime.period.start) for bill in bills]


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


def _cut(used: Sequence[Stretch], overtime: _Overtime | None) -> Sequence[Stretch]:
    """Return how a charger was used, cut where overtime begins; what lies in it bills its energy only."""
    if overtime is None or not overtime.timed:
        return used
    begin = overtime.period.start
    return [replace(one, timed=one.period.start < begin) for one in cut_at(used, begin)]


def _late(session: Session, one: Booking | None, waived: frozenset[FeeKind]) -> TermsFee | None:
    """Return the fee for having come late: once for a booking, with the session in which it was begun to be used.

    Nobody is late who was kept waiting when the slot began, by a fault, work, or somebody who stayed.
    """
    if one is None or FeeKind.LATE_ARRIVAL in waived or one.charging_started_at != session.start_date_time:
        return None
    begin = one.timeslot.period.start
    kept = one.kept_waiting_until is not None and one.kept_waiting_until > begin
    if kept or session.start_date_time <= begin + GRACE:
        return None
    return next((fee for fee in one.booking_terms.fees if fee.kind is FeeKind.LATE_ARRIVAL), None)
