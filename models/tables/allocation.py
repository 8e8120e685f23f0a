"""What keeps two vehicles from one charger or bay: the Allocation and its two exclusion constraints."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Uuid, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel

from models.rules.offered import LONGEST_ALLOCATION
from models.tables.columns import among, bounded, key, moment, period, words

LIVE = text("released_at IS NULL")
LONGEST_MINUTES = int(LONGEST_ALLOCATION.total_seconds() // 60)


class AllocationKind(StrEnum):
    """Who or what occupies the charger; CHANGE is a booking's next slot, while somebody decides on the change."""

    BOOKING = "BOOKING"
    CHANGE = "CHANGE"
    HOLD = "HOLD"
    WALK_UP = "WALK_UP"
    OVERTIME = "OVERTIME"


class Allocation(SQLModel, table=True):
    """The charger and bay that one holder occupies over one period; a hold only until it expires.

    The holder is a booking, or the quote of one to be made; a quote that would change a booking holds for it.
    The constraints compare live rows of different holders only, so a holder's own allocations may overlap, and a
    booking can be moved by half an hour on the charger that it has.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        ForeignKeyConstraint(["location_id", "evse_id"], ["evse.location_id", "evse.id"]),
        ForeignKeyConstraint(["location_id", "parking_bay_id"], ["parking_bay.location_id", "parking_bay.id"]),
        CheckConstraint(among("kind", AllocationKind), name="allocation_kind_known"),
        CheckConstraint(bounded("during"), name="allocation_during_bounded"),
        CheckConstraint(
            f"upper(during) - lower(during) <= interval '{LONGEST_MINUTES} minutes'",
            name="allocation_not_too_long",
        ),
        CheckConstraint("(kind = 'HOLD') = (expires_at IS NOT NULL)", name="allocation_hold_expires"),
        CheckConstraint("(kind = 'HOLD') = (quote_id IS NOT NULL)", name="allocation_hold_of_quote"),
        ExcludeConstraint(
            ("location_id", "="),
            ("evse_id", "="),
            ("during", "&&"),
            ("holder_id", "<>"),
            using="gist",
            where=LIVE,
            name="allocation_one_holder_per_evse",
        ),
        ExcludeConstraint(
            ("location_id", "="),
            ("parking_bay_id", "="),
            ("during", "&&"),
            ("holder_id", "<>"),
            using="gist",
            where=LIVE,
            name="allocation_one_holder_per_bay",
        ),
        Index(
            "allocation_busy",
            "location_id",
            func.upper(text("during")),
            postgresql_include=["evse_id", "parking_bay_id", "during", "expires_at"],
            postgresql_where=LIVE,
        ),
        Index("allocation_holder", "holder_id", postgresql_where=LIVE),
        Index(
            "allocation_of_quote", "quote_id", postgresql_where=text("released_at IS NULL AND quote_id IS NOT NULL")
        ),
    )

    location_id: str = Field(sa_column=key())
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    evse_id: str = Field(sa_column=words())
    parking_bay_id: str | None = Field(sa_column=words(nullable=True))
    during: Any = Field(sa_column=period())
    holder_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    kind: str = Field(sa_column=words())
    released_at: datetime | None = Field(sa_column=moment(nullable=True))
    expires_at: datetime | None = Field(sa_column=moment(nullable=True))
    quote_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
