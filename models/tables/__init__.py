"""The tables, one aggregate a file, every constraint named; importing this registers them all."""

from sqlmodel import SQLModel

from models.tables import (
    allocation,
    alternative,
    api_token,
    booking,
    booking_location,
    cancel_quote,
    event,
    evse,
    fault,
    idempotency,
    location,
    maintenance,
    mandate,
    party,
    provider_fee,
    quote,
    reminder,
    tariff,
    vehicle,
)

metadata = SQLModel.metadata

__all__ = [
    "allocation",
    "alternative",
    "api_token",
    "booking",
    "booking_location",
    "cancel_quote",
    "event",
    "evse",
    "fault",
    "idempotency",
    "location",
    "maintenance",
    "mandate",
    "metadata",
    "party",
    "provider_fee",
    "quote",
    "reminder",
    "tariff",
    "vehicle",
]
