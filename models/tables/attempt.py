"""The rows of what was asked at gates and chargers: who was let in, who might charge, and who failed how often."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, Uuid, text
from sqlmodel import Field, SQLModel

from models.rules.charging import ChargingBasis, ChargingRefusal, StartMethod
from models.rules.site_entry import EntryMethod, EntryRefusal
from models.tables.columns import among, key, moment, word_list, words


class SiteEntry(SQLModel, table=True):
    """That somebody asked to enter a Location, and was let in or not; what was presented is not kept (BUC 3.12)."""

    __tablename__ = "site_entry"
    __table_args__ = (
        CheckConstraint(among("method", EntryMethod), name="site_entry_method_known"),
        CheckConstraint(among("reason", EntryRefusal), name="site_entry_reason_known"),
        CheckConstraint("(reason IS NULL) = admitted", name="site_entry_refused_with_reason"),
        Index("site_entry_id_key", "id", unique=True),
        Index("site_entry_at", "at"),
        Index("site_entry_of_booking", "booking_id"),
        *(Index(f"site_entry_of_{one}", f"{one}_id", "at", "id") for one in ("emsp", "cpo", "booker")),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    cpo_id: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment())
    gate: str | None = Field(sa_column=words(nullable=True))
    method: str = Field(sa_column=words())
    admitted: bool
    reason: str | None = Field(sa_column=words(nullable=True))
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    emsp_id: str | None = Field(sa_column=words(nullable=True))
    booker_id: str | None = Field(sa_column=words(nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())


class ChargingAuthorization(SQLModel, table=True):
    """That somebody asked to charge at a charger, and what was decided (BUC 3.1, 3.9)."""

    __tablename__ = "charging_authorization"
    __table_args__ = (
        CheckConstraint(among("method", StartMethod), name="charging_authorization_method_known"),
        CheckConstraint(among("basis", ChargingBasis), name="charging_authorization_basis_known"),
        CheckConstraint(among("reason", ChargingRefusal), name="charging_authorization_reason_known"),
        CheckConstraint("(basis IS NULL) <> (reason IS NULL)", name="charging_authorization_allowed_or_refused"),
        Index("charging_authorization_id_key", "id", unique=True),
        Index("charging_authorization_at", "at"),
        Index("charging_authorization_of_booking", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
        *(Index(f"charging_authorization_of_{one}", f"{one}_id", "at", "id") for one in ("emsp", "cpo", "booker")),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    cpo_id: str = Field(sa_column=words())
    evse_id: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment())
    method: str = Field(sa_column=words())
    basis: str | None = Field(sa_column=words(nullable=True))
    reason: str | None = Field(sa_column=words(nullable=True))
    until: datetime | None = Field(sa_column=moment(nullable=True))
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    emsp_id: str | None = Field(sa_column=words(nullable=True))
    booker_id: str | None = Field(sa_column=words(nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())


class FailedAttempt(SQLModel, table=True):
    """How often codes or references failed at one door, a gate or a charger, since when; so that nobody can guess."""

    __tablename__ = "failed_attempt"
    __table_args__ = (CheckConstraint("count > 0", name="failed_attempt_counts"),)

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    door: str = Field(sa_column=key())
    since: datetime = Field(sa_column=moment())
    count: int
