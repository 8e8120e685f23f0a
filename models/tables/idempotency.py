"""The row that remembers what a mutation's key was used for and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from models.tables.columns import document, key, moment, words


class Idempotency(SQLModel, table=True):
    """One use of an idempotency key by one caller; a repeat finds it instead of acting again."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_used_at_idx", "used_at"),)

    scope: str = Field(sa_column=key())
    idempotency_key: str = Field(sa_column=key())
    mutation: str = Field(sa_column=words())
    input_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    outcome: Any = Field(sa_column=document(nullable=False))
    used_at: datetime = Field(sa_column=moment())
