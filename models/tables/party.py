"""A party of the platform and the roles it holds."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import key, moment, word_list, words


class Party(SQLModel, table=True):
    """A party, known by country code and party id; a fleet is none, it acts for the EMSP that serves it."""

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("id = upper(country_code || '*' || party_id)", name="party_id_is_composite"),
        CheckConstraint(
            "cardinality(roles) >= 1 AND roles <@ ARRAY['CPO', 'EMSP', 'NSP', 'NAP', 'ADMIN']::text[]",
            name="party_roles_known",
        ),
    )

    id: str = Field(sa_column=key())
    country_code: str = Field(sa_column=words())
    party_id: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    roles: list[str] = Field(sa_column=word_list())
    created_at: datetime = Field(sa_column=moment())
