"""The rows of Bookings, who may use them, the references people type, and every request made on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlmodel import Field, SQLModel

from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.hazard import Hazard
from models.tables.columns import among, bounded, document, key, moment, period, word_list, words

ENDANGERED = text("hazard IS NOT NULL")
OF_BOOKING = (["location_id", "booking_id"], ["booking.location_id", "booking.id"])


class Booking(SQLModel, table=True):
    """A granted or asked-for use of a charger; terms and tariffs are those it was made under (OCPI Booking).

    At `provider_settled_at` its provider's fees for a booking were taken, or there were none; a fee that is published
    later is not for it.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint(among("status", ReservationStatus), name="booking_status_known"),
        CheckConstraint(among("canceled_reason", CanceledReason), name="booking_canceled_reason_known"),
        CheckConstraint("(status = 'CANCELED') = (canceled_reason IS NOT NULL)", name="booking_canceled_with_reason"),
        CheckConstraint("(canceled_reason IS NULL) = (who_canceled IS NULL)", name="booking_canceled_by_someone"),
        CheckConstraint(bounded("during"), name="booking_during_bounded"),
        CheckConstraint(among("confirmation", Confirmation), name="booking_confirmation_known"),
        CheckConstraint(among("hazard", Hazard), name="booking_hazard_known"),
        CheckConstraint("lapses_at >= lower(during)", name="booking_lapses_after_start"),
        CheckConstraint("charging_started_at IS NULL OR status = 'FULFILLED'", name="booking_charged_if_fulfilled"),
        CheckConstraint("charging_ended_at >= charging_started_at", name="booking_charging_ended_after_start"),
        Index("booking_id_key", "id", unique=True),
        Index("booking_access_code_key", "location_id", "access_code", unique=True),
        Index("booking_of_emsp", "emsp_id", text("lower(during)"), "id"),
        Index("booking_of_cpo", "cpo_id", text("lower(during)"), "id"),
        Index("booking_of_booker", "booker_id", text("lower(during)"), "id"),
        Index("booking_of_mission", "mission_id", postgresql_where=text("mission_id IS NOT NULL")),
        Index("booking_on_evse", "location_id", "evse_id", text("upper(during)")),
        *(
            Index(
                f"booking_endangered_of_{party}",
                f"{party}_id",
                text("lower(during)"),
                "id",
                postgresql_where=ENDANGERED,
            )
            for party in ("emsp", "cpo", "booker")
        ),
        Index("booking_lapsing", "lapses_at", postgresql_where=text("status = 'RESERVED'")),
        Index("booking_unsettled", "unsettled_at", postgresql_where=text("unsettled_at IS NOT NULL")),
        Index("booking_revealing", "reveal_due_at", postgresql_where=text("reveal_due_at IS NOT NULL")),
        Index(
            "booking_alternatives_due",
            "alternatives_due_at",
            postgresql_where=text("alternatives_due_at IS NOT NULL"),
        ),
    )

    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), primary_key=True))
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    booking_location_id: str = Field(sa_column=words())
    cpo_id: str = Field(sa_column=words())
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    contract_ids: list[str] = Field(sa_column=word_list())
    request_id: str = Field(sa_column=words())
    authorization_reference: str = Field(sa_column=words())
    reference: str = Field(sa_column=words())
    revision: int
    status: str = Field(sa_column=words())
    canceled_reason: str | None = Field(sa_column=words(nullable=True))
    who_canceled: str | None = Field(sa_column=words(nullable=True))
    during: Any = Field(sa_column=period())
    evse_id: str = Field(sa_column=words())
    connector_id: str = Field(sa_column=words())
    parking_bay_id: str | None = Field(sa_column=words(nullable=True))
    evse_pinned: bool
    evse_revealed_at: datetime | None = Field(sa_column=moment(nullable=True))
    min_power: int | None
    max_power: int | None
    green_energy_support: bool | None
    demand: Any = Field(sa_column=document(nullable=False))
    license_plate: str | None = Field(sa_column=words(nullable=True))
    access_code: str | None = Field(sa_column=words(nullable=True))
    booking_option: Any = Field(sa_column=document(nullable=False))
    booking_terms: Any = Field(sa_column=document(nullable=False))
    confirmation: str = Field(sa_column=words())
    tariffs: Any = Field(sa_column=document(nullable=False))
    price: Any = Field(sa_column=document())
    reserved_at: datetime = Field(sa_column=moment())
    lapses_at: datetime = Field(sa_column=moment())
    reveal_due_at: datetime | None = Field(sa_column=moment(nullable=True))
    hazard: str | None = Field(sa_column=words(nullable=True))
    alternatives_due_at: datetime | None = Field(sa_column=moment(nullable=True))
    booker_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    mission_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    replaces_id: str | None = Field(sa_column=words(nullable=True))
    charging_started_at: datetime | None = Field(sa_column=moment(nullable=True))
    charging_ended_at: datetime | None = Field(sa_column=moment(nullable=True))
    interrupted_at: datetime | None = Field(sa_column=moment(nullable=True))
    endangered_since: datetime | None = Field(sa_column=moment(nullable=True))
    kept_waiting_until: datetime | None = Field(sa_column=moment(nullable=True))
    unsettled_at: datetime | None = Field(sa_column=moment(nullable=True))
    provider_settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    last_updated: datetime = Field(sa_column=moment())


