"""The row of an Event: written by the transaction that causes it, read in the order of commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, text
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from models.tables.columns import moment, words


class Xid8(UserDefinedType[int]):
    """A transaction's id that does not wrap round."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type in PostgreSQL."""
        return "xid8"


class Event(SQLModel, table=True):
    """One change; ids are handed out before commits, so readers go by (xid, id) and stop at the oldest writer."""

    __tablename__ = "event"
    __table_args__ = (Index("event_at_idx", "at"),)

    xid: int = Field(
        sa_column=Column(Xid8, primary_key=True, server_default=text("pg_current_xact_id()"), nullable=False)
    )
    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    kind: str = Field(sa_column=words())
    object_id: str = Field(sa_column=words())
    location_id: str | None = Field(sa_column=words(nullable=True))
    party_id: str | None = Field(sa_column=words(nullable=True))
    booker_id: str | None = Field(sa_column=words(nullable=True))
    cause: str | None = Field(sa_column=words(nullable=True))
    during: Any = Field(sa_column=Column(TSTZRANGE, nullable=True))
    at: datetime = Field(sa_column=moment())


class EventFloor(SQLModel, table=True):
    """The newest event that retention took away, in this history of the database; a reader before it lost some."""

    __tablename__ = "event_floor"
    __table_args__ = (CheckConstraint("single", name="event_floor_is_one_row"),)

    single: bool = Field(default=True, primary_key=True)
    epoch: str = Field(sa_column=words())
    xid: int = Field(sa_column=Column(Xid8, nullable=False))
    id: int = Field(sa_column=Column(BigInteger, nullable=False))
