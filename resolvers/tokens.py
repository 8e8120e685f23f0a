"""Drivers' Tokens: published, blocked, unblocked and expired by their EMSP, and seen by it and its fleets alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import tokens as stored
from models.rules.identity import normalized
from models.rules.role import Role
from models.rules.token import Token, TokenFilter, TokenType, Whitelist, contract_key, token_id
from resolvers.call import Call
from resolvers.once import once
from resolvers.pages import Page, checked_first, cut, foreign, moment_of
from resolvers.versions import renewed

MOST_TOKENS = 500
"""In one call."""


@dataclass(frozen=True, slots=True)
class TokenToPublish:
    """A Token as it shall be; without `expires_at` or `valid` that stays as it was. A new one is valid for ever."""

    type: TokenType
    uid: str
    contract_id: str
    issuer: str
    visual_number: str | None = None
    group_id: str | None = None
    language: str | None = None
    whitelist: Whitelist = Whitelist.ALLOWED
    expires_at: datetime | None = None
    valid: bool | None = None


@dataclass(frozen=True, slots=True)
class TokensToPublish:
    """Tokens that are published all or not at all."""

    tokens: tuple[TokenToPublish, ...]


@dataclass(frozen=True, slots=True)
class TokenToBlock:
    """Which Token opens nothing until it is unblocked, and why."""

    token_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TokenToUnblock:
    """Which Token is blocked no more."""

    token_id: str


@dataclass(frozen=True, slots=True)
class TokenToExpire:
    """Which Token opens nothing from `at` on; at once, if that is None or over."""

    token_id: str
    at: datetime | None = None


async def publish(call: Call, idempotency_key: str, wanted: TokensToPublish) -> list[Token]:
    """Publish Tokens of the caller whole, all or none, and return them; others of its Tokens stay.

    One that is blocked stays so unless it is said to be valid, and one that expires does so unless another moment is
    given: a list that is sent again does not give back what was taken meanwhile.
    """
    emsp_id = call.acting_as(Role.EMSP).party_id
    ids = _checked([token_id(emsp_id, one.type, one.uid) for one in wanted.tokens])

    async def first(connection: Connection) -> None:
        await stored.own(connection, emsp_id)
        await stored.locked(connection, emsp_id, ids)

    async def work(connection: Connection) -> None:
        old = await stored.locked(connection, emsp_id, ids)
        new = [_new(call, emsp_id, one, old.get(name)) for name, one in zip(ids, wanted.tokens, strict=True)]
        await stored.put(connection, new)

    came = await once(call, idempotency_key, "tokensPublish", wanted, {"tokens": ids}, work, first=first)
    return [one for one in await many(call, came["tokens"]) if one is not None]


async def block(call: Call, idempotency_key: str, wanted: TokenToBlock) -> Token:
    """Let a Token of the caller open nothing until it is unblocked, and return it; sessions go on. Raise NotFound.

    One that is blocked stays so, for the new reason if one is given.
    """

    def blocked(old: Token) -> Token:
        return replace(old, valid=False, blocked_reason=wanted.reason or old.blocked_reason)

    return await _changed(call, idempotency_key, "tokenBlock", wanted, blocked)


async def unblock(call: Call, idempotency_key: str, wanted: TokenToUnblock) -> Token:
    """Let a Token of the caller be blocked no more, and return it; one that has expired opens nothing still.

    Raise NotFound.
    """

    def unblocked(old: Token) -> Token:
        return replace(old, valid=True, blocked_reason=None)

    return await _changed(call, idempotency_key, "tokenUnblock", wanted, unblocked)


async def expire(call: Call, idempotency_key: str, wanted: TokenToExpire) -> Token:
    """Let a Token of the caller open nothing from a moment on, and return it; sessions go on. Raise NotFound.

    This never prolongs one that expires sooner; publishing does.
    """
    at = call.now if wanted.at is None else max(wanted.at, call.now)

    def expired(old: Token) -> Token:
        return replace(old, expires_at=at if old.expires_at is None else min(at, old.expires_at))

    return await _changed(call, idempotency_key, "tokenExpire", wanted, expired)


async def many(call: Call, token_ids: Sequence[str]) -> list[Token | None]:
    """Return the Tokens of those ids, in order; None for one that the caller may not see; one statement."""
    wanted = [normalized(one) for one in token_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, wanted)
    known = (found.get(one) for one in wanted)
    return [one if one is not None and sees(call, one) else None for one in known]


async def get(call: Call, token_id: str) -> Token:
    """Return a Token, or raise NotFound; one statement."""
    call.authenticated()
    (found,) = await many(call, [token_id])
    if found is None:
        raise NotFound("Token", token_id)
    return found


async def page(call: Call, wanted: TokenFilter, *, first: int, after: tuple[str, ...] | None) -> Page[Token]:
    """Return the Tokens that the caller sees, in the order of their ids, or of their last update if asked since when.

    Nobody else lists any: an operator is told of those that a booking or a session names. One statement.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    limit = checked_first(first)
    place = _place(after, wanted)
    contract_ids = caller.contract_ids if caller.role is Role.TO else None
    async with call.database.reading() as connection:
        found = await stored.page(connection, caller.party_id, contract_ids, wanted, after=place, limit=limit + 1)
    return cut([(one, _key(one, wanted)) for one in found], limit)


