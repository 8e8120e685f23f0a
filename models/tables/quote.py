"""The rows of Quotes: what each promises, to whom, until when, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlmodel import Field, SQLModel

from models.rules.booking_location import Confirmation
from models.rules.quote import QuoteOutcome, QuotePurpose
from models.rules.role import Role
from models.tables.columns import among, bounded, document, moment, period, word_list, words

OPEN = text("outcome = 'OPEN'")


class Quote(SQLModel, table=True):
    """A priced slot that is held for some minutes, to be booked or, if it `changes` a booking, to become its slot."""

    __tablename__ = "quote"
    __table_args__ = (
        ForeignKeyConstraint(["booking_id"], ["booking.id"]),
        ForeignKeyConstraint(["changes_id"], ["booking.id"]),
        CheckConstraint(among("outcome", QuoteOutcome), name="quote_outcome_known"),
        CheckConstraint(among("purpose", QuotePurpose), name="quote_purpose_known"),
        CheckConstraint("(purpose = 'BOOKING') = (changes_id IS NULL)", name="quote_changes_unless_booking"),
        CheckConstraint("(changes_id IS NULL) = (changes_revision IS NULL)", name="quote_changes_a_revision"),
        CheckConstraint(among("role", (Role.EMSP, Role.TO, Role.CPO)), name="quote_role_known"),
        CheckConstraint(among("confirmation", Confirmation), name="quote_confirmation_known"),
        CheckConstraint("(role = 'TO') = (cardinality(contract_ids) > 0)", name="quote_fleet_has_contracts"),
        CheckConstraint("(outcome = 'OPEN') = (settled_at IS NULL)", name="quote_settled_with_outcome"),
        CheckConstraint("(outcome = 'BOOKED') = (booking_id IS NOT NULL)", name="quote_booked_with_booking"),
        CheckConstraint("expires_at > made_at", name="quote_expires_after_made"),
        CheckConstraint(bounded("during"), name="quote_during_bounded"),
        Index("quote_id_key", "id", unique=True),
        Index("quote_due", "expires_at", postgresql_where=OPEN),
        Index("quote_given_back", "settled_at", postgresql_where=text("outcome IN ('RELEASED', 'EXPIRED')")),
        Index("quote_open_of_emsp", "emsp_id", "role", postgresql_where=OPEN),
        Index(
            "quote_open_for_booking",
            "changes_id",
            postgresql_where=text("outcome = 'OPEN' AND changes_id IS NOT NULL"),
        ),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    booking_location_id: str = Field(sa_column=words())
    cpo_id: str = Field(sa_column=words())
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    role: str = Field(sa_column=words())
    contract_ids: list[str] = Field(sa_column=word_list())
    during: Any = Field(sa_column=period())
    min_power: int | None
    max_power: int | None
    green_energy_support: bool | None
    evse_id: str = Field(sa_column=words())
    connector_id: str = Field(sa_column=words())
    parking_bay_id: str | None = Field(sa_column=words(nullable=True))
    evse_pinned: bool
    demand: Any = Field(sa_column=document(nullable=False))
    license_plate: str | None = Field(sa_column=words(nullable=True))
    booking_option: Any = Field(sa_column=document(nullable=False))
    booking_terms: Any = Field(sa_column=document(nullable=False))
    confirmation: str = Field(sa_column=words())
    tariffs: Any = Field(sa_column=document(nullable=False))
    price: Any = Field(sa_column=document(nullable=False))
    provider_fees: Any = Field(sa_column=document(nullable=False))
    made_at: datetime = Field(sa_column=moment())
    expires_at: datetime = Field(sa_column=moment())
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    outcome: str = Field(sa_column=words())
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    purpose: str = Field(sa_column=words())
    changes_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    changes_revision: int | None
    fee: Any = Field(sa_column=document())
