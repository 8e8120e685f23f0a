"""The rows of operators' invoices as their EMSPs received them (BUC 4.4)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Numeric,
    Text,
)
from sqlmodel import Field, SQLModel

from models.tables.columns import (
    key,
    moment,
    words,
)


class InvoiceLine(SQLModel, table=True):
    """One line of an operator's invoice as its EMSP received it, to be compared with CDRs (BUC 4.4).

    An invoice that is sent again keeps `first_received_at`: of two with one CDR, the later one asks for it twice.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (Index("invoice_line_of_cdr", "emsp_id", "cpo_id", "cdr_id"),)

    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    cpo_id: str = Field(sa_column=key())
    invoice_id: str = Field(sa_column=key())
    position: int = Field(primary_key=True)
    cdr_id: str = Field(sa_column=words())
    currency: str = Field(sa_column=words())
    after_taxes: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    first_received_at: datetime = Field(sa_column=moment())
    received_at: datetime = Field(sa_column=moment())
