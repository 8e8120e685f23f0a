"""With what somebody asks at a charger: a driver's token as it was read, or a reference as it was typed."""

from typing import overload

import strawberry

from models.errors import BadInput
from models.rules.token import TokenType
from resolvers.charging_scene import Credential
from schema.inputs import text

LONGEST_UID = 36
"""The standard's CiString(36) of a token's `uid`."""

LONGEST_REFERENCE = 40
REFERENCE = "The booking's, as it was typed at the pinpad."


@strawberry.input(description="A driver's token as it was read, or as the vehicle presented it (EMAID).")
class PresentedTokenInput:
    """A driver's token as it was read."""

    uid: str
    type: TokenType


@overload
def read(token: PresentedTokenInput) -> tuple[str, TokenType]: ...


@overload
def read(token: PresentedTokenInput | None) -> tuple[str | None, TokenType | None]: ...


def read(token: PresentedTokenInput | None) -> tuple[str | None, TokenType | None]:
    """Return a token's uid and type, or raise BadInput; absent stays absent."""
    if token is None:
        return None, None
    return text(token.uid, "token.uid", LONGEST_UID), token.type


def credential(token: PresentedTokenInput | None, reference: str | None) -> Credential:
    """Return with what somebody asks, or raise BadInput unless it is one of both."""
    if (token is None) == (reference is None):
        raise BadInput("Give either `token` or `reference`.")
    uid, kind = read(token)
    return Credential(uid, kind, text(reference, "reference", LONGEST_REFERENCE))
