"""The tables, one aggregate a file, every constraint named; importing this registers them all."""

from sqlmodel import SQLModel

from models.tables import (
    allocation,
    api_token,
    booking,
    booking_location,
    event,
    evse,
    fault,
    idempotency,
    location,
    party,
    tariff,
)

metadata = SQLModel.metadata

__all__ = [
    "allocation",
    "api_token",
    "booking",
    "booking_location",
    "event",
    "evse",
    "fault",
    "idempotency",
    "location",
    "metadata",
    "party",
    "tariff",
]
