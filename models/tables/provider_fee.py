"""The row of a fee that an EMSP takes from its fleets, beside what the operator charges."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Numeric, Text, text
from sqlmodel import Field, SQLModel

from models.tables.columns import key, moment, word_list, words


class ProviderFee(SQLModel, table=True):
    """Sums per booking and month, and a percentage of the operator's price, for some contracts or for all.

    What it takes per month has been taken for all months before `taken_until`.
    """

    __tablename__ = "provider_fee"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="provider_fee_currency_is_code"),
        CheckConstraint(
            "per_booking >= 0 AND per_booking < 'Infinity'::numeric", name="provider_fee_per_booking_not_negative"
        ),
        CheckConstraint(
            "percentage >= 0 AND percentage < 'Infinity'::numeric", name="provider_fee_percentage_not_negative"
        ),
        CheckConstraint(
            "per_month >= 0 AND per_month < 'Infinity'::numeric", name="provider_fee_per_month_not_negative"
        ),
        CheckConstraint("vat >= 0 AND vat < 'Infinity'::numeric", name="provider_fee_vat_not_negative"),
    )

    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    id: str = Field(sa_column=key())
    name: str = Field(sa_column=words())
    currency: str = Field(sa_column=words())
    per_booking: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    percentage: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    per_month: Decimal = Field(sa_column=Column(Numeric, nullable=False, server_default=text("0")))
    vat: Decimal | None = Field(sa_column=Column(Numeric, nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())
    taken_until: datetime | None = Field(sa_column=moment(nullable=True))
    last_updated: datetime = Field(sa_column=moment())
