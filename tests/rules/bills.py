"""Bookings and sessions that are billed, and what they come to."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal

from models.rules.bill import Bill, BillKind, Charged, LineKind
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_bill import standing
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge
from models.rules.role import Role
from models.rules.session import Reading, Session, SessionStatus, StopReason
from models.rules.tariff import BookingRestriction, Tariff
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.bookings import a_booking
from tests.factories.catalogue import NOW, at
from tests.factories.sessions import a_session
from tests.rules.tariffs import always, energy, flat, parking, tariff, time, when

BOOKING, EXPIRES, OVERTIME = (
    BookingRestriction.BOOKING,
    BookingRestriction.BOOKING_EXPIRES,
    BookingRestriction.BOOKING_OVERTIME,
)
PRICED = tariff(
    when(flat("2.00", "20"), time("4.00", "20", 60), booking=BOOKING),
    when(flat("10.00", "20"), booking=EXPIRES),
    when(time("30.00", "20", 60), booking=OVERTIME),
    always(energy("0.50", "20"), time("6.00", "20", 1), parking("12.00", "20", 1)),
)
CREATED = BookingRequest(RequestKind.CREATE, RequestStatus.ACCEPTED, NOW, NOW, Role.EMSP, "NL*EMS")
LATE = TermsFee(FeeKind.LATE_ARRIVAL, Decimal("7.50"), "EUR", Decimal(20))
GRANTED = a_booking(tariffs=(PRICED,), booking_requests=(CREATED,))
"""From ten to eleven."""


def used(start: float, end: float, *readings: tuple[float, str], by: Tariff = PRICED) -> Charged:
    """Return a session between two hours, with its readings."""
    counted = tuple(Reading(at(hour), Decimal(kwh)) for hour, kwh in readings)
    session: Session = a_session(
        start_date_time=at(start),
        end_date_time=at(end),
        status=SessionStatus.COMPLETED,
        stop_reason=StopReason.DRIVER,
        occupied_until=None,
        tariffs=(by,),
        kwh=counted[-1].kwh if counted else Decimal(0),
    )
    return Charged(session, counted)


def fulfilled(one: Booking, start: float) -> Booking:
    """Return a booking on which charging began at an hour."""
    return replace(one, status=ReservationStatus.FULFILLED, charging_started_at=at(start))


def unpriced(charged: Charged, *tariffs: Tariff) -> Charged:
    """Return a session whose tariffs price no charging."""
    return replace(charged, session=replace(charged.session, tariffs=tariffs))


def bills(one: Booking, *charged: Charged, waived: frozenset[FeeKind] = frozenset()) -> dict[BillKind, Bill]:
    """Return what is billed of a booking and its sessions, by kind; no two of one subject."""
    found = standing(one, charged, None, waived, UTC)
    assert len({bill.subject for bill in found}) == len(found)
    return {bill.kind: bill for bill in found}


def amounts(bill: Bill) -> dict[LineKind, Decimal]:
    """Return what each kind of line of a bill comes to before taxes."""
    return {line.kind: line.price.before_taxes for line in bill.lines}


def canceled_at(one: Booking, fee: Charge) -> Booking:
    """Return a booking that its holder canceled at a fee."""
    request = BookingRequest(
        RequestKind.CANCEL, RequestStatus.ACCEPTED, NOW, NOW, Role.EMSP, "NL*EMS", fee=fee, position=1
    )
    return replace(
        one,
        status=ReservationStatus.CANCELED,
        canceled_reason=CanceledReason.TRAFFIC,
        who_canceled=Role.EMSP,
        booking_requests=(CREATED, request),
    )
