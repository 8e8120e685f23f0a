"""The row of a Location; its chargers and bays have tables of their own."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Numeric, text
from sqlmodel import Field, SQLModel

from models.tables.columns import document, key, moment, word_list, words


class Location(SQLModel, table=True):
    """A charging site as its operator published it (OCPI Location); nested values as documents.

    `version` counts every change of what is published here, of parts, offers, tariffs and faults too, so that
    whoever holds the Location's lock can tell by one number whether what it remembers is still true. `published_at`
    is when that was, by our clock: collectors ask by it, because operators' clocks and documents come in any order.
    `hidden_at` is since when not all may see it that once could, for collectors to delete it; `withdrawn_at` is when
    its operator took it back.
    """

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="location_on_the_globe"
        ),
        CheckConstraint("id = upper(id)", name="location_id_normalized"),
        Index("location_published_at_idx", "published_at", "id"),
    )

    id: str = Field(sa_column=key())
    country_code: str = Field(sa_column=words())
    party_id: str = Field(sa_column=words())
    ocpi_id: str = Field(sa_column=words())
    publish: bool
    name: str | None = Field(sa_column=words(nullable=True))
    address: str = Field(sa_column=words())
    city: str = Field(sa_column=words())
    postal_code: str | None = Field(sa_column=words(nullable=True))
    state: str | None = Field(sa_column=words(nullable=True))
    country: str = Field(sa_column=words())
    latitude: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    longitude: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    time_zone: str = Field(sa_column=words())
    parking_type: str | None = Field(sa_column=words(nullable=True))
    facilities: list[str] = Field(sa_column=word_list())
    help_phone: str | None = Field(sa_column=words(nullable=True))
    charging_when_closed: bool
    operator: Any = Field(sa_column=document())
    suboperator: Any = Field(sa_column=document())
    owner: Any = Field(sa_column=document())
    opening_times: Any = Field(sa_column=document())
    energy_mix: Any = Field(sa_column=document())
    directions: Any = Field(sa_column=document())
    related_locations: Any = Field(sa_column=document())
    publish_allowed_to: Any = Field(sa_column=document())
    images: Any = Field(sa_column=document())
    last_updated: datetime = Field(sa_column=moment())
    version: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("1")))
    published_at: datetime = Field(sa_column=moment())
    withdrawn_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    hidden_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
