"""The rows of Sessions, what their chargers reported of them, and the warnings that fall due in them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from models.rules.charging import ChargingBasis, ChargingRefusal
from models.rules.role import Role
from models.rules.session import AuthMethod, SessionStatus, StopReason
from models.rules.session_alert import AlertKind
from models.rules.session_request import SessionRequestKind, SessionRequestStatus
from models.tables.booking import OF_BOOKING
from models.tables.columns import among, document, key, moment, word_list, words

ACTIVE = text("status = 'ACTIVE'")
OF_SESSION = (["location_id", "session_id"], ["session.location_id", "session.id"])


class Session(SQLModel, table=True):
    """A use of a charger, with or without a booking; energy in kWh, power in W (OCPI Session)."""

    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, onupdate="CASCADE"),
        ForeignKeyConstraint(["location_id", "evse_id"], ["evse.location_id", "evse.id"]),
        CheckConstraint(among("status", SessionStatus), name="session_status_known"),
        CheckConstraint(among("auth_method", AuthMethod), name="session_auth_method_known"),
        CheckConstraint(among("basis", ChargingBasis), name="session_basis_known"),
        CheckConstraint(among("stop_reason", StopReason), name="session_stop_reason_known"),
        CheckConstraint(among("stopped_by", Role), name="session_stopped_by_known"),
        CheckConstraint(among("irregularity", ChargingRefusal), name="session_irregularity_known"),
        CheckConstraint("(status = 'ACTIVE') = (end_date_time IS NULL)", name="session_active_until_ended"),
        CheckConstraint("(end_date_time IS NULL) = (stop_reason IS NULL)", name="session_ended_with_reason"),
        CheckConstraint("end_date_time >= start_date_time", name="session_ended_after_start"),
        CheckConstraint("status = 'ACTIVE' OR occupied_until IS NULL", name="session_occupying_while_active"),
        CheckConstraint("kwh >= 0", name="session_energy_positive"),
        CheckConstraint("state_of_charge BETWEEN 0 AND 100", name="session_state_of_charge_percent"),
        Index("session_id_key", "id", unique=True),
        Index("session_one_active_per_evse", "location_id", "evse_id", unique=True, postgresql_where=ACTIVE),
        Index(
            "session_one_active_per_booking",
            "location_id",
            "booking_id",
            unique=True,
            postgresql_where=text("status = 'ACTIVE' AND booking_id IS NOT NULL"),
        ),
        Index("session_of_booking", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
        *(Index(f"session_of_{one}", f"{one}_id", "start_date_time", "id") for one in ("emsp", "cpo", "booker")),
        Index("session_unsettled", "unsettled_at", postgresql_where=text("unsettled_at IS NOT NULL")),
        Index("session_occupying", "occupied_until", postgresql_where=ACTIVE),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    cpo_id: str = Field(sa_column=words())
    evse_id: str = Field(sa_column=words())
    connector_id: str | None = Field(sa_column=words(nullable=True))
    parking_bay_id: str | None = Field(sa_column=words(nullable=True))
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    emsp_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    booker_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())
    token: Any = Field(sa_column=document())
    auth_method: str = Field(sa_column=words())
    authorization_reference: str | None = Field(sa_column=words(nullable=True))
    basis: str = Field(sa_column=words())
    status: str = Field(sa_column=words())
    start_date_time: datetime = Field(sa_column=moment())
    end_date_time: datetime | None = Field(sa_column=moment(nullable=True))
    stop_reason: str | None = Field(sa_column=words(nullable=True))
    stopped_by: str | None = Field(sa_column=words(nullable=True))
    meter_id: str | None = Field(sa_column=words(nullable=True))
    meter_start: Decimal | None = Field(sa_column=Column(Numeric, nullable=True))
    kwh: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    power: int | None
    state_of_charge: int | None
    read_at: datetime | None = Field(sa_column=moment(nullable=True))
    tariffs: Any = Field(sa_column=document(nullable=False))
    cost: Any = Field(sa_column=document())
    slot_end: datetime | None = Field(sa_column=moment(nullable=True))
    allowed_until: datetime | None = Field(sa_column=moment(nullable=True))
    occupied_until: datetime | None = Field(sa_column=moment(nullable=True))
    target_state_of_charge: int | None
    irregularity: str | None = Field(sa_column=words(nullable=True))
    unsettled_at: datetime | None = Field(sa_column=moment(nullable=True))
    last_updated: datetime = Field(sa_column=moment())


class SessionReading(SQLModel, table=True):
    """What a charger measured at one moment of a session; one that does not `count` is kept for disputes."""

    __tablename__ = "session_reading"
    __table_args__ = (
        ForeignKeyConstraint(*OF_SESSION, ondelete="CASCADE"),
        CheckConstraint("NOT counts OR kwh >= 0", name="session_reading_energy_positive"),
        CheckConstraint("state_of_charge BETWEEN 0 AND 100", name="session_reading_state_of_charge_percent"),
        Index(
            "session_reading_one_counts",
            "location_id",
            "session_id",
            "at",
            unique=True,
            postgresql_where=text("counts"),
        ),
    )

    location_id: str = Field(sa_column=key())
    session_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    position: int = Field(primary_key=True)
    at: datetime = Field(sa_column=moment())
    kwh: Decimal | None = Field(sa_column=Column(Numeric, nullable=True))
    power: int | None
    state_of_charge: int | None
    counts: bool
    received_at: datetime = Field(sa_column=moment())


class SessionAlert(SQLModel, table=True):
    """A warning of a session that falls due at `due_at`, and is sent once; never while that is not known.

    `sent_at` is also set when nobody needs it any more because the session is over.
    """

    __tablename__ = "session_alert"
    __table_args__ = (
        ForeignKeyConstraint(*OF_SESSION, ondelete="CASCADE"),
        CheckConstraint(among("kind", AlertKind), name="session_alert_kind_known"),
        CheckConstraint("minutes_before >= 0", name="session_alert_not_afterwards"),
        Index("session_alert_due", "due_at", postgresql_where=text("sent_at IS NULL AND due_at IS NOT NULL")),
    )

    location_id: str = Field(sa_column=key())
    session_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    kind: str = Field(sa_column=key())
    minutes_before: int = Field(primary_key=True)
    due_at: datetime | None = Field(sa_column=moment(nullable=True))
    sent_at: datetime | None = Field(sa_column=moment(nullable=True))


class AlertWish(SQLModel, table=True):
    """When the holder of a booking, or of a walk-up's session, wants to be warned; `holder_id` is that one's id."""

    __tablename__ = "alert_wish"
    __table_args__ = (
        CheckConstraint("target_state_of_charge BETWEEN 1 AND 100", name="alert_wish_target_percent"),
        Index("alert_wish_holder_key", "holder_id", unique=True),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    holder_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    minutes_before_end: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    target_state_of_charge: int | None
    minutes_before_target: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    last_updated: datetime = Field(sa_column=moment())


class SessionRequest(SQLModel, table=True):
    """That an EMSP or a fleet asks an operator to start or to stop a session, and what came of it (OCPI Commands).

    It stays with its charger, also when the booking moves elsewhere.
    """

    __tablename__ = "session_request"
    __table_args__ = (
        ForeignKeyConstraint(*OF_SESSION, deferrable=True, initially="DEFERRED"),
        ForeignKeyConstraint(["location_id", "evse_id"], ["evse.location_id", "evse.id"]),
        CheckConstraint(among("kind", SessionRequestKind), name="session_request_kind_known"),
        CheckConstraint(among("status", SessionRequestStatus), name="session_request_status_known"),
        CheckConstraint(
            "(status = 'PENDING') = (answered_at IS NULL)", name="session_request_answered_unless_pending"
        ),
        CheckConstraint("kind = 'START' OR session_id IS NOT NULL", name="session_request_stops_a_session"),
        Index("session_request_id_key", "id", unique=True),
        Index(
            "session_request_one_pending",
            "location_id",
            "evse_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'PENDING'"),
        ),
        Index("session_request_due", "answer_until", postgresql_where=text("status = 'PENDING'")),
        Index("session_request_on_evse", "location_id", "evse_id", "requested_at"),
        *(Index(f"session_request_of_{one}", f"{one}_id", "requested_at", "id") for one in ("emsp", "cpo", "booker")),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    kind: str = Field(sa_column=words())
    status: str = Field(sa_column=words())
    cpo_id: str = Field(sa_column=words())
    evse_id: str = Field(sa_column=words())
    connector_id: str | None = Field(sa_column=words(nullable=True))
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    session_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    booker_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())
    token: Any = Field(sa_column=document())
    role: str = Field(sa_column=words())
    requester_id: str = Field(sa_column=words())
    reason: str | None = Field(sa_column=words(nullable=True))
    requested_at: datetime = Field(sa_column=moment())
    answer_until: datetime = Field(sa_column=moment())
    answered_at: datetime | None = Field(sa_column=moment(nullable=True))
