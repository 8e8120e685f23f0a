"""The row of a Fault: that a charger does not work as it should, from when and until when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Uuid, text
from sqlmodel import Field, SQLModel

from models.rules.fault import Severity
from models.rules.location import Status
from models.tables.columns import among, key, moment, words


class Fault(SQLModel, table=True):
    """A fault of one charger; at most one is open at a time, and a new report amends it."""

    __tablename__ = "fault"
    __table_args__ = (
        ForeignKeyConstraint(["location_id", "evse_id"], ["evse.location_id", "evse.id"]),
        CheckConstraint(among("severity", Severity), name="fault_severity_known"),
        CheckConstraint(among("status", Status), name="fault_status_known"),
        CheckConstraint("repaired_at >= reported_at", name="fault_repaired_after_report"),
        Index("fault_id_idx", "id"),
        Index(
            "fault_one_open_per_evse",
            "location_id",
            "evse_id",
            unique=True,
            postgresql_where=text("repaired_at IS NULL"),
        ),
    )

    location_id: str = Field(sa_column=key())
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    evse_id: str = Field(sa_column=words())
    status: str = Field(sa_column=words())
    code: str | None = Field(sa_column=words(nullable=True))
    severity: str = Field(sa_column=words())
    description: str | None = Field(sa_column=words(nullable=True))
    reported_at: datetime = Field(sa_column=moment())
    expected_end: datetime | None = Field(sa_column=moment(nullable=True))
    repaired_at: datetime | None = Field(sa_column=moment(nullable=True))
