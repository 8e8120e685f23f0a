"""What a party authenticates with; only its hash is kept."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Text, Uuid
from sqlmodel import Field, SQLModel

from models.rules.role import Role
from models.tables.columns import among, moment, word_list, words


class ApiToken(SQLModel, table=True):
    """A bearer token of one role of one party; a fleet's names the contracts it may see and book under."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint(among("role", Role), name="api_token_role_known"),
        CheckConstraint("(role = 'TO') = (cardinality(contract_ids) > 0)", name="api_token_fleet_has_contracts"),
        Index("api_token_hash_key", "token_hash", unique=True),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=Column(Uuid, primary_key=True))
    party_id: str = Field(sa_column=Column(Text, ForeignKey("party.id"), nullable=False))
    role: str = Field(sa_column=words())
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    contract_ids: list[str] = Field(default_factory=list, sa_column=word_list())
    created_at: datetime = Field(sa_column=moment())
    expires_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