def sees(call: Call, one: Token) -> bool:
    """An EMSP sees its own Tokens, its fleets those of their contracts; nobody else any."""
    caller = call.caller
    if caller is None or caller.party_id != one.emsp_id:
        return False
    if caller.role is Role.TO:
        return contract_key(one.contract_id) in map(contract_key, caller.contract_ids)
    return caller.role is Role.EMSP


async def _changed(
    call: Call,
    idempotency_key: str,
    mutation: str,
    wanted: TokenToBlock | TokenToUnblock | TokenToExpire,
    changed: Callable[[Token], Token],
) -> Token:
    """Put what `changed` makes of a Token of the caller in its place, unless it is the same, and return it."""
    emsp_id = call.acting_as(Role.EMSP).party_id
    name = normalized(wanted.token_id)

    async def first(connection: Connection) -> None:
        await stored.locked(connection, emsp_id, [name])

    async def work(connection: Connection) -> None:
        old = (await stored.locked(connection, emsp_id, [name])).get(name)
        if old is None:
            raise NotFound("Token", wanted.token_id)
        new = changed(old)
        if new != old:
            updated = renewed(call, "Token", name, old.last_updated, None)
            await stored.put(connection, [replace(new, last_updated=updated)])

    came = await once(call, idempotency_key, mutation, wanted, {"token": name}, work, first=first)
    return await get(call, came["token"])


def _checked(ids: Sequence[str]) -> list[str]:
    if not 1 <= len(ids) <= MOST_TOKENS:
        raise BadInput(f"One call takes 1 to {MOST_TOKENS} tokens; this one has {len(ids)}.")
    known: set[str] = set()
    for one in ids:
        if one in known:
            raise BadInput(f"{one} comes twice; give each token once.")
        known.add(one)
    return list(ids)


def _new(call: Call, emsp_id: str, wanted: TokenToPublish, old: Token | None) -> Token:
    name = token_id(emsp_id, wanted.type, wanted.uid)
    valid = wanted.valid if wanted.valid is not None else old is None or old.valid
    return Token(
        id=name,
        emsp_id=emsp_id,
        type=wanted.type,
        uid=wanted.uid,
        contract_id=wanted.contract_id,
        issuer=wanted.issuer,
        valid=valid,
        whitelist=wanted.whitelist,
        last_updated=renewed(call, "Token", name, old.last_updated if old else None, None),
        visual_number=wanted.visual_number,
        group_id=wanted.group_id,
        language=wanted.language,
        expires_at=wanted.expires_at or (old.expires_at if old else None),
        blocked_reason=None if valid or old is None else old.blocked_reason,
    )


def _key(one: Token, wanted: TokenFilter) -> tuple[str, ...]:
    if wanted.updated_since is None:
        return (one.id,)
    return one.last_updated.isoformat(), one.id


def _place(after: tuple[str, ...] | None, wanted: TokenFilter) -> stored.Place | None:
    if after is None:
        return None
    if wanted.updated_since is None:
        if len(after) != 1:
            raise foreign()
        return (after[0],)
    if len(after) != 2:
        raise foreign()
    return moment_of(after[0]), after[1]
