"""What is told in the words of OCPI instead of ours: documents as a scalar, made only if they are asked for."""

from typing import NewType

from models.ocpi.values import Document

OcpiDocument = NewType("OcpiDocument", Document)

BOOKING = (
    "It as a Booking of OCPI 2.3.0 with Bookings 1.1; as there, `#NA` is not known, or not told yet. What the "
    "standard has no word for is left out."
)
SESSION = "It as a Session of OCPI 2.3.0, with one ChargingPeriod, of what was last read."
TARIFF = "It as a Tariff of OCPI 2.3.0 with Bookings 1.1."
CDR = "It as a CDR of OCPI 2.3.0 with Bookings 1.1, as it was issued."
