"""The row of a driver's Token, as its EMSP published it (OCPI Tokens)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from models.rules.token import TokenType, Whitelist
from models.tables.columns import among, key, moment, words


class Token(SQLModel, table=True):
    """With what a driver charges; `uid_key` and `contract_key` are as two are compared."""

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint(among("type", TokenType), name="token_type_known"),
        CheckConstraint(among("whitelist", Whitelist), name="token_whitelist_known"),
        CheckConstraint("NOT valid OR blocked_reason IS NULL", name="token_blocked_with_reason"),
        Index("token_of_emsp", "emsp_id", "id"),
        Index("token_of_emsp_updated", "emsp_id", "last_updated", "id"),
        Index("token_by_uid", "uid_key", "type"),
        Index("token_by_contract", "contract_key"),
    )

    id: str = Field(sa_column=key())
    emsp_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    type: str = Field(sa_column=words())
    uid: str = Field(sa_column=words())
    uid_key: str = Field(sa_column=words())
    contract_id: str = Field(sa_column=words())
    contract_key: str = Field(sa_column=words())
    issuer: str = Field(sa_column=words())
    visual_number: str | None = Field(sa_column=words(nullable=True))
    group_id: str | None = Field(sa_column=words(nullable=True))
    language: str | None = Field(sa_column=words(nullable=True))
    valid: bool
    whitelist: str = Field(sa_column=words())
    expires_at: datetime | None = Field(sa_column=moment(nullable=True))
    blocked_reason: str | None = Field(sa_column=words(nullable=True))
    last_updated: datetime = Field(sa_column=moment())
