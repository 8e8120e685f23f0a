"""The rows of what operators do without of the fees of bookings, with their reasons (BUC 4.2, 4.3)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from models.rules.terms_fee import FeeKind
from models.tables.columns import (
    among,
    moment,
    words,
)


class Waiver(SQLModel, table=True):
    """That an operator does without a fee of a booking, and why; it stays on record when it is taken back."""

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint(among("fee", FeeKind), name="waiver_fee_known"),
        Index("waiver_of_booking", "booking_id"),
        Index("waiver_one_per_fee", "booking_id", "fee", unique=True, postgresql_where=text("revoked_at IS NULL")),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    booking_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    cpo_id: str = Field(sa_column=words())
    fee: str = Field(sa_column=words())
    reason: str = Field(sa_column=words())
    waived_at: datetime = Field(sa_column=moment())
    revoked_at: datetime | None = Field(sa_column=moment(nullable=True))
    revoked_reason: str | None = Field(sa_column=words(nullable=True))
