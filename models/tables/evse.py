"""The rows of chargers, their connectors, and the bays they serve."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Numeric
from sqlmodel import Field, SQLModel

from models.rules.location import ConnectorFormat, EvsePosition, PowerType, Status
from models.tables.columns import among, document, key, moment, word_list, words


class Evse(SQLModel, table=True):
    """A charger; one that its operator took away stays as REMOVED, because bookings refer to it."""

    __tablename__ = "evse"
    __table_args__ = (
        CheckConstraint(among("status", Status), name="evse_status_known"),
        Index("evse_id_idx", "id"),
    )

    location_id: str = Field(sa_column=Column(ForeignKey("location.id"), primary_key=True))
    id: str = Field(sa_column=key())
    uid: str = Field(sa_column=words())
    evse_id: str | None = Field(sa_column=words(nullable=True))
    position: int
    status: str = Field(sa_column=words())
    capabilities: list[str] = Field(sa_column=word_list())
    floor_level: str | None = Field(sa_column=words(nullable=True))
    physical_reference: str | None = Field(sa_column=words(nullable=True))
    latitude: Decimal | None = Field(sa_column=Column(Numeric))
    longitude: Decimal | None = Field(sa_column=Column(Numeric))
    directions: Any = Field(sa_column=document())
    parking_restrictions: list[str] = Field(sa_column=word_list())
    status_schedule: Any = Field(sa_column=document())
    images: Any = Field(sa_column=document())
    accepted_service_providers: list[str] = Field(sa_column=word_list())
    last_updated: datetime = Field(sa_column=moment())


class Connector(SQLModel, table=True):
    """A plug of a charger; W, V and A."""

    __tablename__ = "connector"
    __table_args__ = (
        ForeignKeyConstraint(["location_id", "evse_id"], ["evse.location_id", "evse.id"], ondelete="CASCADE"),
        CheckConstraint(among("format", ConnectorFormat), name="connector_format_known"),
        CheckConstraint(among("power_type", PowerType), name="connector_power_type_known"),
        CheckConstraint(
            "max_voltage >= 0 AND max_amperage >= 0 AND max_electric_power >= 0",
            name="connector_not_negative",
        ),
    )

    location_id: str = Field(sa_column=key())
    evse_id: str = Field(sa_column=key())
    id: str = Field(sa_column=key())
    ocpi_id: str = Field(sa_column=words())
    position: int
    standard: str = Field(sa_column=words())
    format: str = Field(sa_column=words())
    power_type: str = Field(sa_column=words())
    max_voltage: int
    max_amperage: int
    max_electric_power: int | None
    tariff_ids: list[str] = Field(sa_column=word_list())
    capabilities: list[str] = Field(sa_column=word_list())
    terms_and_conditions: str | None = Field(sa_column=words(nullable=True))
    last_updated: datetime = Field(sa_column=moment())


class EvseParking(SQLModel, table=True):
    """That a charger serves a bay, and from which side."""

    __tablename__ = "evse_parking"
    __table_args__ = (
        ForeignKeyConstraint(["location_id", "evse_id"], ["evse.location_id", "evse.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["location_id", "parking_bay_id"],
            ["parking_bay.location_id", "parking_bay.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint(among("evse_position", EvsePosition), name="evse_parking_position_known"),
    )

    location_id: str = Field(sa_column=key())
    evse_id: str = Field(sa_column=key())
    parking_bay_id: str = Field(sa_column=key())
    position: int
    evse_position: str | None = Field(sa_column=words(nullable=True))


class ParkingBay(SQLModel, table=True):
    """A bay; kg and cm; one that its operator took away stays as removed, because bookings refer to it."""

    __tablename__ = "parking_bay"

    location_id: str = Field(sa_column=Column(ForeignKey("location.id"), primary_key=True))
    id: str = Field(sa_column=key())
    ocpi_id: str = Field(sa_column=words())
    position: int
    physical_reference: str | None = Field(sa_column=words(nullable=True))
    vehicle_types: list[str] = Field(sa_column=word_list())
    max_vehicle_weight: int | None
    max_vehicle_height: int | None
    max_vehicle_length: int | None
    max_vehicle_width: int | None
    parking_space_length: int | None
    parking_space_width: int | None
    dangerous_goods_allowed: bool | None
    direction: str | None = Field(sa_column=words(nullable=True))
    drive_through: bool | None
    restricted_to_type: bool
    reservation_required: bool
    time_limit: int | None
    roofed: bool | None
    lighting: bool | None
    refrigeration_outlet: bool | None
    standards: list[str] = Field(sa_column=word_list())
    apds_reference: str | None = Field(sa_column=words(nullable=True))
    images: Any = Field(sa_column=document())
    removed: bool = False
