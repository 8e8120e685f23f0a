"""How the rows of bookings become values, and values rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models.queries.documents import from_document, optional, to_document, to_interval, to_range
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_location import BookingOption, BookingTerms, Timeslot
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.estimate import Estimate
from models.rules.role import Role
from models.rules.tariff import Tariff

Record = Any
_PLAIN = (
    "id",
    "location_id",
    "booking_location_id",
    "cpo_id",
    "emsp_id",
    "request_id",
    "authorization_reference",
    "reference",
    "revision",
    "evse_id",
    "connector_id",
    "parking_bay_id",
    "evse_pinned",
    "evse_revealed_at",
    "power_required",
    "vehicle_length",
    "license_plate",
    "reserved_at",
    "last_updated",
)


def booking(row: Record, tokens: Sequence[Record], requests: Sequence[Record]) -> Booking:
    """Return a booking with its tokens and requests."""
    return Booking(
        **{name: row[name] for name in _PLAIN},
        contract_ids=tuple(row["contract_ids"]),
        status=ReservationStatus(row["status"]),
        canceled_reason=CanceledReason(row["canceled_reason"]) if row["canceled_reason"] else None,
        who_canceled=Role(row["who_canceled"]) if row["who_canceled"] else None,
        timeslot=Timeslot(
            to_interval(row["during"]), row["min_power"], row["max_power"], row["green_energy_support"]
        ),
        booking_option=from_document(BookingOption, row["booking_option"]),
        booking_terms=from_document(BookingTerms, row["booking_terms"]),
        tariffs=from_document(tuple[Tariff, ...], row["tariffs"]),
        price=optional(Estimate, row["price"]),
        tokens=tuple(_token(one) for one in tokens),
        booking_requests=tuple(_request(one) for one in requests),
    )


def booking_row(one: Booking) -> dict[str, Any]:
    """Return the columns of a booking."""
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        "contract_ids": list(one.contract_ids),
        "status": one.status.value,
        "canceled_reason": one.canceled_reason.value if one.canceled_reason else None,
        "who_canceled": one.who_canceled.value if one.who_canceled else None,
        "during": to_range(one.timeslot.period),
        "min_power": one.timeslot.min_power,
        "max_power": one.timeslot.max_power,
        "green_energy_support": one.timeslot.green_energy_support,
        "booking_option": to_document(BookingOption, one.booking_option),
        "booking_terms": to_document(BookingTerms, one.booking_terms),
        "tariffs": to_document(tuple[Tariff, ...], one.tariffs),
        "price": to_document(Estimate, one.price),
    }


def grouped(rows: Sequence[Record]) -> dict[UUID, list[Record]]:
    """Return rows by the booking they belong to."""
    groups: dict[UUID, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row["booking_id"]].append(row)
    return groups


def _token(row: Record) -> BookingToken:
    return BookingToken(row["country_code"], row["party_id"], row["uid"], row["type"], row["contract_id"])


def _request(row: Record) -> BookingRequest:
    return BookingRequest(
        RequestKind(row["kind"]),
        RequestStatus(row["status"]),
        row["request_received"],
        row["decided_at"],
        Role(row["role"]),
        row["requester_id"],
    )
