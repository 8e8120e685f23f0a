"""A Booking as a value for tests of rules: granted from ten to eleven, and changed by naming what matters."""

from typing import Any
from uuid import UUID

from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import BookingOption, Confirmation, Timeslot
from models.rules.booking_state import ReservationStatus
from models.rules.fit import Demand
from tests.factories.catalogue import NOW, TERMS, at, hours
from tests.world import FLEET_CONTRACT


def a_booking(number: int = 1, **changes: Any) -> Booking:
    """Return a booking of E1 that names no token and no contract."""
    fields: dict[str, Any] = {
        "id": UUID(int=number),
        "location_id": "NL*ABC*LOC1",
        "booking_location_id": "NL*ABC*LOC1-ANY",
        "cpo_id": "NL*ABC",
        "emsp_id": "NL*EMS",
        "contract_ids": (),
        "request_id": f"request {number}",
        "authorization_reference": f"authorization {number}",
        "reference": f"{number:010}",
        "revision": 1,
        "status": ReservationStatus.RESERVED,
        "canceled_reason": None,
        "who_canceled": None,
        "timeslot": Timeslot(hours(10, 11)),
        "evse_id": "NL*ABC*LOC1*E1",
        "connector_id": "NL*ABC*LOC1*E1*1",
        "parking_bay_id": "NL*ABC*LOC1*B1",
        "evse_pinned": False,
        "evse_revealed_at": None,
        "demand": Demand(),
        "license_plate": None,
        "booking_option": BookingOption(),
        "booking_terms": TERMS,
        "confirmation": Confirmation.INSTANT,
        "tariffs": (),
        "reserved_at": NOW,
        "lapses_at": at(10.5),
        "last_updated": NOW,
    }
    return Booking(**{**fields, **changes})


def a_booking_token(uid: str = "04A1B2C3", **changes: str) -> BookingToken:
    """Return a card of the first fleet as a booking names it."""
    fields = {"country_code": "NL", "party_id": "EMS", "type": "RFID", "contract_id": FLEET_CONTRACT, **changes}
    return BookingToken(uid=uid, **fields)
