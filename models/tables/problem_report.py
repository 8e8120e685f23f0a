"""The row of a ProblemReport: that a booked charger could not be used (BUC 3.10)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlmodel import Field, SQLModel

from models.rules.problem_report import ChargerProblem, ProblemReportStatus
from models.rules.role import Role
from models.tables.booking import OF_BOOKING
from models.tables.columns import among, document, moment, word_list, words


class ProblemReport(SQLModel, table=True):
    """A report with its booking; `fee` is what is credited if it is upheld."""

    __tablename__ = "problem_report"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, onupdate="CASCADE"),
        CheckConstraint(among("problem", ChargerProblem), name="problem_report_problem_known"),
        CheckConstraint(among("status", ProblemReportStatus), name="problem_report_status_known"),
        CheckConstraint(among("role", Role), name="problem_report_role_known"),
        CheckConstraint(
            "(status IN ('OPEN', 'CONTESTED')) = (resolved_at IS NULL)", name="problem_report_open_until_resolved"
        ),
        CheckConstraint(
            "status <> 'CONTESTED' OR contested_at IS NOT NULL", name="problem_report_contested_sometime"
        ),
        CheckConstraint(
            "(contested_at IS NULL) = (contest_reason IS NULL)", name="problem_report_contested_with_reason"
        ),
        Index("problem_report_id_key", "id", unique=True),
        Index(
            "problem_report_one_per_booking",
            "location_id",
            "booking_id",
            unique=True,
            postgresql_where=text("status <> 'WITHDRAWN'"),
        ),
        Index("problem_report_due", "contest_until", postgresql_where=text("status = 'OPEN'")),
        Index("problem_report_of_booking", "booking_id"),
        *(Index(f"problem_report_of_{one}", f"{one}_id", "reported_at", "id") for one in ("emsp", "cpo", "booker")),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    booking_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    cpo_id: str = Field(sa_column=words())
    evse_id: str = Field(sa_column=words())
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    booker_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())
    problem: str = Field(sa_column=words())
    description: str | None = Field(sa_column=words(nullable=True))
    status: str = Field(sa_column=words())
    role: str = Field(sa_column=words())
    reporter_id: str = Field(sa_column=words())
    reported_at: datetime = Field(sa_column=moment())
    contest_until: datetime = Field(sa_column=moment())
    contested_at: datetime | None = Field(sa_column=moment(nullable=True))
    contest_reason: str | None = Field(sa_column=words(nullable=True))
    resolved_at: datetime | None = Field(sa_column=moment(nullable=True))
    resolution: str | None = Field(sa_column=words(nullable=True))
    fee: Any = Field(sa_column=document())
    last_updated: datetime = Field(sa_column=moment())
