"""The rows of DriverMessages, and of how a driver can be reached while that is consented to (BUC 3.11)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from models.tables.booking import OF_BOOKING
from models.tables.columns import key, moment, word_list, words
from models.tables.session import OF_SESSION

INDEXED = ("emsp", "cpo", "booker", "booking", "session")


class DriverMessage(SQLModel, table=True):
    """What an operator tells the driver of a booking or session, through the EMSP, which acknowledges it.

    `text` is empty once it is forgotten.
    """

    __tablename__ = "driver_message"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, onupdate="CASCADE"),
        ForeignKeyConstraint(*OF_SESSION),
        CheckConstraint("booking_id IS NOT NULL OR session_id IS NOT NULL", name="driver_message_about_something"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="driver_message_acknowledged_by_someone"
        ),
        Index("driver_message_id_key", "id", unique=True),
        Index("driver_message_to_forget", "sent_at", postgresql_where=sql("text <> ''")),
        *(Index(f"driver_message_of_{one}", f"{one}_id", "sent_at", "id") for one in INDEXED),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    cpo_id: str = Field(sa_column=words())
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    session_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    booker_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())
    text: str = Field(sa_column=words())
    language: str = Field(sa_column=words())
    sent_at: datetime = Field(sa_column=moment())
    acknowledged_at: datetime | None = Field(sa_column=moment(nullable=True))
    acknowledged_by: str | None = Field(sa_column=words(nullable=True))


class DriverContact(SQLModel, table=True):
    """How the driver of a booking can be reached, from consent until `erase_at`; then the row goes (GDPR)."""

    __tablename__ = "driver_contact"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, ondelete="CASCADE", onupdate="CASCADE"),
        CheckConstraint("erase_at > consented_at", name="driver_contact_erased_later"),
        Index("driver_contact_due", "erase_at"),
    )

    location_id: str = Field(sa_column=key())
    booking_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    name: str | None = Field(sa_column=words(nullable=True))
    phone: str = Field(sa_column=words())
    language: str | None = Field(sa_column=words(nullable=True))
    consented_at: datetime = Field(sa_column=moment())
    erase_at: datetime = Field(sa_column=moment())
