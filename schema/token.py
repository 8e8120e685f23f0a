"""Drivers' Tokens as callers see them, and the root fields that publish, block, expire and read them (BUC 3.2)."""

import re
from datetime import datetime
from typing import Annotated, overload

import strawberry
import strawberry.federation

from models.errors import BadInput
from models.rules import token as rules
from models.rules.identity import owner
from models.rules.token import TokenFilter, TokenType, Whitelist
from resolvers import tokens
from resolvers.tokens import TokensToPublish, TokenToBlock, TokenToExpire, TokenToPublish, TokenToUnblock
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_TOKEN_PART
from schema.context import Info
from schema.inputs import LONGEST_ID, text, words
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor

LONGEST_NAME = 64
"""The standard's string(64) of a Token's `issuer` and `visual_number`."""

LONGEST_REASON = 300
LANGUAGE = re.compile("[A-Za-z]{2}")
PRINTABLE = re.compile("[!-~]([ -~]*[!-~])?")
"""The standard's CiString: printable ASCII. A blank at either end would make it another one unseen."""

GROUP = "Tokens of one group may use each other's bookings where the terms let them."
EXPIRES = "From when on it opens nothing."
SINCE = (
    "Those that were published or changed at that moment or later, in the order of their last change; in the order "
    "of their ids, if absent. To follow changes, ask again since a minute before the last `lastUpdated` that you "
    "were given: a change that was being written then comes too, and a few come twice."
)


@strawberry.federation.type(
    keys=["id"],
    description="A driver's means to start charging under an EMSP's contract, as that published it (OCPI Token). It "
    "is no API token: no party signs in with it.",
)
class Token:
    """A driver's Token."""

    id: strawberry.ID = strawberry.field(description="Its EMSP, type and uid, such as NL*EMS*RFID*04A1B2C3.")
    country_code: str = strawberry.field(description="Of its EMSP.")
    party_id: str = strawberry.field(description="Of its EMSP.")
    type: TokenType
    uid: str = strawberry.field(description="What a reader reads, or the app or vehicle presents.")
    contract_id: str
    issuer: str = strawberry.field(description="The name that stands on it, or is shown in the app.")
    visual_number: str | None = strawberry.field(description="The number that is printed on it.")
    group_id: str | None = strawberry.field(description=GROUP)
    language: str | None = strawberry.field(description="The driver's, in two letters (ISO 639-1).")
    whitelist: Whitelist
    valid: bool = strawberry.field(description="False if it is blocked; one that has expired opens nothing either.")
    blocked_reason: str | None = strawberry.field(description="Why it is blocked, if its EMSP said so.")
    expires_at: datetime | None = strawberry.field(description=EXPIRES)
    last_updated: datetime

    @classmethod
    def of(cls, one: rules.Token) -> "Token":
        """Return a Token as callers see it."""
        country_code, party_id = owner(one.emsp_id).split("*")
        return cls(
            id=strawberry.ID(one.id),
            country_code=country_code,
            party_id=party_id,
            type=one.type,
            uid=one.uid,
            contract_id=one.contract_id,
            issuer=one.issuer,
            visual_number=one.visual_number,
            group_id=one.group_id,
            language=one.language,
            whitelist=one.whitelist,
            valid=one.valid,
            blocked_reason=one.blocked_reason,
            expires_at=one.expires_at,
            last_updated=one.last_updated,
        )


@strawberry.type(description="The tokens that were published, as they are now.")
class TokensPublished:
    """The Tokens that were published."""

    tokens: list[Token]


@strawberry.input(
    description="A driver's token as it shall be, whole: what is absent is not kept of what was stored, save `valid` "
    "and `expiresAt`, so that a list that is sent again gives nothing back that was taken."
)
class TokenInput:
    """A driver's Token as it shall be."""

    type: TokenType
    uid: str = strawberry.field(
        description="1 to 36 printable ASCII characters, compared without case; the caller's token of this type that "
        "has it is replaced. An EMAID is compared without its separators too."
    )
    contract_id: str = strawberry.field(description="1 to 36 printable ASCII characters; an EMAID, at best.")
    issuer: str = strawberry.field(description="1 to 64 characters.")
    visual_number: str | None = strawberry.field(default=None, description="1 to 64 characters.")
    group_id: str | None = strawberry.field(default=None, description=f"1 to 36 printable ASCII characters. {GROUP}")
    language: str | None = strawberry.field(default=None, description="The driver's, in two letters (ISO 639-1).")
    whitelist: Whitelist = Whitelist.ALLOWED
    expires_at: datetime | None = strawberry.field(
        default=None, description=f"{EXPIRES} If absent, as it was, and never for a new one."
    )
    valid: bool | None = strawberry.field(
        default=None,
        description="False blocks it, true unblocks it. If absent, as it was: one that is blocked stays blocked, a "
        "new one is valid.",
    )


@strawberry.input(description="Tokens to publish, all or none; those that are not named stay.")
class TokensPublishInput:
    """Tokens to publish."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    tokens: list[TokenInput] = strawberry.field(description="1 to 500.")


@strawberry.input(description="Which token to block.")
class TokenBlockInput:
    """Which Token to block."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    token_id: strawberry.ID
    reason: str | None = strawberry.field(default=None, description="Why; you and your fleet see it.")