class BookingToken(SQLModel, table=True):
    """A driver's token that may use a booking."""

    __tablename__ = "booking_token"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, ondelete="CASCADE", onupdate="CASCADE"),
        Index("booking_token_of_booking", "booking_id", "position"),
    )

    location_id: str = Field(sa_column=key())
    booking_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    position: int = Field(primary_key=True)
    country_code: str = Field(sa_column=words())
    party_id: str = Field(sa_column=words())
    uid: str = Field(sa_column=words())
    type: str = Field(sa_column=words())
    contract_id: str = Field(sa_column=words())


class BookingReference(SQLModel, table=True):
    """A reference that people type; the ones of earlier revisions still find the booking and start nothing."""

    __tablename__ = "booking_reference"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, ondelete="CASCADE", onupdate="CASCADE"),
        CheckConstraint("reference = upper(reference)", name="booking_reference_normalized"),
        Index("booking_reference_of_booking", "location_id", "booking_id", "revision", unique=True),
    )

    reference: str = Field(sa_column=key())
    location_id: str = Field(sa_column=words())
    booking_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    revision: int


class BookingRequest(SQLModel, table=True):
    """One request on a booking and what came of it; rows are added and decided, never taken away.

    While one is pending there is no other, and it lapses at `decide_until`. A quote has what a change would grant.
    """

    __tablename__ = "booking_request"
    __table_args__ = (
        ForeignKeyConstraint(*OF_BOOKING, ondelete="CASCADE", onupdate="CASCADE"),
        CheckConstraint(among("kind", RequestKind), name="booking_request_kind_known"),
        CheckConstraint(among("status", RequestStatus), name="booking_request_status_known"),
        CheckConstraint("(status = 'PENDING') = (decided_at IS NULL)", name="booking_request_decided_unless_pending"),
        CheckConstraint("status = 'PENDING' OR decide_until IS NULL", name="booking_request_until_while_pending"),
        Index("booking_request_of_booking", "booking_id", "position"),
        Index(
            "booking_request_one_pending",
            "location_id",
            "booking_id",
            unique=True,
            postgresql_where=text("status = 'PENDING'"),
        ),
        Index("booking_request_due", "decide_until", postgresql_where=text("status = 'PENDING'")),
    )

    location_id: str = Field(sa_column=key())
    booking_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    position: int = Field(primary_key=True)
    kind: str = Field(sa_column=words())
    status: str = Field(sa_column=words())
    request_received: datetime = Field(sa_column=moment())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    role: str = Field(sa_column=words())
    requester_id: str = Field(sa_column=words())
    input: Any = Field(sa_column=document(nullable=False))
    decide_until: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str | None = Field(sa_column=words(nullable=True))
    quote_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    fee: Any = Field(sa_column=document())
    during: Any = Field(sa_column=Column(TSTZRANGE, nullable=True))
    revision: int | None = Field(sa_column=Column(Integer, nullable=True))
    priced_by: Any = Field(sa_column=document())
