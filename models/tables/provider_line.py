"""The rows of what EMSPs add beside operators' CDRs, line by line (BUC 4.5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from models.rules.payment import PaymentState
from models.rules.provider_line import ProviderLineKind
from models.tables.cdr import OF_CDR
from models.tables.columns import (
    ONLY_CONTRACT,
    among,
    document,
    moment,
    word_list,
    words,
)


class ProviderLine(SQLModel, table=True):
    """What an EMSP adds for its fleet: for a booking, on a CDR, or for a month; seen by nobody else.

    Its amount never changes; what is taken back gets a line of its own, which `credits` it. Keys are as of CDRs.
    """

    __tablename__ = "provider_line"
    __table_args__ = (
        CheckConstraint(among("kind", ProviderLineKind), name="provider_line_kind_known"),
        CheckConstraint("(kind = 'MARKUP') = (cdr_id IS NOT NULL)", name="provider_line_markup_on_cdr"),
        CheckConstraint("(kind = 'MONTHLY') = (month IS NOT NULL)", name="provider_line_monthly_of_month"),
        CheckConstraint(
            "kind <> 'PER_BOOKING' OR (booking_id IS NOT NULL AND revision IS NOT NULL)",
            name="provider_line_per_booking_of_one",
        ),
        CheckConstraint(among("state", PaymentState), name="provider_line_state_known"),
        CheckConstraint("state = 'DUE' OR invoice_id IS NOT NULL", name="provider_line_invoiced_by_something"),
        ForeignKeyConstraint(*OF_CDR),
        ForeignKeyConstraint(["credits"], ["provider_line.id"]),
        Index(
            "provider_line_once_a_booking",
            "emsp_id",
            "fee_id",
            "booking_id",
            "revision",
            unique=True,
            postgresql_where=text("kind = 'PER_BOOKING' AND credits IS NULL"),
        ),
        Index("provider_line_once_on_cdr", "emsp_id", "fee_id", "cpo_id", "cdr_id", unique=True),
        Index("provider_line_once_a_month", "emsp_id", "fee_id", "contract_id", "month", unique=True),
        Index("provider_line_credited_once", "credits", unique=True, postgresql_where=text("credits IS NOT NULL")),
        Index("provider_line_of_emsp", "emsp_id", "issued_at", "id"),
        Index("provider_line_under_contract", "emsp_id", text(ONLY_CONTRACT), "issued_at", "id"),
        Index("provider_line_of_cdr", "cpo_id", "cdr_id", postgresql_where=text("cdr_id IS NOT NULL")),
        Index("provider_line_of_booking", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    kind: str = Field(sa_column=words())
    fee_id: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    contract_ids: list[str] = Field(sa_column=word_list())
    contract_id: str | None = Field(sa_column=words(nullable=True))
    license_plate: str | None = Field(sa_column=words(nullable=True))
    contract_key: str | None = Field(sa_column=words(nullable=True))
    vehicle_key: str | None = Field(sa_column=words(nullable=True))
    location_id: str | None = Field(sa_column=words(nullable=True))
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    revision: int | None = Field(sa_column=Column(Integer, nullable=True))
    cpo_id: str | None = Field(sa_column=words(nullable=True))
    cdr_id: str | None = Field(sa_column=words(nullable=True))
    month: str | None = Field(sa_column=words(nullable=True))
    currency: str = Field(sa_column=words())
    price: Any = Field(sa_column=document(nullable=False))
    credits: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    state: str = Field(sa_column=words())
    invoice_id: str | None = Field(sa_column=words(nullable=True))
    issued_at: datetime = Field(sa_column=moment())
