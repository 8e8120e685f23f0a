"""The rows of Reminders, and of who wants to be reminded of every booking (BUC 2.10)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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

from models.tables.booking import OF_BOOKING
from models.tables.columns import key, moment


class Reminder(SQLModel, table=True):
    """That a booking's holder is to be reminded so many minutes before it begins; sent once.

    `sent_at` is also set when nobody needs it any more: the booking is over or began, or a later one says the same.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, ondelete="CASCADE", onupdate="CASCADE"),
        CheckConstraint("minutes_before > 0", name="reminder_before_start"),
        Index("reminder_due", "due_at", postgresql_where=text("sent_at IS NULL")),
    )

    location_id: str = Field(sa_column=key())
    booking_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    minutes_before: int = Field(primary_key=True)
    due_at: datetime = Field(sa_column=moment())
    sent_at: datetime | None = Field(sa_column=moment(nullable=True))


class ReminderPreference(SQLModel, table=True):
    """How long before a booking a party is reminded, if the booking says nothing; for one contract or, as '', all."""

    __tablename__ = "reminder_preference"

    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    contract_id: str = Field(sa_column=key())
    minutes_before: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    last_updated: datetime = Field(sa_column=moment())
