"""The row of a Maintenance: when an operator works on which chargers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, func, text
from sqlmodel import Field, SQLModel

from models.tables.columns import bounded, key, moment, period, word_list, words


class Maintenance(SQLModel, table=True):
    """Planned work on some chargers of a Location, or on all if none is named; called off, it stays as withdrawn."""

    __tablename__ = "maintenance"
    __table_args__ = (
        CheckConstraint(bounded("during"), name="maintenance_during_bounded"),
        CheckConstraint("id = upper(id)", name="maintenance_id_normalized"),
        Index("maintenance_id_key", "id", unique=True),
        Index("maintenance_ended", func.upper(text("during"))),
    )

    location_id: str = Field(sa_column=Column(ForeignKey("location.id"), primary_key=True))
    id: str = Field(sa_column=key())
    country_code: str = Field(sa_column=words())
    party_id: str = Field(sa_column=words())
    ocpi_id: str = Field(sa_column=words())
    evse_ids: list[str] = Field(sa_column=word_list())
    during: Any = Field(sa_column=period())
    reason: str | None = Field(sa_column=words(nullable=True))
    withdrawn: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    last_updated: datetime = Field(sa_column=moment())
