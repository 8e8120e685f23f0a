"""The rows of CDRs, which facts they bill, how they are numbered, and what is noted of them (BUC 4.1 to 4.5)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from models.rules.bill import BillKind
from models.rules.cdr import Creditor
from models.rules.payment import PaymentState
from models.tables.columns import (
    ONLY_CONTRACT,
    among,
    bounded,
    document,
    key,
    moment,
    period,
    word_list,
    words,
)

OF_CDR = (["cpo_id", "cdr_id"], ["cdr.cpo_id", "cdr.id"])


class Cdr(SQLModel, table=True):
    """What was billed; a trigger lets nobody change it or take it away. Energy in kWh, totals in `currency`.

    `green_share` is that of `place`, in percent: statements add it up, and would have to read all documents for it.
    They compare contracts and vehicles by `contract_key` and `vehicle_key`, however those are spelt.
    """

    __tablename__ = "cdr"
    __table_args__ = (
        CheckConstraint(among("kind", BillKind), name="cdr_kind_known"),
        CheckConstraint(bounded("during"), name="cdr_during_bounded"),
        CheckConstraint("number > 0", name="cdr_number_positive"),
        CheckConstraint("energy >= 0", name="cdr_energy_positive"),
        CheckConstraint("credits IS NOT NULL OR after_taxes >= 0", name="cdr_negative_only_as_credit"),
        CheckConstraint("credits IS NULL OR after_taxes <= 0", name="cdr_credit_not_positive"),
        ForeignKeyConstraint(["cpo_id", "credits"], ["cdr.cpo_id", "cdr.id"]),
        Index("cdr_number_once", "cpo_id", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
        Index("cdr_credited_once", "cpo_id", "credits", unique=True, postgresql_where=text("credits IS NOT NULL")),
        Index("cdr_of_booking", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
        Index("cdr_of_session", "session_id", postgresql_where=text("session_id IS NOT NULL")),
        *(Index(f"cdr_of_{one}", f"{one}_id", "issued_at", "position") for one in ("emsp", "cpo", "booker")),
        Index("cdr_under_contract", "emsp_id", text(ONLY_CONTRACT), "issued_at", "position"),
        Index("cdr_of_contract", "emsp_id", "contract_key", "issued_at", "position"),
    )

    cpo_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    id: str = Field(sa_column=key())
    position: int = Field(sa_column=Column(BigInteger, Identity(), nullable=False))
    number: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    kind: str = Field(sa_column=words())
    subject: str = Field(sa_column=words())
    location_id: str = Field(sa_column=Column(Text, ForeignKey("location.id"), nullable=False))
    booking_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    session_id: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    revision: int | None
    emsp_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    booker_id: str | None = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=True))
    contract_ids: list[str] = Field(sa_column=word_list())
    contract_id: str | None = Field(sa_column=words(nullable=True))
    license_plate: str | None = Field(sa_column=words(nullable=True))
    contract_key: str | None = Field(sa_column=words(nullable=True))
    vehicle_key: str | None = Field(sa_column=words(nullable=True))
    authorization_reference: str | None = Field(sa_column=words(nullable=True))
    token: Any = Field(sa_column=document())
    auth_method: str | None = Field(sa_column=words(nullable=True))
    during: Any = Field(sa_column=period())
    timed_until: datetime | None = Field(sa_column=moment(nullable=True))
    currency: str = Field(sa_column=words())
    before_taxes: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    after_taxes: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    total: Any = Field(sa_column=document(nullable=False))
    lines: Any = Field(sa_column=document(nullable=False))
    energy: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    green_share: Decimal | None = Field(sa_column=Column(Numeric, nullable=True))
    readings: Any = Field(sa_column=document(nullable=False))
    place: Any = Field(sa_column=document(nullable=False))
    tariffs: Any = Field(sa_column=document(nullable=False))
    booking_terms: Any = Field(sa_column=document())
    credits: str | None = Field(sa_column=words(nullable=True))
    remark: str | None = Field(sa_column=words(nullable=True))
    issued_at: datetime = Field(sa_column=moment())


class Billed(SQLModel, table=True):
    """By which CDR a fact of a booking, or of a walk-up's session, is billed now; so that none is billed twice."""

    __tablename__ = "billed"
    __table_args__ = (
        ForeignKeyConstraint(*OF_CDR),
        Index("billed_by", "cpo_id", "cdr_id", unique=True),
    )

    holder_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    subject: str = Field(sa_column=key())
    cpo_id: str = Field(sa_column=words())
    cdr_id: str = Field(sa_column=words())


class CdrNumbering(SQLModel, table=True):
    """That an operator's CDRs are numbered without a gap, and the last number that was given."""

    __tablename__ = "cdr_numbering"
    __table_args__ = (CheckConstraint("last_number >= 0", name="cdr_numbering_counts"),)

    cpo_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), primary_key=True))
    prefix: str = Field(sa_column=words())
    last_number: int = Field(sa_column=Column(BigInteger, nullable=False))


class CdrPayment(SQLModel, table=True):
    """What a creditor noted of a CDR after it was issued: invoiced, and paid; nothing stored is due."""

    __tablename__ = "cdr_payment"
    __table_args__ = (
        ForeignKeyConstraint(*OF_CDR),
        CheckConstraint(among("creditor", Creditor), name="cdr_payment_creditor_known"),
        CheckConstraint(among("state", PaymentState), name="cdr_payment_state_known"),
        CheckConstraint("state = 'DUE' OR invoice_id IS NOT NULL", name="cdr_payment_invoiced_by_something"),
        Index(
            "cdr_payment_of_invoice", "cpo_id", text("upper(invoice_id)"), postgresql_where=text("creditor = 'CPO'")
        ),
    )

    cpo_id: str = Field(sa_column=key())
    cdr_id: str = Field(sa_column=key())
    creditor: str = Field(sa_column=key())
    state: str = Field(sa_column=words())
    invoice_id: str | None = Field(sa_column=words(nullable=True))
    last_updated: datetime = Field(sa_column=moment())