@strawberry.input(description="Which token to unblock.")
class TokenUnblockInput:
    """Which Token to unblock."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    token_id: strawberry.ID


@strawberry.input(description="Which token to let expire.")
class TokenExpireInput:
    """Which Token to let expire."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    token_id: strawberry.ID
    at: datetime | None = strawberry.field(default=None, description="Now, if absent or over.")


TokensPublishResult = Annotated[
    TokensPublished | problems.IdempotencyConflict, strawberry.union("TokensPublishResult")
]
TokenBlockResult = Annotated[
    Token | problems.NotFound | problems.IdempotencyConflict, strawberry.union("TokenBlockResult")
]
TokenUnblockResult = Annotated[
    Token | problems.NotFound | problems.IdempotencyConflict, strawberry.union("TokenUnblockResult")
]
TokenExpireResult = Annotated[
    Token | problems.NotFound | problems.IdempotencyConflict, strawberry.union("TokenExpireResult")
]


@strawberry.type
class TokenQuery:
    """The root fields that read Tokens."""

    @strawberry.field(
        description="A token of the caller, or of the contracts of its fleet; an error with code NOT_FOUND else."
    )
    async def token(self, info: Info, id: strawberry.ID) -> Token | None:
        """Return one Token."""
        return Token.of(await tokens.get(await info.context.call(), id))

    @strawberry.field(
        description="The tokens that an EMSP published, or those of a fleet's contracts. For EMSP and TO; an "
        "operator sees those that a booking or a session names."
    )
    async def tokens(
        self,
        info: Info,
        contract_id: Annotated[str | None, strawberry.argument(description="Those of this contract.")] = None,
        types: list[TokenType] | None = None,
        valid: Annotated[
            bool | None, strawberry.argument(description="Those that are not blocked, or those that are.")
        ] = None,
        updated_since: Annotated[datetime | None, strawberry.argument(description=SINCE)] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Token]:
        """Return a page of Tokens."""
        contract = text(contract_id, "contractId", LONGEST_TOKEN_PART)
        wanted = TokenFilter(contract, tuple(dict.fromkeys(types or ())), valid, updated_since)
        page = await tokens.page(await info.context.call(), wanted, first=first, after=from_cursor(after))
        return connection([(Token.of(one), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class TokenMutation:
    """The root fields that publish, block and expire Tokens."""

    @strawberry.mutation(
        description="Publish drivers' tokens, new or in the place of those of the same type and uid; they are the "
        "caller's. For EMSP."
    )
    async def tokens_publish(self, info: Info, input: TokensPublishInput) -> TokensPublishResult:
        """Publish Tokens."""
        wanted = TokensToPublish(tuple(_wanted(one) for one in input.tokens))
        published = await tokens.publish(await info.context.call(), input.idempotency_key, wanted)
        return TokensPublished(tokens=[Token.of(one) for one in published])

    @strawberry.mutation(
        description="Let a token open nothing until it is unblocked; sessions that run go on. One that is blocked "
        "stays so, for the new reason if one is given. For EMSP."
    )
    async def token_block(self, info: Info, input: TokenBlockInput) -> TokenBlockResult:
        """Block a Token."""
        call = await info.context.call()
        wanted = TokenToBlock(
            text(input.token_id, "tokenId", LONGEST_ID), words(input.reason, "reason", LONGEST_REASON)
        )
        return Token.of(await tokens.block(call, input.idempotency_key, wanted))

    @strawberry.mutation(
        description="Let a token be blocked no more; one that has expired opens nothing still. For EMSP."
    )
    async def token_unblock(self, info: Info, input: TokenUnblockInput) -> TokenUnblockResult:
        """Unblock a Token."""
        call = await info.context.call()
        wanted = TokenToUnblock(text(input.token_id, "tokenId", LONGEST_ID))
        return Token.of(await tokens.unblock(call, input.idempotency_key, wanted))

    @strawberry.mutation(
        description="Let a token open nothing from a moment on; sessions that run go on. One that expires sooner "
        "keeps to that: publish it to prolong it. For EMSP."
    )
    async def token_expire(self, info: Info, input: TokenExpireInput) -> TokenExpireResult:
        """Let a Token expire."""
        call = await info.context.call()
        wanted = TokenToExpire(text(input.token_id, "tokenId", LONGEST_ID), input.at)
        return Token.of(await tokens.expire(call, input.idempotency_key, wanted))


def _wanted(one: TokenInput) -> TokenToPublish:
    if one.language is not None and not LANGUAGE.fullmatch(one.language):
        raise BadInput("`language` is a code of two letters (ISO 639-1), such as nl.")
    return TokenToPublish(
        type=one.type,
        uid=_printable(one.uid, "uid"),
        contract_id=_printable(one.contract_id, "contractId"),
        issuer=text(one.issuer, "issuer", LONGEST_NAME),
        visual_number=text(one.visual_number, "visualNumber", LONGEST_NAME),
        group_id=_printable(one.group_id, "groupId"),
        language=one.language.lower() if one.language else None,
        whitelist=one.whitelist,
        expires_at=one.expires_at,
        valid=one.valid,
    )


@overload
def _printable(value: str, name: str) -> str: ...


@overload
def _printable(value: str | None, name: str) -> str | None: ...


def _printable(value: str | None, name: str) -> str | None:
    """Return a text of the standard's type CiString(36), or raise BadInput; absent stays absent."""
    if text(value, name, LONGEST_TOKEN_PART) is not None and not PRINTABLE.fullmatch(value or ""):
        raise BadInput(f"`{name}` has printable ASCII characters only, and neither begins nor ends with a blank.")
    return value
