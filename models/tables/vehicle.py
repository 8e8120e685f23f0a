"""The row of a fleet's vehicle, which its searches and bookings refer to by id."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, Uuid
from sqlmodel import Field, SQLModel

from models.rules.vehicle import InletSide
from models.tables.columns import among, moment, word_list, words


class Vehicle(SQLModel, table=True):
    """A vehicle under some contracts of one EMSP; sizes in cm, weight in kg, power in W."""

    __tablename__ = "vehicle"
    __table_args__ = (
        CheckConstraint("cardinality(contract_ids) > 0", name="vehicle_has_contracts"),
        CheckConstraint(
            "length > 0 AND height > 0 AND width > 0 AND weight > 0 AND max_power > 0", name="vehicle_sizes_positive"
        ),
        CheckConstraint(among("inlet_side", InletSide), name="vehicle_inlet_side_known"),
        Index("vehicle_of_emsp", "emsp_id", "name", "id"),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    contract_ids: list[str] = Field(sa_column=word_list())
    name: str = Field(sa_column=words())
    shared_with_emsp: bool
    license_plate: str | None = Field(sa_column=words(nullable=True))
    vehicle_type: str | None = Field(sa_column=words(nullable=True))
    length: int | None
    height: int | None
    width: int | None
    weight: int | None
    trailer: bool
    dangerous_goods: bool
    refrigeration: bool
    drive_through: bool
    inlet_side: str | None = Field(sa_column=words(nullable=True))
    connector_types: list[str] = Field(sa_column=word_list())
    max_power: int | None
    last_updated: datetime = Field(sa_column=moment())
