"""CDRs of every kind, made by the rules that bill: of bookings, their fees and sessions, and what is credited."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from models.ocpi.cdr import cdr_document
from models.rules.bill import BillKind, Charged
from models.rules.booking import Booking
from models.rules.booking_bill import standing
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.cdr import CREDIT, Cdr, credit_of
from models.rules.cdr_making import cdr_of
from models.rules.charge import cancellation_charge
from models.rules.published import PublishedLocation
from models.rules.refund import Refund, less
from models.rules.session import Reading, Session
from models.rules.session_bill import of_session
from models.rules.tariff import PriceLimit, Tariff
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.catalogue import NOW, TERMS, a_location, at
from tests.factories.sessions import a_session
from tests.ocpi_documents.bookings import ALL_TERMS, CHANGE, FEE, booked, canceled
from tests.ocpi_documents.checking import as_sent
from tests.ocpi_documents.sessions import AT_ONCE, METERED, completed, readings
from tests.ocpi_documents.tariffs import CHARGING, FEES, FLAT_FRANCS, FLAT_OVERTIME, FRANCS, TWO_TAXES

ZONE = ZoneInfo("Europe/Amsterdam")
CDR_ID = "cd400000-0000-4000-8000-000000000001"
PUBLISHED = PublishedLocation(a_location(), (), {}, 1, NOW)


def told(one: Cdr) -> Any:
    """Return a CDR as its receiver reads it."""
    return as_sent(cdr_document(one))


def volumes(document: Any) -> list[dict[str, Decimal]]:
    """Return what each period of a CDR holds."""
    return [{one["type"]: one["volume"] for one in period["dimensions"]} for period in document["charging_periods"]]


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


def whole(one: Booking, session: Session, told: Sequence[Reading] = METERED) -> tuple[Session, list[Cdr]]:
    """Return a session of a booking, under its tariffs, with all the CDRs of it."""
    used = replace(session, tariffs=one.tariffs)
    return used, [cdr for cdr in issued(one, (used, told)) if cdr.kind is BillKind.SESSION]


def under(*tariffs: Tariff, late: str | None = None) -> Booking:
    """Return a booking under those tariffs; with a currency, whoever came `late` pays for that."""
    fees = (TermsFee(FeeKind.LATE_ARRIVAL, Decimal(3), late, Decimal(8)),) if late else ()
    begun = at(10.25) if late else at(10)
    return replace(USED, tariffs=tariffs, charging_started_at=begun, booking_terms=replace(TERMS, fees=fees))


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
BY_ELEMENTS = canceled(CanceledReason.TRAFFIC, fee=cancellation_charge((TWO_TAXES,), booked().timeslot.period, ZONE))
LIMITED = replace(CHARGING, max_price=PriceLimit(Decimal(20)))
OVERTIME = (completed(at(11.4)), METERED)
CAME_LATE = completed(at(11.4), start_date_time=at(10.25), meter_id=None, kwh=Decimal("70.5"))
AFTER_LATE = readings((10.5, "33.333333", None), (11.2, "70.5", None))
CHARGED_ON = completed(at(11.4444), kwh=Decimal("99.99999"))
KRONER = replace(FRANCS, id="NL*ABC*KRONER", ocpi_id="Kroner", currency="SEK")
WHOLE: dict[str, tuple[Session, list[Cdr]]] = {
    "in time": whole(USED, completed()),
    "overtime": whole(USED, OVERTIME[0]),
    "overtime under a limit": whole(under(FEES, LIMITED), OVERTIME[0]),
    "parked in overtime of francs": whole(under(CHARGING, FRANCS), OVERTIME[0]),
    "charged in overtime of francs": whole(
        under(CHARGING, FRANCS), CHARGED_ON, readings((10.3333, "33.33333", None), (11.4444, "99.99999", None))
    ),
    "overtime of francs at one price": whole(under(CHARGING, FLAT_FRANCS), OVERTIME[0]),
    "late in francs": whole(
        under(CHARGING, late="CHF"), replace(CAME_LATE, end_date_time=at(10.9)), readings((10.75, "70.5", 80))
    ),
    "late and overtime in francs": whole(under(CHARGING, FRANCS, late="CHF"), CAME_LATE, AFTER_LATE),
    "three currencies": whole(under(CHARGING, KRONER, late="CHF"), CAME_LATE, AFTER_LATE),
    "all in overtime of francs": whole(
        under(CHARGING, FRANCS),
        completed(at(11.9), start_date_time=at(11.2), kwh=Decimal(30)),
        readings((11.5, "30", None)),
    ),
    "nothing prices it": whole(under(), completed()),
    "only booking has a price": whole(under(TWO_TAXES), completed()),
    "only having come late has a price": whole(under(late="EUR"), CAME_LATE, AFTER_LATE),
    "only overtime has a price": whole(under(FRANCS), OVERTIME[0]),
}
"""Sessions with all the CDRs of each, in one currency or more."""

CDRS: dict[str, Cdr] = {
    "booking": of_kind(BillKind.BOOKING, issued(booked())),
    "booking without token": of_kind(BillKind.BOOKING, issued(booked(tokens=(), contract_ids=()))),
    "change": of_kind(BillKind.MODIFICATION, issued(booked(CHANGE))),
    "change by earlier terms": of_kind(BillKind.MODIFICATION, issued(booked(replace(CHANGE, priced_by=ALL_TERMS)))),
    "cancellation": of_kind(BillKind.CANCELLATION, issued(canceled(CanceledReason.TRAFFIC, fee=FEE))),
    "cancellation by elements": of_kind(BillKind.CANCELLATION, issued(replace(BY_ELEMENTS, tariffs=(TWO_TAXES,)))),
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
CDRS |= {f"{name}, {one.currency}": one for name, (_, found) in WHOLE.items() for one in found}
CDRS |= {f"credit of {name}": credited(one) for name, one in CDRS.items()}
