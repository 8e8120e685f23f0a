"""The row of a Tariff; its elements are one document, because their order is their meaning."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, text
from sqlmodel import Field, SQLModel

from models.rules.tariff import TaxIncluded
from models.tables.columns import among, document, key, moment, words


class Tariff(SQLModel, table=True):
    """The prices of one operator in one currency (OCPI Tariff)."""

    __tablename__ = "tariff"
    __table_args__ = (CheckConstraint(among("tax_included", TaxIncluded), name="tariff_tax_included_known"),)

    id: str = Field(sa_column=key())
    country_code: str = Field(sa_column=words())
    party_id: str = Field(sa_column=words())
    ocpi_id: str = Field(sa_column=words())
    currency: str = Field(sa_column=words())
    type: str | None = Field(sa_column=words(nullable=True))
    tax_included: str = Field(sa_column=words())
    tariff_alt_text: Any = Field(sa_column=document())
    tariff_alt_url: str | None = Field(sa_column=words(nullable=True))
    min_price: Any = Field(sa_column=document())
    max_price: Any = Field(sa_column=document())
    elements: Any = Field(sa_column=document(nullable=False))
    energy_mix: Any = Field(sa_column=document())
    start_date_time: datetime | None = Field(sa_column=moment(nullable=True))
    end_date_time: datetime | None = Field(sa_column=moment(nullable=True))
    last_updated: datetime = Field(sa_column=moment())
    withdrawn: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
