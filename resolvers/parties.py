"""Parties and their API tokens: made by the platform's operator, told apart by the hash of what they bear."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from models.db import Database
from models.errors import BadInput, NotFound, Unauthenticated
from models.queries import parties
from models.rules.identity import normalized, party, uuid_of
from models.rules.role import Role
from models.tables.api_token import ApiToken
from models.tables.party import Party
from resolvers.call import Caller

PREFIX = "hdv_"
PARTY_ROLES = tuple(role for role in Role if role is not Role.TO)


async def create(
    database: Database, country_code: str, party_id: str, name: str, roles: Sequence[Role], now: datetime
) -> str:
    """Create a party, or give a known one more roles; return its id `NL*ABC`. Raise BadInput."""
    if len(country_code) != 2 or not (country_code.isascii() and country_code.isalpha()):
        raise BadInput(f"A country code has two letters; '{country_code}' has not.")
    if len(party_id) != 3 or not (party_id.isascii() and party_id.isalnum()):
        raise BadInput(f"A party id has three letters or digits; '{party_id}' has not.")
    if not roles or Role.TO in roles:
        raise BadInput("A party has at least one role, and TO is none: a fleet gets a token of its EMSP.")
    composite = party(country_code, party_id)
    async with database.session() as session:
        known = await parties.party(session, composite)
        if known is not None:
            known.name, known.roles = name, sorted({*known.roles, *roles})
            session.add(known)
            return composite
        session.add(
            Party(
                id=composite,
                country_code=country_code.upper(),
                party_id=party_id.upper(),
                name=name,
                roles=sorted(set(roles)),
                created_at=now,
            )
        )
    return composite


async def create_token(
    database: Database,
    party_id: str,
    role: Role,
    now: datetime,
    *,
    contract_ids: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """Create an API token and return it; it cannot be read again. Raise NotFound or BadInput."""
    if (role is Role.TO) != bool(contract_ids):
        raise BadInput("A token of role TO names its contracts, and no other does.")
    if expires_at is not None and expires_at <= now:
        raise BadInput("The token would have expired already.")
    composite = normalized(party_id)
    secret = PREFIX + secrets.token_urlsafe(32)
    async with database.session() as session:
        known = await parties.party(session, composite)
        if known is None:
            raise NotFound("Party", composite)
        if (Role.EMSP if role is Role.TO else role) not in known.roles:
            raise BadInput(f"Party {composite} does not hold the role {role}; it is {', '.join(known.roles)}.")
        session.add(
            ApiToken(
                party_id=composite,
                role=role,
                token_hash=_hash(secret),
                contract_ids=sorted(set(contract_ids)),
                created_at=now,
                expires_at=expires_at,
            )
        )
    return secret


async def revoke(database: Database, secret_or_id: str, now: datetime) -> None:
    """End an API token, named by itself or by its id. Raise NotFound."""
    async with database.session() as session:
        token = await parties.api_token(session, _hash(secret_or_id), uuid_of(secret_or_id))
        if token is None:
            raise NotFound("ApiToken", "of that name")
        token.revoked_at = token.revoked_at or now
        session.add(token)


async def authenticate(database: Database, secret: str, now: datetime) -> Caller:
    """Return whom an API token stands for, or raise Unauthenticated if it opens nothing; one statement."""
    async with database.reading() as connection:
        bearer = await parties.bearer(connection, _hash(secret))
    if bearer is None or not bearer.alive(now):
        raise Unauthenticated("The API token is unknown, expired or revoked; ask for a new one.")
    return Caller(bearer.token_id, bearer.party_id, bearer.role, bearer.contract_ids)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
