"""A driver's Token: with what somebody charges under an EMSP's contract (OCPI Tokens). No party signs in with one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.rules.booking import BookingToken
from models.rules.identity import object_id, owner

EMAID = re.compile("[A-Z]{2}[-*]?[A-Z0-9]{3}[-*]?(C?[A-Z0-9]{8}|[A-Z0-9]{6})([-*]?[A-Z0-9])?")
"""Country, provider, instance and perhaps a check digit, with or without separators (ISO 15118, DIN SPEC 91286)."""


class TokenType(StrEnum):
    """What a Token is (OCPI TokenType); EMAID is a contract that the vehicle itself presents (ISO 15118)."""

    RFID = "RFID"
    APP_USER = "APP_USER"
    EMAID = "EMAID"
    AD_HOC_USER = "AD_HOC_USER"
    OTHER = "OTHER"


class Whitelist(StrEnum):
    """Whether an operator may decide by what was published, or asks the EMSP (OCPI WhitelistType)."""

    ALWAYS = "ALWAYS"
    ALLOWED = "ALLOWED"
    ALLOWED_OFFLINE = "ALLOWED_OFFLINE"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Token:
    """A Token as its EMSP published it. `uid` and `contract_id` are personal data; ids are compared without case.

    One that is not `valid` is blocked; one is good for nothing from `expires_at` on.
    """

    id: str
    emsp_id: str
    type: TokenType
    uid: str
    contract_id: str
    issuer: str
    valid: bool
    whitelist: Whitelist
    last_updated: datetime
    visual_number: str | None = None
    group_id: str | None = None
    language: str | None = None
    expires_at: datetime | None = None
    blocked_reason: str | None = None

    def expired(self, now: datetime) -> bool:
        """Whether it is good for nothing any more."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def of_booking(self) -> BookingToken:
        """The Token as bookings and sessions name it."""
        country_code, party_id = owner(self.emsp_id).split("*")
        return BookingToken(country_code, party_id, self.uid, self.type.value, self.contract_id)


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """Which Tokens are asked for; empty fields ask nothing. `valid` asks whether they are not blocked."""

    contract_id: str | None = None
    types: tuple[TokenType, ...] = ()
    valid: bool | None = None
    updated_since: datetime | None = None


def token_id(emsp_id: str, kind: str, uid: str) -> str:
    """Return the composite id of a Token, such as `NL*EMS*RFID*04A1B2C3`: unique within its EMSP by type and uid."""
    country_code, party_id = emsp_id.split("*")
    return object_id(country_code, party_id, kind, uid_key(kind, uid))


def uid_key(kind: str, uid: str) -> str:
    """Return a uid as two of a type are compared: without case; an EMAID as the contract that it is."""
    return contract_key(uid) if kind.upper() == TokenType.EMAID else uid.upper()


def contract_key(contract_id: str) -> str:
    """Return a contract id as two are compared: without case, and an EMAID without its separators.

    What is no EMAID keeps them, or 1-11 and 11-1 would be one contract.
    """
    written = contract_id.upper()
    return written.replace("-", "").replace("*", "") if EMAID.fullmatch(written) else written


def contract_keys(contract_ids: Iterable[str]) -> set[str]:
    """Return contract ids as they are compared, each once."""
    return {contract_key(one) for one in contract_ids}
