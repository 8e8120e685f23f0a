"""How the rows of bookings become values, and values rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models.queries.documents import from_document, optional, to_document, to_interval, to_range
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_location import BookingOption, BookingTerms, Confirmation, Timeslot
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge
from models.rules.estimate import Estimate
from models.rules.fit import Demand
from models.rules.hazard import Hazard
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
    "license_plate",
    "access_code",
    "reserved_at",
    "lapses_at",
    "reveal_due_at",
    "alternatives_due_at",
    "booker_id",
    "mission_id",
    "replaces_id",
    "charging_started_at",
    "charging_ended_at",
    "interrupted_at",
    "endangered_since",
    "kept_waiting_until",
    "last_updated",
)
_READ_ONLY = ("mandated_until",)


def booking(row: Record, tokens: Sequence[Record], requests: Sequence[Record]) -> Booking:
    """Return a booking with its tokens and requests."""
    return Booking(
        **{name: row[name] for name in (*_PLAIN, *_READ_ONLY)},
        contract_ids=tuple(row["contract_ids"]),
        status=ReservationStatus(row["status"]),
        canceled_reason=CanceledReason(row["canceled_reason"]) if row["canceled_reason"] else None,
        who_canceled=Role(row["who_canceled"]) if row["who_canceled"] else None,
        timeslot=Timeslot(
            to_interval(row["during"]), row["min_power"], row["max_power"], row["green_energy_support"]
        ),
        demand=from_document(Demand, row["demand"]),
        confirmation=Confirmation(row["confirmation"]),
        hazard=Hazard(row["hazard"]) if row["hazard"] else None,
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
        "demand": to_document(Demand, one.demand),
        "confirmation": one.confirmation.value,
        "hazard": one.hazard.value if one.hazard else None,
        "booking_option": to_document(BookingOption, one.booking_option),
        "booking_terms": to_document(BookingTerms, one.booking_terms),
        "tariffs": to_document(tuple[Tariff, ...], one.tariffs),
        "price": to_document(Estimate, one.price),
    }


def token_rows(one: Booking) -> list[dict[str, Any]]:
    """Return the rows of a booking's tokens, in order."""
    return [
        {
            "location_id": one.location_id,
            "booking_id": one.id,
            "position": position,
            "country_code": token.country_code,
            "party_id": token.party_id,
            "uid": token.uid,
            "type": token.type,
            "contract_id": token.contract_id,
        }
        for position, token in enumerate(one.tokens)
    ]


def reference_row(one: Booking) -> dict[str, Any]:
    """Return the row of a booking's reference."""
    place = {"location_id": one.location_id, "booking_id": one.id}
    return {**place, "reference": one.reference, "revision": one.revision}


def request_row(on: Booking, one: BookingRequest, asked: Any) -> dict[str, Any]:
    """Return the columns of a request on a booking as it is before, whose input was `asked`."""
    by_terms = one.kind is RequestKind.CHANGE and one.fee is not None
    return {
        "location_id": on.location_id,
        "booking_id": on.id,
        "position": one.position,
        "kind": one.kind.value,
        "status": one.status.value,
        "request_received": one.request_received,
        "decided_at": one.decided_at,
        "role": one.role.value,
        "requester_id": one.requester_id,
        "decide_until": one.decide_until,
        "reason": one.reason,
        "quote_id": one.quote_id,
        "fee": to_document(Charge, one.fee),
        "during": to_range(one.period) if one.period else None,
        "revision": on.revision,
        "priced_by": to_document(BookingTerms, on.booking_terms if by_terms else None),
        "input": asked,
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
        kind=RequestKind(row["kind"]),
        status=RequestStatus(row["status"]),
        request_received=row["request_received"],
        decided_at=row["decided_at"],
        role=Role(row["role"]),
        requester_id=row["requester_id"],
        decide_until=row["decide_until"],
        reason=row["reason"],
        quote_id=row["quote_id"],
        fee=optional(Charge, row["fee"]),
        position=row["position"],
        period=to_interval(row["during"]) if row["during"] else None,
        revision=row["revision"],
        priced_by=optional(BookingTerms, row["priced_by"]),
    )
