"""A Booking as a gate knows it: with a licence plate, a card and a reference, and its charger told."""

from dataclasses import replace
from typing import Any

from models.rules.booking import Booking
from tests.factories.bookings import a_booking, a_booking_token
from tests.factories.catalogue import NOW

CARD = a_booking_token()
PLATE = "12-ABC-3"
REFERENCE = "0123456789"


def an_expected(number: int = 1, **changes: Any) -> Booking:
    """Return a booking from ten to eleven that may be asked for in each way, changed by naming what matters."""
    known = a_booking(number, license_plate=PLATE, tokens=(CARD,), reference=REFERENCE, evse_revealed_at=NOW)
    return replace(known, **changes)
