"""Drivers' Tokens for tests: small, valid, and changed by naming what matters."""

from typing import Any

from models.rules.token import Token, TokenType, token_id
from resolvers import tokens
from resolvers.tokens import TokensToPublish, TokenToPublish
from tests.factories.catalogue import NOW
from tests.world import FLEET_CONTRACT, World, a_key


def a_token(uid: str = "04A1B2C3", **changes: Any) -> TokenToPublish:
    """Return a card of the first fleet, to be published."""
    fields = {"type": TokenType.RFID, "contract_id": FLEET_CONTRACT, "issuer": "The provider", **changes}
    return TokenToPublish(uid=uid, **fields)


def known(uid: str = "04A1B2C3", emsp_id: str = "NL*EMS", **changes: Any) -> Token:
    """Return a Token as it is known once its EMSP published it."""
    wanted = a_token(uid, **{name: changes.pop(name) for name in ("type", "contract_id") if name in changes})
    fields = {"valid": True, "whitelist": wanted.whitelist, "last_updated": NOW, "issuer": wanted.issuer, **changes}
    return Token(
        id=token_id(emsp_id, wanted.type, uid),
        emsp_id=emsp_id,
        type=wanted.type,
        uid=uid,
        contract_id=wanted.contract_id,
        **fields,
    )


async def published(
    world: World, *wanted: TokenToPublish, caller: str = "emsp", key: str | None = None
) -> list[Token]:
    """Return Tokens that an EMSP published; a refusal is raised."""
    sent = TokensToPublish(wanted or (a_token(),))
    return await tokens.publish(await world.call(caller), key or a_key(), sent)
