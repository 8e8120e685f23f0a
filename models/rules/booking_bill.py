"""What of a booking and its sessions is to be billed as it stands: each fact once, in no two currencies (BUC 4.1).

What was billed and does not stand any more, or not so, is credited as a whole.
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from decimal import Decimal

from models.rules.bill import Bill, BillKind, BillLine, Charged, LineKind, lines_of
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import Outcome, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge
from models.rules.estimate import chosen
from models.rules.pricing import booking as fee_of
from models.rules.problem_report import ProblemReport
from models.rules.session_bill import of_session
from models.rules.tariff import BookingRestriction
from models.rules.terms_fee import FeeKind


def standing(
    one: Booking,
    sessions: Iterable[Charged],
    report: ProblemReport | None,
    waived: frozenset[FeeKind],
    zone: tzinfo,
) -> list[Bill]:
    """Return what is to be billed for a booking and its sessions as they are now, fact by fact; in no two currencies.

    One that its holder canceled costs what that and its changes do, without the booking's own fee. One that its
    operator canceled, or whose charger was reported unusable and that upheld, costs no more than a cancellation that
    was granted at a fee before; how it was charged on is billed all the same.
    """
    found = [*_of_booking(one, report, waived, zone)]
    for charged in sessions:
        found.extend(of_session(charged, one, waived, zone))
    return [bill for bill in found if bill.lines]


def _of_booking(
    one: Booking, report: ProblemReport | None, waived: frozenset[FeeKind], zone: tzinfo
) -> Iterator[Bill]:
    upheld = report is not None and report.upheld
    failed = upheld or one.outcome is Outcome.CANCELED_BY_OPERATOR
    if one.granted and not failed and (one.status is not ReservationStatus.CANCELED or report is not None):
        yield from _fee(one, BillKind.BOOKING, BookingRestriction.BOOKING, LineKind.RESERVATION, zone)
    for request in one.booking_requests:
        if request.kind is RequestKind.CANCEL or not failed:
            yield from _of_request(one, request, waived, zone)
    no_show = one.status is ReservationStatus.NO_SHOW and one.booking_terms.noshow_fee is not False
    if no_show and not upheld and FeeKind.NO_SHOW not in waived:
        yield from _fee(one, BillKind.NO_SHOW, BookingRestriction.BOOKING_EXPIRES, LineKind.NO_SHOW, zone)


def _fee(one: Booking, kind: BillKind, purpose: BookingRestriction, line: LineKind, zone: tzinfo) -> Iterator[Bill]:
    period = one.timeslot.period
    tariff = chosen(one.tariffs, period.start, purpose)
    if tariff is not None:
        lines = tuple(lines_of(fee_of(tariff, period, zone, purpose), tariff, line))
        yield Bill(kind, kind.value.lower(), tariff.currency, lines, period, one.revision, one.booking_terms)


def _of_request(one: Booking, request: BookingRequest, waived: frozenset[FeeKind], zone: tzinfo) -> Iterator[Bill]:
    """Yield the fee of a change or cancellation that was granted, as it was quoted (BUC 2.9)."""
    kinds = {RequestKind.CHANGE: BillKind.MODIFICATION, RequestKind.CANCEL: BillKind.CANCELLATION}
    kind = kinds.get(request.kind)
    if kind is None or request.fee is None or request.status is not RequestStatus.ACCEPTED:
        return
    if FeeKind(kind.value) in waived:
        return
    lines = _elements(one, request.fee, zone) if kind is BillKind.CANCELLATION else ()
    yield Bill(
        kind,
        f"{kind.value.lower()} {request.position}",
        request.fee.currency,
        lines or (_amount(request.fee, LineKind(kind.value)),),
        request.period or one.timeslot.period,
        request.revision or one.revision,
        request.priced_by or one.booking_terms,
    )


def _elements(one: Booking, fee: Charge, zone: tzinfo) -> tuple[BillLine, ...]:
    """Return the fee of a cancellation by the elements that price it; none if they do not come to it any more."""
    period, purpose = one.timeslot.period, BookingRestriction.BOOKING_CANCELLATION_FEES
    tariff = chosen(one.tariffs, period.start, purpose)
    if tariff is None or tariff.currency != fee.currency:
        return ()
    priced = fee_of(tariff, period, zone, purpose)
    return tuple(lines_of(priced, tariff, LineKind.CANCELLATION)) if priced.total == fee.price else ()


def _amount(fee: Charge, kind: LineKind) -> BillLine:
    """Return a fee as one amount, with the tax that it bears if that is one."""
    vat = fee.price.taxes[0].percentage if len(fee.price.taxes) == 1 else None
    return BillLine(kind, None, None, Decimal(1), fee.price.before_taxes, vat, fee.price)
