"""Reading and writing parties and their API tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.db import Connection
from models.rules.role import Role
from models.tables.api_token import ApiToken
from models.tables.party import Party

_BEARER = """
SELECT t.id, t.party_id, t.role, t.contract_ids, t.expires_at, t.revoked_at,
       (CASE t.role WHEN 'TO' THEN 'EMSP' ELSE t.role END) = ANY(p.roles) AS held
FROM api_token t JOIN party p ON p.id = t.party_id
WHERE t.token_hash = $1
"""


async def party(session: AsyncSession, party_id: str) -> Party | None:
    """Return a party."""
    return await session.get(Party, party_id, with_for_update=True)


async def api_token(session: AsyncSession, token_hash: bytes, token_id: UUID | None) -> ApiToken | None:
    """Return the API token of that hash, or of that id."""
    named = or_(col(ApiToken.token_hash) == token_hash, col(ApiToken.id) == token_id)
    return (await session.exec(select(ApiToken).where(named).with_for_update())).first()


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom an API token stands for, and whether it still does."""

    token_id: UUID
    party_id: str
    role: Role
    contract_ids: tuple[str, ...]
    expires_at: datetime | None
    revoked_at: datetime | None
    role_is_held: bool

    def alive(self, now: datetime) -> bool:
        """Whether the token still opens anything."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.role_is_held and self.revoked_at is None and not expired


async def bearer(connection: Connection, token_hash: bytes) -> Bearer | None:
    """Return whom the token of that hash stands for; one statement."""
    row = await connection.fetchrow(_BEARER, token_hash)
    if row is None:
        return None
    return Bearer(
        row["id"],
        row["party_id"],
        Role(row["role"]),
        tuple(row["contract_ids"]),
        row["expires_at"],
        row["revoked_at"],
        row["held"],
    )
