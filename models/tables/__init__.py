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
    maintenance,
    party,
    provider_fee,
    quote,
    tariff,
    vehicle,
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
    "maintenance",
    "metadata",
    "party",
    "provider_fee",
    "quote",
    "tariff",
    "vehicle",
]
