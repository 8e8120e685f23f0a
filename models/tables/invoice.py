"""The rows of operators' invoices, and of their lines, as their EMSPs received them (BUC 4.4)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
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


class Invoice(SQLModel, table=True):
    """That an EMSP received an operator's invoice, and of how many lines it is.

    `id` is in upper case, `given_id` as it was written last (OCPI CiString: compared without case). One that is sent
    again keeps `first_received_at`: of two with one CDR, the later one asks for it twice.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("lines > 0", name="invoice_has_lines"),
        CheckConstraint("received_at >= first_received_at", name="invoice_first_received_first"),
        Index("invoice_of_emsp", "emsp_id", "first_received_at", "cpo_id", "id"),
    )

    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    cpo_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    id: str = Field(sa_column=key())
    given_id: str = Field(sa_column=words())
    first_received_at: datetime = Field(sa_column=moment())
    received_at: datetime = Field(sa_column=moment())
    lines: int


class InvoiceLine(SQLModel, table=True):
    """One line of an invoice, to be compared with a CDR.

    `given_cdr_id` is as it was received; `cdr_id` is the operator's own id that it names, null if it is not one.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["emsp_id", "cpo_id", "invoice_id"], ["invoice.emsp_id", "invoice.cpo_id", "invoice.id"]
        ),
        Index("invoice_line_of_cdr", "emsp_id", "cpo_id", "cdr_id"),
    )

    emsp_id: str = Field(sa_column=key())
    cpo_id: str = Field(sa_column=key())
    invoice_id: str = Field(sa_column=key())
    position: int = Field(primary_key=True)
    given_cdr_id: str = Field(sa_column=words())
    cdr_id: str | None = Field(sa_column=words(nullable=True))
    currency: str = Field(sa_column=words())
    after_taxes: Decimal = Field(sa_column=Column(Numeric, nullable=False))
