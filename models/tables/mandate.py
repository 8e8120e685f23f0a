"""The row of a Mandate: that one party books on behalf of another (BUC 2.2)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, Uuid, text
from sqlmodel import Field, SQLModel

from models.tables.columns import moment, word_list


class Mandate(SQLModel, table=True):
    """That `booker_id` books for the provider `emsp_id`, under those contracts or, if none is named, under any."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("booker_id <> emsp_id", name="mandate_for_another"),
        CheckConstraint("valid_until > granted_at", name="mandate_ends_after_grant"),
        Index(
            "mandate_one_live_per_booker",
            "emsp_id",
            "booker_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("mandate_of_booker", "booker_id"),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    booker_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    contract_ids: list[str] = Field(sa_column=word_list())
    granted_at: datetime = Field(sa_column=moment())
    valid_until: datetime | None = Field(sa_column=moment(nullable=True))
    revoked_at: datetime | None = Field(sa_column=moment(nullable=True))
