"""A Booking as an OCPI document, with every request that its holder made (OCPI Bookings 1.1)."""

from models.ocpi.values import UNKNOWN, Document, given, moment, party, same, token
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_location import AccessMethod, BookingTerms, Timeslot
from models.rules.booking_state import CanceledReason, RequestKind, ReservationStatus
from models.rules.identity import local
from models.rules.interval import Interval
from models.rules.role import Role

OWN_REASONS = frozenset({CanceledReason.MAINTENANCE, CanceledReason.CHANGED})
"""Why a Booking was canceled, where the standard has no word for it."""

OWN_TERMS = frozenset({"fees", "decide_minutes", "reveal_minutes"})
"""What our terms have and the standard's have not."""

ROLES = {Role.CPO: "CPO", Role.EMSP: "EMSP", Role.TO: "EMSP"}
"""Who may be said to have canceled; a fleet did so through its provider."""

WATTS = 1000


def booking_document(one: Booking, *, revealed: bool = True) -> Document:
    """Return a Booking; unless its charger is `revealed`, that of a group is not named (`#NA`)."""
    return given(
        {
            **party(one.cpo_id),
            "id": str(one.id),
            "request_id": one.request_id,
            "booking_option": _option(one, revealed),
            "location_id": local(one.location_id),
            "booking_tokens": [token(each) for each in one.tokens],
            "tariff_ids": [tariff.ocpi_id for tariff in one.tariffs],
            "period": _timeslot(one.timeslot),
            "reservation_status": one.status.value,
            "canceled": _canceled(one) if one.status is ReservationStatus.CANCELED else None,
            "access_information": _access(one),
            "authorization_reference": one.authorization_reference,
            "booking_terms": _terms(one.booking_terms),
            "booking_requests": [_request_status(one, request) for request in _of_holder(one)],
            "last_updated": moment(one.last_updated),
        }
    )


def _option(one: Booking, revealed: bool) -> Document:
    booked = same(one.booking_option)
    if not revealed:
        return {"evse_uid": UNKNOWN, **booked}
    bay = {"parking_id": local(one.parking_bay_id)} if one.parking_bay_id else {}
    return {**booked, "evse_uid": local(one.evse_id), "connector_id": local(one.connector_id), **bay}


def _timeslot(one: Timeslot) -> Document:
    return {**_period(one.period), **same(one, less={"period"})}


def _period(one: Interval) -> Document:
    return {"start_date_time": moment(one.start), "end_date_time": moment(one.end)}


def _terms(one: BookingTerms) -> Document:
    return same(one, less=OWN_TERMS)


def _access(one: Booking) -> list[Document]:
    ways = {AccessMethod.LICENSE_PLATE: one.license_plate, AccessMethod.ACCESS_CODE: one.access_code}
    return [{"method": method.value, "value": value} for method, value in ways.items() if value]


def _canceled(one: Booking, by: Role | None = None) -> Document:
    reason, who = one.canceled_reason or CanceledReason.UNKNOWN, one.who_canceled or by
    told = CanceledReason.UNKNOWN if reason in OWN_REASONS else reason
    return {"cancellation_reason": told.value, "who_canceled": ROLES.get(who, "OTHER") if who else "OTHER"}


def _of_holder(one: Booking) -> list[BookingRequest]:
    """Return the requests that came to the operator; what it did itself is no BookingRequest of the standard's."""
    return [each for each in one.booking_requests if each.role is not Role.CPO] or [*one.booking_requests[:1]]


def _request_status(one: Booking, request: BookingRequest) -> Document:
    return {
        "request_status": request.status.value,
        "booking_request": _request(one, request),
        "request_received": moment(request.request_received),
    }


def _request(one: Booking, request: BookingRequest) -> Document:
    """Return what was asked, as far as it is kept: of where and with which power, what the booking has now."""
    cancels = request.kind is RequestKind.CANCEL
    return given(
        {
            **party(request.requester_id),
            "request_id": one.request_id,
            "location_id": local(one.location_id),
            "booking_location_id": local(one.booking_location_id),
            "period": _period(request.period or one.timeslot.period),
            "authorization_reference": one.authorization_reference,
            "power_required": None if cancels else _kilowatts(one),
            "canceled": _canceled(one, request.role) if cancels else None,
        }
    )


def _kilowatts(one: Booking) -> int | None:
    asked = [power for power in (one.demand.min_power, one.demand.guaranteed_power) if power is not None]
    return -(-max(asked) // WATTS) if asked else None
