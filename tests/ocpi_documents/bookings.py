"""Bookings in every state in which somebody is told of them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from models.rules.booking import Booking, BookingRequest
from models.rules.booking_location import AccessMethod, BookingOption, Timeslot
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge
from models.rules.fit import Demand
from models.rules.location import ConnectorFormat, EvsePosition, PowerType
from models.rules.price import price_of
from models.rules.role import Role
from models.rules.tariff import TaxIncluded
from models.rules.terms_fee import FeeKind, TermsFee
from tests.factories.bookings import a_booking, a_booking_token
from tests.factories.catalogue import NOW, TERMS, hours
from tests.ocpi_documents.tariffs import CHARGING, FEES

FEE = Charge(price_of(Decimal("5.00"), Decimal(21), TaxIncluded.NO), "EUR")


def a_request(kind: RequestKind = RequestKind.CREATE, position: int = 1, **changes: Any) -> BookingRequest:
    """Return a request of the provider's that was granted at once."""
    fields = {
        "kind": kind,
        "status": RequestStatus.ACCEPTED,
        "request_received": NOW,
        "decided_at": NOW,
        "role": Role.EMSP,
        "requester_id": "NL*EMS",
        "position": position,
        "period": hours(10, 11),
        **changes,
    }
    return BookingRequest(**fields)


def booked(*more: BookingRequest, **changes: Any) -> Booking:
    """Return a booking as it is made, with its first request and `more`."""
    fields = {
        "booking_requests": (a_request(), *more),
        "tariffs": (FEES, CHARGING),
        "tokens": (a_booking_token(),),
        "contract_ids": (a_booking_token().contract_id,),
        "license_plate": "AB-123-C",
        "timeslot": Timeslot(hours(10, 11), 150_000, 400_000, True),
        "demand": Demand(min_power=149_500),
        **changes,
    }
    return a_booking(**fields)


def canceled(reason: CanceledReason, who: Role = Role.EMSP, **changes: Any) -> Booking:
    """Return a booking that was canceled; the holder's own cancellation is a request."""
    asked = [a_request(RequestKind.CANCEL, 2, role=who, period=None, **changes)]
    made = booked(*asked, status=ReservationStatus.CANCELED, canceled_reason=reason, who_canceled=who)
    return replace(made, access_code="4711")


DETAILED = BookingOption(
    evse_position=(EvsePosition.LEFT, EvsePosition.CENTER),
    vehicle_types=("SEMI_TRACTOR", "OURS"),
    connector_format=(ConnectorFormat.CABLE,),
    connector_types=("MCS",),
    power_types=(PowerType.DC,),
    max_vehicle_weight=44_000,
    max_vehicle_height=410,
    max_vehicle_length=1875,
    max_vehicle_width=260,
    min_parking_space_length=2000,
    min_parking_space_width=350,
    dangerous_goods_allowed=False,
    drive_through=True,
    refrigeration_outlet=False,
)
ALL_TERMS = replace(
    TERMS,
    supported_access_methods=tuple(AccessMethod),
    rfid_auth_required=True,
    token_groups_supported=False,
    remote_auth_supported=True,
    change_not_allowed=False,
    early_start_allowed=True,
    early_start_time=15,
    noshow_fee=True,
    late_stop_allowed=True,
    late_stop_time=10,
    overlapping_bookings_allowed=True,
    booking_terms="https://cpo.example/terms",
    fees=(TermsFee(FeeKind.MODIFICATION, Decimal(5), "EUR"),),
    decide_minutes=30,
    reveal_minutes=60,
)
CHANGE = a_request(RequestKind.CHANGE, 2, period=hours(12, 14), fee=FEE)
BOOKINGS: dict[str, Booking] = {
    **{f"status {one}": booked(status=one) for one in ReservationStatus if one is not ReservationStatus.CANCELED},
    **{f"request {one}": booked(replace(CHANGE, status=one)) for one in RequestStatus},
    **{f"canceled {one}": canceled(one) for one in CanceledReason},
    **{f"canceled by {one}": canceled(CanceledReason.BLOCKED, one) for one in Role},
    "cancellation asked": booked(a_request(RequestKind.CANCEL, 2, status=RequestStatus.PENDING, period=None)),
    "canceled by a fleet": canceled(CanceledReason.TRAFFIC, Role.TO),
    "reassigned": booked(a_request(RequestKind.REASSIGN, 2, role=Role.CPO, requester_id="NL*ABC", period=None)),
    "of the operator alone": a_booking(booking_requests=(a_request(role=Role.CPO, requester_id="NL*ABC"),)),
    "nothing known": a_booking(booking_requests=(a_request(period=None),), parking_bay_id=None),
    "detailed": booked(booking_option=DETAILED, booking_terms=ALL_TERMS, access_code="4711"),
    "pinned": booked(booking_option=BookingOption(evse_uid="e1", connector_id="1", parking_id="b1")),
    "odd ids": booked(location_id="NL*ABC*A%2AB%25C", evse_id="NL*ABC*A%2AB%25C*E%2A1"),
    "odd moment": booked(last_updated=NOW.replace(microsecond=999_999)),
}
