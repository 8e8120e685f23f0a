"""How values are written in OCPI documents: in the standard's units, spellings and lengths (OCPI Types)."""

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from models.rules.booking import BookingToken
from models.rules.identity import owner
from models.rules.parties import Parties
from models.rules.price import Price, rounded

Document = dict[str, object]
"""A JSON object."""

UNKNOWN = "#NA"
"""What stands in a required text that nobody knows."""

LONGEST_METER_ID = 255
OTHER_TOKEN = "OTHER"  # noqa: S105 - a value of the standard
NOTHING: Collection[str] = ()


def given(found: Mapping[str, object]) -> Document:
    """Return what is known of an object; what is None, or an empty list, is left out."""
    return {name: value for name, value in found.items() if value is not None and value != []}


def written(value: object) -> object:
    """Return a value as JSON has it; a dataclass as the object of the same fields."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple):
        return [written(one) for one in value]
    return same(value) if is_dataclass(value) else value


def same(one: Any, *, less: Collection[str] = NOTHING) -> Document:
    """Return a dataclass whose fields the standard calls the same, `less` those that it does not have."""
    return given({each.name: written(getattr(one, each.name)) for each in fields(one) if each.name not in less})


def number(exact: Decimal) -> int | float:
    """Return a number to its last digit; one with more than a double can tell, to four decimals."""
    told = exact if Decimal(repr(float(exact))) == exact else rounded(exact)
    return int(told) if told == int(told) else float(told)


def amount(exact: Decimal) -> int | float:
    """Return a number to the standard's four decimals, half up."""
    return number(rounded(exact))


def moment(when: datetime) -> str:
    """Return a DateTime, to the millisecond where it has parts of a second: string(25) holds no more."""
    told = when.astimezone(UTC)
    return told.isoformat(timespec="milliseconds" if told.microsecond else "seconds").replace("+00:00", "Z")


def text(told: str | None, longest: int) -> str | None:
    """Return a text, cut to what its field holds: a document that is refused would tell less."""
    return told[:longest] if told else None


def party(composite: str) -> Document:
    """Return the two codes of the party that owns what is named."""
    country_code, party_id = owner(composite).split("*")
    return {"country_code": country_code, "party_id": party_id}


def price(one: Price) -> Document:
    """Return a Price with its taxes."""
    taxes = [
        {"name": tax.name, "percentage": number(tax.percentage), "amount": amount(tax.amount)} for tax in one.taxes
    ]
    return given({"before_taxes": amount(one.before_taxes), "taxes": taxes})


def token(one: BookingToken) -> Document:
    """Return a BookingToken; a CdrToken has the same fields."""
    return same(one)


def cdr_token(one: BookingToken | None, parties: Parties, contract_id: str | None) -> Document:
    """Return a CdrToken; of one that nobody knows, or may be told, the provider and what else is known.

    Without a provider it is the operator's own: that of somebody who charged without being allowed to.
    """
    if one is not None:
        return token(one)
    unknown = {"uid": UNKNOWN, "type": OTHER_TOKEN, "contract_id": contract_id or UNKNOWN}
    return {**party(parties.emsp_id or parties.cpo_id), **unknown}
