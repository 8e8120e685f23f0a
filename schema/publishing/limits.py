"""What the values of a publication must keep to: the same limits that the import of OCPI documents keeps."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

LARGEST = 2_147_483_647
"""What an integer column holds."""

MOST_DECIMALS = 20
UNKNOWN = "#NA"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]*\Z")
HOUR_AND_MINUTE = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
MIDNIGHT, END_OF_DAY = "00:00", "24:00"


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people."""

    longest: int

    def read(self, value: str) -> str:
        """Return the text without blanks around it, or raise ValueError."""
        _check_length(value.strip(), self.longest)
        if CONTROL.search(value):
            raise ValueError("holds a control character; write plain text")
        return value.strip()


@dataclass(frozen=True, slots=True)
class Url(Text):
    """A URL for people to open."""

    longest: int = 255

    def read(self, value: str) -> str:
        """Return the URL, or raise ValueError."""
        url = Text.read(self, value)
        if not url.lower().startswith(("https://", "http://")):
            raise ValueError("is no URL; begin it with https:// or http://")
        return url


@dataclass(frozen=True, slots=True)
class CiString:
    """A name in printable ASCII, kept as it is written; case does not count when it is compared."""

    longest: int

    def read(self, value: str) -> str:
        """Return the name, or raise ValueError."""
        _check_length(value, self.longest)
        if not PRINTABLE_ASCII.match(value):
            raise ValueError("is not printable ASCII")
        if value == UNKNOWN or value != value.strip():
            raise ValueError("has blanks around it, or says #NA; write the name alone, or leave the field out")
        return value


@dataclass(frozen=True, slots=True)
class Letters:
    """A code of so many letters, such as a country or a currency, kept in upper case; `lower` keeps lower case."""

    count: int
    lower: bool = False

    def read(self, value: str) -> str:
        """Return the code, or raise ValueError."""
        if len(value) != self.count or not (value.isascii() and value.isalpha()):
            raise ValueError(f"is a code of {self.count} letters")
        return value.lower() if self.lower else value.upper()


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    low: int = 0
    high: int = LARGEST

    def read(self, value: int) -> int:
        """Return the number, or raise ValueError."""
        _check_range(value, self.low, self.high)
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number, kept to its last digit."""

    low: int = -LARGEST
    high: int = LARGEST

    def read(self, value: Decimal) -> Decimal:
        """Return the number, or raise ValueError."""
        _check_range(value, self.low, self.high)  # first: what follows would spell out the digits of 1e999999999
        if -int(value.as_tuple().exponent) > MOST_DECIMALS:
            raise ValueError(f"has more than {MOST_DECIMALS} decimals")
        return value


@dataclass(frozen=True, slots=True)
class Degrees:
    """A latitude or longitude."""

    limit: int

    def read(self, value: float) -> Decimal:
        """Return the degrees as they were written, or raise ValueError unless they lie on the globe."""
        _check_range(value, -self.limit, self.limit)
        return Decimal(str(value))


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A time of day in the Location's time zone; `day_end` is how the end of the day is kept, if allowed."""

    day_end: str | None = None

    def read(self, value: str) -> str:
        """Return the time, or raise ValueError."""
        if self.day_end is not None and value in {MIDNIGHT, END_OF_DAY}:
            return self.day_end
        if not HOUR_AND_MINUTE.match(value):
            raise ValueError("is no time of day; write it as HH:MM, from 00:00 to 23:59")
        return value


@dataclass(frozen=True, slots=True)
class LocalDate:
    """A date in the Location's time zone."""

    def read(self, value: str) -> str:
        """Return the date, or raise ValueError."""
        try:
            known = DATE.match(value) is not None and date.fromisoformat(value).isoformat() == value
        except ValueError:
            known = False
        if not known:
            raise ValueError("is no date that exists; write it as YYYY-MM-DD")
        return value


@dataclass(frozen=True, slots=True)
class TimeZone:
    """The IANA name of a time zone."""

    def read(self, value: str) -> str:
        """Return the name, or raise ValueError."""
        if value not in _time_zones():
            raise ValueError("is no IANA time zone, such as Europe/Berlin")
        return value


@dataclass(frozen=True, slots=True)
class Many:
    """A list of so many items."""

    most: int
    least: int = 0

    def check(self, number: int) -> None:
        """Raise ValueError unless a list may hold that many."""
        if not self.least <= number <= self.most:
            raise ValueError(f"has {number} entries; {self.least} to {self.most} are allowed")


LOCAL_ID = CiString(36)
"""An operator's own id of an object or a part."""

OPEN_ENUM = CiString(64)
"""A value of an open enumeration: one that the standard knows, or another."""

SEVERAL = Many(100)
"""How many a list holds for which nothing else is said."""

OBJECTS = Many(500, least=1)
"""How many objects one call publishes or withdraws."""


def _check_length(value: str, longest: int) -> None:
    if not 1 <= len(value) <= longest:
        raise ValueError(f"has 1 to {longest} characters, not {len(value)}")


def _check_range(value: float | Decimal, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"is between {low} and {high}")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
