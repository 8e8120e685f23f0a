"""The rows of Alternatives: where a booking may go that its charger fails, and how operators look for such places."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlmodel import Field, SQLModel

from models.tables.columns import bounded, document, moment, period, words


class Alternative(SQLModel, table=True):
    """A slot that is offered in place of a booking's, of the Location `location_id`; a quote may hold it.

    `rank` counts from 1; `suggested_by` is the operator that added it, if one did. Only one is taken.
    """

    __tablename__ = "alternative"
    __table_args__ = (
        ForeignKeyConstraint(["booking_id"], ["booking.id"]),
        CheckConstraint(bounded("during"), name="alternative_during_bounded"),
        CheckConstraint("rank > 0", name="alternative_rank_counts"),
        CheckConstraint("taken_at IS NULL OR withdrawn_at IS NULL", name="alternative_taken_or_withdrawn"),
        Index("alternative_id_key", "id", unique=True),
        Index("alternative_of_booking", "booking_id", "rank", postgresql_where=text("withdrawn_at IS NULL")),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    booking_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    booking_location_id: str = Field(sa_column=words())
    during: Any = Field(sa_column=period())
    distance: int
    shift_minutes: int
    rank: int
    price: Any = Field(sa_column=document(nullable=False))
    suggested_by: str | None = Field(sa_column=words(nullable=True))
    quote_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    offered_at: datetime = Field(sa_column=moment())
    taken_at: datetime | None = Field(sa_column=moment(nullable=True))
    withdrawn_at: datetime | None = Field(sa_column=moment(nullable=True))


class AlternativesPolicy(SQLModel, table=True):
    """Where and when an operator looks for alternatives, and how long the best one is held (BUC 2.8)."""

    __tablename__ = "alternatives_policy"
    __table_args__ = (
        CheckConstraint("within_km >= 0 AND shift_minutes >= 0", name="alternatives_policy_reach_positive"),
        CheckConstraint("hold_minutes > 0", name="alternatives_policy_hold_positive"),
    )

    cpo_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    within_km: int
    shift_minutes: int
    hold_minutes: int
    last_updated: datetime = Field(sa_column=moment())
