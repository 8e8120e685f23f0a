"""The row of a CancelQuote: what canceling a booking costs if it is done by then."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Uuid
from sqlmodel import Field, SQLModel

from models.tables.booking import OF_BOOKING
from models.tables.columns import document, key, moment


class CancelQuote(SQLModel, table=True):
    """What canceling one revision of a booking costs until `expires_at`; it is used once."""

    __tablename__ = "cancel_quote"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, ondelete="CASCADE", onupdate="CASCADE"),
        CheckConstraint("expires_at > made_at", name="cancel_quote_expires_after_made"),
        Index("cancel_quote_id_key", "id", unique=True),
        Index("cancel_quote_expired", "expires_at"),
        Index("cancel_quote_of_booking", "location_id", "booking_id"),
    )

    location_id: str = Field(sa_column=key())
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    booking_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    revision: int
    fee: Any = Field(sa_column=document())
    made_at: datetime = Field(sa_column=moment())
    expires_at: datetime = Field(sa_column=moment())
    used_at: datetime | None = Field(sa_column=moment(nullable=True))
