"""The standard's strings: which characters, how long, and `#NA` for what the sender does not know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from server.ocpi.complaints import excerpt

UNKNOWN = "#NA"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]*\Z")
ALPHANUMERIC = re.compile(r"[A-Za-z0-9]{1,3}\Z")


class Marker:
    """Says, in `Annotated[…]`, how a field is read; a field that may be None takes null too."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema that reads the field by `read`, or by `read_optional`."""
        if type(None) in get_args(source):
            return core_schema.nullable_schema(core_schema.no_info_plain_validator_function(self.read_optional))
        return core_schema.no_info_plain_validator_function(self.read)

    def read(self, raw: object) -> object:
        """Return the value of a JSON value, or raise ValueError with a reason for its sender."""
        raise NotImplementedError

    def read_optional(self, raw: object) -> object:
        """Do the same for a field that may be left out."""
        return self.read(raw)


@dataclass(frozen=True, slots=True)
class Text(Marker):
    """A `string(limit)`. Unknown (`#NA`) and blank become None, or "" where the standard requires a text."""

    limit: int

    def read(self, raw: object) -> str:
        """Return the text, or raise ValueError."""
        text = _string(raw, self.limit)
        if CONTROL.search(text):
            raise ValueError(f"{excerpt(text)} holds a character that is no text")
        return "" if text == UNKNOWN else text.strip()

    def read_optional(self, raw: object) -> str | None:
        """Return the text, None if there is none."""
        return self.read(raw) or None


@dataclass(frozen=True, slots=True)
class Url(Text):
    """A URL for people to open."""

    limit: int = 255

    def read(self, raw: object) -> str:
        """Return the URL, or raise ValueError."""
        text = Text.read(self, raw)
        if text and not text.lower().startswith(("https://", "http://")):
            raise ValueError(f"{excerpt(text)} is not a URL that starts with https:// or http://")
        return text


@dataclass(frozen=True, slots=True)
class CiString(Marker):
    """A `CiString(limit)`: printable ASCII, kept as it is written."""

    limit: int

    def read(self, raw: object) -> str:
        """Return the text, or raise ValueError."""
        text = _string(raw, self.limit)
        if not PRINTABLE_ASCII.match(text):
            raise ValueError(f"{excerpt(text)} is not printable ASCII")
        return text

    def read_optional(self, raw: object) -> str | None:
        """Return the text, None if it is blank or unknown."""
        text = self.read(raw)
        return None if text == UNKNOWN or not text.strip() else text


@dataclass(frozen=True, slots=True)
class Id(CiString):
    """A CiString that names an object."""

    def read(self, raw: object) -> str:
        """Return the id, or raise ValueError."""
        text = CiString.read(self, raw)
        if text == UNKNOWN or not text:
            raise ValueError(f"{excerpt(text)} names nothing; an id is required")
        if text != text.strip():
            raise ValueError(f"the id {excerpt(text)} has blanks around it")
        return text

    def read_optional(self, raw: object) -> str | None:
        """Return the id, None if it is not known yet."""
        return None if raw == UNKNOWN or raw == "" else self.read(raw)


@dataclass(frozen=True, slots=True)
class PartyCode(Marker):
    """A party_id: one to three letters and digits, in upper case inside."""

    def read(self, raw: object) -> str:
        """Return the code, or raise ValueError."""
        text = _string(raw, None)
        if not ALPHANUMERIC.match(text):
            raise ValueError(f"{excerpt(text)} is not a party id of up to 3 letters and digits")
        return text.upper()


@dataclass(frozen=True, slots=True)
class Letters(Marker):
    """A code of a fixed number of letters, such as a country or a currency, in upper case inside."""

    count: int

    def read(self, raw: object) -> str:
        """Return the code, or raise ValueError."""
        text = _string(raw, None)
        if len(text) != self.count or not (text.isascii() and text.isalpha()):
            raise ValueError(f"{excerpt(text)} is not a code of {self.count} letters")
        return text.upper()


@dataclass(frozen=True, slots=True)
class OneOf(Marker):
    """A closed enum, by its exact values on the wire."""

    values: Mapping[str, StrEnum]

    def read(self, raw: object) -> StrEnum:
        """Return the member, or raise ValueError."""
        if isinstance(raw, str) and raw in self.values:
            return self.values[raw]
        raise ValueError(f"{excerpt(raw)} is not one of {', '.join(self.values)}")


def one_of(enum: type[StrEnum]) -> OneOf:
    """Return the marker of an enum whose members have the standard's values."""
    return OneOf({member.value: member for member in enum})


OpenEnum = Annotated[str, Id(64)]
"""An OpenEnum: the values known to the standard, and any other of reasonable length."""


def _string(raw: object, limit: int | None) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"a string is wanted, not {excerpt(raw)}")
    if limit is not None and len(raw) > limit:
        raise ValueError(f"{excerpt(raw)} has {len(raw)} characters; {limit} are allowed")
    return raw
