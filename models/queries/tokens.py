"""Reading and writing drivers' Tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.db import Connection
from models.queries.writing import upsert
from models.rules.token import Token, TokenFilter, TokenType, Whitelist, contract_key, uid_key

Record = Any
Place = tuple[str] | tuple[datetime, str]
"""Behind which Token a list goes on: by its id, or if it is asked since when, by its last update and its id."""

_MANY = "SELECT * FROM token WHERE id = ANY($1)"
_OWN = "SELECT pg_advisory_xact_lock(hashtextextended('tokens ' || $1, 0))"
_LOCKED = "SELECT * FROM token WHERE emsp_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE"
_BY_UID = "SELECT * FROM token WHERE uid_key = $1 AND type = $2 ORDER BY id"
_BY_CONTRACT = "SELECT * FROM token WHERE (uid_key = $1 OR contract_key = $1) AND type = 'EMAID' ORDER BY id"
_PLAIN = (
    "id",
    "emsp_id",
    "uid",
    "contract_id",
    "issuer",
    "valid",
    "visual_number",
    "group_id",
    "language",
    "expires_at",
    "blocked_reason",
    "last_updated",
)


async def many(connection: Connection, token_ids: Sequence[str]) -> dict[str, Token]:
    """Return the Tokens of those composite ids that were published; one statement."""
    return {row["id"]: _token(row) for row in await connection.fetch(_MANY, list(token_ids))}


async def presented(connection: Connection, uid: str, kind: TokenType) -> list[Token]:
    """Return the Tokens that EMSPs published under a uid of a type; of an EMAID, those of its contract too."""
    if kind is TokenType.EMAID:
        rows = await connection.fetch(_BY_CONTRACT, contract_key(uid))
    else:
        rows = await connection.fetch(_BY_UID, uid_key(kind, uid), kind.value)
    return [_token(row) for row in rows]


async def own(connection: Connection, emsp_id: str) -> None:
    """Keep the publishing of an EMSP's Tokens for this transaction alone, also of those that do not exist yet."""
    await connection.execute(_OWN, emsp_id)


async def locked(connection: Connection, emsp_id: str, token_ids: Sequence[str]) -> dict[str, Token]:
    """Return the Tokens of an EMSP of those ids that exist, which nobody else changes until the transaction ends."""
    rows = await connection.fetch(_LOCKED, emsp_id, list(token_ids))
    return {row["id"]: _token(row) for row in rows}


async def put(connection: Connection, tokens: Sequence[Token]) -> None:
    """Store Tokens, new or in the place of what was known of them."""
    await upsert(connection, "token", ["id"], [token_row(one) for one in tokens])


async def page(
    connection: Connection,
    emsp_id: str,
    contract_ids: Sequence[str] | None,
    wanted: TokenFilter,
    *,
    after: Place | None,
    limit: int,
) -> list[Token]:
    """Return the Tokens of an EMSP from the one behind `after` on, if given under those contracts; one statement.

    They come in the order of their ids, or of their last update if `wanted` says since when.
    """
    values: list[Any] = []

    def bound(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = [f"emsp_id = {bound(emsp_id)}"]
    if contract_ids is not None:
        conditions.append(f"contract_key = ANY({bound([contract_key(one) for one in contract_ids])}::text[])")
    if wanted.contract_id is not None:
        conditions.append(f"contract_key = {bound(contract_key(wanted.contract_id))}")
    if wanted.types:
        conditions.append(f"type = ANY({bound([one.value for one in wanted.types])}::text[])")
    if wanted.valid is not None:
        conditions.append(f"valid = {bound(wanted.valid)}")
    if wanted.updated_since is not None:
        conditions.append(f"last_updated >= {bound(wanted.updated_since)}")
    order = "id" if wanted.updated_since is None else "last_updated, id"
    if after is not None:
        conditions.append(f"({order}) > ({', '.join(bound(one) for one in after)})")
    statement = f"SELECT * FROM token WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {bound(limit)}"  # noqa: S608
    return [_token(row) for row in await connection.fetch(statement, *values)]


def token_row(one: Token) -> dict[str, Any]:
    """Return the columns of a Token."""
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        "type": one.type.value,
        "whitelist": one.whitelist.value,
        "uid_key": uid_key(one.type, one.uid),
        "contract_key": contract_key(one.contract_id),
    }


def _token(row: Record) -> Token:
    return Token(
        **{name: row[name] for name in _PLAIN},
        type=TokenType(row["type"]),
        whitelist=Whitelist(row["whitelist"]),
    )
