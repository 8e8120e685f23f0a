"""CDRs of every kind, made by the rules that bill: of bookings, their fees and sessions, and what is credited."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from models.rules.bill import BillKind, Charged, of_session, standing
from models.rules.booking import Booking
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.cdr import CREDIT, Cdr, credit_of
from models.rules.cdr_making import cdr_of
from models.rules.published import PublishedLocation
from models.rules.refund import Refund, less
from models.rules.session import Reading, Session
from models.rules.tariff import PriceLimit
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.catalogue import NOW, TERMS, a_location, at
from tests.factories.sessions import a_session
from tests.ocpi_documents.bookings import CHANGE, FEE, booked, canceled
from tests.ocpi_documents.sessions import AT_ONCE, METERED, completed
from tests.ocpi_documents.tariffs import CHARGING, FLAT_OVERTIME

ZONE = ZoneInfo("Europe/Amsterdam")
CDR_ID = "cd400000-0000-4000-8000-000000000001"
PUBLISHED = PublishedLocation(a_location(), (), {}, 1, NOW)


def issued(one: Booking, *charged: tuple[Session, Sequence[Reading]], waived: Iterable[FeeKind] = ()) -> list[Cdr]:
    """Return the CDRs of a booking and its sessions, in the order of their kinds."""
    known = [Charged(*each) for each in charged]
    used: dict[UUID | None, Charged] = {each.session.id: each for each in known}
    bills = standing(one, known, None, frozenset(waived), ZONE)
    return [cdr_of(bill, PUBLISHED, one, used.get(bill.session_id), CDR_ID, None, NOW) for bill in bills]


def of_kind(kind: BillKind, found: Iterable[Cdr]) -> Cdr:
    """Return the only CDR of a kind."""
    (one,) = (each for each in found if each.kind is kind)
    return one


def walk_up(session: Session, told: Sequence[Reading]) -> Cdr:
    """Return the CDR of a session without a booking."""
    charged = Charged(session, told)
    (bill,) = of_session(charged, None, frozenset(), ZONE)
    return cdr_of(bill, PUBLISHED, None, charged, CDR_ID, None, NOW)


def credited(one: Cdr) -> Cdr:
    """Return the CDR that takes another one back."""
    return credit_of(one, None, f"{one.local_id}{CREDIT}", at(12), "What it bills was changed.")


def refunded(one: Cdr, before_taxes: Decimal) -> Cdr:
    """Return a CDR less what its operator gave back of it."""
    given = Refund(UUID(int=9), UUID(int=1), one.bill.subject, "NL*ABC", CDR_ID, one.currency, before_taxes, "", NOW)
    (bill,) = less([one.bill], [given])
    return replace(one, bill=bill, total=bill.total)


USED = booked(status=ReservationStatus.FULFILLED, charging_started_at=at(10), charging_ended_at=at(11))
LATE = replace(
    USED,
    charging_started_at=at(10.25),
    booking_terms=replace(TERMS, fees=(TermsFee(FeeKind.LATE_ARRIVAL, Decimal(3), "EUR", Decimal(21)),)),
)
LIMITED = replace(CHARGING, max_price=PriceLimit(Decimal(20)))
OVERTIME = (completed(at(11.4)), METERED)
CDRS: dict[str, Cdr] = {
    "booking": of_kind(BillKind.BOOKING, issued(booked())),
    "booking without token": of_kind(BillKind.BOOKING, issued(booked(tokens=(), contract_ids=()))),
    "change": of_kind(BillKind.MODIFICATION, issued(booked(CHANGE))),
    "cancellation": of_kind(BillKind.CANCELLATION, issued(canceled(CanceledReason.TRAFFIC, fee=FEE))),
    "no-show": of_kind(BillKind.NO_SHOW, issued(booked(status=ReservationStatus.NO_SHOW))),
    "session": of_kind(BillKind.SESSION, issued(USED, (completed(), METERED))),
    "session without readings": of_kind(BillKind.SESSION, issued(USED, (completed(kwh=Decimal(0)), ()))),
    "of no time": of_kind(BillKind.SESSION, issued(USED, (completed(at(10), kwh=Decimal("2.5")), AT_ONCE))),
    "overtime": of_kind(BillKind.SESSION, issued(USED, OVERTIME)),
    "overtime at one price": of_kind(
        BillKind.SESSION,
        issued(
            replace(USED, tariffs=(FLAT_OVERTIME, CHARGING)),
            (completed(at(11.4), tariffs=(FLAT_OVERTIME, CHARGING)), METERED),
        ),
    ),
    "overtime waived": of_kind(BillKind.SESSION, issued(USED, OVERTIME, waived=[FeeKind.OVERTIME])),
    "late": of_kind(BillKind.SESSION, issued(LATE, (completed(start_date_time=at(10.25), tariffs=()), METERED[2:]))),
    "limited": of_kind(BillKind.SESSION, issued(USED, (completed(tariffs=(LIMITED,)), METERED))),
    "given back in part": refunded(of_kind(BillKind.BOOKING, issued(booked())), Decimal("1.2345")),
    "walk-up": walk_up(completed(booking_id=None, authorization_reference=None), METERED),
    "walk-up of nobody": walk_up(
        completed(booking_id=None, token=None, parties=replace(a_session().parties, emsp_id=None)), METERED
    ),
}
CDRS |= {f"credit of {name}": credited(one) for name, one in CDRS.items()}
