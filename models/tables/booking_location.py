"""The rows of what can be booked: BookingLocations, their calendars and timeslots."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.rules.booking_location import Confirmation
from models.tables.columns import among, bounded, document, key, moment, period, word_list, words


class BookingLocation(SQLModel, table=True):
    """What an operator lets others book at one Location (OCPI BookingLocation)."""

    __tablename__ = "booking_location"
    __table_args__ = (
        CheckConstraint(among("confirmation", Confirmation), name="booking_location_confirmation_known"),
        Index("booking_location_id_key", "id", unique=True),
    )

    location_id: str = Field(sa_column=Column(ForeignKey("location.id"), primary_key=True))
    id: str = Field(sa_column=key())
    country_code: str = Field(sa_column=words())
    party_id: str = Field(sa_column=words())
    ocpi_id: str = Field(sa_column=words())
    booking_option: Any = Field(sa_column=document(nullable=False))
    reservation_required: bool
    ad_hoc: int | None
    tariff_ids: list[str] = Field(sa_column=word_list())
    booking_terms: Any = Field(sa_column=document())
    confirmation: str = Field(sa_column=Column(words().type, nullable=False, server_default=text("'INSTANT'")))
    withdrawn: bool = Field(default=False)
    last_updated: datetime = Field(sa_column=moment())


class Calendar(SQLModel, table=True):
    """The timeslots offered within one stretch of time; the increment in minutes (OCPI Calendar).

    One with weekly hours is given those of another day at `grows_at`.
    """

    __tablename__ = "calendar"
    __table_args__ = (
        ForeignKeyConstraint(
            ["location_id", "booking_location_id"],
            ["booking_location.location_id", "booking_location.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint(bounded("covers"), name="calendar_covers_bounded"),
        CheckConstraint("timeslot_increment > 0", name="calendar_increment_positive"),
        CheckConstraint("(weekly_hours IS NULL) = (grows_at IS NULL)", name="calendar_grows_by_weekly_hours"),
        Index("calendar_growing", "grows_at", postgresql_where=text("grows_at IS NOT NULL")),
    )

    location_id: str = Field(sa_column=key())
    booking_location_id: str = Field(sa_column=key())
    id: str = Field(sa_column=key())
    position: int
    covers: Any = Field(sa_column=period())
    timeslot_increment: int | None
    last_updated: datetime = Field(sa_column=moment())
    weekly_hours: Any = Field(sa_column=document())
    grows_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class Timeslot(SQLModel, table=True):
    """A window to cut bookings from; W (OCPI Timeslot)."""

    __tablename__ = "timeslot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["location_id", "booking_location_id", "calendar_id"],
            ["calendar.location_id", "calendar.booking_location_id", "calendar.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint(bounded("during"), name="timeslot_during_bounded"),
    )

    location_id: str = Field(sa_column=key())
    booking_location_id: str = Field(sa_column=key())
    calendar_id: str = Field(sa_column=key())
    position: int = Field(primary_key=True)
    during: Any = Field(sa_column=period())
    min_power: int | None
    max_power: int | None
    green_energy_support: bool | None
