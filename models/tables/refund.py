"""The rows of what operators gave back of what they billed, with their reasons (BUC 4.4)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Uuid,
)
from sqlmodel import Field, SQLModel

from models.tables.cdr import OF_CDR
from models.tables.columns import (
    moment,
    words,
)


class Refund(SQLModel, table=True):
    """That an operator gives back a part of what a CDR billed, and why; it is subtracted as long as that stands."""

    __tablename__ = "refund"
    __table_args__ = (
        ForeignKeyConstraint(*OF_CDR),
        CheckConstraint("before_taxes > 0 AND before_taxes < 'Infinity'::numeric", name="refund_positive"),
        Index("refund_of_holder", "holder_id"),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    holder_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    subject: str = Field(sa_column=words())
    cpo_id: str = Field(sa_column=words())
    cdr_id: str = Field(sa_column=words())
    currency: str = Field(sa_column=words())
    before_taxes: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    reason: str = Field(sa_column=words())
    refunded_at: datetime = Field(sa_column=moment())
